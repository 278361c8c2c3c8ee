"""Fixed looks: how often several tests of one trial cry wolf, and the bounds that keep them honest."""

from collections.abc import Callable, Sequence
from enum import StrEnum

import numpy as np
from scipy.optimize import brentq

from core.trials.values import ALPHA, Vector

_NODES = 96
_BEYOND = 8.0
"""Standard deviations past which a normal law is empty."""


class Bounds(StrEnum):
    """POCOCK: the same |z| at every look. OBRIEN_FLEMING: strict early, nearly the fixed horizon's at the end."""

    POCOCK = "pocock"
    OBRIEN_FLEMING = "obrien_fleming"


def crossing(bounds: Sequence[float], information: Sequence[float], drift: float = 0.0) -> float:
    """Return the probability that |z| exceeds its bound at any look.

    `information` is the share of the posts at each look, rising to 1; `drift` is the mean of z at 1 (0 = no effect).
    The recursion of Armitage, McPherson & Rowe (1969) by Gauss-Legendre; the scores S_k = z_k √t_k have independent
    normal steps of variance t_k - t_(k-1). Reproduces their 0.083, 0.142 and 0.193 at 2, 5 and 10 looks of 1.96.
    """
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    times = np.array(information)
    edges = np.array(bounds) * np.sqrt(times)
    kept, mass, before = np.zeros(1), np.ones(1), 0.0
    for edge, time in zip(edges.tolist(), times.tolist(), strict=True):
        reach = min(edge, _BEYOND * np.sqrt(time) + abs(drift) * time)
        points = nodes * reach
        step = _normal(points[:, None] - kept[None, :] - drift * (time - before), time - before)
        kept, mass, before = points, (step @ mass) * weights * reach, time
    return float(max(1 - mass.sum(), 0.0))


def _normal(away: Vector, variance: float) -> Vector:
    return np.asarray(np.exp(-(away**2) / (2 * variance)) / np.sqrt(2 * np.pi * variance))


def evenly(looks: int) -> Vector:
    """Return the information at so many looks equally far apart."""
    return np.arange(1, looks + 1) / looks


SHAPES: dict[Bounds, Callable[[Vector], Vector]] = {
    Bounds.POCOCK: np.ones_like,
    Bounds.OBRIEN_FLEMING: lambda information: np.asarray(1 / np.sqrt(information)),
}


def bounds_for(looks: int, kind: Bounds, alpha: float = ALPHA) -> tuple[float, ...]:
    """Return the |z| to exceed at each of so many equally spaced looks.

    Reproduces Jennison & Turnbull (2000), tables 2.1 and 2.3: five looks at 5 % give 2.413 (Pocock), and 2.040 at the
    last of them (O'Brien-Fleming).
    """
    information = evenly(looks)
    shape = SHAPES[kind](information)
    constant = brentq(lambda c: crossing((c * shape).tolist(), information.tolist()) - alpha, 0.5, 6.0, xtol=1e-10)
    return tuple((constant * shape).tolist())
