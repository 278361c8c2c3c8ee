"""How a calendar went: how much of it is done, how well, how late, and what it earned."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import col, select

from core.calendar.states import FINAL_ITEM_STATES
from core.services.calendars import CALENDAR
from core.services.context import Context
from core.services.rows import find
from core.services.settlement import count_states
from core.storage.tables import ContentCalendar, ContentScheduleItem, PostOutcome
from core.storage.tenancy import ScopedSession
from core.vocabulary import ItemState

_TRIED = (ItemState.PUBLISHED, ItemState.FAILED, ItemState.SKIPPED)
"""What was meant to go out by now; canceled and rejected items were not."""


@dataclass(frozen=True)
class CalendarMetrics:
    """Figures of one calendar.

    `completion` is the share of items that have come to an end, `success_rate` the share of those meant to go out that
    did; None where there is nothing to divide by. Lateness counts from an item's time, None until one is out.
    `engagement` is the mean of the published items whose results are known (`posts_with_results`).
    """

    counts: Mapping[ItemState, int]
    total: int
    completion: float | None
    success_rate: float | None
    mean_lateness_seconds: float | None
    most_lateness_seconds: float | None
    posts_with_results: int
    engagement: float | None


def calendar_metrics(ctx: Context, calendar_id: str) -> CalendarMetrics:
    """Return how a calendar went so far (NotFound)."""
    with ctx.read() as session:
        find(session, ContentCalendar, calendar_id, CALENDAR)
        counts = count_states(session, calendar_id).get(calendar_id, {})
        late, earned = _lateness(session, calendar_id), _earned(session, calendar_id)
    total = sum(counts.values())
    return CalendarMetrics(
        counts=counts,
        total=total,
        completion=_share(sum(counts.get(state, 0) for state in FINAL_ITEM_STATES), total),
        success_rate=_share(counts.get(ItemState.PUBLISHED, 0), sum(counts.get(state, 0) for state in _TRIED)),
        mean_lateness_seconds=_mean(late),
        most_lateness_seconds=max(late, default=None),
        posts_with_results=len(earned),
        engagement=_mean(earned),
    )


def _lateness(session: ScopedSession, calendar_id: str) -> list[float]:
    item = ContentScheduleItem
    out = select(item.published_at, item.scheduled_at).where(
        item.calendar_id == calendar_id, col(item.published_at).is_not(None)
    )
    return [(published - scheduled).total_seconds() for published, scheduled in session.execute(out)]


def _earned(session: ScopedSession, calendar_id: str) -> list[float]:
    """Return the engagement of the calendar's posts whose results came back."""
    ours = select(ContentScheduleItem.id).where(ContentScheduleItem.calendar_id == calendar_id)
    known = select(PostOutcome.engagement).where(
        col(PostOutcome.item_id).in_(ours), col(PostOutcome.engagement).is_not(None)
    )
    return [float(value) for value in session.scalars(known)]


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None
