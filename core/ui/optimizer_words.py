"""What the optimizer's settings, endings and figures are called; pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from datetime import date, datetime, timedelta
from typing import Any

from core.calendar.recurrence import DAY_NAMES
from core.calendar.zones import to_wall
from core.planning.grid_plan import Ending
from core.services.plan_views import EXPECTED, SECONDS, PlanOptions, PlanProposal, PlanRun
from core.ui.times import clock, day
from core.ui.wording import counted
from core.vocabulary import OptimizationLevel, Reach

LEVELS: Mapping[OptimizationLevel, str] = {
    OptimizationLevel.SPEED: "Speed",
    OptimizationLevel.BALANCED: "Balanced",
    OptimizationLevel.QUALITY: "Quality",
}
REACHES: Mapping[Reach, str] = {
    Reach.DAY: "Within its day",
    Reach.WEEK: "Within its week",
    Reach.RANGE: "Anywhere in the range",
}
CAUTIONS: Mapping[float, str] = {
    EXPECTED: "What is expected",
    0.25: "What 3 of 4 chances exceed",
    0.1: "What 9 of 10 chances exceed",
}
_NEGLIGIBLE = 0.0005
"""A share that is shown as 0.0 %."""
_LEAST_SHOWN = 0.0001
"""A gap below it would be shown as none."""
_MINUTES = timedelta(minutes=1)


def level_words(level: OptimizationLevel) -> str:
    """Return how long a level may take."""
    seconds = f"up to {SECONDS[level]:g} seconds"
    return f"{LEVELS[level]}: {seconds}, less when the best plan is proven before."


def finding(proposal: PlanProposal) -> str:
    """Say in one line what a proposal is worth."""
    moved = len(proposal.moved)
    gain = gain_of(proposal)
    if not moved:
        return "Every post already stands where it should"
    if gain < _NEGLIGIBLE:
        return f"Moving {counted(moved, 'post')} keeps to every limit; nothing more is expected to be earned"
    return f"Moving {counted(moved, 'post')} is expected to earn {gain:.1%} more"


def gain_of(proposal: PlanProposal) -> float:
    """Return what the plan is expected to earn more, as a share of what the present times would."""
    return proposal.expected_after / proposal.expected_before - 1 if proposal.expected_before > 0 else 0.0


def proof(proposal: PlanProposal) -> str:
    """Say how far from the best possible a plan can be."""
    if proposal.ending is Ending.OPTIMAL:
        return "Proven best"
    return f"≤ {max(proposal.gap, _LEAST_SHOWN):.2%} below"


ENDINGS: Mapping[Ending, str] = {
    Ending.OPTIMAL: "No plan within these limits is worth more.",
    Ending.CONVERGED: "The search ended by itself: nothing it tries improves the plan any more.",
    Ending.OUT_OF_TIME: "The time was up; a higher level may find a little more.",
    Ending.CANCELED: "It was stopped early; this is the best plan found until then.",
}


def run_name(run: PlanRun, zone: str, now: datetime) -> str:
    """Return what a list calls a run: when it began, its level, what is unusual about its settings."""
    unusual = ", ".join(f"{name.lower()} {value}" for name, value in settings(run.options, zone) if value)
    begun = f"{day(run.started_at, zone, now)}, {clock(run.started_at, zone)}"
    return f"{begun} · {LEVELS[run.level]}" + (f" · {unusual}" if unusual else "")


def settings(options: PlanOptions, zone: str) -> Iterator[tuple[str, str]]:
    """Yield what was asked for, name and value, leaving out what is as usual."""
    usual = PlanOptions()
    for field in fields(PlanOptions):
        value = getattr(options, field.name)
        if value != getattr(usual, field.name):
            yield NAMES[field.name], _value(value, zone)


NAMES: Mapping[str, str] = {
    "starts": "From",
    "ends": "Until",
    "reach": "Posts may move",
    "caution": "Plans on",
    "stability": "A move must gain",
    "min_gap": "Apart on a channel",
    "max_per_day": "Posts a day",
    "max_per_week": "Posts a week",
    "max_at_once": "Posts at once",
    "allowed_weekdays": "Weekdays",
    "allowed_from": "Not before",
    "allowed_to": "Not after",
    "cross_platform_gap": "Same content apart",
    "leads": "First on",
    "spread": "Tires of frequent posts",
}
"""What each setting is called."""


def _value(value: object, zone: str) -> str:
    for kind, words in _WORDS.items():
        if isinstance(value, kind):
            return words(value, zone)
    return str(value)


_WORDS: Mapping[type, Callable[[Any, str], str]] = {
    datetime: day,
    timedelta: lambda value, _: f"{value // _MINUTES} min",
    Reach: lambda value, _: REACHES[value].lower(),
    frozenset: lambda value, _: ", ".join(DAY_NAMES[number] for number in sorted(value)),
    bool: lambda value, _: "yes" if value else "no",
    float: lambda value, _: CAUTIONS[value].lower() if value in CAUTIONS else f"{value:.0%}",
}


def days_of(proposal: PlanProposal, zone: str) -> tuple[date, date]:
    """Return the first and the last local day that was planned."""
    last = proposal.ends - timedelta(microseconds=1)
    return to_wall(proposal.starts, zone).date(), to_wall(last, zone).date()
