"""Whether what is asked of the planner makes sense: every fault with its place, the value and the remedy."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from math import isfinite

from core.content.platforms import Platform, find_platform
from core.errors import Invalid, Problem
from core.services.item_times import NO_ZONE, shown
from core.services.plan_views import PlanOptions
from core.timing.week import DAYS, HOURS_PER_DAY
from core.vocabulary import ErrorCode

LONGEST = timedelta(days=366)
"""A year of half hours is as much as anybody plans, and as much as is planned in seconds."""
CAUTIONS = 0.01, 0.99
"""Quantiles beyond these rest on the shape of the tail alone, of which no history tells."""
_INFEASIBLE = ErrorCode.CONSTRAINT_INFEASIBLE
MOST_STABILITY = 10.0
"""Ten times what an item earns: nothing moves unless it must."""


def refuse_senseless(options: PlanOptions, platforms: Mapping[str, Platform], now: datetime) -> None:
    """Raise Invalid with every fault of the options, each by the name of its field."""
    if problems := tuple(_problems(options, platforms, now)):
        raise Invalid(problems)


def _problems(options: PlanOptions, platforms: Mapping[str, Platform], now: datetime) -> Iterator[Problem]:
    yield from _range_problems(options, now)
    yield from _bound_problems(options, now)
    yield from _hour_problems(options)
    low, high = CAUTIONS
    if not low <= options.caution <= high:
        yield Problem("caution", str(options.caution), f"use a share from {low} to {high}; 0.5 is what is expected")
    if not (isfinite(options.stability) and 0 <= options.stability <= MOST_STABILITY):
        yield Problem("stability", str(options.stability), f"use a share from 0 to {MOST_STABILITY:g}")
    for name in ("min_gap", "cross_platform_gap"):
        gap = getattr(options, name)
        if gap is not None and not timedelta() <= gap <= LONGEST:
            yield Problem(name, str(gap), f"use a time from 0 to {LONGEST.days} days")
    for name in ("max_per_day", "max_per_week", "max_at_once"):
        cap = getattr(options, name)
        if cap is not None and cap < 1:
            yield Problem(name, str(cap), "use 1 or more, or leave it empty for no further limit")
    if options.leads is not None:
        yield from _platform_problems(platforms, options.leads)


def _range_problems(options: PlanOptions, now: datetime) -> Iterator[Problem]:
    given = {name: getattr(options, name) for name in ("starts", "ends") if getattr(options, name) is not None}
    naive = [name for name, at in given.items() if at.tzinfo is None]
    for name in naive:
        yield Problem(name, given[name].isoformat(), NO_ZONE)
    if naive or options.ends is None:
        return
    if options.ends <= now:
        yield Problem("ends", shown(options.ends), "has already passed; choose a later time")
    elif not timedelta() < options.ends - max(options.starts or now, now) <= LONGEST:
        yield Problem("ends", shown(options.ends), f"choose an end at most {LONGEST.days} days after the start")


def _bound_problems(options: PlanOptions, now: datetime) -> Iterator[Problem]:
    """Yield what is wrong with the bounds of every time: naive, over, against each other, or windows of no length."""
    given = {name: getattr(options, name) for name in ("not_before", "not_after") if getattr(options, name) is not None}
    given |= {f"blackouts[{n}].{end}": at for n, window in enumerate(options.blackouts) for end, at in _ends(window)}
    if naive := [Problem(name, at.isoformat(), NO_ZONE) for name, at in given.items() if at.tzinfo is None]:
        yield from naive
        return
    for number, (start, end) in enumerate(options.blackouts):
        if end <= start:
            yield Problem(f"blackouts[{number}].end", shown(end), "choose an end after the start")
    last = options.not_after
    if last is None:
        return
    if last <= max(options.not_before or now, now):
        why = "has already passed" if last <= now else f"lies before not_before, {shown(options.not_before or now)}"
        yield Problem("not_after", shown(last), f"{why}, so no time is left; choose a later one", _INFEASIBLE)
    elif last - now > LONGEST:
        yield Problem("not_after", shown(last), f"choose a time at most {LONGEST.days} days from now")


def _ends(window: tuple[datetime, datetime]) -> Iterator[tuple[str, datetime]]:
    return zip(("start", "end"), window, strict=True)


def _hour_problems(options: PlanOptions) -> Iterator[Problem]:
    days = options.allowed_weekdays
    if days is not None and not (days and days <= set(range(DAYS))):
        shown_days = ", ".join(map(str, sorted(days)))
        yield Problem("allowed_weekdays", shown_days, "name one weekday or more, 0 for Monday to 6 for Sunday")
    hours = options.allowed_hours
    if hours is not None and not (hours and hours <= set(range(HOURS_PER_DAY))):
        shown_hours = ", ".join(map(str, sorted(hours)))
        yield Problem("allowed_hours", shown_hours, f"name one hour or more, 0 to {HOURS_PER_DAY - 1}")
    if options.allowed_from is not None and options.allowed_from == options.allowed_to:
        message = "must be another time than the first; leave both empty to allow every hour"
        yield Problem("allowed_to", f"{options.allowed_from:%H:%M}", message)


def _platform_problems(platforms: Mapping[str, Platform], name: str) -> Iterator[Problem]:
    try:
        find_platform(platforms, name)
    except Invalid as error:
        yield from (Problem("leads", problem.value, problem.message) for problem in error.problems)
