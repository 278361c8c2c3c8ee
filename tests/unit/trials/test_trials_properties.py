"""What holds of every sample: statistics add up, scales and sides do what they should, and nothing breaks naively."""

import math
from datetime import date, timedelta
from fractions import Fraction
from functools import reduce
from itertools import pairwise
from operator import add

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from core.trials.assignment import Arm, Urn, week_of
from core.trials.bayes import Prior, posterior
from core.trials.clusters import compare_clustered
from core.trials.comparison import Comparison, Effect, compare, fieller
from core.trials.contrast import ArmData, contrast
from core.trials.cuped import Adjusted, adjust
from core.trials.moments import LOST, Moments, moments_from_sums, moments_of
from core.trials.permutation import Permuted, by_period, permute, without_carry_over
from core.trials.proportions import compare_shares
from core.trials.samples import Proportion, Sample, mean, proportion, ratio
from core.trials.sequential import always
from core.trials.several import Correction, adjusted
from core.trials.tails import RankComparison, compare_logs, compare_ranks, winsorized
from core.trials.trial_file import read_trial
from core.trials.values import Alternative, Interval, Scale
from core.undefined import Undefined

FLOATS = st.floats(-1e6, 1e6, allow_subnormal=False)
ROWS = st.lists(st.tuples(FLOATS, FLOATS), min_size=1, max_size=40)


def columns(rows: list[tuple[float, float]]) -> Moments:
    return moments_of(*np.array(rows, dtype=np.float64).reshape(-1, 2).T)


def told(values: list[float]) -> Sample:
    found = mean(moments_of(np.array(values)))
    assert isinstance(found, Sample)
    return found


def compared(control: list[float], treatment: list[float], scale: Scale = Scale.ABSOLUTE) -> Comparison:
    found = compare(told(control), told(treatment), scale)
    assert isinstance(found, Comparison)
    return found


@given(rows=ROWS, cuts=st.lists(st.integers(0, 40), max_size=5), order=st.randoms(use_true_random=False))
def test_statistics_add_up_in_any_order_and_partition(
    rows: list[tuple[float, float]], cuts: list[int], order: object
) -> None:
    whole = columns(rows)
    edges = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    parts = [columns(rows[low:high]) for low, high in pairwise(edges)]
    order.shuffle(parts)  # type: ignore[attr-defined]
    found = reduce(add, parts)
    size = max(max(map(abs, row)) for row in rows) + 1e-300
    assert found.n == whole.n
    assert np.allclose(found.means, whole.means, rtol=0, atol=1e-12 * size)
    assert np.allclose(found.products, whole.products, rtol=1e-9, atol=1e-10 * size**2)


@given(counts=st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=6))
def test_shares_add_up(counts: list[tuple[int, int]]) -> None:
    parts = [Proportion(a + b, a) for a, b in counts]
    assert reduce(add, parts) == reduce(add, reversed(parts))
    assert reduce(add, parts).successes == sum(a for a, _ in counts)


@given(values=st.lists(st.integers(-(10**6), 10**6), min_size=2, max_size=50))
def test_sums_of_whole_numbers_give_the_same_as_the_values(values: list[int]) -> None:
    found = moments_from_sums(len(values), [sum(values)], [[sum(value**2 for value in values)]])
    straight = moments_of(np.array(values, dtype=np.float64))
    assert isinstance(found, Moments)
    assert found.means == pytest.approx(straight.means, rel=1e-12, abs=1e-9)
    assert found.products[0][0] == pytest.approx(straight.products[0][0], rel=1e-9, abs=1e-6)


ARM = st.lists(st.floats(0.5, 100.0), min_size=3, max_size=30).filter(lambda arm: np.ptp(arm) > 0.1)


@settings(max_examples=30)
@given(control=ARM, treatment=ARM, factor=st.floats(1e-3, 1e3))
def test_a_change_of_unit_changes_neither_lift_nor_p(
    control: list[float], treatment: list[float], factor: float
) -> None:
    here = compare(told(control), told(treatment), Scale.RELATIVE)
    there = compare(told([v * factor for v in control]), told([v * factor for v in treatment]), Scale.RELATIVE)
    if isinstance(here, Undefined):
        assert isinstance(there, Undefined)
        return
    assert isinstance(there, Comparison)
    assert there.p == pytest.approx(here.p, rel=1e-6, abs=1e-12)
    assert there.effect.estimate == pytest.approx(here.effect.estimate, rel=1e-6, abs=1e-9)


@settings(max_examples=30)
@given(control=ARM, treatment=ARM)
def test_swapped_arms_turn_the_sign(control: list[float], treatment: list[float]) -> None:
    there, back = compared(control, treatment), compared(treatment, control)
    assert there.effect.estimate == -back.effect.estimate
    assert there.p == pytest.approx(back.p, rel=1e-12)
    assert there.interval.low == pytest.approx(-back.interval.high, rel=1e-12, abs=1e-12)
    ranks, turned = (compare_ranks(np.array(a), np.array(b)) for a, b in ((control, treatment), (treatment, control)))
    assert isinstance(ranks, RankComparison)
    assert isinstance(turned, RankComparison)
    assert ranks.chance == pytest.approx(1 - turned.chance)
    assert ranks.p == pytest.approx(turned.p)


@settings(max_examples=30)
@given(control=ARM, treatment=ARM)
def test_one_sided_p_values_share_the_two_sided_one(control: list[float], treatment: list[float]) -> None:
    two = compared(control, treatment).p
    sides = [
        compare(told(control), told(treatment), Scale.ABSOLUTE, side)
        for side in (Alternative.GREATER, Alternative.LESS)
    ]
    ps = [side.p for side in sides if isinstance(side, Comparison)]
    assert sum(ps) == pytest.approx(1)
    assert 2 * min(ps) == pytest.approx(two)


@settings(max_examples=30)
@given(control=ARM, treatment=ARM)
def test_fiellers_interval_holds_the_lift_or_is_undefined(control: list[float], treatment: list[float]) -> None:
    found = fieller(told(control), told(treatment))
    if isinstance(found, Undefined):
        return
    assert isinstance(found, Interval)
    assert found.contains(float(np.mean(treatment)) / float(np.mean(control)) - 1)


@settings(max_examples=30)
@given(control=ARM, treatment=ARM)
def test_an_interval_valid_at_every_look_is_wider_than_one_valid_once(
    control: list[float], treatment: list[float]
) -> None:
    once = compared(control * 20, treatment * 20)
    found = always(once.effect, 20 * (len(control) + len(treatment)))
    assert found.interval.low < once.interval.low
    assert found.interval.high > once.interval.high
    assert (found.p < 0.05) == (not found.interval.contains(0.0))


@given(z=st.floats(-6, 6), posts=st.integers(30, 10_000), alternative=st.sampled_from(Alternative))
def test_a_sequence_and_its_p_value_agree(z: float, posts: int, alternative: Alternative) -> None:
    found = always(Effect(z, 1.0, math.inf, Scale.ABSOLUTE), posts, alternative=alternative)
    assert 0 <= found.p <= 1
    if abs(found.p - 0.05) > 1e-9:
        assert (found.p < 0.05) == (not found.interval.contains(0.0))


@given(ps=st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_corrected_p_values_are_never_smaller_and_holms_never_below_hochbergs(ps: list[float]) -> None:
    holm, hochberg = (adjusted(ps, correction) for correction in Correction)
    for plain, strict, mild in zip(ps, holm, hochberg, strict=True):
        assert not isinstance(strict, Undefined)
        assert not isinstance(mild, Undefined)
        assert plain <= mild + 1e-12 <= strict + 2e-12


def test_corrections_are_those_of_statsmodels() -> None:
    ps = np.random.default_rng(2).beta(0.4, 1.0, 25).round(3)
    for correction, name in ((Correction.HOLM, "holm"), (Correction.BENJAMINI_HOCHBERG, "fdr_bh")):
        assert adjusted(ps.tolist(), correction) == pytest.approx(multipletests(ps, method=name)[1], abs=1e-15)


def test_what_is_undefined_is_no_comparison() -> None:
    gap = Undefined("There are no posts.")
    assert adjusted([0.01, gap, 0.04], Correction.HOLM) == (pytest.approx(0.02), gap, pytest.approx(0.04))
    assert adjusted([gap], Correction.HOLM) == (gap,)


# --- Under no effect ---------------------------------------------------------------------------------------------


def test_p_values_are_uniform_without_an_effect() -> None:
    rng = np.random.default_rng(8)
    ps = [compared(rng.normal(5, 1, 20).tolist(), rng.normal(5, 3, 30).tolist()).p for _ in range(2000)]
    assert np.histogram(ps, bins=10, range=(0, 1))[0] == pytest.approx(np.full(10, 200), abs=60)


def test_permutation_p_values_are_never_too_small() -> None:
    rng = np.random.default_rng(9)
    blocks = np.repeat(np.arange(6), 4)
    ps = []
    for _ in range(300):
        treated = np.concatenate([rng.permutation([True, True, False, False]) for _ in range(6)])
        found = permute(rng.lognormal(0, 2, 24) + blocks, treated, blocks, seed=1, draws=199)
        assert isinstance(found, Permuted)
        ps.append(found.p)
    for level in (0.05, 0.1, 0.2):
        assert np.mean(np.array(ps) <= level) <= level + 3 * math.sqrt(level * (1 - level) / 300)


# --- Where naive formulas break ----------------------------------------------------------------------------------


def test_a_huge_offset_keeps_a_small_variance() -> None:
    near = [0.1, 0.4, 0.2, 0.9, 0.3]
    far = [1e9 + value for value in near]
    rounded = [value - 1e9 for value in far]
    exact = [Fraction(value) for value in rounded]
    centre = sum(exact, Fraction()) / len(exact)
    expected = float(sum(((value - centre) ** 2 for value in exact), Fraction()) / (len(exact) - 1))
    assert told(far).variance == pytest.approx(expected, rel=1e-12)
    halves = moments_of(np.array(far[:2])) + moments_of(np.array(far[2:]))
    assert halves.covariance()[0][0] == pytest.approx(expected, rel=1e-6)


def test_sums_that_have_lost_the_variance_say_so() -> None:
    values = [1e9 + value for value in (0.1, 0.4, 0.2, 0.9, 0.3)]
    assert moments_from_sums(5, [sum(values)], [[sum(value**2 for value in values)]]) is LOST
    whole = [10**9 + value for value in (1, 4, 2, 9, 3)]
    found = moments_from_sums(5, [sum(whole)], [[sum(value**2 for value in whole)]])
    assert isinstance(found, Moments)
    assert found.products[0][0] == pytest.approx(38.8, rel=1e-12)


def test_a_constant_has_no_variance_whatever_its_size() -> None:
    for value in (0.1, 1e-300, 123456789.123, 1e300):
        assert told([value] * 7).variance == 0


def test_values_that_overflow_are_undefined() -> None:
    found = mean(moments_of(np.array([1e200, -1e200, 3e200])))
    assert isinstance(found, Undefined)


# --- Bad input ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("values", [[], [3.0]])
def test_no_post_and_one_post_are_undefined(values: list[float]) -> None:
    found = mean(moments_of(np.array(values)))
    assert isinstance(found, Undefined)
    for scale in Scale:
        assert compare(found, told([1.0, 2.0]), scale) == found
        assert compare(told([1.0, 2.0]), found, scale) == found


def test_no_variance_in_either_arm_is_undefined_and_in_one_arm_is_not() -> None:
    assert isinstance(compare(told([2.0] * 5), told([3.0] * 5)), Undefined)
    assert isinstance(compare(told([2.0] * 5), told([3.0, 4.0])), Comparison)


def test_all_zeros_have_no_lift() -> None:
    assert isinstance(compare(told([0.0] * 9), told([0.0] * 9), Scale.RELATIVE), Undefined)
    assert isinstance(compare(told([0.0] * 9), told([0.0, 1.0, 2.0]), Scale.RELATIVE), Undefined)
    assert isinstance(compare_shares(Proportion(9, 0), Proportion(9, 0)), Undefined)
    assert isinstance(compare_shares(Proportion(9, 9), Proportion(9, 9)), Undefined)
    assert isinstance(compare_shares(Proportion(0, 0), Proportion(9, 3)), Undefined)


def test_a_treatment_without_anything_has_no_error_of_its_lift() -> None:
    control, nothing = proportion(Proportion(1000, 500)), proportion(Proportion(40, 0))
    assert isinstance(compare(control, nothing, Scale.RELATIVE), Undefined)
    assert isinstance(compare(control, nothing), Comparison)


def test_means_below_or_about_zero_have_no_relative_lift() -> None:
    below, about, above = told([-3.0, -4.0, -5.0]), told([-1.0, 1.2, 0.1]), told([3.0, 4.0, 5.0])
    for control, treatment in ((below, above), (above, below), (about, above)):
        assert isinstance(compare(control, treatment, Scale.RELATIVE), Undefined)
        assert isinstance(fieller(control, treatment), Undefined)
        assert isinstance(compare(control, treatment), Comparison)


def test_negative_values_have_no_logarithm() -> None:
    assert isinstance(compare_logs(np.array([-1.0, 2.0]), np.array([3.0, 4.0])), Undefined)


def test_arms_of_one_to_a_thousand_are_compared() -> None:
    rng = np.random.default_rng(3)
    found = compared(rng.normal(10, 2, 10_000).tolist(), rng.normal(10, 2, 10).tolist())
    assert 9 < found.effect.df < 10
    assert found.p > 0.001


def test_a_ratio_over_denominators_of_one_is_a_mean() -> None:
    values = np.random.default_rng(6).gamma(2, 1, 40)
    found = ratio(moments_of(values, np.ones(40)))
    assert isinstance(found, Sample)
    assert found.estimate == pytest.approx(values.mean())
    assert found.variance == pytest.approx(values.var(ddof=1))


def test_the_error_of_a_ratio_is_what_repetition_shows() -> None:
    rng = np.random.default_rng(7)
    found = []
    for _ in range(2000):
        views = rng.gamma(5, 100, 200)
        one = ratio(moments_of(views * rng.beta(2, 20, 200), views))
        assert isinstance(one, Sample)
        found.append((one.estimate, one.error_variance))
    estimates, errors = np.array(found).T
    assert errors.mean() == pytest.approx(estimates.var(), rel=0.08)


def test_a_ratio_without_denominators_is_undefined() -> None:
    assert isinstance(ratio(moments_of(np.array([1.0, 2.0]), np.zeros(2))), Undefined)
    assert isinstance(proportion(Proportion(1, 1)), Undefined)


def test_adjusted_ratios_with_denominators_of_one_are_adjusted_means() -> None:
    rng = np.random.default_rng(5)
    arms = []
    for _ in range(2):
        before = rng.normal(5, 1, 50)
        arms.append((before + rng.normal(0, 0.5, 50), before, rng.uniform(1, 2, 50)))
    means = adjust(*(moments_of(now, before) for now, before, _ in arms))
    ones = adjust(*(moments_of(now, np.ones(50), before, np.ones(50)) for now, before, _ in arms))
    mixed = adjust(*(moments_of(now, size, before, size) for now, before, size in arms))
    assert isinstance(means, Adjusted)
    assert isinstance(ones, Adjusted)
    assert isinstance(mixed, Adjusted)
    assert ones.theta == pytest.approx(means.theta)
    assert ones.treatment.variance == pytest.approx(means.treatment.variance)
    assert means.reduction == pytest.approx(0.8, abs=0.1)
    assert mixed.reduction > 0.3


def test_ratios_are_adjusted_alike_by_posts_and_by_their_sums() -> None:
    rng = np.random.default_rng(6)
    posts, arms = [], []
    for arm in ("control", "late"):
        size = rng.uniform(1, 9, 40)
        columns = [size * rng.uniform(1, 2, 40), size, size * rng.uniform(1, 2, 40), size + rng.uniform(0, 1, 40)]
        posts += [
            {"arm": arm, "value": top, "denominator": bottom, "before": top_before, "before_denominator": bottom_before}
            for top, bottom, top_before, bottom_before in zip(*columns, strict=True)
        ]
        arms.append(ArmData(arm, 40, 0, ratio(moments_of(*columns)), pair=moments_of(*columns)))
    file = read_trial({"posts": posts, "metric": "ratio"})
    of_posts, of_sums = (contrast(*each, file.plan, None) for each in (file.arms, arms))
    assert isinstance(of_posts.cuped, Comparison)
    assert isinstance(of_posts.relative, Comparison)
    assert of_posts.cuped == of_sums.cuped
    assert of_posts.cuped.effect != of_posts.relative.effect


def test_winsorized_arms_share_their_bounds() -> None:
    control, treatment = winsorized(np.arange(100.0), np.array([1e9, *range(99)]), share=0.01)
    assert control.max() == treatment.max() == 98


@pytest.mark.parametrize(("days", "treated_days"), [(0, 0), (19, 9), (40, 1)])
def test_too_few_days_have_no_errors_by_day(days: int, treated_days: int) -> None:
    clusters = np.repeat(np.arange(days), 2)
    outcome = np.random.default_rng(4).normal(size=clusters.size)
    assert isinstance(compare_clustered(outcome, clusters < treated_days, clusters), Undefined)
    assert isinstance(compare_clustered(np.ones(80), np.arange(80) % 2 == 0, np.arange(80) // 2), Undefined)


def test_errors_by_day_are_those_of_the_day_means_where_days_are_alike() -> None:
    rng = np.random.default_rng(5)
    days = np.repeat(np.arange(40), 3)
    outcome, treated = rng.normal(size=120) + rng.normal(0, 2, 40)[days], days % 2 == 0
    found = compare_clustered(outcome, treated, days)
    assert isinstance(found, Comparison)
    means = outcome.reshape(40, 3).mean(1)
    by_hand = compared(means[1::2].tolist(), means[::2].tolist())
    assert found.effect.estimate == pytest.approx(by_hand.effect.estimate)
    assert found.effect.error == pytest.approx(by_hand.effect.error, rel=0.02)


# --- Draw and permutation ----------------------------------------------------------------------------------------

ARMS = (Arm("usual"), Arm("tuesday"), Arm("evening", 2))


@settings(max_examples=20)
@given(block=st.text(max_size=8), seed=st.text(max_size=8), count=st.integers(0, 60))
def test_a_draw_is_balanced_wherever_it_stops(block: str, seed: str, count: int) -> None:
    for turns in (1, 3):
        arms = [Urn(seed, ARMS, turns).line("post", block, number).arm for number in range(count)]
        shares = [arms.count(arm.name) / arm.weight for arm in ARMS]
        assert max(shares) - min(shares) <= turns


def test_a_draw_of_today_is_drawn_the_same_for_ever() -> None:
    arms = (Arm("usual"), Arm("evening", 2))
    drawn = [Urn("known", arms).line("post", "c/2026-W48/text", number).arm for number in range(9)]
    # printf 'known\0c/2026-W48/text\0%s\0%s' 0 0 | sha256sum: ceeefbcb; places 1 and 2: 3e8458fb, 5a834dda.
    assert drawn == ["evening", "evening", "usual", "evening", "usual", "evening", "evening", "usual", "evening"]
    days = [Urn("known", arms).line_of_day("post", date(2026, 11, 23 + number), 0).arm for number in range(7)]
    assert days == ["usual", "evening", "evening", "evening", "usual", "evening", "evening"]


def test_a_draw_of_cycles_of_several_turns_is_drawn_the_same_for_ever() -> None:
    urn = Urn("known", (Arm("usual"), Arm("evening")), 3)
    lines = [urn.line("post", "c/2026-W48/text", number) for number in range(22)]
    # printf 'known\0c/2026-W48/text\0%s\0turns' 0 | sha256sum, and so on: cycles of 6, 6, 2, 2 and 6.
    assert "".join(line.arm[0] for line in lines) == "euueeu" + "ueueeu" + "eu" + "ue" + "ueueue"
    assert [int(line.cycle[-1]) for line in lines] == [0] * 6 + [1] * 6 + [2] * 2 + [3] * 2 + [4] * 6


def told_beforehand(urn: Urn, number: int) -> bool:
    """Say whether the arms before a post leave only one for it, to somebody who knows the rule but not the seed."""
    open_cycles = {(0, 0)}
    for place in range(number):
        arm = int(urn.line("post", "block", place).arm == "evening")
        grown = {(one + (arm == 0), two + (arm == 1)) for one, two in open_cycles}
        open_cycles = {each for each in grown if max(each) <= urn.turns}
        open_cycles |= {(0, 0) for each in open_cycles if each[0] == each[1]}
    return len({arm for each in open_cycles for arm in (0, 1) if each[arm] < urn.turns}) == 1


@pytest.mark.parametrize(("turns", "least", "most"), [(1, 0.5, 0.5), (3, 0.0, 0.1)])
def test_who_counts_along_hardly_ever_knows_the_next_arm(turns: int, least: float, most: float) -> None:
    urns = [Urn(f"seed {number}", (Arm("usual"), Arm("evening")), turns) for number in range(60)]
    known = [told_beforehand(urn, number) for urn in urns for number in range(12)]
    assert least <= sum(known) / len(known) <= most


def test_days_of_a_week_across_new_year_are_drawn() -> None:
    days = [date(2026, 12, 28) + timedelta(days=number) for number in range(14)]
    ledger = [Urn("seed", ARMS[:2]).line_of_day("post", day, 0) for day in days]
    assert {week_of(day) for day in days} == {"2026-W53", "2027-W01"}
    assert [line.block for line in ledger] == [day.isoformat() for day in days]
    assert [sum(line.arm == "usual" for line in ledger[start : start + 7]) in {3, 4} for start in (0, 7)] == [True] * 2


def test_periods_that_mix_arms_are_no_switchback() -> None:
    days = np.array([0, 0, 1, 1])
    assert isinstance(by_period(np.arange(4.0), np.array([True, False, True, True]), days, days), Undefined)


def test_what_remains_without_carry_over_follows_its_own_arm() -> None:
    treated = np.array([True, True, False, False, False, True])
    found = by_period(np.arange(6.0), treated, np.arange(6), np.zeros(6, dtype=np.intp))
    assert not isinstance(found, Undefined)
    assert without_carry_over(found).outcome.tolist() == [1, 3, 4]
    assert without_carry_over(found, 2).outcome.tolist() == [4]


def test_after_a_day_without_posts_nobody_knows_what_is_carried_over() -> None:
    treated = np.array([True, True, True, True])
    found = by_period(np.arange(4.0), treated, np.array([3, 4, 6, 7]), np.zeros(4, dtype=np.intp))
    assert not isinstance(found, Undefined)
    assert without_carry_over(found).outcome.tolist() == [1, 3]


@given(error=st.floats(0.05, 2), center=st.floats(-1, 1), sd=st.floats(0.05, 2), estimate=st.floats(-1, 1))
def test_a_belief_and_the_data_are_multiplied(error: float, center: float, sd: float, estimate: float) -> None:
    grid = np.linspace(-12, 12, 200_001)
    density = np.exp(-(((grid - center) / sd) ** 2) / 2 - ((grid - estimate) / error) ** 2 / 2)
    density /= density.sum()
    found = posterior(Effect(estimate, error, math.inf, Scale.ABSOLUTE), Prior(center, sd))
    mean = float(grid @ density)
    assert found.mean == pytest.approx(mean, abs=1e-6)
    assert found.sd == pytest.approx(math.sqrt((grid - mean) ** 2 @ density), abs=1e-6)
    assert found.loss_of_control == pytest.approx(float(np.maximum(grid, 0) @ density), abs=1e-6)


@settings(max_examples=25)
@given(outcome=st.lists(st.integers(0, 9), min_size=6, max_size=9), seed=st.integers(0, 5))
def test_a_sampled_permutation_comes_near_the_exact_one(outcome: list[int], seed: int) -> None:
    values, treated = np.array(outcome, dtype=np.float64), np.arange(len(outcome)) % 2 == 0
    blocks = np.zeros(len(outcome), dtype=np.intp)
    exact = permute(values, treated, blocks, seed=seed)
    drawn = permute(np.tile(values, 1), treated, blocks, seed=seed, draws=19)
    if isinstance(exact, Undefined):
        return
    assert isinstance(drawn, Permuted)
    assert exact.is_exact
    assert exact.p >= 1 / math.comb(len(outcome), int(treated.sum()))
    assert 1 / 20 <= drawn.p <= 1
