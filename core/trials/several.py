"""Several arms or slots at once: p-values that allow for having looked at all of them."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType

import numpy as np

from core.trials.values import Known, Vector
from core.undefined import Undefined


class Correction(StrEnum):
    """HOLM: hardly ever one wrong among them, for arms. BENJAMINI_HOCHBERG: few wrong among those found, for slots."""

    HOLM = "holm"
    BENJAMINI_HOCHBERG = "benjamini_hochberg"


def _holm(ps: Vector) -> Vector:
    """Return Holm's (1979) step-down values: the largest (m - k) p_(k) up to each p, k from 0, at most 1.

    statsmodels' `multipletests` gives the same, but collects the garbage of the whole process each time (0.2 s).
    """
    order = np.argsort(ps)
    found = np.empty(ps.size)
    found[order] = np.minimum(np.maximum.accumulate((ps.size - np.arange(ps.size)) * ps[order]), 1.0)
    return found


def _hochberg(ps: Vector) -> Vector:
    from scipy.stats import false_discovery_control  # a second to load, and 50 MB

    return np.asarray(false_discovery_control(ps))


_CORRECTIONS: Mapping[Correction, Callable[[Vector], Vector]] = MappingProxyType(
    {Correction.HOLM: _holm, Correction.BENJAMINI_HOCHBERG: _hochberg}
)


def adjusted(ps: Sequence[Known], correction: Correction) -> tuple[Known, ...]:
    """Return adjusted p-values in the order given; what is Undefined stays so and is not counted as a comparison.

    Reproduces GrowthBook's (0.01, 0.04, 0.03, 0.005, 0.55, 0.6) → (0.05, 0.12, 0.12, 0.03, 1, 1) by Holm, and the
    four rejections of Benjamini & Hochberg (1995, section 3.2; scipy's `false_discovery_control`).
    """
    known = [place for place, p in enumerate(ps) if not isinstance(p, Undefined)]
    if not known:
        return tuple(ps)
    found: list[Known] = list(ps)
    corrected = _CORRECTIONS[correction](np.array([ps[place] for place in known], dtype=np.float64))
    for place, p in zip(known, corrected.tolist(), strict=True):
        found[place] = p
    return tuple(found)
