"""What each content format earns beside the others, told apart from the hours it goes out at."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from core.timing.algebra import one_thread
from core.timing.curve import Vector
from core.timing.outcomes import OUTCOME_UNITS
from core.timing.week import CELLS

FORMAT_PRIOR_POSTS = 4.0
"""A format's effect is halved while it rests on so many posts: formats differ by about half a post's deviation, ½⁻²."""
MONTH_PRIOR_POSTS = 20.0
"""A level is a median of 40, so that months differ by about a fifth of a post's deviation, √20⁻¹."""
HOUR_PRIOR_POSTS = 1.0
"""Hours of several formats are hardly shrunk: what is not credited to an hour would be credited to their formats."""
OWN_HOUR_PRIOR_POSTS = 9.0
"""Shrinks an hour that one format has to itself further: what either can explain is the format's, for hours differ by
less (a third of a post's deviation) than formats do."""


def format_offsets(tallies: pl.DataFrame) -> Vector:
    """Return what lies in each tally's outcomes for its format and its month's mix of formats, in log units.

    `tallies` are `TALLY_SCHEMA` with the `weight` of a post, undated ones (which are compared within their format
    already) at offset 0, as are all where there is only one format. Outcomes are relative to a level that moves with
    the mix of formats, so the model is r = format + month + hour, fitted by least squares over all tallies, each
    effect shrunk by about n / (n + prior posts) (a ridge; the mixed model's prediction: Robinson, Statist. Sci. 1991).
    """
    dated = (tallies["month"] >= 0).to_numpy()
    posts = tallies.filter(dated)
    offsets = np.zeros(tallies.height)
    if posts["content_format"].n_unique() > 1:
        offsets[dated] = _offsets(posts)
    return offsets


def _offsets(posts: pl.DataFrame) -> Vector:
    formats, format_of = np.unique(posts["content_format"].to_numpy(), return_inverse=True)
    months, month_of = np.unique(posts["month"].to_numpy(), return_inverse=True)
    hours, weight = posts["hour_of_week"].to_numpy(), posts["weight"].to_numpy()
    weighed = weight * posts["posts"].to_numpy()
    of_hours = HOUR_PRIOR_POSTS + OWN_HOUR_PRIOR_POSTS / (1 + _mixed(format_of, hours, weighed))
    month_of += len(formats)
    hour_of = hours + len(formats) + len(months)
    prior = [*[FORMAT_PRIOR_POSTS] * len(formats), *[MONTH_PRIOR_POSTS] * len(months), *of_hours]
    normal, right = np.diag(prior), np.zeros(len(prior))
    for row in (format_of, month_of, hour_of):
        np.add.at(right, row, weight * posts["total"].to_numpy() / OUTCOME_UNITS)
        for column in (format_of, month_of, hour_of):
            np.add.at(normal, (row, column), weighed)
    with one_thread():
        effect = np.linalg.solve(normal, right)
    return np.asarray(effect[format_of] + effect[month_of], dtype=np.float64)


def _mixed(format_of: NDArray[np.intp], hours: NDArray[np.int64], weighed: Vector) -> Vector:
    """Return the weight of each hour's posts that are not of its main format: these tell the hour from the format."""
    by_format = np.zeros((format_of.max() + 1, CELLS))
    np.add.at(by_format, (format_of, hours), weighed)
    return np.asarray(by_format.sum(axis=0) - by_format.max(axis=0), dtype=np.float64)
