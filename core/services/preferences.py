"""Preferences per platform and the windows in which nothing may go out."""

from dataclasses import dataclass
from datetime import datetime, time

from sqlmodel import col, select

from core.calendar.zones import load_zone
from core.content.platforms import find_platform
from core.errors import Invalid, Problem
from core.services.audit import Action, record
from core.services.context import Context
from core.services.own_channels import own_channel
from core.services.paging import Order, read_page
from core.services.rows import find
from core.storage.ids import IdPrefix, new_id
from core.storage.tables import ScheduleException, UserSchedulingPreference
from core.vocabulary import ExceptionKind

_BY_START = Order((col(ScheduleException.starts_at), col(ScheduleException.id)), (datetime, str))
OWNER = "owner"
"""The user whose preferences count while a workspace has no members."""


@dataclass(frozen=True)
class PreferenceView:
    """How often and when a platform is posted on; times are wall clock in `timezone`."""

    platform: str
    timezone: str
    posting_frequency_min: int | None = None
    posting_frequency_max: int | None = None
    quiet_from: time | None = None
    quiet_to: time | None = None
    working_days_only: bool = False


@dataclass(frozen=True)
class ExceptionView:
    """A window (UTC) in which nothing goes out on a channel, or on any when `channel_id` is None."""

    id: str
    channel_id: str | None
    kind: ExceptionKind
    starts_at: datetime
    ends_at: datetime
    reason: str


def list_preferences(ctx: Context) -> tuple[PreferenceView, ...]:
    """Return the preferences that were set, by platform."""
    rows = select(UserSchedulingPreference).where(UserSchedulingPreference.user_id == OWNER)
    with ctx.read() as session:
        return tuple(_view(row) for row in session.scalars(rows.order_by(col(UserSchedulingPreference.platform))))


def save_preference(ctx: Context, wanted: PreferenceView) -> PreferenceView:
    """Set the preferences of one platform (Invalid names the field)."""
    platform = find_platform(ctx.reference.platforms, wanted.platform).id
    _check(wanted)
    mine = select(UserSchedulingPreference).where(
        UserSchedulingPreference.user_id == OWNER, UserSchedulingPreference.platform == platform
    )
    with ctx.write() as session:
        row = session.scalars(mine).first()
        if row is None:
            row = UserSchedulingPreference(
                id=new_id(IdPrefix.PREFERENCE), user_id=OWNER, platform=platform, timezone=wanted.timezone
            )
            session.add(row)
        row.sqlmodel_update({**vars(wanted), "platform": platform, **_quiet_texts(wanted)})
        record(session, ctx, Action.EDITED, "preference", row.id, {"platform": platform})
        return _view(row)


def clear_preference(ctx: Context, platform: str) -> None:
    """Let a platform be posted on as its channels say; nothing to clear is no fault (Invalid: unknown platform)."""
    mine = select(UserSchedulingPreference).where(
        UserSchedulingPreference.user_id == OWNER,
        UserSchedulingPreference.platform == find_platform(ctx.reference.platforms, platform).id,
    )
    with ctx.write() as session:
        for row in session.scalars(mine).all():
            session.delete(row)
            record(session, ctx, Action.DELETED, "preference", row.id, {"platform": row.platform})


def list_exceptions(ctx: Context, until_after: datetime | None = None) -> tuple[ExceptionView, ...]:
    """Return blackout windows by start; with `until_after`, only those that end later than it."""
    rows = select(ScheduleException).order_by(col(ScheduleException.starts_at))
    if until_after is not None:
        rows = rows.where(col(ScheduleException.ends_at) > until_after)
    with ctx.read() as session:
        return tuple(_exception_view(row) for row in session.scalars(rows))


def page_exceptions(
    ctx: Context, limit: int, cursor: str | None = None, until_after: datetime | None = None
) -> tuple[tuple[ExceptionView, ...], str | None]:
    """Return up to `limit` windows by start, after the one the cursor names, and the next cursor (Invalid)."""
    rows = select(ScheduleException)
    if until_after is not None:
        rows = rows.where(col(ScheduleException.ends_at) > until_after)
    with ctx.read() as session:
        page, following = read_page(session, rows, _BY_START, limit, cursor)
    return tuple(map(_exception_view, page)), following


def add_blackout(
    ctx: Context, starts_at: datetime, ends_at: datetime, reason: str, channel_id: str | None = None
) -> ExceptionView:
    """Keep a window (aware datetimes) free on one channel or all (NotFound; Invalid also for a peer)."""
    if ends_at <= starts_at:
        raise Invalid((Problem("ends_at", ends_at.isoformat(), "choose an end after the start"),))
    with ctx.write() as session:
        if channel_id is not None:
            own_channel(session, channel_id)
        row = ScheduleException(
            id=new_id(IdPrefix.EXCEPTION), channel_id=channel_id, starts_at=starts_at, ends_at=ends_at, reason=reason
        )
        session.add(row)
        record(session, ctx, Action.CREATED, "exception", row.id, {"reason": reason})
        return _exception_view(row)


def remove_exception(ctx: Context, exception_id: str) -> None:
    """Open the window again (NotFound)."""
    with ctx.write() as session:
        session.delete(find(session, ScheduleException, exception_id, "exception"))
        record(session, ctx, Action.DELETED, "exception", exception_id)


def _check(wanted: PreferenceView) -> None:
    load_zone(wanted.timezone)
    low, high = wanted.posting_frequency_min, wanted.posting_frequency_max
    problems = []
    if low is not None and low < 0:
        problems.append(Problem("posting_frequency_min", str(low), "use 0 or more posts a week"))
    if high is not None and high < max(low or 0, 1):
        problems.append(Problem("posting_frequency_max", str(high), "use at least the minimum, and 1 or more"))
    if (wanted.quiet_from is None) != (wanted.quiet_to is None):
        problems.append(Problem("quiet_to", str(wanted.quiet_to), "give both ends of the quiet hours, or none"))
    if problems:
        raise Invalid(tuple(problems))


def _quiet_texts(wanted: PreferenceView) -> dict[str, str | None]:
    return {
        name: None if value is None else value.isoformat("minutes")
        for name, value in (("quiet_from", wanted.quiet_from), ("quiet_to", wanted.quiet_to))
    }


def _view(row: UserSchedulingPreference) -> PreferenceView:
    return PreferenceView(
        row.platform,
        row.timezone,
        row.posting_frequency_min,
        row.posting_frequency_max,
        time.fromisoformat(row.quiet_from) if row.quiet_from else None,
        time.fromisoformat(row.quiet_to) if row.quiet_to else None,
        row.working_days_only,
    )


def _exception_view(row: ScheduleException) -> ExceptionView:
    return ExceptionView(row.id, row.channel_id, row.kind, row.starts_at, row.ends_at, row.reason)
