"""What is kept of a channel: whatever happened in whatever order, it is what a rebuild from all events gives."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from planned_posts import StandingClock
from sqlalchemy import delete, func, select, update
from sqlmodel import SQLModel, col

from core.bootstrap import Slotwise
from core.errors import NotFound
from core.history.columns import recognize
from core.history.reading import Reading
from core.services.channels import ChannelDraft, ChannelView, add_channel, edit_channel
from core.services.context import Context
from core.services.history_files import open_history
from core.services.import_targets import ImportTarget
from core.services.imports import ImportReport, ImportRequest, import_history
from core.services.timing import rebuild_timing
from core.services.workspaces import create_workspace
from core.storage.queries import outcomes as outcome_queries
from core.storage.queries.frames import Schema, read_frame
from core.storage.tables import PlatformTimingData, PostOutcome, TimingTally
from core.storage.tenancy import ScopedSession
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


@pytest.mark.slow
@given(st.data())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
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


# --- Measurements in another order --------------------------------------------------------------------------------

MONTH, WEEK, TWO_DAYS = timedelta(days=30), timedelta(days=7), timedelta(hours=48)


def test_an_older_measurement_replaces_nothing_but_may_say_what_a_post_had_after_two_days(
    ctx: Context, linkedin: ChannelView
) -> None:
    bring(ctx, linkedin.id, [Line(1, 0, age=MONTH, likes=99)])
    report = bring(ctx, linkedin.id, [Line(1, 0, "video_short", age=TWO_DAYS, likes=40)])
    assert (report.created, report.updated, report.unchanged) == (0, 1, 0)
    assert engagements(ctx) == {"p1": (100.0, 41.0)}
    with ctx.read() as session:
        post = session.scalars(select(PostOutcome)).one()
        assert (post.content_format, post.measured_at - FIRST) == ("image", MONTH + timedelta(minutes=7))
    assert_a_rebuild_changes_nothing(ctx, linkedin.id)


def test_an_older_export_imported_again_changes_nothing(ctx: Context, linkedin: ChannelView) -> None:
    old, new = [Line(1, 0, age=WEEK, likes=50)], [Line(1, 0, age=MONTH, likes=99)]
    for lines in (new, old):
        bring(ctx, linkedin.id, lines)
    before = kept(ctx)
    report = bring(ctx, linkedin.id, old)
    assert (report.created, report.updated, report.unchanged) == (0, 0, 1)
    assert kept(ctx) == before


def test_an_export_without_a_count_leaves_the_count_that_is_known(ctx: Context, linkedin: ChannelView) -> None:
    bring(ctx, linkedin.id, [Line(1, 0, age=WEEK, likes=9)])
    bring(ctx, linkedin.id, [Line(1, 0, age=MONTH, views=700)], NO_LIKES)
    assert engagements(ctx) == {"p1": (10.0, None)}
    assert_a_rebuild_changes_nothing(ctx, linkedin.id)


def test_once_interactions_come_in_views_are_no_success_any_more_for_no_post(
    ctx: Context, linkedin: ChannelView
) -> None:
    """Nine hundred views beside ten likes would make the posts of before look ninety times as good."""
    many = [Line(number, number, likes=None, views=900) for number in range(30)]
    bring(ctx, linkedin.id, many, NO_LIKES)
    assert set(engagements(ctx).values()) == {(900.0, None)}
    bring(ctx, linkedin.id, [Line(40, 40, likes=9, views=900), Line(41, 41, likes=9, views=900)])
    known = {post: earned for post, (earned, _) in engagements(ctx).items() if earned is not None}
    assert known == {"p40": 10.0, "p41": 10.0}
    bring(ctx, linkedin.id, [Line(42, 42, likes=None, views=800)], NO_LIKES)
    assert engagements(ctx)["p42"] == (None, None)
    assert_a_rebuild_changes_nothing(ctx, linkedin.id)


def test_a_late_measurement_lets_a_young_post_count(ctx: Context, linkedin: ChannelView) -> None:
    """log1p(likes + 1 comment): ln 21 against a level of ln 11 is 0.6466."""
    bring(ctx, linkedin.id, [Line(number, number) for number in range(20)])
    bring(ctx, linkedin.id, [Line(30, 30, age=timedelta(hours=20), likes=1)])
    assert outcome_of(ctx, 30) is None
    bring(ctx, linkedin.id, [Line(30, 30, age=MONTH, likes=19)])
    assert outcome_of(ctx, 30) == 6466
    assert_a_rebuild_changes_nothing(ctx, linkedin.id)


def test_a_post_that_moves_to_another_day_and_format_leaves_nothing_behind(ctx: Context, linkedin: ChannelView) -> None:
    bring(ctx, linkedin.id, [Line(number, number) for number in range(60)])
    bring(ctx, linkedin.id, [Line(5, 200, "video_short", likes=400)])
    with ctx.read() as session:
        counted = session.scalars(select(func.sum(TimingTally.posts))).one()
        moved = session.scalars(select(TimingTally).where(col(TimingTally.content_format) == "video_short")).all()
    assert (int(counted), [(row.month, row.posts) for row in moved]) == (59, [(2025 * 12 + 6, 1)])
    assert_a_rebuild_changes_nothing(ctx, linkedin.id)


# --- Cost and repair ----------------------------------------------------------------------------------------------


def test_an_update_reads_the_posts_it_reaches_and_not_the_history(
    ctx: Context, linkedin: ChannelView, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A post reaches 240 posts after it and depends on 240 before it; two far apart read two such stretches."""
    bring(ctx, linkedin.id, [replace(line, age=TWO_DAYS * 10) for line in history(2_000)])
    read = list[int]()

    def count_rows(session: ScopedSession, sql: str, schema: Schema, **bound: object) -> pl.DataFrame:
        frame = read_frame(session, sql, schema, **bound)
        read.append(frame.height if "post_id" in schema else 0)
        return frame

    monkeypatch.setattr(outcome_queries, "read_frame", count_rows)
    bring(ctx, linkedin.id, [Line(2_001, 60), Line(2_002, 320)])
    several_at_once = 8  # posts of one moment come together
    assert sum(read) <= 2 * (240 + several_at_once) * 2
    assert sum(read) >= 2 * 240
    monkeypatch.undo()
    assert_a_rebuild_changes_nothing(ctx, linkedin.id)


def test_a_channel_of_an_earlier_version_is_learned_whole_with_its_next_import(
    ctx: Context, linkedin: ChannelView
) -> None:
    bring(ctx, linkedin.id, history(100))
    wanted = kept(ctx)["PlatformTimingData"]
    with ctx.write() as session:
        session.execute(update(PostOutcome).values(engagement=5.0, outcome=None))
        session.execute(delete(TimingTally))
        session.execute(delete(PlatformTimingData))
    bring(ctx, linkedin.id, [Line(500, 370, likes=None)])
    assert kept(ctx)["PlatformTimingData"] == wanted
    assert_a_rebuild_changes_nothing(ctx, linkedin.id)


def test_a_rebuild_repairs_whatever_somebody_changed_by_hand(ctx: Context, linkedin: ChannelView) -> None:
    bring(ctx, linkedin.id, history(100))
    wanted = kept(ctx)
    with ctx.write() as session:
        session.execute(update(PostOutcome).values(engagement=1.0, early_engagement=2.0, outcome=3))
        session.execute(update(TimingTally).values(total=4))
        session.execute(delete(PlatformTimingData))
    assert kept(ctx) != wanted
    rebuild_timing(ctx, linkedin.id)
    assert kept(ctx) == wanted


def test_a_rebuild_of_a_channel_that_does_not_exist_says_so(ctx: Context) -> None:
    with pytest.raises(NotFound, match="channel"):
        rebuild_timing(ctx, "chan_nowhere")
