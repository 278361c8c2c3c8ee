"""Sample-ratio mismatch: arms hold other numbers of posts than the draw could have given them."""

import numpy as np
from scipy.special import chdtrc

from core.trials.health.facts import ALARM, Finding, Severity, TrialFacts, chance_words
from core.trials.values import Known
from core.undefined import Undefined


def check(facts: TrialFacts) -> Finding | None:
    """Posts came to the arms in the shares they were meant to (χ², alarm below 0.001)."""
    p = mismatch([facts.assigned[arm] for arm in facts.assigned], [facts.weights[arm] for arm in facts.assigned])
    if isinstance(p, Undefined) or p >= ALARM:
        return None
    total, weight = sum(facts.assigned.values()), sum(facts.weights[arm] for arm in facts.assigned)
    shown = ", ".join(
        f"{arm} {count:,} instead of about {total * facts.weights[arm] / weight:,.0f}"
        for arm, count in facts.assigned.items()
    )
    return Finding(
        Severity.INVALID,
        f"The arms do not have the {facts.unit} they were meant to have: {shown} ({chance_words(p)}).",
        "Find out which posts got lost or moved between arms; until then no effect can be trusted.",
    )


def mismatch(counts: list[int], weights: list[float]) -> Known:
    """Return the p-value of "posts fell to the arms by these weights" (χ², arms of weight 0 left out).

    Reproduces GrowthBook's `checkSrm`: 1000 and 1200 at equal weights give 2.0079e-05. An arm of weight 0 with posts
    in it is impossible: 0.
    """
    if any(count and not weight for count, weight in zip(counts, weights, strict=True)):
        return 0.0
    found = departure(counts, weights)
    return found if isinstance(found, Undefined) else float(chdtrc(sum(weight > 0 for weight in weights) - 1, found))


def departure(counts: list[int], weights: list[float]) -> Known:
    """Return the χ² of posts and weights; Undefined where a weight of 0 has posts, or there is nothing to compare."""
    if any(count and not weight for count, weight in zip(counts, weights, strict=True)):
        return Undefined("An arm that was meant to have no posts has some.")
    observed, share = np.array(counts, dtype=np.float64), np.array(weights, dtype=np.float64)
    observed, share = observed[share > 0], share[share > 0]
    if observed.size < 2 or observed.sum() == 0:  # noqa: PLR2004 - a ratio needs two
        return Undefined("There are no posts to compare with the shares they were meant to have.")
    expected = observed.sum() * share / share.sum()
    return float(((observed - expected) ** 2 / expected).sum())
