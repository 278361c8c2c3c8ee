"""Suspects a history whose stamps stand in another zone than the channel's: its posts go out while people sleep."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, gammaln, logsumexp

from core.timing.curve import Vector
from core.timing.week import CELLS, DAYS, HOURS_PER_DAY

FEWEST_POSTS = 60
"""With fewer posts the quiet hours of a channel may be quiet by chance."""
NEAR_HOURS = 3
"""Habits differ by as many hours; only a shift of at least so many is a suspicion."""
FIRM_ODDS = 1000.0
"""Odds of a shift against none beyond which it is said: 10 to 1 where one history in a hundred is shifted. Of 82 news
pages, 13 organizations, 5 YouTube channels and a brand, none in its own zone reached them with the conditions below.
"""
NIGHT = slice(0, 6)
NIGHT_SHARE = 0.1
"""A history is only suspect where so many of its posts are stamped between midnight and 6:00 ..."""
NIGHT_KEPT = 0.25
"""... and at most so many of these would still be with the clock set right; a channel that never sleeps is not."""
HABIT_POSTS = 20.0
"""How firmly a channel keeps to the habit of others: as if that many posts had been drawn from it."""
GENERIC_CHANNELS = 2.0
"""The generic day counts as much as so many other channels: these may all have been imported with the same mistake."""

_RISE, _REST, _SOFT = 7.5, 21.5, 1.2
_NOON, _NOON_WIDTH = 14.0, 5.0
_WAKEFUL = 0.06
"""The generic day: hours in which people wake, rest, and post most; what scheduled posts leave at night."""


@dataclass(frozen=True)
class ZoneSuspicion:
    """Posts seem to be stamped `shift_hours` late (negative: early), by `odds` to 1 against a right clock.

    `night_share` (0-1) of the posts are stamped between midnight and 6:00, `night_share_after` would be.
    """

    shift_hours: int
    odds: float
    night_share: float
    night_share_after: float
    sentence: str


def shift_odds(posts: Sequence[int], others: Sequence[Sequence[int]] = ()) -> Vector:
    """Return the log odds that all stamps are 0, 1, ... 23 hours late (13 is 11 early) against those of being right.

    `posts` and each of `others` count 168 local hours of the week. A channel's hours of the day are multinomial with
    a Dirichlet prior around the habit h of the other channels and of a generic day, so that the counts n have
    log P(n | s) = Σ_t lnΓ(n_t + a h_(t-s)) - lnΓ(a h_(t-s)), a = `HABIT_POSTS`: irregular habits are forgiven and more
    posts do not make it surer than the habit itself is.
    """
    counted = _by_hour(posts)
    habit = _habit(others)
    late = np.array([np.roll(habit, shift) for shift in range(HOURS_PER_DAY)]) * HABIT_POSTS
    likelihood = (gammaln(counted + late) - gammaln(late)).sum(axis=1)
    return np.asarray(likelihood - likelihood[0], dtype=np.float64)


def suspect_zone(posts: Sequence[int], others: Sequence[Sequence[int]] = ()) -> ZoneSuspicion | None:
    """Return the shift that the hours of a channel's posts speak for, None unless the evidence is strong.

    `posts` and `others` as in `shift_odds`. The odds compare a shift of `NEAR_HOURS` or more, all alike before, with
    a smaller one. None too with fewer than 60 posts, and for a channel that posts around the clock.
    """
    if sum(posts) < FEWEST_POSTS:
        return None
    log_odds = shift_odds(posts, others)
    shift = int(np.argmax(log_odds))
    is_far = _distance(np.arange(HOURS_PER_DAY)) >= NEAR_HOURS
    odds = float(np.exp(_mean_likelihood(log_odds[is_far]) - _mean_likelihood(log_odds[~is_far])))
    night, after = (_night_share(np.roll(_by_hour(posts), -back)) for back in (0, shift))
    is_sleepless = night < NIGHT_SHARE or after > night * NIGHT_KEPT
    if not is_far[shift] or odds < FIRM_ODDS or is_sleepless:
        return None
    signed = shift if shift <= HOURS_PER_DAY // 2 else shift - HOURS_PER_DAY
    return ZoneSuspicion(signed, odds, night, after, _sentence(signed, night, after))


def _sentence(shift: int, night: float, after: float) -> str:
    way, other = ("late", "earlier") if shift > 0 else ("early", "later")
    return (
        f"Posts seem to be stamped about {abs(shift)} hours {way}: {night:.0%} of them stand between midnight "
        f"and 6:00, {abs(shift)} hours {other} it would be {after:.0%}. Check the zone of the file or of the channel."
    ).replace("%", " %")


def _habit(others: Sequence[Sequence[int]]) -> Vector:
    known = [_by_hour(other) for other in others if sum(other) >= FEWEST_POSTS]
    total = GENERIC_CHANNELS * _generic_day() + sum((each / each.sum() for each in known), np.zeros(HOURS_PER_DAY))
    return np.asarray(total / total.sum(), dtype=np.float64)


def _generic_day() -> Vector:
    """Return the share of posts in each hour: people wake about 7:30, rest about 21:30, and post most around 14:00."""
    hour = np.arange(HOURS_PER_DAY) + 0.5
    awake = expit((hour - _RISE) / _SOFT) * expit((_REST - hour) / _SOFT)
    by_day = (1 + np.exp(-(((hour - _NOON) / _NOON_WIDTH) ** 2) / 2)) / 2
    day = _WAKEFUL + awake * by_day
    return np.asarray(day / day.sum(), dtype=np.float64)


def _by_hour(posts: Sequence[int]) -> Vector:
    if len(posts) != CELLS:
        raise ValueError(f"the posts of a week are {CELLS} numbers, one for each hour, not {len(posts)}")
    return np.asarray(np.reshape(posts, (DAYS, HOURS_PER_DAY)).sum(axis=0), dtype=np.float64)


def _night_share(by_hour: Vector) -> float:
    return float(by_hour[NIGHT].sum() / by_hour.sum())


def _distance(late: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.asarray(np.minimum(late, HOURS_PER_DAY - late), dtype=np.int64)


def _mean_likelihood(logs: Vector) -> float:
    return float(logsumexp(logs)) - float(np.log(len(logs)))
