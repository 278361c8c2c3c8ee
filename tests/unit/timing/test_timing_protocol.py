"""The comparison of methods over accounts: who learns from what, who is judged by what, and the figures."""

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from core.timing.judging import Later, advised, deviations
from core.timing.methods import Forecast, Method
from core.timing.outcomes import OUTCOME_SCHEMA
from core.timing.protocol import ALL, Account, Figures, _split, compare
from core.undefined import Undefined

START = datetime(2024, 1, 1, tzinfo=UTC)
"""A Monday."""


def account(name: str, hours: np.ndarray, outcomes: np.ndarray, start: datetime = START) -> Account:
    """Make an account that posts every day, at local hours of the week that need not fit the day."""
    published = [start + timedelta(days=day) for day in range(len(hours))]
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
    return Account(name, pl.DataFrame(columns, schema=dict(OUTCOME_SCHEMA), strict=False))


def alternating(name: str = "a", posts: int = 100, good: float = 1.0, start: datetime = START) -> Account:
    """Make an account that alternates between a good hour (Monday 10:00) and a bad one (Monday 20:00)."""
    is_good = np.arange(posts) % 2 == 0
    return account(name, np.where(is_good, 10, 20), np.where(is_good, good, -good), start)


def noisy(name: str, posts: int, seed: int, lift: float = 0.0) -> Account:
    rng = np.random.default_rng(seed)
    hours = rng.integers(0, 168, posts)
    return account(name, hours, rng.normal(0, 1, posts) + lift * (hours % 24 >= 18))


def number(value: float | Undefined) -> float:
    assert not isinstance(value, Undefined), value.reason
    return value


def figures(accounts: list[Account], method: Method, size: int | None = ALL, *, most_peers: int = 0) -> Figures:
    return compare(accounts, [size], most_peers=most_peers).figures[method][size]


# --- One post after the other -------------------------------------------------------------------------------------


def test_the_quarter_at_the_best_hours_is_chosen_and_ties_go_by_time() -> None:
    values = np.zeros(168)
    values[10] = 1.0
    later = Later(np.array([5, 10, 5, 5, 5, 5, 5, 10, 10]), np.zeros(9))
    assert np.flatnonzero(advised(Forecast(values), later)).tolist() == [1, 7]
    assert np.flatnonzero(advised(Forecast(np.zeros(168)), later)).tolist() == [0, 1]


def test_of_three_posts_one_is_chosen() -> None:
    assert advised(Forecast(np.zeros(168)), Later(np.array([1, 2, 3]), np.zeros(3))).sum() == 1


def test_an_hours_distance_counts_in_deviations_of_its_mean() -> None:
    # Five posts at each of two hours, means 1 and -1; expected 0.5 and -0.5, so the gap is 0.5 of √(0.3² + 2²/5).
    later = Later(np.array([10] * 5 + [20] * 5 + [30]), np.array([1.0] * 5 + [-1.0] * 5 + [0.0]))
    values = np.zeros(168)
    values[10], values[20] = 0.5, -0.5
    found = deviations(Forecast(values, np.full(168, 0.3), 2.0), later)
    assert found == pytest.approx([0.5 / math.sqrt(0.89), -0.5 / math.sqrt(0.89)])


def test_a_method_that_is_never_unsure_has_no_deviations() -> None:
    assert not deviations(Forecast(np.zeros(168)), Later(np.full(9, 10), np.zeros(9))).size


# --- Figures ------------------------------------------------------------------------------------------------------


def test_a_clear_difference_gives_the_figures_one_can_work_out_by_hand() -> None:
    # Of 30 test posts seven are chosen; all of them earned 1 while the average is 0. The other 23 have a variance of
    # (23 - 49/23)/22 = 0.949, so the error is 23/30 · √(0.949/23).
    raw = figures([alternating()], Method.RAW_SLOT_MEAN)
    assert (number(raw.lift_q), number(raw.lift_q_se)) == pytest.approx((1.0, 0.1557), abs=1e-4)
    assert number(raw.rmse_ratio) == pytest.approx(0.0)
    assert number(raw.spearman) == pytest.approx(1.0)
    constant = figures([alternating()], Method.CONSTANT)
    # In order of time four of the first seven are good ones.
    assert (number(constant.lift_q), number(constant.rmse_ratio)) == pytest.approx((1 / 7, 1.0))
    assert number(constant.beats_raw_share) == 0.0
    assert isinstance(constant.spearman, Undefined)
    assert isinstance(constant.coverage90, Undefined)


def test_with_several_accounts_figures_are_means_and_the_error_is_over_accounts() -> None:
    # Lifts of 1 and 3: mean 2, standard error √2/√2 = 1.
    found = figures([alternating("a"), alternating("b", good=3.0)], Method.RAW_SLOT_MEAN)
    assert (number(found.lift_q), number(found.lift_q_se)) == pytest.approx((2.0, 1.0))


def test_a_model_that_beats_plain_averages_on_one_of_two_accounts_beats_them_on_half() -> None:
    # Hour 20 of the first account was lucky once: plain averages rank it first, and it fails.
    hours = np.where(np.arange(100) % 2 == 0, 10, 30)
    outcomes = np.where(hours == 10, 1.0, -1.0)
    hours[3], outcomes[3] = 20, 5.0
    hours[71::4] = 20
    found = figures([account("a", hours, outcomes), alternating("b")], Method.POPULAR_SLOT)
    assert number(found.beats_raw_share) == 0.5


def test_raw_slot_means_are_not_compared_with_themselves() -> None:
    assert isinstance(figures([alternating()], Method.RAW_SLOT_MEAN).beats_raw_share, Undefined)


def test_without_variation_ratios_are_undefined_and_nothing_is_gained() -> None:
    found = figures([account("a", np.arange(100) % 168, np.zeros(100))], Method.MODEL)
    assert isinstance(found.rmse_ratio, Undefined)
    assert isinstance(found.spearman, Undefined)
    assert number(found.lift_q) == 0.0


def test_intervals_of_the_model_hold_where_there_is_only_chance() -> None:
    accounts = [noisy(str(seed), 3_000, seed) for seed in range(3)]
    found = figures(accounts, Method.MODEL)
    assert 0.86 <= number(found.coverage90) <= 1.0


def test_an_effect_that_is_not_there_is_named_and_one_that_is_is_not() -> None:
    report = compare([noisy("chance", 1_000, 1), noisy("evenings", 1_000, 2, 1.5)], [100, ALL])
    assert report.no_effect == ("chance",)


# --- Who learns from what -----------------------------------------------------------------------------------------


def test_an_account_with_fewer_posts_gives_all_it_has() -> None:
    report = compare([noisy("a", 200, 1)], [100, 140, 500, ALL])
    sizes = report.figures[Method.MODEL]
    assert sizes[500] == sizes[140] == sizes[ALL] != sizes[100]


def test_the_newest_posts_of_the_training_part_are_learned_from() -> None:
    # The good hour was bad until the last 50 training posts.
    first, last = alternating(posts=90, good=-1.0).outcomes, alternating(posts=110).outcomes
    both = account("a", np.concatenate([first["hour_of_week"], last["hour_of_week"]]),
                   np.concatenate([first["relative"], last["relative"]]))  # fmt: skip
    assert number(figures([both], Method.RAW_SLOT_MEAN, 50).lift_q) == pytest.approx(1.0)
    assert number(figures([both], Method.RAW_SLOT_MEAN, ALL).lift_q) < 0


def test_what_is_judged_by_is_not_cut() -> None:
    posts = alternating()
    viral = posts.outcomes.with_columns(relative=pl.col("relative") * 10)
    assert number(figures([Account("a", viral)], Method.RAW_SLOT_MEAN).lift_q) == pytest.approx(10.0)


def test_accounts_with_too_few_posts_are_left_out_by_name() -> None:
    report = compare([alternating("small", posts=59), alternating("enough", posts=60)], [ALL])
    assert (report.accounts, dict(report.left_out)) == (1, {"small": 59})


@pytest.mark.parametrize("posts", [0, 1, 2])
def test_with_next_to_no_posts_there_is_nothing_to_say(posts: int) -> None:
    report = compare([alternating(posts=posts)], [100, ALL], most_peers=9)
    assert report.accounts == 0
    assert isinstance(report.figures[Method.MODEL][100].lift_q, Undefined)


def test_the_order_of_accounts_changes_nothing() -> None:
    accounts = [noisy(str(seed), 200, seed) for seed in range(3)]
    forth, back = (compare(each, [100], most_peers=9) for each in (accounts, accounts[::-1]))
    for method, sizes in forth.figures.items():
        expected = list(vars(back.figures[method][100]).values())
        for value, other in zip(vars(sizes[100]).values(), expected, strict=True):
            assert value == other or value == pytest.approx(other)


# --- Peers --------------------------------------------------------------------------------------------------------


def test_without_peers_there_is_no_prior_of_peers() -> None:
    assert isinstance(figures([alternating("a"), alternating("b")], Method.PEER_PRIOR).lift_q, Undefined)


def test_peers_teach_what_they_knew_before_the_test_part() -> None:
    found = figures([alternating("a"), alternating("b")], Method.PEER_PRIOR, most_peers=9)
    assert number(found.lift_q) == pytest.approx(1.0)


def test_what_peers_learn_after_the_test_part_begins_changes_nothing() -> None:
    mine, peer = alternating("a"), noisy("b", 100, 1, 1.0)
    begins = mine.outcomes["published_at"][70]
    changed = Account("b", peer.outcomes.with_columns(
        outcome=pl.when(pl.col("published_at") >= begins).then(9.0).otherwise("outcome")))  # fmt: skip
    assert _split(mine, [mine, peer], 9).peers == _split(mine, [mine, changed], 9).peers is not None


def test_an_account_is_never_its_own_peer() -> None:
    alone = alternating("a")
    assert _split(alone, [alone], 9).peers is None


def test_of_more_peers_than_wanted_those_with_most_posts_teach() -> None:
    mine, small, large = alternating("a"), noisy("b", 60, 1), noisy("c", 100, 2)
    assert _split(mine, [mine, small, large], 1).peers == _split(mine, [mine, large], 1).peers is not None
    assert _split(mine, [mine, small, large], 2).peers != _split(mine, [mine, large], 2).peers
