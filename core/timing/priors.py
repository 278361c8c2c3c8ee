"""What is believed of a channel's week before its own posts: research and the history of like channels."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.timing.rollup import WeekStats
from core.timing.week import CELLS


@dataclass(frozen=True)
class PriorCurve:
    """An expected curve and how far it is believed.

    `mean` holds 168 log outcomes relative to their own average. The curve enters with a weight w ~ N(`weight`,
    `weight_sd`²) that the channel's posts decide; the expected weight halves with every `halved_by_posts` posts.
    Raises ValueError for a mean that is not 168 finite numbers.
    """

    name: str
    mean: tuple[float, ...]
    weight: float
    weight_sd: float
    halved_by_posts: float = math.inf

    def __post_init__(self) -> None:
        """Refuse what is no week."""
        if len(self.mean) != CELLS or not all(map(math.isfinite, self.mean)):
            raise ValueError(f"The curve of {self.name} must be {CELLS} finite numbers, not {len(self.mean)}.")

    def weight_after(self, posts: float) -> float:
        """Return the expected weight left after so many posts: weight / (1 + posts / halved_by_posts)."""
        return self.weight / (1 + posts / self.halved_by_posts)


RESEARCH = "Published research"


def published_research(week: Sequence[float]) -> PriorCurve:
    """Return the prior of published best times: believed by half, and briefly, for they rarely transfer."""
    return PriorCurve(RESEARCH, tuple(week), weight=0.5, weight_sd=0.5, halved_by_posts=30.0)


SMOOTHING_POSTS = 20.0
"""A like channel's hour is shrunk to its average by so many posts."""
FEWEST_POSTS = 30
"""A like channel with fewer posts teaches nothing."""


def like_channels(weeks: Sequence[WeekStats], name: str) -> PriorCurve | None:
    """Return the prior that like channels make together, None where none of them has a history."""
    known = [week for week in weeks if week.posts >= FEWEST_POSTS]
    if not known:
        return None
    weight = np.array([week.weight for week in known])
    mean = np.array([week.mean for week in known])
    level = (weight * mean).sum(1, keepdims=True) / weight.sum(1, keepdims=True)
    pooled = (weight * (mean - level)).sum(0) / (weight.sum(0) + SMOOTHING_POSTS)
    return PriorCurve(name, tuple((pooled - pooled.mean()).tolist()), weight=1.0, weight_sd=0.5)
