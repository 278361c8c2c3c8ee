"""Reasons: what the numbers behind an hour support, as sentences for the reader."""

import math

import numpy as np

from core.timing.curve import LEVEL, Interval, WeekCurve, lift
from core.timing.week import DAYS, HOURS_PER_DAY, cell_name

NO_HISTORY = "{baseline}, not your audience: you have no history here yet."
NOTHING_KNOWN = "Nothing is known of this channel yet: any open time is as good as another."
NO_EFFECT = "Your history shows no detectable effect of timing; any reasonable time is fine."
TOO_FEW = "{posts} cannot show yet whether timing matters here."
FEWEST_TO_JUDGE = 30
"""With fewer posts silence on an effect says nothing about the channel."""
ONE_TIME = "{posts}, all at about the same time of day, cannot show what other hours earn."
NEIGHBOURS = {1, HOURS_PER_DAY - 1}
"""How far apart the numbers of two hours are that lie beside each other: one time of day."""
FEWEST_IN_CELL = 3
"""A slot's own average is quoted from three posts on: below, it is one post's luck."""
NEVER_NEARBY = "You have not posted around this hour yet: posting now and then would tell."
EXPECTED = "{baseline} led us to expect {change} in an average hour"
IN_LINE = ", in line with this."
OVERRULED = "; your own posts say otherwise and count for more."
TELLING_LIFT = 0.01
"""A baseline is called on only where it expects at least 1 % more or less than average."""
LEADING_PART = 0.5
"""Own posts count for more than what was expected where they move the larger part of a figure."""
FADED_PART = 0.5
"""That posts have aged is said where they weigh less than half of their number."""
ONE_TRY = "1 of your {count} suggestions tries an hour you rarely use: only posting there tells what it is worth."
TRIES = "{tries} of your {count} suggestions try hours you rarely use: only posting there tells what these are worth."


def reasons(curve: WeekCurve, cell: int) -> tuple[str, ...]:
    """Return what speaks for or against an hour of the week, strongest first; never empty."""
    if curve.posts == 0:
        is_flat = np.ptp(curve.baseline) == 0
        return (NOTHING_KNOWN if is_flat else NO_HISTORY.format(baseline=curve.baseline_name),)
    finding = _expectation(curve, cell) if curve.timing_matters else no_effect(curve)
    return _own_posts(curve, cell), finding, *_aged(curve, cell), *_baseline(curve, cell)


def why_try(curve: WeekCurve, cell: int, chance: float) -> str:
    """Return why a rarely used hour is worth a try; `chance` (0-1) as in `core.timing.explore.chances`."""
    near = curve.posts_around(cell)
    used = f"{near:,} of your {count_of(curve.posts)} went out within an hour of {cell_name(cell)}"
    return f"A try: {used}, and it may be the best open hour (chance {max(chance, 0.01):.0%})".replace("%", " %") + "."


def budget_words(tried: int, count: int) -> str:
    """Return how many of the suggestions are tries; at least one is."""
    return ONE_TRY.format(count=count) if tried == 1 else TRIES.format(tries=tried, count=count)


def no_effect(curve: WeekCurve) -> str:
    """Return what it means that no effect of timing shows: too few posts, no hours to compare, or nothing to find."""
    if curve.posts < FEWEST_TO_JUDGE:
        return TOO_FEW.format(posts=count_of(curve.posts))
    return ONE_TIME.format(posts=count_of(curve.posts)) if _is_one_time(curve) else NO_EFFECT


def _is_one_time(curve: WeekCurve) -> bool:
    """Return whether all posts went out in one hour of the day, or in two beside each other."""
    hours = np.flatnonzero(curve.n.reshape(DAYS, HOURS_PER_DAY).sum(axis=0)).tolist()
    return len(hours) == 1 or (len(hours) == 2 and hours[1] - hours[0] in NEIGHBOURS)  # noqa: PLR2004 - a pair


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


def _aged(curve: WeekCurve, cell: int) -> tuple[str, ...]:
    posts, weight = int(curve.n[cell]), float(curve.weight[cell])
    if posts < FEWEST_IN_CELL or weight >= FADED_PART * posts:
        return ()
    worth = f"{weight:.0f}" if weight >= 1 else "less than one"
    return (f"Older and undated posts count less: these {posts:,} weigh as much as {worth} of the newest month.",)


def _baseline(curve: WeekCurve, cell: int) -> tuple[str, ...]:
    """Say what was expected before any post where that is telling, and whether the posts bear it out."""
    expected, found = float(curve.baseline[cell]), float(curve.mean[cell])
    if np.ptp(curve.baseline) == 0 or min(abs(expected), abs(found)) < math.log1p(TELLING_LIFT):
        return ()
    agrees = (expected > 0) == (found > 0)
    if not agrees and curve.influence_of(cell).prior >= LEADING_PART:
        return ()
    change = EXPECTED.format(baseline=curve.baseline_name, change=percent(lift(expected)))
    return (change + (IN_LINE if agrees else OVERRULED),)
