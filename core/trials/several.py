"""Several arms or slots at once: p-values that allow for having looked at all of them."""

from collections.abc import Sequence
from enum import StrEnum

import numpy as np

from core.trials.values import Known
from core.undefined import Undefined


class Correction(StrEnum):
    """HOLM: hardly ever one wrong among them, for arms. BENJAMINI_HOCHBERG: few wrong among those found, for slots."""

    HOLM = "holm"
    BENJAMINI_HOCHBERG = "fdr_bh"


def adjusted(ps: Sequence[Known], correction: Correction) -> tuple[Known, ...]:
    """Return adjusted p-values in the order given; what is Undefined stays so and is not counted as a comparison.

    statsmodels' `multipletests`. Reproduces GrowthBook's (0.01, 0.04, 0.03, 0.005, 0.55, 0.6) → (0.05, 0.12, 0.12,
    0.03, 1, 1) by Holm, and the four rejections of Benjamini & Hochberg (1995, section 3.2).
    """
    from statsmodels.stats.multitest import multipletests  # takes a second to load

    known = [place for place, p in enumerate(ps) if not isinstance(p, Undefined)]
    if not known:
        return tuple(ps)
    found: list[Known] = list(ps)
    corrected = multipletests(np.array([ps[place] for place in known]), method=correction.value)[1]
    for place, p in zip(known, corrected.tolist(), strict=True):
        found[place] = p
    return tuple(found)
