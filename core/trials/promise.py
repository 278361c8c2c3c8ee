"""The design assistant: what a trial of so many weeks can show, from the team's own outcomes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.trials.moments import NO_POSTS, ONE_POST
from core.trials.power import POWER, detectable_log_lift, log_posts, weeks_needed
from core.trials.sequential import deciding_level
from core.trials.values import ALPHA, Known, Vector
from core.undefined import Undefined

SIMULATIONS = 10_000
TOO_COARSE = 0.3
"""A trial that only sees effects above 30 % sees none: timing is worth some 10 %."""
_CHUNK = 4_000_000
"""Numbers drawn at once."""


@dataclass(frozen=True)
class Design:
    """What the team knows before a trial: log outcomes of past posts, posts a week, the number of arms, and the rule.

    `is_sequential`: it is judged at any look, which takes more posts.
    """

    outcomes: Vector
    posts_per_week: float
    arms: int = 2
    alpha: float = ALPHA
    power: float = POWER
    is_sequential: bool = False

    @property
    def level(self) -> float:
        """The p-value that an effect has to come below at the end, every arm against the control."""
        return deciding_level(self.alpha, comparisons=self.arms - 1, is_sequential=self.is_sequential)

    @property
    def sd(self) -> Known:
        """Standard deviation of one log outcome."""
        if self.outcomes.size < 2:  # noqa: PLR2004 - a variance needs two
            return ONE_POST if self.outcomes.size else NO_POSTS
        found = float((self.outcomes - self.outcomes[0]).std(ddof=1))
        return found or Undefined("All past posts earned the same, so chance cannot be judged.")

    def posts_per_arm(self, weeks: float) -> int:
        """Return the posts every arm gets in so many weeks."""
        return int(self.posts_per_week * weeks / self.arms)


@dataclass(frozen=True)
class Sight:
    """What so many weeks show: posts per arm, the smallest lift seen (0.1 is +10 %), and whether that is worth it."""

    weeks: int
    posts_per_arm: int
    detectable: Known

    @property
    def is_too_coarse(self) -> bool:
        """Whether the trial sees nothing that timing can be expected to do."""
        return isinstance(self.detectable, Undefined) or self.detectable > TOO_COARSE


def sights(design: Design, weeks: Sequence[int] = (2, 4, 8, 13, 26, 52)) -> list[Sight]:
    """Return the smallest lift each duration shows with the design's power."""
    return [Sight(each, n := design.posts_per_arm(each), _detectable(design, n)) for each in weeks]


def _detectable(design: Design, n: int) -> Known:
    sd = design.sd
    return sd if isinstance(sd, Undefined) else detectable_log_lift(n, sd, design.power, design.level)


def weeks_for(design: Design, lift: float) -> int | Undefined:
    """Return the weeks a trial needs to show a lift with the design's power."""
    sd = design.sd
    posts = sd if isinstance(sd, Undefined) else log_posts(lift, sd, design.power, design.level)
    return posts if isinstance(posts, Undefined) else weeks_needed(posts, design.arms, design.posts_per_week)


def simulated_power(design: Design, lift: float, n: int, *, seed: int, simulations: int = SIMULATIONS) -> Known:
    """Return the share of simulated trials that find the lift: n posts an arm, drawn from the team's own outcomes.

    Welch's t on the log outcomes as they are, tails and all; an answer from 10,000 trials is good to 1 point (95 %).
    """
    if n < 2 or isinstance(design.sd, Undefined):  # noqa: PLR2004 - a variance needs two
        return design.sd if isinstance(design.sd, Undefined) else ONE_POST
    rng = np.random.default_rng(seed)
    found, step = 0, max(_CHUNK // (2 * n), 1)
    for start in range(0, simulations, step):
        count = min(step, simulations - start)
        control, treatment = (rng.choice(design.outcomes, (count, n)) for _ in range(2))
        found += int((welch_ps(control, treatment + math.log1p(lift)) < design.level).sum())
    return found / simulations


def welch_ps(control: Vector, treatment: Vector) -> Vector:
    """Return the two-sided Welch p-value of each row of two matrices; 1 where neither arm varies."""
    from scipy.special import stdtr

    errors = [arm.var(1, ddof=1) / arm.shape[1] for arm in (control, treatment)]
    spread = errors[0] + errors[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        df = spread**2 / (errors[0] ** 2 / (control.shape[1] - 1) + errors[1] ** 2 / (treatment.shape[1] - 1))
        t = np.abs(treatment.mean(1) - control.mean(1)) / np.sqrt(spread)
        return np.asarray(np.where(spread > 0, 2 * stdtr(df, -t), 1.0))
