"""Trial files in the shapes people write: arms by their names, fields as other tools call them, values as posts."""

from typing import Any

import pytest

from core.errors import Invalid
from core.trials.analysis import Analysis, analyze
from core.trials.comparison import Comparison
from core.trials.permutation import Permuted
from core.trials.tails import RankComparison
from core.trials.trial_file import read_trial
from core.undefined import Undefined


def analyzed(given: Any) -> Analysis:
    asked = read_trial(given)
    return analyze(asked.arms, asked.plan, asked.posts, values=asked.values)


def lift(given: Any) -> tuple[str, float]:
    found = analyzed(given).comparisons[0].contrast
    assert isinstance(found.relative, Comparison), found.relative
    return found.against, found.relative.effect.estimate


SHARES = {"control": {"n": 100, "successes": 10}, "treatment": {"n": 110, "successes": 22}}


@pytest.mark.parametrize(
    "given",
    [
        SHARES,
        {"arms": SHARES},
        [{"name": name, **arm} for name, arm in SHARES.items()],
        {"treatment": SHARES["treatment"], "control": SHARES["control"]},
        {"arms": [{"name": "test", "visitors": 110, "conversions": 22}, {"name": "Control", "nobs": 100, "count": 10}]},
        {"arms": {"control": {"n": 100, "p": 0.1}, "treatment": {"n": 110, "rate": 0.2}}},
        {"control": {"n": 100, "mean": 0.1, "std": 0.3}, "treatment": {"n": 110, "mean": 0.2, "variance": 0.16}},
        {"control": {"n": 100, "mean": 0.1, "se": 0.03}, "treatment": {"n": 110, "mean": 0.2, "standard error": 0.04}},
        {"control": [0] * 90 + [1] * 10, "treatment": [0] * 88 + [1] * 22},
        [{"arm": "treatment", "value": one} for one in [0] * 88 + [1] * 22]
        + [{"arm": "control", "value": one} for one in [0] * 90 + [1] * 10],
    ],
)
def test_arms_in_any_shape_and_order_are_compared_with_the_control(given: Any) -> None:
    against, found = lift(given)
    assert (against.lower(), found) == ("control", pytest.approx(1.0))


def test_an_arm_named_control_does_not_outdo_the_one_that_the_file_names() -> None:
    assert lift({"arms": SHARES, "control": "treatment"}) == ("treatment", pytest.approx(-0.5))


def test_values_are_posts_of_which_only_the_order_is_not_known() -> None:
    # scipy.stats.mannwhitneyu, Examples: U = 17, p = 0.111; 9 of the 126 ways to part nine ages differ by 7 or more
    ages = {"control": [20, 11, 17, 12], "treatment": [19, 22, 16, 29, 24]}
    found = analyzed(ages).comparisons[0].contrast.posts
    assert isinstance(found.ranks, RankComparison)
    assert (found.ranks.u, found.ranks.p) == (17, pytest.approx(1 / 9, abs=1e-12))
    assert isinstance(found.permuted, Permuted)
    assert (found.permuted.p, found.permuted.is_exact) == (pytest.approx(9 / 126, abs=1e-12), True)
    steps = {"control": list(range(1, 41)), "treatment": list(range(2, 42))}
    assert "weights" not in analyzed(steps).findings  # all of one arm first is the order of the file, not of time


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"arms": SHARES, "alpha": 0.99}, "alpha: give 0.0001 to 0.5: 0.05 is an interval of 95 % (got '0.99')"),
        ({"arms": SHARES, "alpha": 1e-5}, "alpha: give 0.0001 to 0.5"),
        ({"arms": SHARES, "alpha": "5 %"}, "alpha: give a finite number (got '5 %')"),
        ({"a": {"n": 9, "mean": 1}, "b": {"n": 9, "mean": 2}}, "arms[0].sd: it must be given"),
        ({"a": {"n": 9, "count": 1, "successes": 1}, "b": {}}, "successes: say it once"),
        ({"a": {"n": 9, "mean": 1, "variance": -1}, "b": {}}, "variance: give a number from 0 on (got '-1')"),
        ({"a": {"n": 9, "rate": 0.123}, "b": {}}, "give the count: 0.123 of 9 posts are 1.107"),
        ({"a": {"n": None, "se": "x"}, "b": 1}, "leave it out"),
    ],
)
def test_a_shape_that_makes_no_sense_is_refused(given: Any, words: str) -> None:
    with pytest.raises(Invalid) as error:
        read_trial(given)
    assert words in str(error.value)


@pytest.mark.parametrize("alpha", [0.0001, 0.5])
def test_intervals_of_half_to_nearly_all_are_answered(alpha: float) -> None:
    assert read_trial({"arms": SHARES, "alpha": alpha}).plan.alpha == alpha


def test_squares_that_are_too_small_for_their_sum_are_not_called_rounding() -> None:
    arm = {"n": 10, "sum": 100, "sumsq": 1}
    found = analyzed({"a": arm, "b": arm}).comparisons[0].contrast.absolute
    assert isinstance(found, Undefined)
    assert "one of them is wrong" in found.reason
