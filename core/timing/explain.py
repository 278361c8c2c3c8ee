"""Reasons: what the numbers behind an hour support, as sentences for the reader."""

import math

import numpy as np

from core.timing.curve import LEVEL, Interval, WeekCurve, lift
from core.timing.week import cell_name

NO_HISTORY = "{baseline}, not your audience: you have no history here yet."
NO_EFFECT = "Your history shows no detectable effect of timing; any reasonable time is fine."
TOO_FEW = "{posts} cannot show yet whether timing matters here."
FEWEST_TO_JUDGE = 30
"""With fewer posts silence on an effect says nothing about the channel."""
FEWEST_IN_CELL = 3
"""A slot's own average is quoted from three posts on: below, it is one post's luck."""
NEVER_NEARBY = "You have not posted around this hour yet: posting now and then would tell."
AGREES = "{baseline} agrees."
DISAGREES = "{baseline} says otherwise; your own posts count for more."
TELLING_LIFT = 0.01
"""Research is called on only where it expects at least 1 % more or less than average."""


def reasons(curve: WeekCurve, cell: int) -> tuple[str, ...]:
    """Return what speaks for or against an hour of the week, strongest first; never empty."""
    if curve.posts == 0:
        return (NO_HISTORY.format(baseline=curve.baseline_name),)
    own = _own_posts(curve, cell)
    if curve.timing_matters:
        return own, _expectation(curve, cell), *_research(curve, cell)
    return own, no_effect(curve), *_research(curve, cell)


def no_effect(curve: WeekCurve) -> str:
    """Return what it means that no effect of timing shows: too few posts, or nothing to find."""
    return TOO_FEW.format(posts=count_of(curve.posts)) if curve.posts < FEWEST_TO_JUDGE else NO_EFFECT


def percent(change: float) -> str:
    """Return a lift as people say it: 0.24 → "24 % more than", -0.24 → "24 % less than", 0.001 → "as much as"."""
    size = round(abs(change) * 100)
    return f"{size} % {'more' if change > 0 else 'less'} than" if size else "as much as"


def count_of(posts: int) -> str:
    """Return "1 post" or "18 posts"."""
    return f"{posts:,} post{'' if posts == 1 else 's'}"


def interval_words(bounds: Interval) -> str:
    """Return "90 % interval +3 % to +15 %"."""
    return f"{LEVEL:.0%} interval {bounds.low * 100:+.0f} % to {bounds.high * 100:+.0f} %".replace("0%", "0 %")


def _own_posts(curve: WeekCurve, cell: int) -> str:
    posts = int(curve.n[cell])
    if posts >= FEWEST_IN_CELL:
        earned = percent(lift(float(curve.observed[cell])))
        return f"Your {cell_name(cell)} posts earned {earned} your average ({count_of(posts)})."
    near = curve.posts_around(cell)
    return f"{count_of(near)} within an hour of {cell_name(cell)} so far." if near else NEVER_NEARBY


def _expectation(curve: WeekCurve, cell: int) -> str:
    bounds = curve.interval_of(cell)
    expected = percent(lift(float(curve.mean[cell])))
    return f"Allowing for chance we expect {expected} your average ({interval_words(bounds)})."


def _research(curve: WeekCurve, cell: int) -> tuple[str, ...]:
    expected, found = float(curve.baseline[cell]), float(curve.mean[cell])
    if np.ptp(curve.baseline) == 0 or min(abs(expected), abs(found)) < math.log1p(TELLING_LIFT):
        return ()
    words = AGREES if (expected > 0) == (found > 0) else DISAGREES
    return (words.format(baseline=curve.baseline_name),)
