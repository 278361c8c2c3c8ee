"""A random walk: users at a sheet, a team in Slotwise, Google in its moods, and syncs that die on their way."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random

import google_faults as faults
from google_cells import Fault as FaultyValue
from google_world import Fault
from publishing_stage import run, worker_of
from sheet_agreement import Sides, words
from sheet_hands import MOVES, Users
from sheet_killing import Victim
from walk_stage import SheetStage

from core.publishing.recorder import Recorder
from core.services.item_edits import edit_item
from core.services.item_views import ItemView, edit_of
from core.services.moves import MOVABLE, cancel_item, move_item, publish_now

MOODS = (
    faults.refuse(500), faults.refuse(503), faults.page(502), faults.page(503), faults.too_many(), faults.too_many(3),
    faults.drop, faults.apply_then_drop, faults.apply_then_fail(502), faults.expire_token, faults.refuse(403),
    faults.refuse(404),
)  # fmt: skip
"""What Google does now and then, for one request each."""

WRITES = r"values\.batchUpdate|spreadsheets\.batchUpdate"


@dataclass
class Walk:
    """Everybody who is under way."""

    stage: SheetStage
    users: Users
    rng: Random
    victim: Victim | None = None
    recorder: Recorder = field(default_factory=Recorder)
    steps: Counter[str] = field(default_factory=Counter)
    followed: set[str] = field(default_factory=set)
    """Words that posts have had in Slotwise."""
    lost: list[str] = field(default_factory=list)
    """What users typed and Slotwise wrote over, though it had neither followed it nor listed it as a conflict."""

    def step(self) -> None:
        """Do something at random."""
        acts = STEPS if self.victim else {act: weight for act, weight in STEPS.items() if act is not Walk.sync_and_die}
        self.do(self.rng.choices(list(acts), list(acts.values()))[0])

    def do(self, act: Callable[["Walk"], None]) -> None:
        """Do this, and let a little time pass."""
        self.steps[act.__name__] += 1
        act(self)
        if act in SYNCS:
            self.take_over()  # now: what Slotwise says later is not what it wrote
        self.stage.clock.move(timedelta(seconds=self.rng.randrange(1, 90)))

    def users_act(self) -> None:
        """Let users do something."""
        self.users.act()

    def take_over(self) -> None:
        """Note on paper what Slotwise wrote into the sheet, as far as it stands where it belongs.

        A formula that a write into a row that had moved fell on comes back as what it showed, and one that showed an
        error as what stood there before: only that is read.
        """
        paper = self.users.paper
        if changed := paper.differences():
            sides = Sides(self.stage, paper)
            for row, column, was, now in changed:
                read = (
                    {was.value, paper.before(row, column).value} if isinstance(was.value, FaultyValue) else {was.value}
                )
                is_back = was.formula and not now.formula and now.value in read
                if not row or not (is_back or sides.are_said(row, column, now)):
                    continue
                if column in {"title", "text"} and words(was) not in {"", *self.followed} and not is_back:
                    self.lost += [] if sides.is_listed(row, column) else [f"{row} {column}: {was} under {now}"]
                paper.write_down(row, column, now)
            self.note_words(sides.items.values())

    def note_words(self, items: Iterable[ItemView]) -> None:
        """Note what posts say before it is replaced."""
        self.followed.update(*((item.title, item.text) for item in items))

    # --- In Slotwise -------------------------------------------------------------------------------------------------

    def post(self) -> ItemView | None:
        """Choose a post that can be changed and is alone in its row; ids are random, so they decide nothing."""
        items = self.stage.items()
        alone = [items[row.item_ids[0]] for row in self.stage.rows() if len(row.item_ids) == 1]
        able = [item for item in alone if item.state in MOVABLE]
        return self.rng.choice(able) if able else None

    def reschedule(self) -> None:
        """Move a post; one that is late goes out later than now."""
        if item := self.post():
            first = max(item.scheduled_at, self.stage.clock())
            move_item(self.stage.ctx, item.id, first + timedelta(minutes=self.rng.randrange(1, 5000)))

    def reword(self) -> None:
        """Give a post another title or text."""
        if item := self.post():
            number = f"{next(self.users.numbers)}"
            self.note_words([item])
            title = self.rng.choice(("Ours", "=Ours", "@ours")) + f" {number}"
            text = self.rng.choice((item.text, f"=Our words {number}", f"Our words {number}"))
            edit_item(self.stage.ctx, item.id, replace(edit_of(item), title=title, text=text))

    def publish(self) -> None:
        """Let a post go out now."""
        if item := self.post():
            publish_now(self.stage.ctx, item.id)
            run(worker_of(self.stage.house, self.recorder))

    def cancel(self) -> None:
        """Cancel a post."""
        if item := self.post():
            cancel_item(self.stage.ctx, item.id)

    # --- Syncs -------------------------------------------------------------------------------------------------------

    def sync(self) -> None:
        """Sync in good weather or in bad."""
        self.set_weather(self.rng.choice((0, 0, 0.1, 0.4)))
        self.stage.sync()
        self.set_weather(0)

    def sync_in_a_race(self) -> None:
        """Sync while users move rows just before one of our writes."""
        for _ in range(self.rng.randint(1, 2)):
            self.stage.google.will(faults.before(lambda: self.users.act(MOVES)), on=WRITES)
        self.stage.sync()
        self.stage.google.planned.clear()

    def sync_and_die(self) -> None:
        """Sync in a process that is killed at a point of its way, or by a write that has just been done."""
        if self.victim is None:
            return
        if self.rng.random() < 0.4:
            self.stage.google.will(faults.after(self.victim.kill), on=WRITES)
            self.victim.sync(self.stage, dies_at=0)
            self.stage.google.planned.clear()
        else:
            self.victim.sync(self.stage, dies_at=self.rng.randint(1, 25))

    def set_weather(self, share: float) -> None:
        """Let this share of requests meet one of Google's moods."""
        self.stage.google.weather = lambda _: self.mood(share)

    def mood(self, share: float) -> Fault | None:
        """Draw a mood, mostly none."""
        return self.rng.choice(MOODS) if self.rng.random() < share else None

    def calm_down(self) -> None:
        """Mend what users broke, then sync in good weather until nothing moves any more."""
        self.set_weather(0)
        self.users.mend_headers()
        for _ in range(8):
            before = self.stage.sheet.cells(), self.stage.items()
            self.stage.synced()
            if (self.stage.sheet.cells(), self.stage.items()) == before:
                self.note_words(before[1].values())
                return
        raise AssertionError("the two sides do not come to rest")


SYNCS = (Walk.sync, Walk.sync_in_a_race, Walk.sync_and_die)

STEPS: dict[Callable[[Walk], None], int] = {
    Walk.users_act: 60, Walk.reschedule: 5, Walk.reword: 5, Walk.publish: 2, Walk.cancel: 1, Walk.sync: 16,
    Walk.sync_in_a_race: 6, Walk.sync_and_die: 5,
}  # fmt: skip
