"""Lending between formats and expectations in their turn: figures by hand, and what must hold for any numbers."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.timing.pooling import MOST_LENT, borrow, in_turn
from core.timing.priors import PriorCurve
from core.timing.rollup import NO_POSTS, WeekStats
from core.timing.week import CELLS

Cell = tuple[int, float, float, float]
"""Posts, weight, mean and squared deviations of one hour."""


def week(cells: dict[int, Cell]) -> WeekStats:
    columns = zip(*(cells.get(cell, (0, 0.0, 0.0, 0.0)) for cell in range(CELLS)), strict=True)
    return WeekStats(*map(tuple, columns))


def at(stats: WeekStats, cell: int) -> Cell:
    return stats.n[cell], stats.weight[cell], stats.mean[cell], stats.m2[cell]


def curve(name: str, weight: float) -> PriorCurve:
    return PriorCurve(name, (0.0,) * CELLS, weight, weight_sd=0.4)


def test_a_format_without_posts_borrows_up_to_the_limit() -> None:
    """30 posts count for 30·10/40 = 7.5, 10 for 5; their variance stays 0.2 and 0.1 a post."""
    lent = borrow(NO_POSTS, week({3: (30, 30.0, 0.4, 6.0), 9: (10, 10.0, -0.4, 1.0)}), most=10.0)
    assert at(lent, 3) == pytest.approx((30, 7.5, 0.4, 1.5))
    assert at(lent, 9) == pytest.approx((10, 5.0, -0.4, 0.5))
    assert at(lent, 4) == (0, 0.0, 0.0, 0.0)


def test_own_posts_count_in_full_and_on_the_level_of_all() -> None:
    """Own means lie 1.2 and 0.8 above those of all: 1.0 is the level, ±0.2 the format's own. 10 others count for 5."""
    own = week({3: (10, 10.0, 1.4, 1.0), 9: (10, 10.0, 0.6, 2.0)})
    every = week({3: (20, 20.0, 0.2, 3.0), 9: (10, 10.0, -0.2, 2.0)})
    merged = borrow(own, every, most=10.0)
    assert at(merged, 3) == pytest.approx((20, 15.0, 0.2 + 0.2 * 10 / 15, 1 + 0.75 + 10 * 5 / 15 * 0.04))
    assert at(merged, 9) == pytest.approx((10, 10.0, -0.4, 2.0))


def test_a_channel_of_one_format_borrows_nothing() -> None:
    only = week({3: (30, 12.5, 0.4, 6.0), 100: (4, 4.0, -0.3, 1.0)})
    assert borrow(only, only) == only


@given(
    own=st.integers(0, 10**6),
    others=st.integers(0, 10**9),
    means=st.tuples(st.floats(-5, 5), st.floats(-5, 5)),
    most=st.floats(0.5, 1e3),
)
def test_nothing_lent_ever_counts_for_more_than_it_is_or_than_the_limit(
    own: int, others: int, means: tuple[float, float], most: float
) -> None:
    """Statistics that no posts could have are refused by `WeekStats` itself."""
    mine = week({5: (own, float(own), means[0], 0.1 * own)} if own else {})
    every = week({5: (own + others, float(own + others), means[1], 0.1 * (own + others))} if own + others else {})
    merged = borrow(mine, every, most)
    assert own <= merged.weight[5] <= own + min(others, most) * (1 + 1e-9)
    assert merged.n == every.n


def test_the_limit_is_what_the_docstring_says() -> None:
    thousands = week({5: (10**6, 1e6, 0.3, 1e5)})
    assert borrow(NO_POSTS, thousands).weight[5] == pytest.approx(MOST_LENT, rel=1e-4)


def test_what_is_known_better_leaves_less_to_say_to_what_comes_after_it() -> None:
    turns = [*in_turn([curve("like", 0.6), None, curve("elsewhere", 0.5), curve("research", 0.5)])]
    assert [each.name for each in turns] == ["like", "elsewhere", "research"]
    assert [each.weight for each in turns] == pytest.approx([0.6, 0.2, 0.1])
    assert [each.weight_sd for each in turns] == pytest.approx([0.4, 0.16, 0.08])


def test_a_prior_takes_only_what_it_is_likely_to_say() -> None:
    doubtful = replace(curve("like", 1.0), relevance=0.75)
    assert [each.weight for each in in_turn([doubtful, curve("research", 0.5)])] == pytest.approx([1.0, 0.125])


def test_behind_a_full_weight_nothing_has_a_say() -> None:
    assert [each.name for each in in_turn([curve("like", 1.0), curve("research", 0.5)])] == ["like"]
