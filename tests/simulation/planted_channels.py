"""Channels whose truth is known: what their hours, formats and growth do is planted, and chance is drawn on top."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import expm1, log1p, sqrt

import numpy as np
import polars as pl
from numpy.typing import NDArray

from core.timing.curve import Interval, Z
from core.timing.effects import effects
from core.timing.estimator import AVERAGE_PRIOR_POSTS, fit
from core.timing.likeness import like_channels
from core.timing.outcomes import POST_SCHEMA, relative_outcomes
from core.timing.priors import PriorCurve
from core.timing.recency import choose_half_life
from core.timing.rollup import WeekStats, tally, week_stats

Vector = NDArray[np.float64]

FIRST = datetime(2024, 1, 1)  # noqa: DTZ001 - NumPy knows no zones; the frame says UTC
WEEKS = 70
HOURS = np.arange(168)
TYPICAL = 10.0
"""Log of what a post earns: far enough from 0 for log1p to be the log."""
GROWTH = 1.0
"""Log growth over the whole history: 2.7 times."""
FORMAT_EFFECT = 0.8
"""The strong format earns 2.2 times what the other does."""
PEERS, PEER_POSTS = 5, 500


class Effect(StrEnum):
    """How the planted effect lies over the week."""

    SMOOTH = "smooth"
    ONE_HOUR = "one hour"


class Reels(StrEnum):
    """When the strong format goes out; an effect of 0 has good hours too: those where it would be."""

    ANY_HOUR = "at any hour"
    GOOD_HOURS = "mostly at the good hours"
    ONLY_GOOD_HOURS = "at all good hours and never else"


CHANCE_OF_REELS = {Reels.ANY_HOUR: (0.3, 0.3), Reels.GOOD_HOURS: (0.7, 0.1), Reels.ONLY_GOOD_HOURS: (1.0, 0.0)}
"""Share of reels at good and at other hours."""


class Likes(StrEnum):
    """What the like channels' week has to do with the channel's."""

    NONE = "none"
    LIKE = "like"
    UNLIKE = "unlike"
    CONTRARY = "contrary"


@dataclass(frozen=True)
class Plant:
    """A world: posts, lift of the best hour over an ordinary one, its shape, and what makes it hard to see."""

    posts: int
    peak: float
    effect: Effect = Effect.SMOOTH
    heavy_tails: bool = True
    grows: bool = True
    reels: Reels = Reels.ANY_HOUR
    like: Likes = Likes.NONE
    peers_peak: float = 0.3


@dataclass(frozen=True, eq=False)
class Channel:
    """What a draw has learned (statistics, prior of like channels) and its truth: habit and curve over 168 hours."""

    stats: WeekStats
    priors: Sequence[PriorCurve]
    habit: Vector
    curve: Vector


def draw(plant: Plant, rng: np.random.Generator) -> Channel:
    """Draw a channel of this world, and its like."""
    shape = _shape(plant.effect, rng)
    habit = _habit(rng, shape if plant.effect is Effect.ONE_HOUR else None)
    curve = log1p(plant.peak) * shape
    return Channel(_learn(_posts(plant, rng, habit, curve, shape)), _priors(plant, rng, shape), habit, curve)


def _shape(effect: Effect, rng: np.random.Generator) -> Vector:
    """Give a curve with a best hour of 1: a bell around an hour of every working day, or one hour of the week."""
    day, hour = np.divmod(HOURS, 24)
    best = int(rng.integers(9, 21))
    if effect is Effect.ONE_HOUR:
        return np.asarray(rng.integers(7) * 24 + best == HOURS, dtype=np.float64)
    near = np.minimum(abs(hour - best), 24 - abs(hour - best))
    return np.exp(-((near / 2.5) ** 2) / 2) * np.where(day < 5, 1.0, rng.uniform(0, 1))


def _habit(rng: np.random.Generator, favourite: Vector | None) -> Vector:
    """Give a channel that posts around one hour of the day, more on some weekdays, now and then at night."""
    hours = np.exp(-(((np.arange(24) - rng.uniform(9, 19)) / rng.uniform(2, 5)) ** 2)) + 0.02
    habit = np.outer(rng.dirichlet(np.full(7, 3.0)), hours).ravel()
    habit /= habit.sum()
    return habit if favourite is None else 0.97 * habit + 0.03 * favourite


def _posts(plant: Plant, rng: np.random.Generator, habit: Vector, curve: Vector, shape: Vector) -> pl.DataFrame:
    n = plant.posts
    cells, weeks = rng.choice(168, n, p=habit), rng.integers(0, WEEKS, n)
    good, other = CHANCE_OF_REELS[plant.reels]
    reels = rng.random(n) < np.where(shape[cells] > 0.5, good, other)
    noise = rng.standard_t(3, n) / sqrt(3) if plant.heavy_tails else rng.standard_normal(n)
    growth = GROWTH * (weeks + cells / 168) / WEEKS if plant.grows else 0.0
    stamps = np.datetime64(FIRST) + (weeks * 168 + cells) * np.timedelta64(1, "h").astype("m8[us]")
    columns = {
        "post_id": [str(number) for number in range(n)],
        "published_at": pl.Series(stamps).dt.replace_time_zone("UTC"),
        "content_format": np.where(reels, "video_short", "image"),
        "engagement": np.exp(TYPICAL + growth + FORMAT_EFFECT * reels + curve[cells] + noise),
        "early_engagement": [None] * n,
        "measured_at": [None] * n,
    }
    return pl.DataFrame(columns, schema=pl.Schema(POST_SCHEMA))


def _learn(posts: pl.DataFrame) -> WeekStats:
    tallies = tally(relative_outcomes(posts, "UTC").frame)
    return week_stats(tallies, choose_half_life(tallies))


def _priors(plant: Plant, rng: np.random.Generator, shape: Vector) -> list[PriorCurve]:
    if plant.like is Likes.NONE:
        return []
    of_peers = {Likes.LIKE: shape, Likes.UNLIKE: _shape(Effect.SMOOTH, rng), Likes.CONTRARY: -shape}[plant.like]
    weeks = []
    for _ in range(PEERS):
        curve = log1p(plant.peers_peak) * of_peers * rng.uniform(0.6, 1.4)
        peer = Plant(PEER_POSTS, plant.peers_peak)
        weeks.append(_learn(_posts(peer, rng, _habit(rng, None), curve, shape)))
    prior = like_channels(weeks, "Like channels")
    return [] if prior is None else [prior]


@dataclass(frozen=True)
class Judged:
    """What the engine said of a channel, held against the truth (effects in log units).

    `held`: share of the 168 intervals with the true value; `held_best_quarter`: whether that of the best quarter of
    posts does. `possible` is what the truly best quarter of future posts would earn over the average, `model`,
    `raw_means` and `research` what the quarter that each of these advises does.
    """

    timing_matters: bool
    held: float
    held_best_quarter: bool
    possible: float
    model: float
    raw_means: float
    research: float


def judge(channel: Channel, research: Vector) -> Judged:
    """Ask the engine for its advice on a channel and look up what is true."""
    curve, stats = fit(channel.stats, channel.priors), channel.stats
    spread = np.array(stats.weight) + AVERAGE_PRIOR_POSTS / 168
    truth = channel.curve - spread @ channel.curve / spread.sum()
    said = effects(curve).best_quarter.interval
    assert isinstance(said, Interval)
    known = np.where(curve.n > 0, np.array(stats.mean), 0.0)
    return Judged(
        timing_matters=curve.timing_matters,
        held=float((np.abs(curve.mean - truth) <= Z * curve.sd).mean()),
        held_best_quarter=said.low <= expm1(_quarter(curve.mean, curve.n) @ truth) <= said.high,
        possible=_earned(channel, channel.curve),
        model=_earned(channel, curve.mean),
        raw_means=_earned(channel, known),
        research=_earned(channel, research),
    )


def _earned(channel: Channel, values: Vector) -> float:
    """Give what the quarter of future posts at the hours of the highest values truly earns over the average post."""
    return float((_quarter(values, channel.habit) - channel.habit) @ channel.curve)


def _quarter(values: Vector, posts: Vector) -> Vector:
    """Give the share of each hour in the quarter of the posts whose hours have the highest values."""
    order = np.argsort(-values, kind="stable")
    before = np.cumsum(posts[order]) - posts[order]
    taken = np.zeros(168)
    taken[order] = np.clip(posts.sum() / 4 - before, 0, posts[order])
    return taken / taken.sum()
