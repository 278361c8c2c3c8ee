"""How long a channel's past stays true: the half-life with which its posts count, chosen on its own months."""

from datetime import timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from core.timing.algebra import one_thread
from core.timing.curve import Matrix, Vector
from core.timing.format_effects import format_offsets
from core.timing.outcomes import HALF_LIFE, OUTCOME_UNITS
from core.timing.rollup import MONTH, UNDATED
from core.timing.shapes import basis, coefficient_variances
from core.timing.week import CELLS

ENDLESS = timedelta(days=36_500)
"""A half-life of a hundred years forgets nothing."""
HALF_LIVES = (timedelta(days=90), HALF_LIFE, timedelta(days=365), ENDLESS)
CLEAR_LOG_RATIO = 3.0
"""Another half-life than the usual one must foretell the posts twenty times as well (e³)."""
LATEST_MONTHS = 36
"""What foretold posts well more than three years ago says little about tomorrow."""
CURVE_SD = 0.2
"""Standard deviation of the week's curve in units of one post's noise: a usual one, for a cheap comparison."""
HOUR_LENGTH = 3.0
MIX = (0.5, 0.2, 0.2)
"""As in `shapes`: one smooth shape between theirs."""
SMALLEST_VARIANCE = 1e-6
"""Outcomes that hardly vary are foretold by any half-life."""


def choose_half_life(tallies: pl.DataFrame) -> timedelta:
    """Return the one of `HALF_LIVES` by which earlier months foretell later ones best, if that is clear.

    `tallies` follow `rollup.TALLY_SCHEMA`. Each month's outcomes are foretold from the months before, these weighted by
    ½^(age / half-life), by a Bayesian linear model over `shapes.basis` with a level of its own per month; the score is
    the sum of the log predictive densities (Dawid 1984, the prequential principle). The cost does not grow with posts.
    """
    dated = tallies.filter(pl.col("month") != UNDATED)
    if dated.is_empty():
        return HALF_LIFE
    months = np.unique(dated["month"].to_numpy())[-LATEST_MONTHS:]
    gram, cross = _by_month(dated.filter(pl.col("month") >= months[0]), months)
    with one_thread():
        scores = {half_life: _foretold(gram, cross, np.diff(months) * (MONTH / half_life)) for half_life in HALF_LIVES}
    best = max(scores, key=lambda half_life: scores[half_life])
    return best if scores[best] - scores[HALF_LIFE] > CLEAR_LOG_RATIO else HALF_LIFE


def _by_month(tallies: pl.DataFrame, months: NDArray[np.int64]) -> tuple[NDArray[np.float64], Matrix]:
    """Return X'X/σ² and X'y/σ² of each month, its level and the formats' effects taken out, in prior sds of columns."""
    offset = format_offsets(tallies.with_columns(weight=pl.lit(1.0)))
    posts, total = tallies["posts"].to_numpy(), tallies["total"].to_numpy() / OUTCOME_UNITS
    earned = total - offset * posts
    place = np.searchsorted(months, tallies["month"].to_numpy()) * CELLS + tallies["hour_of_week"].to_numpy()
    n, y = (np.bincount(place, values, len(months) * CELLS).reshape(-1, CELLS) for values in (posts, earned))
    squares = tallies["squares"].to_numpy().sum() / OUTCOME_UNITS**2
    variance = max(squares / n.sum() - (y.sum() / n.sum()) ** 2, SMALLEST_VARIANCE)
    x = basis() * CURVE_SD * np.sqrt(variance * coefficient_variances(HOUR_LENGTH, MIX))
    per_month = n.sum(axis=1)
    centre = n @ x / per_month[:, None]
    gram = np.einsum("mc,ca,cb->mab", n, x, x, optimize=True) - per_month[:, None, None] * (
        centre[:, :, None] * centre[:, None, :]
    )
    return gram / variance, (y @ x - y.sum(axis=1)[:, None] * centre) / variance


def _foretold(gram: NDArray[np.float64], cross: Matrix, ages: Vector) -> float:
    """Return Σ log p(month | months before) of all months but the first, less what no half-life changes.

    With coefficients ~ N(0, I): log p = φ(Λ + G, η + h) - φ(Λ, η), φ(Λ, η) = ½ηᵀΛ⁻¹η - ½log|Λ|.
    """
    score, precision, pull = 0.0, gram[0], cross[0]
    identity = np.eye(len(pull))
    for month_gram, month_cross, age in zip(gram[1:], cross[1:], ages, strict=True):
        precision, pull = precision * 0.5**age, pull * 0.5**age
        before = _log_normalizer(identity + precision, pull)
        precision, pull = precision + month_gram, pull + month_cross
        score += _log_normalizer(identity + precision, pull) - before
    return score


def _log_normalizer(precision: Matrix, pull: Vector) -> float:
    return float(pull @ np.linalg.solve(precision, pull) - np.linalg.slogdet(precision)[1]) / 2
