"""What is believed of a channel's week before its own posts: research and the history of like channels."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.timing.week import CELLS


@dataclass(frozen=True)
class PriorCurve:
    """An expected curve and how far it is believed.

    `mean` holds 168 log outcomes relative to their own average. The curve enters with a weight w ~ N(`weight`,
    `weight_sd`²) that the channel's posts decide; the expected weight is halved by `halved_by_posts` posts. `relevance`
    is the probability that it says anything of the channel at all, `deviation` how far like channels lie from it (a
    standard deviation in log units, infinite where unknown). Raises ValueError for a mean that is not 168 finite
    numbers.
    """

    name: str
    mean: tuple[float, ...]
    weight: float
    weight_sd: float
    halved_by_posts: float = math.inf
    relevance: float = 1.0
    deviation: float = math.inf

    def __post_init__(self) -> None:
        """Refuse what is no week."""
        if len(self.mean) != CELLS or not all(map(math.isfinite, self.mean)):
            raise ValueError(f"The curve of {self.name} must be {CELLS} finite numbers, not {len(self.mean)}.")

    def weight_after(self, posts: float) -> float:
        """Return the expected weight left after so many posts: weight / (1 + posts / halved_by_posts)."""
        return self.weight / (1 + posts / self.halved_by_posts)

    def silenced(self) -> "PriorCurve":
        """Return the same curve believed not at all."""
        return replace(self, weight=0.0, weight_sd=0.0)


RESEARCH = "Published research"


def published_research(week: Sequence[float]) -> PriorCurve:
    """Return the prior of published best times: believed by half, and briefly, for they rarely transfer."""
    return PriorCurve(RESEARCH, tuple(week), weight=0.5, weight_sd=0.5, halved_by_posts=30.0)
