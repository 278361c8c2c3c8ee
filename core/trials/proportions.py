"""Shares of posts compared: two of them, several, or one with a known value."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.trials.comparison import NO_VARIANCE, Effect, p_of
from core.trials.moments import NO_POSTS
from core.trials.samples import Proportion
from core.trials.values import ALPHA, Alternative, Interval, Known, Scale
from core.undefined import Undefined

ALL_ALIKE = Undefined("All posts did it or none did, so chance cannot be judged.")


@dataclass(frozen=True)
class ShareComparison:
    """Difference of two shares; its plain (Wald) interval, Newcombe's, which holds for few posts too; p, pooled."""

    difference: Effect
    interval: Interval
    newcombe: Interval
    p: float

    def over(self, control: Proportion) -> tuple[float, Interval]:
        """Return difference and plain interval relative to the control's share taken as fixed; it must be above 0."""
        share = control.successes / control.n
        return self.difference.estimate / share, self.interval.through(factor=1 / share)


def compare_shares(control: Proportion, treatment: Proportion, alpha: float = ALPHA) -> ShareComparison | Undefined:
    """Compare two shares: p by the pooled z-test (χ² without correction), intervals without pooling.

    statsmodels' `proportions_ztest` and `confint_proportions_2indep`. Reproduces Spotify Confidence: 42 of 104 against
    500 of 1009 differ by 0.091694, -0.0075254 to 0.190913, p = 0.074866.
    """
    from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest  # a second to load

    if not (control.n and treatment.n):
        return NO_POSTS
    both = control + treatment
    if both.successes in {0, both.n}:
        return ALL_ALIKE
    counts, totals = (treatment.successes, control.successes), (treatment.n, control.n)
    _, p = proportions_ztest(np.array(counts), np.array(totals))
    bounds = {
        method: Interval(*map(float, confint_proportions_2indep(
            counts[0], totals[0], counts[1], totals[1], method=method, alpha=alpha
        )))
        for method in ("wald", "newcomb")
    }  # fmt: skip
    shares = [count / total for count, total in zip(counts, totals, strict=True)]
    error = math.sqrt(sum(share * (1 - share) / total for share, total in zip(shares, totals, strict=True)))
    found = Effect(shares[0] - shares[1], error, math.inf, Scale.ABSOLUTE)
    return ShareComparison(found, bounds["wald"], bounds["newcomb"], float(p))


def compare_many(arms: Sequence[Proportion]) -> tuple[Known, Known]:
    """Return χ² and p of "all shares are equal".

    statsmodels' `proportions_chisquare`. Reproduces R's `prop.test` help: 73, 90, 114, 75 of 86, 93, 136, 82 give
    11.1194, p = 0.0110975.
    """
    from statsmodels.stats.proportion import proportions_chisquare  # a second to load

    filled = [arm for arm in arms if arm.n]
    total = sum(filled, Proportion(0, 0))
    if len(filled) < 2 or total.successes in {0, total.n}:  # noqa: PLR2004 - a comparison needs two
        return ALL_ALIKE, ALL_ALIKE
    counts = np.array([[arm.successes, arm.n] for arm in filled])
    statistic, p, _ = proportions_chisquare(counts[:, 0], counts[:, 1])
    return float(statistic), float(p)


def share_against(counted: Proportion, value: float) -> Known:
    """Return the p-value of "the share is `value`", with the variance of the share found.

    (p - value)/√(p(1 - p)/n), as statsmodels' `proportions_ztest`: 5 of 83 against 0.05 give 0.695.
    """
    if not counted.n:
        return NO_POSTS
    share = counted.successes / counted.n
    if counted.successes in {0, counted.n}:
        return NO_VARIANCE
    return p_of((share - value) / math.sqrt(share * (1 - share) / counted.n), math.inf, Alternative.TWO_SIDED)
