"""The look back on one channel: what it may know at each origin, what it finds, and what it says."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from core.timing.backtest import BacktestReport, MethodResult, Verdict, backtest
from core.timing.methods import Method, Training
from core.timing.outcomes import OUTCOME_SCHEMA
from core.timing.protocol import training_of
from core.undefined import Undefined

START = datetime(2023, 1, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
MORNING, EVENING = 10, 20


def history(hours: np.ndarray, outcomes: np.ndarray, every: timedelta = DAY, start: datetime = START) -> pl.DataFrame:
    published = [start + number * every for number in range(len(hours))]
    columns = {
        "post_id": [f"{number:05d}" for number in range(len(hours))],
        "published_at": published,
        "content_format": [None] * len(hours),
        "engagement": [1.0] * len(hours),
        "early_engagement": [None] * len(hours),
        "measured_at": [None] * len(hours),
        "hour_of_week": hours,
        "month": [at.year * 12 + at.month - 1 for at in published],
        "relative": outcomes,
        "outcome": outcomes,
    }
    return pl.DataFrame(columns, schema=dict(OUTCOME_SCHEMA), strict=False)


def random_history(posts: int, lift: float, seed: int) -> pl.DataFrame:
    """Make a post every other day at random hours, better by `lift` from 18:00 on."""
    rng = np.random.default_rng(seed)
    hours = rng.integers(0, 168, posts)
    return history(hours, rng.normal(0, 1, posts) + lift * (hours % 24 >= 18), every=2 * DAY)


def learn(known: pl.DataFrame, origin: datetime) -> Training:
    return training_of(known, None, None)


def report_of(outcomes: pl.DataFrame, by: Callable[[pl.DataFrame, datetime], Training] = learn) -> BacktestReport:
    report = backtest(outcomes, by)
    assert isinstance(report, BacktestReport), report
    return report


def result(report: BacktestReport, method: Method) -> MethodResult:
    return next(each for each in report.methods if each.method is method)


# --- Too little -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("posts", [0, 1, 2, 59])
def test_too_few_posts_say_how_many_are_needed(posts: int) -> None:
    found = backtest(random_history(posts, 0.0, 1), learn)
    assert found == Undefined(f"{posts} of 60 posts with a known outcome needed for a look back.")


def test_ten_thousand_posts_in_one_minute_are_no_history_to_look_back_on() -> None:
    minute = history(np.full(10_000, MORNING), np.zeros(10_000), every=timedelta(milliseconds=6))
    assert isinstance(backtest(minute, learn), Undefined)


def test_posts_of_a_few_weeks_are_too_short_a_history() -> None:
    weeks = history(np.arange(200) % 168, np.zeros(200), every=timedelta(hours=5))
    found = backtest(weeks, learn)
    assert isinstance(found, Undefined)
    assert "different weeks; 12 are needed" in found.reason


# --- Who knows what -----------------------------------------------------------------------------------------------


def test_each_look_back_knows_only_posts_a_week_older_than_its_origin() -> None:
    seen: list[tuple[int, timedelta]] = []

    def spy(known: pl.DataFrame, origin: datetime) -> Training:
        seen.append((known.height, origin - known["published_at"].max()))
        return learn(known, origin)

    report = report_of(random_history(200, 0.0, 1), spy)
    # 40, 55, 70 and 85 % of 200 posts, less those of the seven days before.
    assert seen == [(77, 8 * DAY), (107, 8 * DAY), (137, 8 * DAY), (167, 8 * DAY)]
    assert (report.folds, report.posts) == (4, 120)
    assert (report.first, report.last) == (START + 160 * DAY, START + 398 * DAY)


@pytest.mark.parametrize("posts", [93, 97, 100, 113])
def test_every_post_from_the_first_origin_on_is_judged_once(posts: int) -> None:
    assert report_of(random_history(posts, 0.0, 1)).posts == posts - posts * 40 // 100


# --- What it finds ------------------------------------------------------------------------------------------------


def test_a_difference_without_noise_is_found_to_the_digit() -> None:
    hours = np.where(np.arange(200) % 4 == 0, EVENING, MORNING)
    outcomes = np.where(hours == EVENING, np.log(1.2), 0.0)
    best = result(report_of(history(hours, outcomes)), Method.RAW_SLOT_MEAN)
    # In each fold of 30 seven are chosen, all of them evenings; 30 of 120 posts are evenings, 7 or 8 a fold.
    assert best.posts == 28
    assert isinstance(best.lift, float)
    assert best.lift == pytest.approx(1.2 ** (1 - 30 / 120) - 1)


def test_the_constant_gains_exactly_nothing() -> None:
    constant = result(report_of(random_history(200, 0.5, 1)), Method.CONSTANT)
    assert constant.lift == 0
    assert constant.interval is not None
    assert (constant.interval.low, constant.interval.high) == (0, 0)


def test_a_method_without_its_curve_is_undefined() -> None:
    assert isinstance(result(report_of(random_history(100, 0.0, 1)), Method.BASELINE).lift, Undefined)


def test_a_strong_effect_earns_more_and_the_sentence_says_how_much() -> None:
    report = report_of(random_history(600, 1.0, 1))
    model = result(report, Method.MODEL)
    assert report.verdict is Verdict.EARNED_MORE
    assert isinstance(model.lift, float)
    assert report.sentence.startswith(f"Following the advice would have earned about {model.lift:.0%}"[:-1])
    assert "90 % interval +" in report.sentence
    assert report.sentence.endswith("only a randomized trial shows a cause.")


def test_a_week_that_turns_round_at_each_origin_earns_less() -> None:
    posts = 600
    hours = np.where(np.arange(posts) % 2 == 0, EVENING, MORNING)
    # The better hour changes at every origin, and what was learned lately counts most.
    turns = np.searchsorted(np.array([240, 330, 420, 510]), np.arange(posts), side="right")
    good = np.where(turns % 2 == 0, EVENING, MORNING)
    rng = np.random.default_rng(1)
    report = report_of(history(hours, 2.0 * (hours == good) + rng.normal(0, 0.3, posts), every=3 * DAY))
    assert report.verdict is Verdict.EARNED_LESS
    assert "% less per post" in report.sentence


def test_chance_is_no_detectable_effect() -> None:
    report = report_of(random_history(400, 0.0, 3))
    assert report.verdict is Verdict.NO_EFFECT
    assert report.sentence.startswith("No detectable effect of timing")


@pytest.mark.parametrize("outcome", [0.0, 3.0])
def test_equal_outcomes_are_no_detectable_effect(outcome: float) -> None:
    report = report_of(history(np.arange(100) % 168, np.full(100, outcome), every=2 * DAY))
    assert report.verdict is Verdict.NO_EFFECT
    assert "earned as much as all posts" in report.sentence


def test_all_posts_at_one_hour_leave_nothing_to_choose() -> None:
    rng = np.random.default_rng(1)
    report = report_of(history(np.full(100, MORNING), rng.normal(0, 1, 100), every=2 * DAY))
    assert report.verdict is Verdict.NO_EFFECT
    assert {each.lift for each in report.methods if not isinstance(each.lift, Undefined)} == {0.0}


def test_one_viral_post_makes_no_effect() -> None:
    posts = random_history(200, 0.0, 3).with_row_index()
    viral = pl.when(pl.col("index") == 150).then(np.log(1e6)).otherwise("relative").alias("relative")
    report = report_of(posts.with_columns(viral).drop("index"))
    assert report.verdict in {Verdict.NO_EFFECT, Verdict.CANNOT_TELL}


# --- How sure -----------------------------------------------------------------------------------------------------


def test_calibration_is_undefined_where_hours_have_few_posts() -> None:
    calibration = report_of(random_history(100, 0.0, 1)).calibration
    assert [point.nominal for point in calibration] == [0.5, 0.8, 0.9, 0.95]
    assert all(isinstance(point.realised, Undefined) for point in calibration)


def test_calibration_counts_the_hours_that_ended_inside_their_intervals() -> None:
    rng = np.random.default_rng(1)
    hours = rng.integers(0, 24, 2_000)
    calibration = report_of(history(hours, rng.normal(0, 1, 2_000), every=timedelta(hours=6))).calibration
    held = [point.realised for point in calibration]
    assert {point.slots for point in calibration} == {94}  # of 24 hours in four looks back, two had under five posts
    assert held == sorted(held)
    assert 0.8 <= held[2] <= 1.0


def test_the_same_posts_give_the_same_report() -> None:
    posts = random_history(150, 0.3, 1)
    assert report_of(posts) == report_of(posts)


@pytest.mark.slow
def test_intervals_hold_the_truth_nine_times_out_of_ten_although_posts_of_a_week_are_alike() -> None:
    held = 0
    runs = 150
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        posts = 200
        week = np.repeat(rng.normal(0, 0.7, posts // 7 + 1), 7)[:posts]
        outcomes = history(rng.integers(0, 168, posts), rng.normal(0, 1, posts) + week)
        interval = result(report_of(outcomes), Method.RAW_SLOT_MEAN).interval
        assert not isinstance(interval, Undefined)
        held += interval.low <= 0 <= interval.high
    assert 0.84 <= held / runs <= 0.96
