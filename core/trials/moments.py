"""Sufficient statistics of any number of columns: count, means and centred sums of products, which add up."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from core.errors import Invalid, Problem
from core.trials.values import Vector
from core.undefined import Undefined

NO_POSTS = Undefined("There are no posts with an outcome.")
ONE_POST = Undefined("One post alone says nothing about how much posts differ.")
LOST = Undefined("The sums are so large beside the differences between posts that rounding has eaten the variance.")
IMPOSSIBLE = Undefined(
    "The sum of products is more than the sums of squares allow: one of them is wrong, or was rounded."
)
TOO_SMALL = Undefined("The sum of squares is smaller than the sum and the posts make it: one of them is wrong.")
Number = int | float


@dataclass(frozen=True)
class Moments:
    """n rows of k columns: their means (k) and sums of products about the means (k by k), in the columns' units.

    Kept about the mean, not as Σx²: a metric of 10⁹ ± 1 would lose every digit of its variance in Σx² - (Σx)²/n.
    """

    n: int
    means: tuple[float, ...]
    products: tuple[tuple[float, ...], ...]

    def __add__(self, other: "Moments") -> "Moments":
        """Return the statistics of both together (Chan, Golub & LeVeque 1983), in any order to rounding."""
        if not (self.n and other.n):
            return self if self.n else other
        n = self.n + other.n
        step = np.array(other.means) - np.array(self.means)
        means = np.array(self.means) + step * (other.n / n)
        within = np.array(self.products) + np.array(other.products)
        return _moments(n, means, within + np.outer(step, step) * (self.n * (other.n / n)))

    def covariance(self) -> Vector:
        """Return the unbiased covariance matrix (k by k); the caller has seen to it that n > 1."""
        return np.array(self.products) / (self.n - 1)


def _moments(n: int, means: Vector, products: Vector) -> Moments:
    return Moments(n, tuple(means.tolist()), tuple(map(tuple, products.tolist())))


def moments_of(*columns: Vector) -> Moments:
    """Return the statistics of raw values, one array per column, all of one length.

    Values are measured from their first one, so a constant column has exactly no variance. Raises Invalid for values
    that are not finite: what is missing is left out, and counted, by whoever reads the rows.
    """
    rows = np.array(columns, dtype=np.float64)
    if rows.shape[1] == 0:
        return _moments(0, np.zeros(len(columns)), np.zeros((len(columns), len(columns))))
    if not np.isfinite(rows).all():
        raise Invalid((Problem("values", "not finite", "leave out posts without a value"),))
    start = rows[:, :1].copy()
    rows -= start
    offset = rows.mean(1, keepdims=True)
    rows -= offset
    left = rows.sum(1)  # what rounding has left of the sum about the mean
    with np.errstate(over="ignore", invalid="ignore"):
        products = rows @ rows.T - np.outer(left, left) / rows.shape[1]
    return _moments(rows.shape[1], (start + offset)[:, 0], products)


def moments_from_sums(n: int, sums: Sequence[Number], products: Sequence[Sequence[Number]]) -> Moments | Undefined:
    """Return the statistics behind n, Σx (k) and Σxy (k by k), as other tools export them.

    The subtraction is exact; Undefined where the sums given have themselves been rounded past the variance.
    """
    if n == 0:
        return moments_of(*(np.empty(0) for _ in sums))
    centred = [[_centred(n, sums[i], sums[j], products[i][j]) for j in range(len(sums))] for i in range(len(sums))]
    if any(_is_short(centred[i][i], products[i][i]) for i in range(len(sums))):
        return TOO_SMALL
    if any(_is_lost(centred[i][i], products[i][i], n) for i in range(len(sums))):
        return LOST
    if any(_is_impossible(centred, i, j) for i in range(len(sums)) for j in range(i)):
        return IMPOSSIBLE
    means = [float(Fraction(each) / n) for each in sums]
    return _moments(n, np.array(means), np.array([[float(each) for each in row] for row in centred]))


def _centred(n: int, first: Number, second: Number, product: Number) -> Fraction:
    return Fraction(product) - Fraction(first) * Fraction(second) / n


def _is_impossible(centred: list[list[Fraction]], i: int, j: int) -> bool:
    """Tell whether two columns would be more than perfectly correlated, beyond what rounding does."""
    return centred[i][j] ** 2 > centred[i][i] * centred[j][j] * _LEEWAY


_LEEWAY = 1 + Fraction(1, 10**6)
_ROUNDING = Fraction(1, 2**48)
"""A sum of squares that was added up in double precision is off by some of its last bits."""


def _is_short(centred: Fraction, squares: Number) -> bool:
    """Tell whether a sum of squares is below what the sum alone makes it, by more than rounding does."""
    return centred < 0 and -centred * _SHORT > abs(Fraction(squares))


_SHORT = 10**6


def _is_lost(centred: Fraction, squares: Number, n: int) -> bool:
    """Tell whether a sum of squares about the mean is below what double precision can tell from rounding."""
    if centred == 0 or n == 1:
        return False
    return centred < 0 or (isinstance(squares, float) and centred < _ROUNDING * Fraction(squares))
