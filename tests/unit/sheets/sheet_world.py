"""A sheet in memory that people change at any moment, and a small Slotwise that keeps in step with it by the plans."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count

from core.sheets.fields import USER_FIELDS, Cell, user_values
from core.sheets.plans import CellWrite, Conflict, IdWrite, Plan
from core.sheets.reconcile import reconcile
from core.sheets.rows import KnownRow, KnownState, OurRow, SheetRow
from core.sheets.verify import undo

SHARED = ("title", "text", "platforms", "scheduled_time")
START = datetime(2026, 3, 2, tzinfo=UTC)
MOST_PASSES = 25

Hook = Callable[[], None]


class Killed(Exception):
    """The process is gone."""


@dataclass
class Words:
    """What stands in the columns people see; `uid` is which words these are, wherever they are moved to."""

    uid: int | None = None
    cells: dict[str, Cell] = field(default_factory=dict)
    notes: str = ""
    status: Cell = ""


@dataclass
class Line:
    """A row of the sheet: words, and the id beside them, which may be moved apart."""

    words: Words
    row_id: str = ""


@dataclass
class Post:
    """What our side has made of a row."""

    uid: int | None
    cells: dict[str, Cell]
    status: str = "Scheduled"
    changed_at: datetime = START


class World:
    """Both sides, and what is known for certain about them."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.known: dict[str, KnownRow] = {}
        self.posts: dict[str, Post] = {}
        self.begun: list[CellWrite] = []
        self.conflicts: list[Conflict] = []
        self.made: Counter[int | None] = Counter()
        self.said: dict[tuple[int, str], Cell] = {}
        self.said_at: dict[tuple[int, str], datetime] = {}
        self.read_at = START
        self.ours: set[tuple[int | None, str]] = set()
        self.edited_at = self.now = START
        self.copied: set[int | None] = set()
        self.edited: set[int | None] = set()
        self.emptied: set[int | None] = set()
        self.notes: dict[int | None, str] = {}
        self.numbers = count(1)

    def tick(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def fresh(self, what: str) -> str:
        return f"{what} {next(self.numbers)}"

    # --- What people do ---------------------------------------------------------------------------------------

    def line(self, place: int) -> Line | None:
        return self.lines[place % len(self.lines)] if self.lines else None

    def say(self, words: Words, name: str, cell: Cell) -> None:
        self.edited_at = self.tick()
        if words.uid is None:
            words.uid = next(self.numbers)
        words.cells[name] = cell
        self.said[words.uid, name] = cell
        self.said_at[words.uid, name] = self.now

    def type_row(self, place: int, has_time: bool = True) -> None:
        """Fill a blank row or a new one."""
        line = self.line(place)
        if line is None or line.words.cells:
            line = Line(Words())
            self.lines.append(line)
        for name in ("title", "text", "platforms"):
            self.say(line.words, name, self.fresh(name))
        if line.row_id:
            self.copied.add(line.words.uid)
        self.notes[line.words.uid] = line.words.notes = self.fresh("note")
        if has_time:
            self.say(line.words, "scheduled_time", self.fresh("time"))

    def edit(self, place: int, name: str) -> None:
        line = self.line(place)
        if line and line.words.cells:
            self.edited.add(line.words.uid)
            self.say(line.words, name, self.fresh(name))

    def sort(self, name: str) -> None:
        self.lines.sort(key=lambda line: str(line.words.cells.get(name, "\uffff"))[::-1])

    def sort_without_ids(self, name: str) -> None:
        words = sorted(
            (line.words for line in self.lines), key=lambda words: str(words.cells.get(name, "\uffff"))[::-1]
        )
        for line, each in zip(self.lines, words, strict=True):
            line.words = each

    def insert(self, place: int) -> None:
        self.lines.insert(place % (len(self.lines) + 1), Line(Words()))

    def delete(self, place: int) -> None:
        if self.lines:
            self.lines.pop(place % len(self.lines))

    def clear(self, place: int) -> None:
        """Empty a row in its visible columns."""
        if line := self.line(place):
            self.copied.add(line.words.uid)  # what is typed here before the next sync is an edit of it
            line.words = Words()

    def copy(self, place: int, with_id: bool) -> None:
        if (line := self.line(place)) and line.words.cells:
            words = replace(line.words, uid=next(self.numbers), cells=dict(line.words.cells))
            self.copied |= {line.words.uid, words.uid}
            self.notes[words.uid] = words.notes
            self.said |= {(words.uid or 0, name): cell for name, cell in words.cells.items()}
            self.lines.insert(place % len(self.lines), Line(words, line.row_id if with_id else ""))

    def empty_id(self, place: int) -> None:
        if line := self.line(place):
            line.row_id = ""
            self.emptied.add(line.words.uid)

    # --- What our side does by itself ---------------------------------------------------------------------------

    def change_ours(self, place: int, name: str) -> None:
        if self.posts:
            post = [*self.posts.values()][place % len(self.posts)]
            if post.status == "Scheduled":
                post.cells[name] = self.fresh(f"our {name}")
                post.changed_at = self.tick()
                self.ours.add((post.uid, name))

    def publish(self, place: int) -> None:
        if self.posts:
            [*self.posts.values()][place % len(self.posts)].status = "Published"

    def plan_own(self) -> None:
        """Plan a post here that the sheet gets a row for."""
        row_id = self.new_id()
        self.known[row_id] = KnownRow(row_id, KnownState.APPENDING)
        self.posts[row_id] = Post(None, {name: self.fresh(f"own {name}") for name in SHARED}, changed_at=self.tick())

    def new_id(self) -> str:
        return f"row_{next(self.numbers)}"

    # --- How they are kept in step ------------------------------------------------------------------------------

    def read(self) -> tuple[SheetRow, ...]:
        self.read_at = self.tick()
        rows = (
            SheetRow(place, line.row_id, _shown(line.words.cells), (line.words.status, None, None))
            for place, line in enumerate(self.lines, 2)
        )
        return tuple(row for row in rows if row.row_id or any(cell for cell in (*row.values, *row.own)))

    def said_by_us(self) -> dict[str, OurRow]:
        return {
            row_id: OurRow(
                row_id,
                user_values(post.cells),
                own=(post.status, "", ""),
                changed_at=post.changed_at,
                closed="already published" if post.status == "Published" else "",
            )
            for row_id, post in self.posts.items()
        }

    def plan(self, rows: tuple[SheetRow, ...]) -> Plan:
        return reconcile(
            rows, self.known, self.said_by_us(), edited_at=self.edited_at, new_id=self.new_id,
            last_row=len(self.lines) + 1,
        )  # fmt: skip

    def sync(self, hook: Hook) -> bool:
        """Go on until nothing is left to do; False if people were too quick for that."""
        for _ in range(MOST_PASSES):
            uids = {place: line.words.uid for place, line in enumerate(self.lines, 2)}
            rows = self.read()
            hook()
            if back := undo(self.begun, self.known, rows):
                self.begun += back
                self.write(back, hook)
                continue
            self.begun = []
            plan = self.plan(rows)
            self.apply(plan, uids, hook)
            if plan.ids:
                self.write(plan.ids, hook)
                continue
            writes = self.plan(rows).writes
            if not writes:
                return True
            self.begun = [*writes]
            self.write(writes, hook)
        return False

    def write(self, writes: tuple[CellWrite, ...] | tuple[IdWrite, ...], hook: Hook) -> None:
        """Write in two requests; anything may happen around them."""
        half = len(writes) // 2
        for part in (writes[:half], writes[half:]):
            hook()
            for each in part:
                while len(self.lines) + 1 < each.position:
                    self.lines.append(Line(Words()))
                self.put(self.lines[each.position - 2], each)
        hook()

    def put(self, line: Line, write: CellWrite | IdWrite) -> None:
        words = line.words
        if isinstance(write, IdWrite):
            line.row_id = write.row_id
        elif write.field == "status":
            words.status = write.new
        else:
            if self.said_at.get((words.uid or 0, write.field), START) > self.read_at:
                self.ours.add((words.uid, write.field))  # typed in the seconds between our read and our write: lost
            words.cells |= {write.field: write.new}
            words.cells = {name: cell for name, cell in words.cells.items() if cell}

    def apply(self, plan: Plan, uids: dict[int, int | None], hook: Hook) -> None:
        """Store what the plan asks for, each part in one transaction."""
        for row_id in plan.dropped:
            del self.known[row_id]
        for each in plan.ids:
            if each.is_new:
                self.known[each.row_id] = KnownRow(each.row_id, KnownState.PENDING, base=each.values)
        hook()
        for new in plan.new:
            cells = {name: cell for name, cell in zip(USER_FIELDS, new.values, strict=True) if cell}
            self.made[uids[new.position]] += 1
            self.known[new.row_id] = KnownRow(new.row_id, KnownState.ACTIVE, new.values, user_values(cells))
            self.posts[new.row_id] = Post(
                uids[new.position], cells | {"scheduled_time": cells.get("scheduled_time") or self.fresh("planned")}
            )
            if not cells.get("scheduled_time"):
                self.ours.add((uids[new.position], "scheduled_time"))
        hook()
        for change in plan.changes:
            post, known = self.posts[change.row_id], self.known[change.row_id]
            post.cells |= {edit.field: edit.new for edit in change.edits}
            edited = {edit.field for edit in change.edits}
            ours = tuple(
                post.cells.get(name, "") if name in edited else cell
                for name, cell in zip(USER_FIELDS, change.ours, strict=True)
            )
            self.known[change.row_id] = replace(known, base=change.base, ours=ours, refused=change.refused)
        self.conflicts += plan.conflicts
        hook()
        for back in plan.returned:
            self.known[back.row_id] = replace(self.known[back.row_id], state=KnownState.ACTIVE)
        for row_id in plan.removed:
            self.known[row_id] = replace(self.known[row_id], state=KnownState.MISSING)


def _shown(cells: dict[str, Cell]) -> tuple[Cell | None, ...]:
    return tuple(cells.get(name, "") if name in SHARED else None for name in USER_FIELDS)
