"""Trials in plain words: states, verdicts, measures, rules, arms, lifts; for screens and reports alike."""

import math
from collections.abc import Mapping, Sequence

from core.calendar.recurrence import DAY_NAMES
from core.services.trial_result_views import LiftView
from core.services.trial_views import ArmDraft, UnitState
from core.trials.bayes import Posterior
from core.trials.registration import ArmPlan, Window
from core.trials.values import Interval, Known
from core.trials.verdict import Verdict
from core.trials.words import DrawUnit, Measure, StoppingRule, Strategy, TrialState
from core.undefined import Undefined

STATE_WORDS: Mapping[TrialState, str] = {
    TrialState.DRAFT: "Draft",
    TrialState.RUNNING: "Running",
    TrialState.STOPPED: "Stopped",
    TrialState.DECIDED: "Decided",
}
VERDICT_WORDS: Mapping[Verdict, str] = {
    Verdict.WON: "Won",
    Verdict.LOST: "Lost",
    Verdict.EQUIVALENT: "No difference that matters",
    Verdict.TOO_LITTLE_DATA: "Cannot tell yet",
    Verdict.INVALID: "Cannot be judged",
}
MEASURE_WORDS: Mapping[Measure, str] = {
    Measure.OUTCOME: "Outcome over the channel's level",
    Measure.ENGAGEMENT: "Engagement after a week",
    Measure.EARLY_ENGAGEMENT: "Engagement after two days",
}
RULE_WORDS: Mapping[StoppingRule, str] = {
    StoppingRule.SEQUENTIAL: "At any look",
    StoppingRule.FIXED: "Once, at its end",
}
DRAWN_WORDS: Mapping[DrawUnit, str] = {
    DrawUnit.POSTS: "Each post",
    DrawUnit.DAYS: "Whole days",
}
STRATEGY_WORDS: Mapping[Strategy, str] = {
    Strategy.USUAL: "Usual hours of the channel",
    Strategy.WINDOWS: "Named hours",
    Strategy.RECOMMENDED: "Slotwise's best free time",
    Strategy.AS_PLANNED: "The time it was planned for",
}
UNIT_WORDS: Mapping[UnitState, str] = {
    UnitState.COUNTED: "Counts",
    UnitState.WAITING: "Waits for its outcome",
    UnitState.MISSING: "No outcome came",
}
_MOST_PERCENT = 10_000
"""A lift beyond is written as no number: nobody believes one."""


def seed_words(seed: str | None) -> str:
    """Return the seed of a draw, or that it is kept: whoever has it knows which arm comes next."""
    return "kept until the trial is stopped; its fingerprint is public" if seed is None else seed


def lift_words(lift: float) -> str:
    """Return `+12 %`, `-3 %` or `0 %`; what is beyond any number is said so."""
    if not math.isfinite(lift) or abs(lift) * 100 > _MOST_PERCENT:
        return "no bound"
    percent = round(lift * 100)
    return f"{percent:+d} %" if percent else "0 %"


def interval_words(interval: Interval) -> str:
    """Return `-2 % to +9 %`."""
    return f"{lift_words(interval.low)} to {lift_words(interval.high)}"


def effect_words(shown: LiftView | Undefined) -> str:
    """Return `+5 % (-2 % to +12 %)`, or that it is undefined and why."""
    if isinstance(shown, Undefined):
        return f"Undefined: {shown.reason}"
    return f"{lift_words(shown.lift)} ({interval_words(shown.interval)})"


def figure_words(value: Known, form: str = ".3g") -> str:
    """Return a number, or that it is undefined and why."""
    return f"Undefined: {value.reason}" if isinstance(value, Undefined) else format(value, form)


def average_words(average: Known, interval: Interval | Undefined, measure: Measure) -> str:
    """Return what an arm's posts earn with its interval: over the channel's level for outcomes, else a count."""
    if isinstance(average, Undefined) or isinstance(interval, Undefined):
        return figure_words(average) if isinstance(average, Undefined) else figure_words(average, ",.1f")
    if measure is Measure.OUTCOME:
        return f"{lift_words(average)} ({interval_words(interval)})"
    low, high = (f"{each:,.0f}" if math.isfinite(each) else "no bound" for each in (interval.low, interval.high))
    return f"{average:,.0f} ({low} to {high})"


def chance_words(chance: float) -> str:
    """Return `85 %`; what is nearly sure is never written as certain."""
    percent = round(chance * 100)
    return "over 99 %" if percent > 99 else "under 1 %" if percent < 1 else f"{percent} %"  # noqa: PLR2004 - as said


def loss_words(arm: str, against: str, belief: Posterior) -> str:
    """Say what either choice costs on average, by what is believed now."""
    loss = (
        f"Expected loss: {belief.loss_of_treatment * 100:.1f} % when {arm} is taken, "
        f"{belief.loss_of_control * 100:.1f} % when {against} stays"
    )
    if isinstance(belief.equivalence, Undefined):
        return f"{loss}."
    return f"{loss}; {belief.equivalence * 100:.0f} % chance that both are the same within 2 %."


def arm_words(arm: ArmDraft | ArmPlan) -> str:
    """Return how an arm chooses times: its hours where it names any."""
    return "; ".join(map(window_words, arm.windows)) or STRATEGY_WORDS[arm.strategy]


def window_words(window: Window) -> str:
    """Return `Mon-Fri 16:00-22:00`."""
    return f"{days_words(sorted(window.weekdays))} {window.starts:%H:%M}-{window.ends:%H:%M}"


def days_words(days: Sequence[int]) -> str:
    """Return weekdays (0 = Monday) in order, as `Mon-Fri` or `Mon, Wed`."""
    if len(days) > 2 and list(days) == list(range(days[0], days[-1] + 1)):  # noqa: PLR2004 - two stand side by side
        return f"{DAY_NAMES[days[0]]}-{DAY_NAMES[days[-1]]}"
    return ", ".join(DAY_NAMES[day] for day in days)
