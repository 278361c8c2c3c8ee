"""What must not change the advice, from file to suggestion: units, repetitions, parts, names of zones, strangers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from planned_posts import MONDAY_NOON, StandingClock

from core.bootstrap import Slotwise, assemble
from core.history.columns import recognize
from core.history.reading import Reading
from core.services.channels import ChannelDraft, add_channel
from core.services.context import Context
from core.services.history_files import open_history
from core.services.import_targets import ImportTarget
from core.services.imports import ImportRequest, import_history
from core.services.recommendations import ChannelAdvice, RecommendationRequest, recommend
from core.services.workspaces import create_workspace
from core.settings import Settings
from core.vocabulary import ChannelKind

FIRST = datetime(2024, 6, 3, tzinfo=UTC)
POSTS = 400


@dataclass(frozen=True)
class Row:
    """A line of a history file."""

    at: datetime
    content_format: str
    likes: int

    def line(self, number: int) -> str:
        return f"p{number:04},{self.at:%Y-%m-%dT%H:%M:%SZ},{self.content_format},{self.likes}"


def history(evening: float = 1.0, seed: int = 1) -> list[Row]:
    """Give posts of 18 months in two formats, in counts of about 10^10, whose evenings earn more (log)."""
    rng = np.random.default_rng(seed)
    hours = np.sort(rng.choice(540 * 24, POSTS, replace=False))
    formats = rng.choice(["image", "video_short"], POSTS)
    earned = 23 + hours / hours.max() + evening * np.isin(hours % 24, (17, 18, 19)) + rng.normal(0, 0.4, POSTS)
    return [
        Row(FIRST + timedelta(hours=int(hour)), str(each), round(float(np.exp(log))))
        for hour, each, log in zip(hours, formats, earned, strict=True)
    ]


def as_csv(lines: list[str]) -> bytes:
    return "\n".join(["post_id,published_at,format,likes", *lines]).encode()


def lines(rows: list[Row]) -> list[str]:
    return [row.line(number) for number, row in enumerate(rows)]


@pytest.fixture
def new_house(new_data_dir: Callable[[Path], Path], tmp_path: Path) -> Iterator[Callable[[], Slotwise]]:
    """Give a maker of empty installations on SQLite."""
    made: list[Slotwise] = []

    def make() -> Slotwise:
        made.append(assemble(Settings(data_dir=new_data_dir(tmp_path / str(len(made)))), StandingClock()))
        return made[-1]

    yield make
    for house in made:
        house.close()


def advise(ctx: Context, *files: list[str], zone: str = "Europe/Berlin") -> ChannelAdvice:
    """Import files one after the other into a channel of its own and ask when to post."""
    channel = add_channel(ctx, ChannelDraft("instagram", f"Page {zone}", ChannelKind.OUTBOX, zone))
    for content in files:
        bring(ctx, channel.id, content)
    return asked(ctx, channel.id)


def bring(ctx: Context, channel_id: str, content: list[str]) -> None:
    file = open_history(as_csv(content), "posts.csv")
    request = ImportRequest(recognize(file.headers), Reading(), ImportTarget(channel_id=channel_id))
    import_history(ctx, file, request)


def asked(ctx: Context, channel_id: str) -> ChannelAdvice:
    wanted = RecommendationRequest((channel_id,), count=50, ends=MONDAY_NOON + timedelta(days=14))
    return recommend(ctx, wanted)[0]


def assert_same(changed: ChannelAdvice, before: ChannelAdvice) -> None:
    """Compare everything but the ids, which name the channel and what it had learned."""
    assert (changed.posts, changed.timing_matters, changed.basis) == (before.posts, before.timing_matters, before.basis)
    assert [(slot.window_start, slot.sample_size, slot.reasons) for slot in changed.slots] == [
        (slot.window_start, slot.sample_size, slot.reasons) for slot in before.slots
    ]
    for name in ("score", "expected_lift", "low", "high", "confidence"):
        told, said = ([getattr(slot, name) for slot in each.slots] for each in (changed, before))
        assert told == pytest.approx(said, abs=1e-9), name


def test_the_advice_that_must_not_change_is_advice(new_house: Callable[[], Slotwise]) -> None:
    told = advise(new_house().context(), lines(history()))
    assert told.timing_matters
    assert len(told.slots) == 50
    assert {slot.window_start.hour for slot in told.slots[:5]} <= {17, 18, 19}
    assert told.slots[0].score > told.slots[-1].score


@pytest.mark.parametrize("factor", [10, 1000])
def test_counting_in_other_units_changes_nothing(new_house: Callable[[], Slotwise], factor: int) -> None:
    rows = history()
    more = [Row(row.at, row.content_format, row.likes * factor) for row in rows]
    assert_same(advise(new_house().context(), lines(more)), advise(new_house().context(), lines(rows)))


def test_a_second_import_of_the_same_file_changes_nothing(new_house: Callable[[], Slotwise]) -> None:
    posts = lines(history())
    assert_same(advise(new_house().context(), posts, posts), advise(new_house().context(), posts))


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_a_file_in_parts_teaches_what_it_teaches_as_a_whole(
    new_house: Callable[[], Slotwise], order: tuple[int, ...]
) -> None:
    posts = lines(history())
    parts = (posts[:90], posts[70:250], posts[250:])
    in_parts = advise(new_house().context(), *(parts[number] for number in order))
    assert_same(in_parts, advise(new_house().context(), posts))


def test_every_third_post_coming_late_changes_nothing(new_house: Callable[[], Slotwise]) -> None:
    posts = lines(history())
    late = [posts[start::3] for start in (2, 0, 1)]
    assert_same(advise(new_house().context(), *late), advise(new_house().context(), posts))


def test_the_order_of_the_lines_changes_nothing(new_house: Callable[[], Slotwise]) -> None:
    posts = lines(history())
    mixed = [posts[place] for place in np.random.default_rng(5).permutation(POSTS)]
    assert_same(advise(new_house().context(), mixed), advise(new_house().context(), posts))


def test_another_name_of_the_same_clock_changes_nothing(new_house: Callable[[], Slotwise]) -> None:
    posts = lines(history())
    india, old_india = (advise(new_house().context(), posts, zone=zone) for zone in ("Asia/Kolkata", "Asia/Calcutta"))
    assert_same(old_india, india)


def test_what_another_workspace_knows_changes_nothing(new_house: Callable[[], Slotwise]) -> None:
    alone, shared = new_house(), new_house()
    stranger = shared.context(create_workspace(shared.db, "Strangers", "UTC", MONDAY_NOON).id, actor="stranger")
    advise(stranger, lines(history(evening=-2, seed=3)))
    assert_same(advise(shared.context(), lines(history())), advise(alone.context(), lines(history())))


def test_what_a_like_channel_of_the_same_workspace_knows_does_change_it(new_house: Callable[[], Slotwise]) -> None:
    """The counterpart: a comparison that never fails would not have proved the one above."""
    alone, shared = new_house(), new_house()
    advise(shared.context(), lines(history(seed=3)), zone="Europe/Paris")
    with_like, without = (advise(house.context(), lines(history()[:20])) for house in (shared, alone))
    assert with_like.slots[0].expected_lift > without.slots[0].expected_lift + 0.05
