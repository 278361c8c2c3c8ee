"""Compares methods over accounts: each learns from the earlier 70 % of an account and is judged by the later 30 %."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from core.timing.curve import Z
from core.timing.judging import Later, advised, deviations
from core.timing.likeness import like_channels
from core.timing.methods import METHODS, Forecast, Method, Training
from core.timing.priors import PriorCurve
from core.timing.recency import choose_half_life
from core.timing.rollup import WeekStats, tally, week_stats
from core.undefined import Undefined

Vector = NDArray[np.float64]

TRAIN_SHARE = 0.7
FEWEST_POSTS = 60
"""Posts with an outcome an account needs: 42 to learn from, and a best quarter of four to judge by."""
ALL = None
"""The train size that takes every post of the training part."""
PEERS = "Your peers' history"
NO_SCALE = Undefined("This method orders the hours and does not say how much they earn.")
NO_VARIATION = Undefined("There is no variation to explain.")
NOTHING = Undefined("There is nothing to judge this by.")

TrainSize = int | None


@dataclass(frozen=True, eq=False)
class Account:
    """A name and its posts with outcomes (`OUTCOME_SCHEMA`, in order of time)."""

    name: str
    outcomes: pl.DataFrame


@dataclass(frozen=True)
class Figures:
    """How a method did with one train size, as means over the accounts.

    `lift_q`: mean outcome of the quarter of test posts whose hours rank highest, less that of all test posts (log
    units), `lift_q_se` its standard error over accounts (over posts where there is one account). `rmse_ratio`: root
    mean squared error over that of the training mean. `spearman`: rank correlation of the hours' values with the
    outcomes. `coverage90`: share of hours with five test posts or more, of all accounts, that ended in their 90 %
    interval. `beats_raw_share`: share of accounts on which `lift_q` exceeds that of the raw slot means.
    """

    lift_q: float | Undefined
    lift_q_se: float | Undefined
    rmse_ratio: float | Undefined
    spearman: float | Undefined
    coverage90: float | Undefined
    beats_raw_share: float | Undefined


@dataclass(frozen=True)
class ProtocolReport:
    """Figures by method and train size over the `accounts` judged.

    `no_effect` names those on which the model, with the largest train size, finds no effect of timing; `left_out`
    those with too few posts, with the number of their posts that have an outcome.
    """

    accounts: int
    figures: Mapping[Method, Mapping[TrainSize, Figures]]
    no_effect: tuple[str, ...]
    left_out: Mapping[str, int]


@dataclass(frozen=True, eq=False)
class _Split:
    """An account divided: posts to learn from, posts to judge by, the curve of its peers."""

    train: pl.DataFrame
    later: Later
    peers: PriorCurve | None


@dataclass(frozen=True, eq=False)
class _Score:
    """How a method did on one account."""

    lift: float
    lift_se: float
    rmse_ratio: float | Undefined
    spearman: float | Undefined
    deviations: Vector
    finds_effect: bool | None


_Scores = Mapping[tuple[Method, TrainSize], _Score]


def compare(
    accounts: Sequence[Account],
    train_sizes: Sequence[TrainSize],
    *,
    most_peers: int = 0,
    research: PriorCurve | None = None,
) -> ProtocolReport:
    """Run every method on the newest n posts of each account's training part, for each n, and judge all alike.

    An account whose training part is shorter than n gives what it has, so that all train sizes are judged on the same
    accounts. The other accounts' posts from before the test part make a prior for the model: of so many accounts at
    most, those with most posts by then.
    """
    known = [account for account in accounts if account.outcomes.height >= FEWEST_POSTS]
    scores = [_score_account(_split(account, known, most_peers), train_sizes, research) for account in known]
    largest = max(train_sizes, key=lambda size: math.inf if size is ALL else size)
    return ProtocolReport(
        accounts=len(known),
        figures={method: {size: _figures(scores, method, size) for size in train_sizes} for method in METHODS},
        no_effect=tuple(
            account.name
            for account, score in zip(known, scores, strict=True)
            if not score[Method.MODEL, largest].finds_effect
        ),
        left_out={account.name: account.outcomes.height for account in accounts if account not in known},
    )


def _split(account: Account, known: Sequence[Account], most_peers: int) -> _Split:
    """Divide an account; peers only know what was published before its first test post."""
    cut = int(TRAIN_SHARE * account.outcomes.height)
    later = account.outcomes[cut:]
    before = pl.col("published_at") < later["published_at"][0]
    others = [other.outcomes.filter(before) for other in known if most_peers and other is not account]
    fullest = sorted(others, key=lambda posts: -posts.height)[:most_peers]
    return _Split(account.outcomes[:cut], _later(later), like_channels([*map(learn_posts, fullest)], PEERS))


def training_of(
    outcomes: pl.DataFrame,
    peers: PriorCurve | None = None,
    research: PriorCurve | None = None,
    elsewhere: PriorCurve | None = None,
) -> Training:
    """Return these posts (`OUTCOME_SCHEMA`) and priors as methods learn from them."""
    hours, learned = outcomes["hour_of_week"].to_numpy(), outcomes["outcome"].to_numpy()
    return Training(hours, learned, learn_posts(outcomes), peers, research, elsewhere)


def learn_posts(outcomes: pl.DataFrame) -> WeekStats:
    """Return the statistics the product would keep of these posts."""
    tallies = tally(outcomes)
    return week_stats(tallies, choose_half_life(tallies))


def _later(outcomes: pl.DataFrame) -> Later:
    return Later(outcomes["hour_of_week"].to_numpy(), outcomes["relative"].to_numpy())


def _score_account(split: _Split, train_sizes: Sequence[TrainSize], research: PriorCurve | None) -> _Scores:
    """Return the scores of every method that could be tried, by method and train size."""
    posts = {size: split.train.height if size is ALL else min(size, split.train.height) for size in train_sizes}
    found = {n: dict(_score_methods(split, n, research)) for n in set(posts.values())}
    return {(method, size): score for size, n in posts.items() for method, score in found[n].items()}


def _score_methods(split: _Split, posts: int, research: PriorCurve | None) -> Iterator[tuple[Method, _Score]]:
    newest = split.train.tail(posts)
    training = training_of(newest, split.peers, research)
    level = float(newest["relative"].to_numpy().mean())
    for method, predict in METHODS.items():
        if (forecast := predict(training)) is not None:
            yield method, _score(forecast, split.later, level)


def _score(forecast: Forecast, later: Later, level: float) -> _Score:
    """Judge one forecast; `level` is the mean of the training posts, which all methods add to their hours."""
    chosen, r = advised(forecast, later), later.outcomes
    share = float(chosen.mean())
    # The mean of all contains the chosen: the difference is (1 - share) of that between chosen and others.
    error = math.sqrt(_square_error(r[chosen]) + _square_error(r[~chosen])) * (1 - share)
    return _Score(
        lift=float(r[chosen].mean() - r.mean()),
        lift_se=error,
        rmse_ratio=NO_SCALE if forecast.only_ranks else _rmse_ratio(forecast, later, level),
        spearman=_spearman(forecast.values[later.hours], r),
        deviations=deviations(forecast, later),
        finds_effect=forecast.finds_effect,
    )


def _square_error(values: Vector) -> float:
    """Return the squared standard error of a mean; a single value tells nothing of its own, and adds none."""
    return float(values.var(ddof=1)) / len(values) if len(values) > 1 else 0.0


def _rmse_ratio(forecast: Forecast, later: Later, level: float) -> float | Undefined:
    constant = float(np.sqrt(np.mean((later.outcomes - level) ** 2)))
    error = float(np.sqrt(np.mean((later.outcomes - level - forecast.values[later.hours]) ** 2)))
    return error / constant if constant > 0 else NO_VARIATION


def _spearman(values: Vector, outcomes: Vector) -> float | Undefined:
    """Return the rank correlation, average ranks for ties."""
    from scipy.stats import rankdata  # a second to load, and 50 MB

    if np.ptp(values) == 0 or np.ptp(outcomes) == 0:
        return NO_VARIATION
    return float(np.corrcoef(rankdata(values), rankdata(outcomes))[0, 1])


def _figures(scores: Sequence[_Scores], method: Method, size: TrainSize) -> Figures:
    found = [score[method, size] for score in scores if (method, size) in score]
    raw = [score[Method.RAW_SLOT_MEAN, size] for score in scores if (method, size) in score]
    lifts = np.array([score.lift for score in found])
    off = np.abs(np.concatenate([np.empty(0), *(score.deviations for score in found)]))
    return Figures(
        lift_q=_mean(lifts),
        lift_q_se=found[0].lift_se if len(found) == 1 else _mean_error(lifts),
        rmse_ratio=_mean([score.rmse_ratio for score in found]),
        spearman=_mean([score.spearman for score in found]),
        coverage90=_mean(off <= Z),
        beats_raw_share=_mean([score.lift > other.lift for score, other in zip(found, raw, strict=True)])
        if method is not Method.RAW_SLOT_MEAN
        else Undefined("Raw slot means are what the others are compared with."),
    )


def _mean(values: Sequence[float | Undefined] | NDArray[Any]) -> float | Undefined:
    known = [float(value) for value in values if not isinstance(value, Undefined)]
    return math.fsum(known) / len(known) if known else NOTHING


def _mean_error(values: Vector) -> float | Undefined:
    return math.sqrt(_square_error(values)) if len(values) > 1 else NOTHING
