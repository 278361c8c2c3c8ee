"""What was laid down before a trial began, as far as its analysis needs it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from core.trials.bayes import FLAT, SKEPTIC_SD, Prior
from core.trials.sequential import TUNED_FOR, deciding_level
from core.trials.units import Metric
from core.trials.values import ALPHA, Alternative
from core.trials.words import DrawUnit


class Primary(StrEnum):
    """The effect a trial is decided by.

    RELATIVE: the lift of the mean, or share, or ratio. ABSOLUTE: the difference. LOG: the ratio of geometric means,
    for counts with heavy tails; it needs rows. LOGGED: the same for values that are logarithms already, as outcomes
    are.
    """

    RELATIVE = "relative"
    ABSOLUTE = "absolute"
    LOG = "log"
    LOGGED = "logged"

    @property
    def is_log(self) -> bool:
        """Whether the effect is the logarithm of a ratio."""
        return self in {Primary.LOG, Primary.LOGGED}


@dataclass(frozen=True)
class TrialPlan:
    """Metric, primary effect, control and shares of the arms, error rate, stopping rule, and the effect looked for.

    `detect` is the lift the trial is to find; `prior_mean` and `prior_sd` are those of the normal belief about the
    primary effect, in its unit (no sd: SKEPTIC_SD, and no belief at all about an absolute effect, whose unit nobody
    knows). `planned_posts` counts what is drawn, posts or days (`unit`). `is_cut_short`: a trial with a fixed end was
    stopped before it, `is_cut_after_look` by somebody who had seen results; `registration_holds`: what was laid down
    is what it was.
    """

    metric: Metric = Metric.MEAN
    primary: Primary = Primary.RELATIVE
    control: str = ""
    weights: Mapping[str, float] = field(default_factory=dict)
    alpha: float = ALPHA
    alternative: Alternative = Alternative.TWO_SIDED
    is_sequential: bool = False
    tuned_for: float = TUNED_FOR
    prior_mean: float = 0.0
    prior_sd: float | None = None
    looks: int = 1
    planned_posts: int | None = None
    unit: DrawUnit = DrawUnit.POSTS
    detect: float = 0.2
    seed: int = 0
    is_cut_short: bool = False
    is_cut_after_look: bool = False
    registration_holds: bool = True

    @property
    def is_by_looks(self) -> bool:
        """Whether it is judged by what holds at every look: as planned, or since a look may have told when to stop."""
        return self.is_sequential or self.is_cut_after_look

    @property
    def level(self) -> float:
        """The p-value that an arm's effect has to come below at the planned end, by rule and number of arms."""
        return deciding_level(self.alpha, comparisons=len(self.weights) - 1, is_sequential=self.is_by_looks)

    @property
    def prior(self) -> Prior:
        """The belief about the primary effect before the data."""
        if self.prior_sd is None and self.primary is Primary.ABSOLUTE:
            return FLAT
        return Prior(self.prior_mean, SKEPTIC_SD if self.prior_sd is None else self.prior_sd)
