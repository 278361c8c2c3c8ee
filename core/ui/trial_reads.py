"""How the Trials page reads: from memory until the next write, or until the moment that matters has moved on."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from core.errors import NotFound, SlotwiseError
from core.services.calendars import CLOSED, list_calendars
from core.services.channels import list_channels
from core.services.context import Context
from core.services.item_views import CalendarView, ItemFilter, ItemView
from core.services.items import count_items
from core.services.moves import MOVABLE
from core.services.trial_assigning import list_assignments
from core.services.trial_design import design_trial
from core.services.trial_drafts import find_trial, page_trials
from core.services.trial_joining import joinable_items
from core.services.trial_observed import compare_observed
from core.services.trial_result_views import ObservedRequest, ObservedView, TrialResults
from core.services.trial_results import trial_results
from core.services.trial_views import AssignmentView, DesignRequest, DesignView, TrialView
from core.ui.palette import platform_name
from core.ui.queries import ask
from core.ui.state import house
from core.ui.wording import counted, shortened

PER_PAGE = 20
LONGEST_TITLE = 60


def the_trial(trial_id: str) -> TrialView | None:
    """Return a trial, None where there is none of this id."""
    try:
        return ask(_trial, trial_id, _minute())
    except NotFound:
        return None


def the_trials(cursor: str | None) -> tuple[tuple[TrialView, ...], str | None]:
    """Return a page of trials, the newest first, behind the one the cursor names, and the next cursor."""
    return ask(_trials, cursor, _minute())


def joinable_now(trial_id: str) -> tuple[ItemView, ...]:
    """Return the planned posts that may join a trial by this minute."""
    return ask(_joinable, trial_id, _minute())


def results_now(trial_id: str) -> TrialResults:
    """Return what a trial has shown by this quarter of an hour; posts ripen at midnight somewhere, without a write."""
    return ask(_results, trial_id, _quarter())


def units_now(trial_id: str) -> tuple[AssignmentView, ...]:
    """Return the ledger of the draw, and what became of each post by this quarter of an hour."""
    return ask(_units, trial_id, _quarter())


def design_now(request: DesignRequest) -> DesignView:
    """Return what a trial can show, from the posts until this hour (NotFound, Invalid)."""
    return ask(_design, request, _minute().replace(minute=0))


def observed_now(request: ObservedRequest) -> ObservedView:
    """Return what hours happened to earn (NotFound, Invalid)."""
    return ask(compare_observed, request)


def this_hour() -> datetime:
    """Return the beginning of the present hour."""
    return _minute().replace(minute=0)


def channel_names() -> dict[str, str]:
    """Return platform and name of every channel of the team, by id."""
    return {each.id: f"{platform_name(each.platform)} · {each.name}" for each in ask(list_channels)}


def calendar_names(chosen: Sequence[str]) -> dict[str, str]:
    """Return the titles of the calendars that take posts, and of those `chosen` before, by id."""
    return {
        each.id: f"{shortened(each.title, LONGEST_TITLE)} · {_to_go(each)}"
        for each in ask(list_calendars)
        if each.state not in CLOSED or each.id in chosen
    }


def _to_go(calendar: CalendarView) -> str:
    return f"{counted(sum(calendar.counts.get(state, 0) for state in MOVABLE), 'post')} to go"


def pace_of(channel_ids: tuple[str, ...]) -> float:
    """Return how many posts a week channels had lately, 0 where nobody can tell."""
    try:
        return design_now(DesignRequest(channel_ids)).posts_per_week
    except SlotwiseError:
        return 0.0


def planned_pace(channel_ids: tuple[str, ...], weeks: int) -> float:
    """Return how many posts a week are planned on channels for the coming weeks."""
    starts = this_hour()
    wanted = ItemFilter(channel_ids=channel_ids, states=tuple(MOVABLE), starts=starts,
                        ends=starts + timedelta(weeks=weeks))  # fmt: skip
    return sum(ask(count_items, wanted).values()) / weeks


def _minute() -> datetime:
    return house().now().replace(second=0, microsecond=0)


def _quarter() -> datetime:
    """Return the beginning of this quarter of an hour: every zone's midnight is at one."""
    now = _minute()
    return now.replace(minute=now.minute - now.minute % 15)


def _trial(ctx: Context, trial_id: str, _: datetime) -> TrialView:
    return find_trial(ctx, trial_id)


def _trials(ctx: Context, cursor: str | None, _: datetime) -> tuple[tuple[TrialView, ...], str | None]:
    return page_trials(ctx, PER_PAGE, cursor)


def _joinable(ctx: Context, trial_id: str, _: datetime) -> tuple[ItemView, ...]:
    return joinable_items(ctx, trial_id)


def _results(ctx: Context, trial_id: str, _: datetime) -> TrialResults:
    return trial_results(ctx, trial_id)


def _units(ctx: Context, trial_id: str, _: datetime) -> tuple[AssignmentView, ...]:
    return list_assignments(ctx, trial_id)


def _design(ctx: Context, request: DesignRequest, _: datetime) -> DesignView:
    return design_trial(ctx, request)
