"""What following the advice would have brought a channel: repeated looks back from several moments of its own past."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from core.timing.curve import LEVEL, Interval, Z, lift, lift_interval
from core.timing.explain import interval_words, percent
from core.timing.judging import ADVISED_PART, Later, deviations
from core.timing.methods import METHODS, Forecast, Method, Training
from core.timing.outcomes import FINAL_AGE
from core.undefined import Undefined

Vector = NDArray[np.float64]

ORIGINS = (40, 55, 70, 85)
"""Percent of the posts after which the past ends: enough before the first to learn from, four looks back in all."""
FOLD = 15
"""Percent of the posts that follow an origin and judge it; no post is judged twice."""
FEWEST_POSTS = 60
"""Posts with an outcome: 24 to learn from at first, and 9 to judge each look back by."""
FEWEST_WEEKS = 12
"""Weeks with judged posts: 90 % intervals from 9 or 10 weeks held 79 to 85 % in simulation, from 17 on 86 to 91 %."""
FEWEST_SLOTS = 10
"""Hours with enough posts to say how often intervals held."""
CLUSTER_DAYS = 7
"""Posts of the same week share news and moods: they count as one witness."""
EPOCH_WEEKDAY = 3
"""Days are counted from 1 January 1970, a Thursday."""
NOMINAL = (0.5, 0.8, 0.9, 0.95)
"""Levels at which the model's intervals are compared with what came."""
NOT_HERE = Undefined("There is nothing published for this platform.")
TOO_FEW_SLOTS = Undefined(f"Fewer than {FEWEST_SLOTS} hours have enough later posts to say how often intervals held.")
COMPARED = (Method.MODEL, Method.CONSTANT, Method.RAW_SLOT_MEAN, Method.POPULAR_SLOT, Method.BASELINE)


class Verdict(StrEnum):
    """What a back-test says of following the advice."""

    EARNED_MORE = "earned_more"
    EARNED_LESS = "earned_less"
    CANNOT_TELL = "cannot_tell"
    NO_EFFECT = "no_effect"


@dataclass(frozen=True)
class MethodResult:
    """What the quarter of posts in a method's best hours earned over all posts (0.1 = 10 % more), with interval.

    `posts` counts that quarter; undefined for a method that needs something this channel does not have.
    """

    method: Method
    posts: int
    lift: float | Undefined
    interval: Interval | Undefined


@dataclass(frozen=True)
class CalibrationPoint:
    """Which share of `slots` hours ended in the model's interval of a nominal level."""

    nominal: float
    realised: float | Undefined
    slots: int


@dataclass(frozen=True)
class BacktestReport:
    """The look back on one channel.

    `posts` were judged, from `first` to `last`, in `folds` looks back; `methods` has one line for each of COMPARED.
    """

    methods: tuple[MethodResult, ...]
    calibration: tuple[CalibrationPoint, ...]
    posts: int
    first: datetime
    last: datetime
    folds: int
    verdict: Verdict
    sentence: str


Learn = Callable[[pl.DataFrame, datetime], Training]
"""Makes of the posts known at a moment what methods learn from; priors from other channels, too, end at that moment."""


@dataclass(frozen=True, eq=False)
class _Fold:
    """Posts after one origin, when each went out, and what each method expected of them."""

    later: Later
    at: pl.Series
    forecasts: Mapping[Method, Forecast]

    @property
    def weeks(self) -> NDArray[np.int64]:
        """The number of the week (Monday to Sunday, UTC) each post went out in."""
        return (self.at.dt.epoch("d").to_numpy() + EPOCH_WEEKDAY) // CLUSTER_DAYS


def backtest(outcomes: pl.DataFrame, learn: Learn) -> BacktestReport | Undefined:
    """Judge the methods from several origins on; undefined where the history is too short.

    `outcomes` follows `OUTCOME_SCHEMA`, in order of time. At an origin only posts a week old are known, because
    younger ones had not earned what they finally did.
    """
    if outcomes.height < FEWEST_POSTS:
        return Undefined(f"{outcomes.height} of {FEWEST_POSTS} posts with a known outcome needed for a look back.")
    folds = list(_folds(outcomes, learn))
    weeks = len(set().union(*(fold.weeks.tolist() for fold in folds)))
    if weeks < FEWEST_WEEKS:
        return Undefined(f"The posts to look back on lie in {weeks} different weeks; {FEWEST_WEEKS} are needed.")
    results = tuple(_result(method, folds) for method in COMPARED)
    verdict = _judge(results[0], finds_effect=bool(folds[-1].forecasts[Method.MODEL].finds_effect))
    return BacktestReport(
        methods=results,
        calibration=_calibration(folds),
        posts=sum(fold.at.len() for fold in folds),
        first=folds[0].at[0],
        last=folds[-1].at[-1],
        folds=len(folds),
        verdict=verdict,
        sentence=_sentence(verdict, results[0]),
    )


def _folds(outcomes: pl.DataFrame, learn: Learn) -> Iterator[_Fold]:
    for percent_known in ORIGINS:
        start, end = (outcomes.height * part // 100 for part in (percent_known, percent_known + FOLD))
        judged = outcomes[start:end]
        origin = judged["published_at"][0]
        known = outcomes[:start].filter(pl.col("published_at") <= origin - FINAL_AGE)
        if known.height:
            training = learn(known, origin)
            forecasts = {method: METHODS[method](training) for method in COMPARED}
            yield _Fold(
                Later(judged["hour_of_week"].to_numpy(), judged["relative"].to_numpy()),
                judged["published_at"],
                {method: forecast for method, forecast in forecasts.items() if forecast is not None},
            )


def _result(method: Method, folds: Sequence[_Fold]) -> MethodResult:
    """Pool the folds by their posts: lift L = Σ wᵢ rᵢ, wᵢ = N_f/N · (chosenᵢ/A_f - 1/N_f), A_f the chosen of fold f.

    Its variance is robust to whatever posts of a week share: G/(G-F) Σ_g (Σ_{i∈g} wᵢ eᵢ)² over G weeks and F folds, e
    what is left of r in its fold beside the mean of the chosen or of the others; Student's t with G-F degrees of
    freedom, as each fold has a mean of its own (Cameron and Miller, A Practitioner's Guide to Cluster-Robust
    Inference, 2015).
    """
    if any(method not in fold.forecasts for fold in folds):
        return MethodResult(method, 0, NOT_HERE, NOT_HERE)
    total = sum(fold.at.len() for fold in folds)
    parts = [_contributions(fold, method, total) for fold in folds]
    shares, errors = (np.concatenate(column) for column in zip(*parts, strict=True))
    _, cluster = np.unique(np.concatenate([fold.weeks for fold in folds]), return_inverse=True)
    by_week = np.bincount(cluster, errors)
    freedom = len(by_week) - len(folds)
    sd = math.sqrt(len(by_week) / freedom * float(by_week @ by_week))
    # lift_interval reaches Z standard deviations out; Student's t reaches farther with few weeks.
    reach = float(stdtrit(freedom, (1 + LEVEL) / 2)) / Z
    log_lift = float(shares.sum())
    chosen = sum(len(fold.at) // ADVISED_PART for fold in folds)
    return MethodResult(method, chosen, lift(log_lift), lift_interval(log_lift, sd * reach))


def _contributions(fold: _Fold, method: Method, total: int) -> tuple[Vector, Vector]:
    """Return what each post adds to the lift, and to its error."""
    # Weights add up to nothing, so any centre will do; this one makes equal outcomes exactly 0.
    r = fold.later.outcomes - fold.later.outcomes[0]
    chosen = _chosen(fold.forecasts[method].values[fold.later.hours])
    if not np.ptp(chosen):
        return np.zeros(len(r)), np.zeros(len(r))
    weight = (chosen * len(r) / chosen.sum() - 1) / total
    slope = float(np.cov(chosen, r)[0, 1] / chosen.var(ddof=1))
    return weight * r, weight * (r - r.mean() - slope * (chosen - chosen.mean()))


def _chosen(values: Vector) -> Vector:
    """Return how far each post belongs to the best quarter, 0-1; posts that tie share what is left of it."""
    quarter = len(values) // ADVISED_PART
    least = np.sort(values)[-quarter]
    above, level = values > least, values == least
    return np.asarray(above + level * (quarter - above.sum()) / level.sum(), dtype=np.float64)


def _calibration(folds: Sequence[_Fold]) -> tuple[CalibrationPoint, ...]:
    off = np.abs(np.concatenate([deviations(fold.forecasts[Method.MODEL], fold.later) for fold in folds]))
    return tuple(_calibration_point(nominal, off) for nominal in NOMINAL)


def _calibration_point(nominal: float, off: Vector) -> CalibrationPoint:
    held = float(np.mean(off <= ndtri((1 + nominal) / 2))) if len(off) >= FEWEST_SLOTS else TOO_FEW_SLOTS
    return CalibrationPoint(nominal, held, len(off))


def _judge(model: MethodResult, *, finds_effect: bool) -> Verdict:
    """Believe a difference when its interval leaves out zero; silence of model and interval alike is no effect."""
    if isinstance(model.interval, Undefined) or model.interval.low <= 0 <= model.interval.high:
        return Verdict.CANNOT_TELL if finds_effect else Verdict.NO_EFFECT
    return Verdict.EARNED_MORE if model.interval.low > 0 else Verdict.EARNED_LESS


OBSERVED = "This compares posts as they went out; only a randomized trial shows a cause."
_SENTENCES = {
    Verdict.EARNED_MORE: "Following the advice would have earned about {size} % more per post ({interval}).",
    Verdict.EARNED_LESS: "Following the advice would have earned about {size} % less per post ({interval}).",
    Verdict.CANNOT_TELL: (
        "The look back cannot tell: posts at the advised hours earned {difference} all posts ({interval})."
    ),
    Verdict.NO_EFFECT: (
        "No detectable effect of timing: posts at the hours ranked best earned {difference} all posts ({interval})."
    ),
}


def _sentence(verdict: Verdict, model: MethodResult) -> str:
    if isinstance(model.lift, Undefined) or isinstance(model.interval, Undefined):
        return OBSERVED
    said = _SENTENCES[verdict].format(
        size=round(abs(model.lift) * 100), difference=percent(model.lift), interval=interval_words(model.interval)
    )
    return f"{said} {OBSERVED}"
