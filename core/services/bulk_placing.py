"""Times for the rows that have none: the planner chooses them, around everything that is scheduled already."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

from core.bulk.queue import rank
from core.bulk.words import Mode, Operation
from core.calendar.conflicts import Booking
from core.calendar.zones import hour_of_week, load_zone
from core.content.platforms import find_platform
from core.errors import Invalid, SlotwiseError
from core.services.bulk_rows import moments_of, piece_for, with_known_platforms
from core.services.bulk_views import NewJob, RowDraft
from core.services.channels import list_channels
from core.services.context import Context
from core.services.fill_views import FillDraft, FillProposal, FillRequest, Score
from core.services.filling import LONGEST, propose_fill
from core.services.incoming import IncomingItem, resolve_items
from core.services.item_times import shown
from core.services.plan_views import SECONDS
from core.services.posting_rules import booking
from core.services.week_scores import score_week
from core.services.workspaces import find_workspace
from core.vocabulary import ContentFormat

HORIZON = timedelta(days=28)
"""How far ahead the planner looks where the job has no end."""

LEAD, A_ROW = timedelta(minutes=15), timedelta(seconds=0.5)
"""How long after its start a job may post for the first time, and how much later for each of its rows."""

PRIORITIES = (1, 1, 5, 9)
"""The weight of a row to the planner, from low to urgent."""

TOO_SHORT = "The job ends before its rows can be worked on: give it a later end, or this post a time."

MOST_POSTS = 10_000
"""Posts of one job that the planner places: more could not find room on any calendar, and would take minutes."""

TOO_MANY = f"the planner places up to {MOST_POSTS:,} posts of a job; give this one a time"


@dataclass(frozen=True)
class Unplaced:
    """A post of a row (`number` from 1) that found no time, and why."""

    number: int
    platform: str
    reason: str


@dataclass(frozen=True)
class Placing:
    """A job's rows with the times the planner found, and what found none."""

    rows: tuple[RowDraft, ...]
    unplaced: tuple[Unplaced, ...] = ()


def wants_times(new: NewJob) -> bool:
    """Say whether the planner is to choose times for a job."""
    return new.schedule.mode is Mode.SMART and new.operation is Operation.SCHEDULE_CONTENT


def place_rows(ctx: Context, new: NewJob) -> Placing:
    """Return the rows of a smart job with a time for each post that has none; nothing is written.

    The search takes as long as the job's level says (2, 15 or 60 seconds at most; most are done long before). What the
    planner refuses as a whole comes back unplaced.
    """
    rows = tuple(with_known_platforms(ctx, row) for row in new.rows)
    open_posts = [(number, name) for number, row in enumerate(rows) for name in _timeless(row) if _is_known(ctx, name)]
    if not wants_times(new) or not open_posts:
        return Placing(rows)
    starts, ends = span_of(new, ctx.now())
    if ends <= starts:
        return Placing(rows, tuple(Unplaced(number + 1, name, TOO_SHORT) for number, name in open_posts))
    try:
        proposal = _proposal(ctx, new, rows, open_posts[:MOST_POSTS])
    except SlotwiseError as error:
        return Placing(rows, tuple(Unplaced(number + 1, name, str(error)) for number, name in open_posts))
    return _placed(rows, open_posts, proposal, _until(ctx, new))


def with_times(ctx: Context, new: NewJob) -> NewJob:
    """Return a smart job with the times the planner chose; a platform without a channel gets a local outbox first.

    Call it outside any transaction, right before the job is created. Posts that found no time stay without one; their
    rows will fail and say so.
    """
    if not wants_times(new):
        return new
    open_outboxes(ctx, new.rows)
    return replace(new, rows=place_rows(ctx, new).rows)


def open_outboxes(ctx: Context, rows: Sequence[RowDraft]) -> None:
    """Give each platform of rows that has no channel a local outbox, as posting there would."""
    served = {channel.platform for channel in list_channels(ctx) if channel.active}
    names = {name for row in rows for name in with_known_platforms(ctx, row).platforms}
    known = {platform.id for platform in ctx.reference.platforms.values()}
    if missing := sorted((names & known) - served):
        resolve_items(ctx, [IncomingItem(name, ctx.now()) for name in missing])


def _timeless(row: RowDraft) -> list[str]:
    return [name for name in row.platforms if not (row.scheduled_times.get(name) or row.placed.get(name))]


def _is_known(ctx: Context, name: str) -> bool:
    """Say whether a platform is one; what is none is among the faults, and must not cost the others their time."""
    return name in {platform.id for platform in ctx.reference.platforms.values()}


def _proposal(ctx: Context, new: NewJob, rows: Sequence[RowDraft], posts: Sequence[tuple[int, str]]) -> FillProposal:
    starts, ends = span_of(new, ctx.now())
    drafts = tuple(_draft(ctx, new, rows[number], name) for number, name in posts)
    return propose_fill(
        ctx,
        FillRequest(drafts, starts, ends),
        _score(ctx),
        budget_seconds=SECONDS[new.schedule.level],
        most=MOST_POSTS,
        beside=tuple(_timed(ctx, new, rows)),
    )


def _timed(ctx: Context, new: NewJob, rows: Sequence[RowDraft]) -> Iterator[Booking]:
    """Yield the posts of the job that bring their own time: the planner has to keep clear of them."""
    zone = new.timezone or find_workspace(ctx).timezone
    by_platform: defaultdict[str, list[str]] = defaultdict(list)
    for channel in list_channels(ctx):
        if channel.active:
            by_platform[channel.platform].append(channel.id)
    for number, row in enumerate(rows):
        for platform, when in _moments(row, zone):
            only = by_platform[platform][0] if len(by_platform[platform]) == 1 else ""
            if channel_id := row.channel_ids.get(platform, only):
                yield booking(f"row {number}", row.title, row.texts.get(platform, row.text), channel_id, when)


def _moments(row: RowDraft, zone: str) -> list[tuple[str, datetime]]:
    try:
        return list(moments_of(row, zone))
    except Invalid:
        return []  # it is among the faults


def span_of(new: NewJob, now: datetime) -> tuple[datetime, datetime]:
    """Return from when until when the planner looks: to the job's end, or as far as it can without one.

    It begins late enough that no time has passed before the job comes to its row.
    """
    starts = max(new.schedule.starts_at or now, now) + LEAD + A_ROW * len(new.rows)
    return starts, min(new.schedule.ends_at or starts + HORIZON, starts + LONGEST)


def _draft(ctx: Context, new: NewJob, row: RowDraft, name: str) -> FillDraft:
    piece = piece_for(row, find_platform(ctx.reference.platforms, name))
    channel = row.channel_ids.get(name)
    return FillDraft(
        **vars(piece),
        channel_ids=(channel,) if channel else (),
        platforms=() if channel else (name,),
        priority=PRIORITIES[rank(row.priority or new.priority)],
    )


def _score(ctx: Context) -> Score:
    zones = {channel.id: channel.timezone for channel in list_channels(ctx)}
    week = cache(lambda channel_id, content_format: score_week(ctx, channel_id, content_format))

    def score(channel_id: str, content_format: ContentFormat, start: datetime) -> float:
        return float(week(channel_id, content_format)[hour_of_week(start, zones[channel_id])])

    return score


def _until(ctx: Context, new: NewJob) -> str:
    """Say until when times were looked for, where the job itself ends the search."""
    if new.schedule.ends_at is None:
        return ""
    zone = load_zone(new.timezone or find_workspace(ctx).timezone)
    return f" The job ends {shown(new.schedule.ends_at.astimezone(zone))}: give it a later end, or this post a time."


def _placed(
    rows: tuple[RowDraft, ...], posts: Sequence[tuple[int, str]], proposal: FillProposal, until: str
) -> Placing:
    found = list(rows)
    for one in proposal.placements:
        number, name = posts[one.number]
        placed = {**found[number].placed, name: one.scheduled_at.isoformat()}
        found[number] = replace(found[number], placed=placed)
    left = [
        Unplaced(
            posts[one.number][0] + 1, posts[one.number][1], _sentence(one.reason) + (until if one.channel_id else "")
        )
        for one in proposal.unplaced
    ]
    late = [Unplaced(number + 1, name, TOO_MANY) for number, name in posts[MOST_POSTS:]]
    return Placing(tuple(found), (*left, *late))


def _sentence(reason: str) -> str:
    """Return a reason as a sentence of its own."""
    return f"{reason[:1].upper()}{reason[1:].removesuffix('.')}."
