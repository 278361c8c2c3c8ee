"""Peeking: somebody looked, and could have stopped, before the day a fixed trial was to end."""

from core.trials.health.facts import Finding, Severity, TrialFacts, percent
from core.trials.looks import crossing, evenly
from core.trials.values import Alternative, tail


def check(facts: TrialFacts) -> Finding | None:
    """A trial with a fixed end was looked at once, at its end; or its intervals are valid at every look."""
    if facts.is_sequential:
        return None
    so_far = sum(facts.known.values())
    is_early = facts.planned_posts is not None and so_far < facts.planned_posts
    if facts.looks < 2 and not (is_early or facts.is_cut_short):  # noqa: PLR2004 - the first look is the end
        return None
    if facts.looks < 2 and not is_early:  # noqa: PLR2004 - as above
        sentence = "The trial was stopped before its planned end."
    elif facts.looks < 2:  # noqa: PLR2004 - as above
        sentence = f"The trial was to end after {facts.planned_posts:,} {facts.unit} and has {so_far:,}."
    else:
        rate = _false_alarms(facts.looks, facts.alpha)
        sentence = (
            f"The trial was looked at {facts.looks:,} times: stopping at the first p below {facts.alpha:g} would be "
            f"wrong in {percent(rate)} of trials without an effect."
        )
    return Finding(Severity.WARNING, sentence, "Decide by the always-valid interval, or wait for the planned end.")


_MOST = 200
"""More looks add little: the rate is 0.42 at 200."""


def _false_alarms(looks: int, alpha: float) -> float:
    """Return how often a trial without an effect is called at one of so many evenly spaced looks."""
    from scipy.special import ndtri

    counted = min(looks, _MOST)
    return crossing([-float(ndtri(tail(alpha, Alternative.TWO_SIDED)))] * counted, evenly(counted).tolist())
