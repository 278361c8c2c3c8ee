"""What must not change the advice: units, order, repetitions, names of zones, whole weeks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from told_outcomes import posts_of

from core.timing.curve import WeekCurve
from core.timing.estimator import fit
from core.timing.outcomes import relative_outcomes
from core.timing.recommend import SlotChoice, rank, scores
from core.timing.rollup import WeekStats, tally, week_stats
from core.timing.week import CELLS

FIRST = datetime(2024, 1, 1, tzinfo=UTC)
NEVER_AGES = timedelta.max
GREGORIAN_CYCLE = 20_871
"""Weeks of 400 years, after which the calendar repeats with its weekdays and leap years."""
SLOTS = [SlotChoice(datetime(2027, 3, 1, tzinfo=UTC) + timedelta(hours=cell), cell) for cell in range(CELLS)]


def history(seed: int = 4, posts: int = 400) -> pl.DataFrame:
    """Give a year of posts, at most one a minute, whose evenings earn three times as much, in counts of about 10^13."""
    rng = np.random.default_rng(seed)
    minutes = np.sort(rng.choice(364 * 24 * 60, posts, replace=False))
    is_evening = (minutes // 60 % 24 >= 17) & (minutes // 60 % 24 < 20)
    engagement = np.exp(30 + minutes / 364 / 24 / 60 + 1.1 * is_evening + rng.standard_t(4, posts) / 3)
    frame = posts_of(engagement.tolist(), [FIRST + timedelta(minutes=int(m)) for m in minutes])
    formats = pl.Series("content_format", rng.choice(["image", "text"], posts))
    return frame.with_columns(formats)


def learn(posts: pl.DataFrame, zone: str = "UTC", **options: timedelta) -> WeekStats:
    return week_stats(tally(relative_outcomes(posts, zone).frame), **options)


@dataclass(frozen=True)
class Advice:
    """Everything a user is told of a week: hours in order, four figures of each, and the decision."""

    order: Sequence[int]
    figures: Sequence[float]
    reasons: Sequence[tuple[str, ...]]
    timing_matters: bool


def advise(stats: WeekStats) -> Advice:
    curve = fit(stats)
    told = rank(curve, SLOTS, CELLS, timedelta(0))
    return Advice(
        [slot.hour_of_week for slot in told],
        [x for s in told for x in (s.score, s.expected_lift, s.interval.low, s.interval.high, s.confidence)],
        [slot.reasons for slot in told],
        curve.timing_matters,
    )


def assert_same(changed: Advice, before: Advice, within: float = 1e-9) -> None:
    assert (changed.order, changed.reasons, changed.timing_matters) == (
        before.order, before.reasons, before.timing_matters,
    )  # fmt: skip
    assert changed.figures == pytest.approx(before.figures, abs=within)


def test_the_advice_that_must_not_change_is_advice() -> None:
    """All below would hold of an engine that says nothing: this one finds the planted evenings."""
    told = advise(learn(history()))
    assert told.timing_matters
    assert {cell % 24 for cell in told.order[:15]} <= {16, 17, 18, 19, 20}
    assert len(set(told.figures)) > CELLS


@given(st.sampled_from([0.1, 10.0, 1000.0]), st.integers(0, 50))
@settings(max_examples=8)
def test_counting_in_other_units_changes_nothing(factor: float, seed: int) -> None:
    posts = history(seed)
    assert_same(advise(learn(posts.with_columns(pl.col("engagement") * factor))), advise(learn(posts)))


@given(st.integers(0, 50))
@settings(max_examples=5)
def test_the_order_of_the_rows_changes_nothing(seed: int) -> None:
    posts = history(seed)
    assert advise(learn(posts.sample(fraction=1, shuffle=True, seed=seed))) == advise(learn(posts))


@given(st.integers(1, 400), st.integers(0, 50))
@settings(max_examples=5)
def test_rows_that_stand_twice_count_once(repeated: int, seed: int) -> None:
    posts = history(seed)
    assert advise(learn(pl.concat([posts, posts.tail(repeated)]))) == advise(learn(posts))


@pytest.mark.parametrize(("name", "other"), [("Asia/Kolkata", "Asia/Calcutta"), ("Europe/Berlin", "Europe/Paris")])
def test_another_name_of_the_same_clock_changes_nothing(name: str, other: str) -> None:
    assert advise(learn(history(), name)) == advise(learn(history(), other))


@pytest.mark.parametrize(("zone", "hours"), [("Etc/GMT-5", 5), ("Etc/GMT+9", -9), ("Etc/GMT-14", 14)])
def test_a_clock_that_is_some_hours_on_turns_what_is_learned_by_these_hours(zone: str, hours: int) -> None:
    here, there = learn(history()), learn(history(), zone)
    for column in ("n", "weight", "mean", "m2"):
        assert np.roll(getattr(here, column), hours) == pytest.approx(getattr(there, column), abs=1e-9)


def test_a_clock_that_is_a_day_on_moves_the_hours_of_the_day_not_at_all() -> None:
    """Weekdays turn too, but a weekend is no working day: only the best times of day must stay."""
    here, there = (fit(learn(history(), zone)).mean.reshape(7, 24).mean(0) for zone in ("Etc/GMT+10", "Etc/GMT-14"))
    assert here.argmax() == there.argmax()
    assert here == pytest.approx(there, abs=0.02)


def test_a_good_hour_is_the_same_moment_on_every_clock() -> None:
    moments = {
        (int(fit(learn(history(posts=2000), zone)).mean.reshape(7, 24).mean(0).argmax()) - hours) % 24
        for zone, hours in (("UTC", 0), ("Etc/GMT-5", 5), ("Etc/GMT+9", -9))
    }
    assert moments <= {17, 18, 19}


def later(weeks: int) -> Callable[[pl.DataFrame], pl.DataFrame]:
    return lambda posts: posts.with_columns(pl.col("published_at") + pl.duration(weeks=weeks))


@pytest.mark.parametrize("weeks", [-3, 1, 5, 52, 500])
def test_history_of_other_weeks_teaches_the_same_while_posts_do_not_age(weeks: int) -> None:
    posts = history().with_columns(content_format=pl.lit("image"))
    shifted = learn(later(weeks)(posts), half_life=NEVER_AGES)
    assert_same(advise(shifted), advise(learn(posts, half_life=NEVER_AGES)), within=1e-6)


def test_history_of_four_hundred_years_later_teaches_the_same() -> None:
    assert advise(learn(later(GREGORIAN_CYCLE)(history()))) == advise(learn(history()))


@pytest.mark.parametrize("weeks", [1, 2, 5, 52])
def test_posts_age_by_the_month_so_other_weeks_move_a_figure_a_little(weeks: int) -> None:
    before, after = (fit(learn(posts)) for posts in (history(), later(weeks)(history())))
    assert after.timing_matters is before.timing_matters
    assert scores(after) == pytest.approx(scores(before), abs=0.1)
    assert abs(_best(after) - _best(before)) <= 1


def _best(curve: WeekCurve) -> int:
    return int(curve.mean.reshape(7, 24).mean(0).argmax())


def test_one_post_that_earned_a_million_times_more_moves_the_advice_but_owns_no_hour() -> None:
    """The counterpart of all above: what should change something does."""
    posts = history()
    median = posts["engagement"].quantile(0.5, "nearest")
    viral = pl.when(pl.col("engagement") == median).then(pl.col("engagement") * 1e6).otherwise(pl.col("engagement"))
    before, after = fit(learn(posts)), fit(learn(posts.with_columns(engagement=viral)))
    assert 0 < np.abs(after.mean - before.mean).max() < 0.25
    assert after.timing_matters
    assert _best(after) == _best(before)
