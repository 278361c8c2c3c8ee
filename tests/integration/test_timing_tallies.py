"""What is kept of a channel: whatever happened in whatever order, it is what a rebuild from all events gives."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from planned_posts import StandingClock
from sqlalchemy import select
from sqlmodel import SQLModel, col

from core.bootstrap import Slotwise
from core.history.columns import recognize
from core.history.reading import Reading
from core.services.channels import ChannelDraft, add_channel, edit_channel
from core.services.context import Context
from core.services.history_files import open_history
from core.services.import_targets import ImportTarget
from core.services.imports import ImportReport, ImportRequest, import_history
from core.services.timing import rebuild_timing
from core.services.workspaces import create_workspace
from core.storage.tables import PlatformTimingData, PostOutcome, TimingTally
from core.vocabulary import ChannelKind

FIRST = datetime(2025, 1, 6, 15, 30, tzinfo=UTC)
HEADER = ("id", "published_at", "format", "measured_at", "likes", "comments", "views")
DERIVED = (PostOutcome, TimingTally, PlatformTimingData)


@dataclass(frozen=True)
class Line:
    """A line of an export: a post by its number, when it went out and was looked at, and what was counted."""

    post: int
    day: int
    content_format: str = "image"
    age: timedelta = timedelta(days=30)
    likes: int | None = 9
    views: int | None = None

    def cells(self) -> tuple[object, ...]:
        """Give the cells of the line."""
        at = FIRST + timedelta(days=self.day, minutes=7 * (self.post % 5))
        seen = at + self.age
        return (f"p{self.post}", at.isoformat(), self.content_format, seen.isoformat(), self.likes, 1, self.views)


def bring(ctx: Context, channel_id: str, lines: Sequence[Line], header: Sequence[str] = HEADER) -> ImportReport:
    text = io.StringIO()
    used = [HEADER.index(name) for name in header]
    csv.writer(text).writerows([header, *([line.cells()[at] for at in used] for line in lines)])
    file = open_history(text.getvalue().encode(), "posts.csv")
    request = ImportRequest(recognize(file.headers), Reading(), ImportTarget(channel_id=channel_id))
    return import_history(ctx, file, request)


def kept(ctx: Context) -> dict[str, list[dict[str, object]]]:
    """Give every row that is derived from KPI events, in a fixed order, without the keys that databases number."""
    with ctx.read() as session:
        return {table.__name__: sorted(map(_plain, session.scalars(select(table))), key=str) for table in DERIVED}


def _plain(row: SQLModel) -> dict[str, object]:
    return row.model_dump(exclude={"pk"})


def assert_a_rebuild_changes_nothing(ctx: Context, channel_id: str) -> None:
    before = kept(ctx)
    rebuild_timing(ctx, channel_id)
    assert kept(ctx) == before


def outcome_of(ctx: Context, post: int) -> int | None:
    with ctx.read() as session:
        return session.scalars(select(PostOutcome.outcome).where(col(PostOutcome.post_id) == f"p{post}")).one()


def engagements(ctx: Context) -> dict[str, tuple[float | None, float | None]]:
    with ctx.read() as session:
        rows = session.scalars(select(PostOutcome))
        return {row.post_id: (row.engagement, row.early_engagement) for row in rows}


# --- Any sequence of changes --------------------------------------------------------------------------------------

FORMATS = st.sampled_from(["image", "video_short", ""])
AGES = st.sampled_from([timedelta(hours=20), timedelta(hours=40), timedelta(hours=50), timedelta(days=30)])
COUNTED = st.one_of(st.none(), st.integers(0, 10_000))
LINES = st.builds(Line, st.integers(0, 400), st.integers(0, 380), FORMATS, AGES, COUNTED, COUNTED)
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu"])
NO_LIKES = tuple(name for name in HEADER if name not in {"likes", "comments"})
Step = tuple[str, object]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("import"), st.lists(LINES, min_size=1, max_size=6)),
        st.tuples(st.just("views only"), st.lists(LINES, min_size=1, max_size=6)),
        st.tuples(st.just("undated"), st.lists(st.tuples(st.integers(0, 23), COUNTED), min_size=1, max_size=4)),
        st.tuples(st.just("zone"), ZONES),
        st.tuples(st.just("again"), st.none()),
    ),
    min_size=1,
    max_size=6,
)


def history(posts: int) -> list[Line]:
    """Give a history dense enough for windows to end inside it."""
    return [Line(number, number % 380, likes=(number * 7919) % 997) for number in range(posts)]


def take(ctx: Context, channel_id: str, step: Step, done: list[Sequence[Line]]) -> None:
    kind, what = step
    if kind == "zone":
        edit_channel(ctx, channel_id, ChannelDraft("instagram", "Page", ChannelKind.OUTBOX, str(what)))
    elif kind == "undated" and isinstance(what, list):
        bring_undated(ctx, channel_id, what)
    elif kind == "again":
        bring(ctx, channel_id, done[0])
    elif isinstance(what, list):
        bring(ctx, channel_id, what, NO_LIKES if kind == "views only" else HEADER)


def bring_undated(ctx: Context, channel_id: str, rows: Sequence[tuple[int, int | None]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([("weekday", "hour", "likes"), *(("Tuesday", hour, likes) for hour, likes in rows)])
    file = open_history(text.getvalue().encode(), "undated.csv")
    request = ImportRequest(recognize(file.headers), Reading(), ImportTarget(channel_id=channel_id))
    import_history(ctx, file, request)


@given(st.data())
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_imported_in_whatever_order_a_rebuild_from_the_events_changes_nothing(
    house: Slotwise, clock: StandingClock, data: st.DataObject
) -> None:
    ctx = house.context(create_workspace(house.db, "Drawn", "UTC", clock()).id, actor="owner")
    channel_id = add_channel(ctx, ChannelDraft("instagram", "Page", ChannelKind.OUTBOX, "UTC")).id
    start = history(data.draw(st.sampled_from([0, 60, 330])))
    if start:
        bring(ctx, channel_id, start)
    for step in data.draw(STEPS):
        if start or step[0] != "again":
            take(ctx, channel_id, step, [start])
        assert_a_rebuild_changes_nothing(ctx, channel_id)
