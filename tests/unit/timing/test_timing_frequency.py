"""How often to post: a planted loss per post is found, chance is not, and what cannot be told is said so."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from core.timing.frequency import FREQUENCY_SCHEMA, FrequencyAdvice, FrequencyFinding, advise_frequency
from core.undefined import Undefined

MONDAY = datetime(2024, 1, 1, tzinfo=UTC)
STAMP = pl.Datetime("us", "UTC")
SCHEMA = {"published_at": STAMP, "measured_at": STAMP, "engagement": pl.Float64()}


def history(counts: list[int], engagement: list[float]) -> pl.DataFrame:
    """One week after the other with so many posts, spread over its days."""
    stamps = [
        MONDAY + timedelta(weeks=week, hours=1 + 160 * number / count)
        for week, count in enumerate(counts)
        for number in range(count)
    ]
    measured = [at + timedelta(days=30) for at in stamps]
    return pl.DataFrame({"published_at": stamps, "measured_at": measured, "engagement": engagement}, schema=SCHEMA)


def drawn(rng: np.random.Generator, elasticity: float, weeks: int = 80, noise: float = 1.0) -> pl.DataFrame:
    """Heavy-tailed engagement on a growing level; frequency wanders as a team's does."""
    wander = np.exp(np.cumsum(rng.normal(0, 0.3, weeks)))
    counts = np.clip(rng.poisson(4 * wander / np.median(wander)), 1, 20).tolist()
    logs = [
        6 + week / 70 + elasticity * np.log(count) + noise * rng.standard_t(3) / np.sqrt(3)
        for week, count in enumerate(counts)
        for _ in range(count)
    ]
    return history(counts, np.exp(logs).tolist())


def told(posts: pl.DataFrame, zone: str = "UTC") -> FrequencyAdvice:
    advice = advise_frequency(posts, zone)
    assert isinstance(advice, FrequencyAdvice)
    return advice


def test_a_loss_per_post_without_noise_is_told_exactly() -> None:
    """Weeks of 2 posts earn e^6 - 1 each, weeks of 8 half of (e^6) - 1: elasticity log(½)/log(4) = -½."""
    counts = [2, 8] * 13
    engagement = [np.exp(6.0) / (1 if count == 2 else 2) - 1 for count in counts for _ in range(count)]
    advice = told(history(counts, engagement))
    assert (advice.fewer, advice.more, advice.weeks, advice.posts) == (2, 8, 24, 12 * 8 + 12 * 2)
    assert advice.elasticity == pytest.approx(-0.5)
    assert advice.per_post == pytest.approx(-0.5)
    assert advice.in_all == pytest.approx(1.0)
    assert advice.finding is FrequencyFinding.MORE_EARNED_MORE
    assert advice.sentence == (
        "Weeks with 8 posts earned 50 % less per post (90 % interval -50 % to -50 %) and 100 % more in all "
        "(90 % interval +100 % to +100 %) than weeks with 2: nothing speaks against posting that often. "
        "Weeks with more posts may differ in other ways too: only a trial shows a cause."
    )


def test_the_table_counts_whole_weeks_and_leaves_rare_frequencies_undefined() -> None:
    counts = [5, *[2] * 9, *[6] * 5, 30, 4]
    table = told(history(counts, [100.0] * sum(counts))).table
    assert table.schema == pl.Schema(FREQUENCY_SCHEMA)
    rows = table.select("from_posts", "to_posts", "weeks").rows()
    assert rows == [(2, 2, 9), (5, 7, 5), (21, 33, 1)]
    assert table["lift"].to_list() == [pytest.approx(0), pytest.approx(0), None]


def test_posting_more_that_earns_less_in_all_is_told_and_an_even_trade_is_not_decided() -> None:
    rng = np.random.default_rng(5)
    assert told(drawn(rng, -1.8)).finding is FrequencyFinding.MORE_EARNED_LESS
    assert told(drawn(rng, 0.0)).finding is FrequencyFinding.MORE_EARNED_MORE
    even = told(drawn(rng, -1.0))
    assert even.finding is FrequencyFinding.CANNOT_TELL
    assert "too uncertain to say whether posting more pays" in even.sentence


@pytest.mark.parametrize("elasticity", [0.0, -0.5])
def test_nine_in_ten_intervals_hold_the_planted_loss(elasticity: float) -> None:
    rng = np.random.default_rng(17)
    held = []
    for _ in range(150):
        advice = told(drawn(rng, elasticity, weeks=50))
        truth = (advice.more / advice.fewer) ** elasticity - 1
        held.append(advice.per_post_interval.low <= truth <= advice.per_post_interval.high)
    assert 0.84 <= np.mean(held) <= 0.96


def test_growth_alone_does_not_pass_for_frequency() -> None:
    """The channel grows tenfold while it posts more and more: within a quarter a post earns the same in busy weeks."""
    counts = [1 + week // 8 + 3 * (week % 2) for week in range(60)]
    growing = [np.exp(5 + week / 26) for week, count in enumerate(counts) for _ in range(count)]
    advice = told(history(counts, growing))
    assert advice.per_post == pytest.approx(0, abs=0.1)


def test_too_few_weeks_and_the_same_number_every_week_are_undefined() -> None:
    few = advise_frequency(history([1, 3] * 6, [10.0] * 24), "UTC")
    assert few == Undefined("10 of 12 whole weeks with posts are needed to compare them.")
    even = advise_frequency(history([3] * 20, [10.0] * 60), "UTC")
    assert even == Undefined("The weeks of a quarter had nearly the same number of posts: there is nothing to compare.")
    assert isinstance(advise_frequency(history([], []), "UTC"), Undefined)


def test_a_post_too_young_to_judge_counts_for_its_week_and_is_not_compared() -> None:
    counts = [2, 8] * 10
    posts = history(counts, [50.0] * sum(counts))
    young = posts.with_columns(
        measured_at=pl.when(pl.col("published_at").dt.day() == 5)
        .then(pl.col("published_at"))
        .otherwise(pl.col("measured_at"))
    )
    advice = told(young)
    assert (advice.fewer, advice.more) == (2, 8)
    assert advice.posts < told(posts).posts


def test_order_zone_names_and_scale_change_nothing_they_should_not() -> None:
    posts = drawn(np.random.default_rng(2), -0.4)
    advice = told(posts)
    assert told(posts.sample(fraction=1.0, shuffle=True, seed=1)).sentence == advice.sentence
    assert told(posts, "Africa/Lagos").sentence == told(posts, "Africa/Luanda").sentence
    scaled = told(posts.with_columns(pl.col("engagement") * 1000))
    assert scaled.elasticity == pytest.approx(advice.elasticity, abs=0.01)


def test_one_viral_post_does_not_own_the_slope() -> None:
    posts = drawn(np.random.default_rng(3), 0.0)
    viral = posts.with_columns(
        engagement=pl.when(pl.int_range(pl.len()) == 100).then(1e12).otherwise(pl.col("engagement"))
    )
    assert told(viral).elasticity == pytest.approx(told(posts).elasticity, abs=0.1)
