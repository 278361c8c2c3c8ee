"""A calendar's state follows from the states of its items, and from whether the planner is at work on it."""

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import func
from sqlalchemy.orm import Session
from sqlmodel import col, select

from core.calendar.states import OPEN_ITEM_STATES, check_calendar_move
from core.services.job_runs import OPEN, OPTIMIZE
from core.storage.tables import ContentCalendar, ContentScheduleItem, JobRun
from core.vocabulary import CalendarState, ItemState

_NOT_YET_SCHEDULED = frozenset({ItemState.PENDING, ItemState.AWAITING_APPROVAL})


def settle_calendar(session: Session, calendar_id: str, *, gains: bool = False) -> CalendarState:
    """Bring a calendar's state in line with its items and plans; call it in every transaction that changes one's state.

    The calendar stays locked until that transaction ends: of two items that finish at once, the second sees the first.
    Lock items before their calendar, as everybody does. The version is left alone: nobody edited the calendar. It
    `gains`: items on their way were added and nothing else changed, so one that runs runs on and none is counted.
    """
    session.flush()
    row = session.get_one(ContentCalendar, calendar_id, with_for_update=True, populate_existing=True)
    if gains and row.state is CalendarState.RUNNING:
        return row.state
    if row.state is CalendarState.CANCELING:
        _cancel_returned(session, calendar_id)
    wanted = settled(row.state, count_states(session, calendar_id).get(calendar_id, {}))
    if wanted is CalendarState.COMPLETED is not row.state:
        _become(row, CalendarState.COMPLETING)
    if wanted is CalendarState.RUNNING and _is_being_planned(session, calendar_id):
        if row.state is not CalendarState.OPTIMIZING:
            _become(row, CalendarState.RUNNING)
        wanted = CalendarState.OPTIMIZING
    _become(row, wanted)
    return row.state


def settled(state: CalendarState, counts: Mapping[ItemState, int]) -> CalendarState:
    """Return the state that a calendar's items amount to.

    A completed calendar that is given another item, or whose failed item is tried again, runs again.
    """
    on_their_way = counts.keys() & OPEN_ITEM_STATES
    match state:
        case CalendarState.CANCELED | CalendarState.FAILED:
            return state
        case CalendarState.CANCELING:
            return state if on_their_way else CalendarState.CANCELED
        case _ if not counts:
            return state
        case _ if not on_their_way:
            return CalendarState.COMPLETED
        case CalendarState.PENDING if on_their_way <= _NOT_YET_SCHEDULED:
            return state
        case _:
            return CalendarState.RUNNING


def _is_being_planned(session: Session, calendar_id: str) -> bool:
    open_runs = select(JobRun.id).where(
        JobRun.job == OPTIMIZE, JobRun.subject == calendar_id, col(JobRun.state).in_(OPEN)
    )
    return session.scalars(open_runs.limit(1)).first() is not None


def _become(row: ContentCalendar, wanted: CalendarState) -> None:
    if row.state is not wanted:
        check_calendar_move(row.state, wanted)
        row.state = wanted


def count_states(session: Session, calendar_id: str | None = None) -> Mapping[str, Mapping[ItemState, int]]:
    """Return how many items are in each state, by calendar; with `calendar_id` of that calendar only."""
    rows = select(col(ContentScheduleItem.calendar_id), col(ContentScheduleItem.state), func.count()).group_by(
        col(ContentScheduleItem.calendar_id), col(ContentScheduleItem.state)
    )
    if calendar_id is not None:
        rows = rows.where(ContentScheduleItem.calendar_id == calendar_id)
    counts: defaultdict[str, dict[ItemState, int]] = defaultdict(dict)
    for calendar, state, n in session.execute(rows):
        counts[calendar][state] = n
    return counts


def _cancel_returned(session: Session, calendar_id: str) -> None:
    """Cancel items that were being published when their calendar was canceled and came back for another try.

    Items that somebody else holds are skipped (waiting for them here could deadlock); whoever holds one settles again.
    """
    returned = (
        select(ContentScheduleItem)
        .where(ContentScheduleItem.calendar_id == calendar_id, ContentScheduleItem.state == ItemState.SCHEDULED)
        .with_for_update(skip_locked=True)
    )
    for row in session.scalars(returned):
        row.state = ItemState.CANCELED
        row.error = "Its calendar was canceled while it was being published."
        row.version += 1
    session.flush()
