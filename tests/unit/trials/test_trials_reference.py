"""Published numbers: every reference case, and further ones of statsmodels, scipy, GrowthBook and textbooks."""

import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import statsmodels

from core.trials.bayes import Prior, posterior
from core.trials.clusters import Errors, least_squares
from core.trials.comparison import Comparison, Effect, against, compare, effect
from core.trials.contrast import contrast
from core.trials.cuped import adjust
from core.trials.health.sample_ratio import mismatch
from core.trials.looks import Bounds, bounds_for, crossing, evenly
from core.trials.moments import Moments, moments_from_sums, moments_of
from core.trials.permutation import permute
from core.trials.power import (
    NullVariance,
    detectable_lift,
    inflated_sequential_power,
    lift_error,
    lift_power,
    log_posts,
    paired_power,
    sequential_power,
    share_posts,
    share_power,
    t_posts,
    t_power,
)
from core.trials.proportions import ShareComparison, compare_many, compare_shares, share_against
from core.trials.samples import Proportion, Sample, mean, proportion
from core.trials.sequential import always
from core.trials.several import Correction, adjusted
from core.trials.tails import RankComparison, compare_ranks
from core.trials.trial_file import read_trial
from core.trials.values import Alternative, Scale
from core.undefined import Undefined

Numbers = list[float]


def sums(n: int, total: float, squares: float) -> Sample | Undefined:
    found = moments_from_sums(n, [total], [[squares]])
    return found if isinstance(found, Undefined) else mean(found)


def numbers(found: Comparison | Undefined) -> Numbers:
    assert isinstance(found, Comparison), found
    return [found.effect.estimate, found.interval.low, found.interval.high, found.effect.error, found.p]


CONTROL, SHORT, TREATMENT = (
    sums(3407, 1396.87, 52377.9767),
    sums(3000, 1396.87, 52377.9767),
    sums(3461, 2422.7, 134698.29),
)
SHARES = Proportion(104, 42), Proportion(1009, 500)
SLEEP = (
    np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]),
    np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]),
)
VARIANCE, ARM = 3909.9997749994377, 400_000 / 3


def confidence_sequence() -> Numbers:
    found = effect(SHORT, TREATMENT, Scale.RELATIVE)
    assert not isinstance(found, Undefined)
    bounds = always(found, 6461, tuned_for=1000).interval
    return [found.estimate, bounds.low, bounds.high, found.error]


def one_sided() -> Numbers:
    found = compare(SHORT, TREATMENT, Scale.RELATIVE, Alternative.GREATER)
    assert isinstance(found, Comparison)
    assert found.interval.high == math.inf
    return [found.interval.low, found.p]


def before_and_after(n: int, now: tuple[float, float], before: tuple[float, float], product: float) -> Moments:
    found = moments_from_sums(n, [now[0], before[0]], [[now[1], product], [product, before[1]]])
    assert isinstance(found, Moments)
    return found


def growthbooks_cuped() -> Effect:
    found = adjust(
        before_and_after(3000, (1396.87, 52377.9767), (16.87, 527.9767), 1),
        before_and_after(3461, (2422.7, 134698.29), (22.7, 1348.29), 1),
    )
    assert not isinstance(found, Undefined)
    moved = effect(found.control, found.treatment, Scale.RELATIVE)
    assert not isinstance(moved, Undefined)
    return moved


def cuped() -> Numbers:
    return [growthbooks_cuped().estimate]


def believed(control: Sample | Undefined, treatment: Sample | Undefined) -> Numbers:
    found = effect(control, treatment, Scale.RELATIVE)
    assert not isinstance(found, Undefined)
    now = posterior(found)
    losses = [now.loss_of_control, now.loss_of_treatment]
    return [now.mean, now.interval.low, now.interval.high, now.sd, now.chance_to_win, *losses]


def mismatched(counts: list[int], weights: Numbers) -> Numbers:
    found = mismatch(counts, weights)
    assert isinstance(found, float)
    return [found]


def drift() -> float:
    return 0.05 / lift_error(10, VARIANCE, 0.05, ARM)


def known(*found: float | Undefined) -> Numbers:
    assert not any(isinstance(each, Undefined) for each in found)
    return list(found)  # type: ignore[arg-type] # as just asserted


def chi_square() -> ShareComparison:
    found = compare_shares(*SHARES)
    assert isinstance(found, ShareComparison)
    return found


def absolute_shares() -> Numbers:
    found = chi_square()
    return [found.difference.estimate, found.interval.low, found.interval.high, found.p]


def relative_shares() -> Numbers:
    lift, interval = chi_square().over(SHARES[0])
    return [lift, interval.low, interval.high]


def rejections() -> Numbers:
    ps = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344]
    ps += [0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    found = adjusted(ps, Correction.BENJAMINI_HOCHBERG)
    return [sum(p <= 0.05 for p in known(*found)), sum(p * len(ps) <= 0.05 for p in ps)]


def sleep(*, is_paired: bool) -> Numbers:
    first, second = SLEEP
    found = (
        against(mean(moments_of(first - second)))
        if is_paired
        else compare(mean(moments_of(second)), mean(moments_of(first)))
    )
    assert isinstance(found, Comparison)
    return [found.statistic, found.p]


def petersen(errors: Errors, cluster: int | slice | None = None) -> tuple[Numbers, Numbers]:
    table = np.loadtxt(Path(statsmodels.__file__).parent / "stats" / "tests" / "test_data.txt")
    groups = None if cluster is None else table[:, cluster].astype(np.intp)
    fit = least_squares(table[:, 3], [np.ones(len(table)), table[:, 2]], errors, groups)
    assert not isinstance(fit, Undefined)
    return list(fit.coefficients), list(fit.errors)


def looked(looks: int) -> float:
    return crossing([1.959963984540054] * looks, evenly(looks).tolist())


CASES: dict[str, Callable[[], Numbers]] = {
    "R01": lambda: numbers(compare(CONTROL, TREATMENT, Scale.RELATIVE)),
    "R02": lambda: numbers(compare(CONTROL, TREATMENT)),
    "R03": lambda: numbers(compare(proportion(Proportion(28, 14)), proportion(Proportion(30, 16)), Scale.RELATIVE)),
    "R04": confidence_sequence,
    "R06": one_sided,
    "R08": cuped,
    "R09": lambda: believed(proportion(Proportion(100, 49)), proportion(Proportion(100, 51))),
    "R10": lambda: believed(sums(10, 100, 1002.25), sums(10, 105, 1111.5)),
    "R12": lambda: mismatched([1000, 1200], [0.5, 0.5]),
    "R13": lambda: mismatched([135, 115], [0.5, 0.5]),
    "R14": lambda: mismatched([310, 98], [0.75, 0.25]),
    "R15": lambda: mismatched([0, 10, 10], [0.34, 0.33, 0.33]),
    "R17": lambda: mismatched([500, 500], [0.5, 0.5]),
    "R19": lambda: [lift_power(10, VARIANCE, 0.05, ARM)],
    "R20": lambda: known(detectable_lift(10, VARIANCE, ARM)),
    "R21": lambda: [inflated_sequential_power(drift(), 2 * ARM, 5000)],
    "R23": lambda: known(*adjusted([0.01, 0.04, 0.03, 0.005, 0.55, 0.6], Correction.HOLM)),
    "R24": lambda: known(*adjusted([0.898, 0.138, 0.007, 0.964, 0.538, 0.006, 0.138], Correction.BENJAMINI_HOCHBERG)),
    "R26": rejections,
    "R27": lambda: [t_power(1, 30)],
    "R28": lambda: [t_power(0.1, 20)],
    "R30": lambda: [paired_power(0.2, 20)],
    "R31": lambda: [share_power(0.5, 0.75, 50)],
    "R32": lambda: known(share_posts(0.5, 0.75, 0.9)),
    "R33": lambda: [t_power(1, 20)],
    "R34": lambda: [t_posts(1, 0.9)],
    "R35": lambda: [2 * t_posts(0.3 / math.sqrt(100), 0.85)],
    "R37": lambda: [2 * known(share_posts(0.34, 0.343, 0.67, 0.14, NullVariance.UNPOOLED))[0]],
    "R39": absolute_shares,
    "R40": relative_shares,
    "R42": lambda: numbers(compare(sums(48351, 1438602, 73305810), sums(50571, 1521974, 78621210)))[-1:],
    "R44": lambda: sleep(is_paired=False),
    "R45": lambda: sleep(is_paired=True),
    "R46": lambda: known(*compare_many([Proportion(n, k) for n, k in ((86, 73), (93, 90), (136, 114), (82, 75))])),
    "R48": lambda: known(share_against(Proportion(83, 5), 0.05)),
    "R49": lambda: [*petersen(Errors.PLAIN)[0], *petersen(Errors.PLAIN)[1]],
    "R50": lambda: petersen(Errors.WHITE)[1],
    "R51": lambda: petersen(Errors.CLUSTERED, 0)[1],
    "R52": lambda: petersen(Errors.CLUSTERED, 1)[1],
    "R54": lambda: [bounds_for(5, Bounds.POCOCK)[0]],
    "R56": lambda: [looked(looks) for looks in (2, 5, 10)],
    "R57": lambda: known(share_posts(0.2, 0.25, null=NullVariance.CONTROL)),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_published_number_is_reproduced(name: str, shared_data: Path) -> None:
    listed = json.loads((shared_data / "ab_reference_cases.json").read_text(encoding="utf-8"))
    case = next(each for each in listed if each["id"] == name)
    assert CASES[name]() == pytest.approx(np.atleast_1d(case["expected"]).tolist(), rel=0, abs=case["tol"] + 1e-12)


def test_no_reference_case_is_left_out(shared_data: Path) -> None:
    listed = json.loads((shared_data / "ab_reference_cases.json").read_text(encoding="utf-8"))
    assert {case["id"] for case in listed} == set(CASES)


# --- Further published numbers -----------------------------------------------------------------------------------


def test_growthbooks_one_sided_absolute_test() -> None:
    # growthbook packages/stats/tests/frequentist/test_tests.py: test_one_sided_ttest_absolute
    found = numbers(compare(SHORT, TREATMENT, Scale.ABSOLUTE, Alternative.GREATER))
    assert found[0] == pytest.approx(0.23437666666666668, abs=1e-12)
    assert found[1] == pytest.approx(0.020791480063255735, abs=1e-12)
    assert found[4] == pytest.approx(0.03554272489873023, abs=1e-12)


def test_growthbooks_sequential_shares() -> None:
    # the same file: test_sequential_test_runs_prop, tuned for 5,000
    found = effect(proportion(Proportion(3000, 1396)), proportion(Proportion(3461, 2422)), Scale.RELATIVE)
    assert not isinstance(found, Undefined)
    bounds = always(found, 6461).interval
    assert [found.estimate, bounds.low, bounds.high] == pytest.approx([0.50386, 0.40098, 0.60675], abs=1e-5)


def test_growthbooks_sequential_cuped() -> None:
    # the same file: test_sequential_test_runs_ra. Its error of a lift takes the control's adjusted variance times the
    # squared ratio of the plain means; ours has how the adjusted and the plain mean go together, 1e-5 more here.
    moved = growthbooks_cuped()
    bounds = always(moved, 6461).interval
    assert moved.error == pytest.approx(0.33341, abs=1e-5)
    assert [bounds.low, bounds.high] == pytest.approx([-0.50969, 1.51646], abs=2e-5)


RATIOS_BEFORE_AND_AFTER = {
    "control": {
        "n": 100,
        "sum": 485.112236689623,
        "sumsq": 2715.484666118136,
        "denominator_sum": 679.9093275844917,
        "denominator_sumsq": 4939.424001640236,
        "before_sum": 192.59138069991536,
        "before_sumsq": 460.076026390857,
        "before_denominator_sum": 290.1398399750233,
        "before_denominator_sumsq": 920.9461385038898,
        "product_sum": 3602.146836776702,
        "before_product": 1113.6215759318352,
        "before_denominator_product": 1559.2878434944676,
        "denominator_before_product": 1460.3181079276983,
        "denominator_before_denominator_product": 2130.9404074446747,
        "before_product_sum": 634.239482353647,
    },
    "treatment": {
        "n": 100,
        "sum": 514.7757826608777,
        "sumsq": 2994.897482705013,
        "denominator_sum": 705.4090874383759,
        "denominator_sumsq": 5291.36604146392,
        "before_sum": 206.94157227402536,
        "before_sumsq": 514.2903702246757,
        "before_denominator_sum": 302.54389139107326,
        "before_denominator_sumsq": 994.4506208125663,
        "product_sum": 3918.1561431600717,
        "before_product": 1237.0953021125997,
        "before_denominator_product": 1701.0287270040265,
        "denominator_before_product": 1604.0759503266522,
        "denominator_before_denominator_product": 2292.081739775257,
        "before_product_sum": 698.4173425817908,
    },
}


def test_growthbooks_cuped_of_ratios() -> None:
    # the same file: test_two_sided_ttest_test_runs_ratio_ra and test_sequential_test_runs_ratio_ra
    file = read_trial({"arms": [{"name": name, **sums} for name, sums in RATIOS_BEFORE_AND_AFTER.items()]})
    found = contrast(*file.arms, file.plan, None).cuped
    assert isinstance(found, Comparison)
    said = [found.effect.estimate, found.interval.low, found.interval.high, found.effect.error, found.p]
    assert said == pytest.approx([-0.0007, -0.00841, 0.00700, 0.00391, 0.85771], abs=1e-5)
    bounds = always(found.effect, 200).interval
    assert [bounds.low, bounds.high] == pytest.approx([-0.02063, 0.01923], abs=1e-5)


def test_fishers_tea_has_one_chance_in_seventy() -> None:
    # Fisher (1935), The Design of Experiments, chapter 2
    is_milk_first = np.arange(8) < 4
    cups = np.zeros(8, dtype=np.intp)
    found = permute(is_milk_first.astype(float), is_milk_first, cups, seed=0, alternative=Alternative.GREATER)
    assert not isinstance(found, Undefined)
    assert (found.p, found.is_exact) == (pytest.approx(1 / 70, abs=1e-15), True)


def test_blocks_of_unlike_shares_do_not_shrink_the_difference_that_is_told() -> None:
    # least squares of outcomes on arm and blocks; no other of the 18 possible draws is as extreme
    outcome = np.array([1.0, 2, 5, 4, 10, 13, 14])
    treated, blocks = np.array([0, 0, 1, 1, 0, 1, 1]) > 0, np.array([0, 0, 0, 0, 1, 1, 1])
    columns = np.column_stack([treated, blocks == 0, blocks == 1]).astype(float)
    found = permute(outcome, treated, blocks, seed=0)
    assert not isinstance(found, Undefined)
    assert found.difference == pytest.approx(np.linalg.lstsq(columns, outcome, rcond=None)[0][0], abs=1e-12)
    assert (found.difference, found.p) == (pytest.approx(3.2), pytest.approx(1 / 18))


def test_scipys_ages_of_diabetes_by_ranks() -> None:
    # scipy.stats.mannwhitneyu, Examples: U = 17 for males, exact p = 0.111
    males, females = np.array([19.0, 22, 16, 29, 24]), np.array([20.0, 11, 17, 12])
    found = compare_ranks(females, males)
    assert isinstance(found, RankComparison)
    assert (found.u, found.p) == (17, pytest.approx(0.1111111111111111, abs=1e-12))


def test_the_last_of_five_obrien_fleming_looks() -> None:
    # Jennison & Turnbull (2000), table 2.3
    assert bounds_for(5, Bounds.OBRIEN_FLEMING)[-1] == pytest.approx(2.040, abs=0.001)


def test_the_chance_that_a_sequential_trial_crosses_is_not_the_inflated_figure() -> None:
    assert sequential_power(drift(), 2 * ARM, 5000) == pytest.approx(0.072, abs=5e-4)


@pytest.mark.parametrize(("lift", "posts"), [(0.1, 1942), (0.2, 531), (0.3, 257), (0.5, 108)])
def test_posts_per_arm_for_the_spread_of_real_posts(lift: float, posts: int) -> None:
    assert math.ceil(known(log_posts(lift, 1.06))[0]) == pytest.approx(posts, abs=1)


def test_petersens_errors_by_firm_and_year_at_once() -> None:
    # Petersen's page test_data.htm, as statsmodels' stats/tests/test_sandwich.py cites it
    assert petersen(Errors.CLUSTERED, slice(0, 2))[1] == pytest.approx([0.0651, 0.0536], abs=5e-5)


def test_growthbooks_effect_test_with_a_proper_prior() -> None:
    # growthbook packages/stats/tests/bayesian/test_tests.py, TestGaussianEffectABTest: relative, N(0, 10^6), N(0, 1)
    low, high = 0.06341005842481906, 0.08649588602990732
    found = Effect(0.07495297222736319, (high - low) / (2 * 1.959963984540054), math.inf, Scale.RELATIVE)
    believed = posterior(found, Prior(0.0, 1.0))
    assert believed.mean == pytest.approx(0.07495037261804469, abs=1e-10)
    assert [believed.interval.low, believed.interval.high] == pytest.approx(
        [0.06340765898986044, 0.08649308624622894], abs=1e-10
    )
