"""Published cases in the words of their authors: the same number in whatever words, or a refusal that helps."""

from typing import Any

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from core.trials.case_file import answer_cases, is_cases


def answered(told: Any, topic: str = "", **beside: Any) -> Any:
    (answer,) = answer_cases([{"id": "x", "topic": topic, "input": told, **beside}])
    return answer["result"] if "error" not in answer else answer


def at(answer: Any, path: str) -> Any:
    for step in path.split("."):
        answer = answer[int(step)] if isinstance(answer, list) else answer[step]
    return answer


FIRST = "comparisons.0"
LIFT = [f"{FIRST}.relative.{each}" for each in ("effect.estimate", "interval.0", "interval.1", "p")]
POSTHOG = "sum=1196.87,sumsq=37377.9767,n=2507 vs sum=1922.7,sumsq=94698.29,n=2461"
TUNED = "sum=1396.87,sumsq=52377.9767,n=3000 vs sum=2422.7,sumsq=134698.29,n=3461"
NEWCOMBE = [f"{FIRST}.shares.newcombe.0", f"{FIRST}.shares.newcombe.1"]
TUNED_ALWAYS = [f"{FIRST}.relative.effect.estimate", f"{FIRST}.always.interval.0", f"{FIRST}.always.interval.1"]
RATIO = (
    "n=1966, sum=94605.79858780127, sum_squares=10463129.505392816, denominator_sum=936, denominator_sum_squares=936, "
    "main_denominator_sum_product=94605.79858780127 vs n=2034, sum=99673.9364269569, sum_squares=11298745.182728939, "
    "denominator_sum=947, denominator_sum_squares=947, main_denominator_sum_product=99673.9364269569"
)


@pytest.mark.parametrize(
    ("topic", "told", "paths", "numbers", "tolerance"),
    [
        # PostHog, products/experiments/stats/tests/test_frequentist.py and test_bayesian.py (03f2add, 02d3426)
        ("Welch, relative", POSTHOG, LIFT, [0.63646, -0.0875, 1.36048, 0.08487], 1e-4),
        ("two shares", "control 87/1529, treatment 62/1471", LIFT, [-0.25925, -0.49475, -0.02376, 0.03096], 1e-4),
        ("ratio metric", RATIO, LIFT, [0.041333, 0.01378609, 0.0689, 0.0032826], 1e-4),
        ("Bayes, flat prior (PostHog)", POSTHOG, [f"{FIRST}.posterior_flat.{each}" for each in (
            "mean", "interval.0", "interval.1", "chance_to_win",
        )], [0.63646, -0.0873, 1.36026, 0.95759], 1e-4),
        # GrowthBook, packages/shared/test/power.test.ts (0f9802e): the weeks of its two metrics
        ("power", "conversion rate 10 %, lift 5 %, 4500 users, 3 variations", ["power_of_lift"], [0.073], 1e-5),
        ("power", "conversion rate 10 %, lift 5 %, 4,500 users/week, 9 weeks, 3 variations", ["power_of_lift"],
         [0.26666], 1e-5),
        ("MDE", "conversion rate 10 %, 4500 users, 3 variations", ["detectable_lift"], [0.36767], 1e-5),
        ("power", "mean 0.1, variance 0.5, lift 30 %, 40,500 users, 3 variations", ["power", "detectable_lift",
         "sequential_power_by_growthbooks_convention"], [0.85213, 0.27647, 0.46136], 1e-5),
        ("sequential MDE", "mean 10, var 3909.9997749994377, 400 000 users, 3 variations, N*=5,000",
         ["sequential_detectable_lift_by_growthbooks_convention"], [0.12821], 1e-5),
        # GrowthBook, packages/stats/tests/frequentist/test_tests.py: tuned for 1,000 (as R04 of the reference cases)
        ("sequential, N* = 1,000", TUNED, TUNED_ALWAYS, [0.50336, -0.55844, 1.56516], 1e-5),
        # the same file (a later version), one-sided and sequential: intervals from below and from above
        ("sequential, greater", f"{TUNED}, one-sided", [f"{FIRST}.always.interval.0", f"{FIRST}.relative.interval.0",
         f"{FIRST}.relative.p"], [-0.42356454602790883, -0.045136675850396046, 0.06558262868467746], 1e-9),
        ("sequential, alternative less", TUNED, [f"{FIRST}.always.interval.1", f"{FIRST}.relative.interval.1",
         f"{FIRST}.absolute.p"], [1.4302867177403806, 1.0518588475628676, 0.9644572751012698], 1e-9),
        # GrowthBook, packages/stats/tests/bayesian/test_tests.py: an informative prior of variance 0.1
        ("Bayes, informative prior (mean=0.1, variance=0.1)", "sum=100,sumsq=1002.25,n=10 vs 105,1111.5,10",
         [f"{FIRST}.posterior.{each}" for each in ("mean", "interval.0", "sd", "chance_to_win", "loss_of_control",
          "loss_of_treatment")], [0.05063, -0.01893, 0.03549, 0.92315, 0.05186, 0.00123], 1e-5),
        # Spotify Confidence, tests/samplesize/test_samplesizecalculator.py (9728423), by G*Power
        ("binomial, power .85", "abs MDE .003, p0=.34", ["posts_total.unpooled"], [897_348], 4_487),
        ("binomial, power .85", "abs MDE .003, p0=.34, alpha .14", ["posts_total.unpooled"], [630_710], 3_154),
        # R, help pages of pwr
        ("pwr.t2n.test", 'd=0.6, n1=90, n2=60, alternative="greater"', ["power"], [0.9737262], 1e-6),
        ("pwr.2p2n.test", "h=0.30, n1=80, n2=245, greater", ["power"], [0.7532924], 1e-6),
        ("pwr.t.test", 'd=0.2, n=60, sig.level=0.10, type="one.sample"', ["power"], [0.4555818], 1e-6),
        ("pwr.t.test", 'd=0.3, power=0.75, type="two.sample", alternative="greater"', ["posts_per_arm"],
         [120.2232], 1e-3),
        # R, prop.test help: smokers among lung patients
        ("prop.test", "83/86, 90/93, 129/136, 70/82", ["all_equal.chi_square", "all_equal.p"], [12.6004, 0.005585],
         1e-4),
        # Newcombe (1998), Statistics in Medicine 17:873, table II, contrasts (a) and (b)
        ("Newcombe", "48/80 vs 56/70", NEWCOMBE, [0.0524, 0.3339], 1e-4),
        ("Newcombe", "3/10 vs 9/10", NEWCOMBE, [0.1705, 0.8090], 1e-4),
        # scipy.stats.mannwhitneyu, Examples
        ("Mann-Whitney", "[20,11,17,12] vs [19,22,16,29,24]", [f"{FIRST}.posts.ranks.u", f"{FIRST}.posts.ranks.p"],
         [17, 0.1111111111111111], 1e-9),
        # statsmodels, TTestIndPower with twice as many posts in the second arm: 0.5, 0.05, 0.8, ratio 2
        ("tt_ind_solve_power", "effect_size=0.5, alpha=0.05, power=0.8, ratio=2", ["posts_per_arm", "posts_total"],
         [47.741920, 143.225761], 1e-4),
        # Jennison & Turnbull (2000), tables 2.1 and 2.3
        ("Pocock, alpha 0.01", "10 analyses", ["constant.pocock"], [3.117], 1e-3),
        ("O'Brien-Fleming, alpha=0.1", "K=5", ["constant.obrien_fleming"], [1.751], 1e-3),
    ],
)  # fmt: skip
def test_a_published_case_has_its_number(
    topic: str, told: str, paths: list[str], numbers: list[float], tolerance: float
) -> None:
    answer = answered(told, topic)
    assert [at(answer, path) for path in paths] == pytest.approx(numbers, rel=0, abs=tolerance)


SAME_WORDS: dict[str, list[Any]] = {
    POSTHOG: [
        "control: sum=1196.87,sumsq=37377.9767,n=2507; treatment: sum=1922.7,sumsq=94698.29,n=2461",
        "treatment: sum=1922.7,sumsq=94698.29,n=2461; control: sum=1196.87,sumsq=37377.9767,n=2507",
        "Control sum 1,196.87, sumsq 37,377.9767, n 2,507 vs treatment sum 1,922.7, sumsq 94,698.29, n 2,461",
        "sum=1,196.87,sumsq=37,377.9767,n=2,507 VS sum=1,922.7,sumsq=94,698.29,n=2,461",
        "sum=1196,87; sumsq=37377,9767; n=2507 vs sum=1922,7; sumsq=94698,29; n=2461",
        {"control": {"sum": 1196.87, "sumsq": 37377.9767, "n": 2507},
         "treatment": {"sum": 1922.7, "sumsq": 94698.29, "n": 2461}},
        {"treatment": {"sum": 1922.7, "sumsq": 94698.29, "n": 2461},
         "control": {"sum": 1196.87, "sumsq": 37377.9767, "n": 2507}},
    ],
    "62/1471 vs 87/1529": [
        "62 of 1471 vs 87 of 1529", "62 out of 1,471 vs. 87 out of 1,529", "62/1471, 87/1529", "62/1471 and 87/1529",
        "Control 62/1471; Treatment 87/1529", "A: 62/1471, B: 87/1529", "62/1471 (control) vs 87/1529 (treatment)",
        "x1=62, n1=1471, x2=87, n2=1529", "conversions=62, visitors=1471 vs conversions=87, visitors=1529",
        "A=62/1471 B=87/1529", "62/1471 (4.2%) vs 87/1529 (5.7%)", "usual: 62/1471; Tuesday 18:00: 87/1529",
        "62 conversions of 1471 visitors vs 87 conversions of 1529 visitors",
        {"A": {"conversions": 62, "visitors": 1471}, "B": {"conversions": 87, "visitors": 1529}},
        '{"arms": {"a": {"n": 1471, "successes": 62}, "b": {"n": 1529, "successes": 87}}}',
    ],
    "mean=10,sd=.5,n=10 vs mean=10.5,sd=1,n=10": [
        "M=10, SD=0.5, N=10 vs M=10.5, SD=1, N=10", "mean1=10, sd1=0.5, n1=10, mean2=10.5, sd2=1, n2=10",
        "mean_c=10, sd_c=0.5, n_c=10; mean_t=10.5, sd_t=1, n_t=10", "mean=10,var=.25,n=10 vs 10.5,1,10",
        "Control (n=10): mean 10, sd 0.5; Treatment (n=10): mean 10.5, sd 1",
        "control mean=10 sd=.5 n=10, treatment mean=10.5 sd=1 n=10", "10 (SD .5, n=10) vs 10.5 (SD 1, n=10)",
        "baseline: mean 10, sd 0.5, n 10; variant: mean 10.5, variance 1, n 10",
        "mean 10, se 0.158113883008419, n 10 compared with mean 10.5, se 0.316227766016838, n 10",
        "mean=10; sd=0,5; n=10 vs mean=10,5; sd=1; n=10",
    ],
    "[1,2,3,4,5] vs [2,4,6,8,10]": [
        "control=[1,2,3,4,5], treatment=[2,4,6,8,10]", "x=[1,2,3,4,5]; y=[2,4,6,8,10]", "c(1,2,3,4,5) vs c(2,4,6,8,10)",
        "(1, 2, 3, 4, 5) vs (2, 4, 6, 8, 10)", "A: [1,2,3,4,5]; B: [2,4,6,8,10]", [[1, 2, 3, 4, 5], [2, 4, 6, 8, 10]],
    ],
    "p1=.2, p2=.25": [
        "baseline conversion rate 20%, minimum detectable effect 5% absolute, power 80%, significance 5%",
        "Baseline conversion rate: 20%; Minimum Detectable Effect: 5%; Absolute", "baseline 20 %, MDE 25 % relative",
        "baseline 20 %, lift 5 pp", "from 20% to 25%, power 0.8", "20% vs 25%", "p1=0,2; p2=0,25; power=0,8",
        "baseline 20 %, uplift 25 %, 1-\N{GREEK SMALL LETTER BETA}=0.8", {"baseline": 0.2, "mde": ".05"},
    ],
    "mean 50, sd 10, lift 6 %": ["mean 50, sd 10, MDE 6 %", "mean 50, var 100, relative MDE 6 %"],
    "d=.5, n=64": ["Cohen's d 0.5, 64 per group", "effect_size=0.5, nobs1=64", "d=0.5, n1=64, n2=64", "d=0,5; n=64"],
}  # fmt: skip


@pytest.mark.parametrize(("plain", "told"), [(plain, told) for plain, many in SAME_WORDS.items() for told in many])
def test_other_words_for_the_same_have_the_same_answer(plain: str, told: Any) -> None:
    assert _numbers(answered(told)) == pytest.approx(_numbers(answered(plain)), rel=1e-9, abs=1e-12)


def _numbers(answer: Any) -> list[float]:
    """Return all numbers of an answer, in order; the arms in that of the comparison."""
    if "error" in answer:
        raise AssertionError(answer["error"])
    found: list[float] = []
    stack = [answer.get("comparisons", answer)]
    while stack:
        one = stack.pop()
        if isinstance(one, dict | list):
            stack.extend(one.values() if isinstance(one, dict) else one)
        elif isinstance(one, int | float):
            found.append(one)
    assert found
    return found


@pytest.mark.parametrize(
    "told",
    [
        "users=[310, 98], weights=[0.75, 0.25]", "310 vs 98, split 3:1", "control 310 / treatment 98 (75/25)",
        "observed=[310,98], expected=[306,102]", "expected 306/102, observed 310/98", "posts=[310,98], shares=3:1",
        "users: 310 and 98; weights: 75% and 25%", {"observed": [310, 98], "expected": [3, 1]}, "A 310; B 98; 75/25",
        "[310, 98], [3, 1]", "310, 98; weights 0.75, 0.25", "n1=310, n2=98, 3:1", "control=310 treatment=98 (75/25)",
    ],
)  # fmt: skip
def test_a_sample_ratio_is_read_in_the_words_people_use(told: Any) -> None:
    # GrowthBook, packages/back-end/test/stats.test.ts: 310 and 98 at 3 to 1
    assert answered(told, "SRM chi-square")["p"] == pytest.approx(0.647434186, abs=1e-9)


def test_weights_of_a_sample_ratio_may_stand_in_the_words_about_it() -> None:
    assert answered("310 vs 98", "SRM 75/25")["p"] == pytest.approx(0.647434186, abs=1e-9)
    assert answered("users=[310, 98]", "SRM", quantity="p, weights 3:1")["p"] == pytest.approx(0.647434186, abs=1e-9)
    assert "comparisons" in answered("14/28 vs 16/30", "SRM")  # two shares, no list of four arms


@pytest.mark.parametrize(
    "told",
    [
        "p=[.01,.04,.03,.2]", "0.01, 0.04, 0.03, 0.2", "p-values: 0.01, 0.04, 0.03 and 0.2", "0,01; 0,04; 0,03; 0,2",
        "pvals=c(0.01,0.04,0.03,0.2)", [0.01, 0.04, 0.03, 0.2], {"p-values": [0.01, 0.04, 0.03, 0.2]},
        "1 %, 4 %, 3 %, 20 %", "p1=0.01, p2=0.04, p3=0.03, p4=0.2",
    ],
)  # fmt: skip
def test_p_values_are_corrected_in_whatever_way_they_are_listed(told: Any) -> None:
    expected = multipletests([0.01, 0.04, 0.03, 0.2], method="holm")[1]
    assert np.allclose(answered(told, "Holm-Bonferroni")["holm"], expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("words", "beside"),
    [
        ({"topic": "Welch, 99 % interval"}, {"alpha": 0.01}),
        ({"quantity": "ci_lo, ci_hi (90 %)"}, {"alpha": 0.1}),
        ({"topic": "conf.level = 0.9"}, {"alpha": 0.1}),
        ({"topic": "10% significance"}, {"alpha": 0.1}),
        ({"input": "14/28 vs 16/30, N*=2,000, sequential"}, {"tuned_for": 2000}),
        ({"input": "14/28 vs 16/30, one-sided, alpha 0.1"}, {"alpha": 0.1, "alternative": "greater"}),
        ({"input": "14/28 vs 16/30 (90% CI)", "alpha": 0.2}, {"alpha": 0.1}),
        ({"quantity": "p (H1: less)"}, {"alternative": "less"}),
        ({"topic": "always valid, tuned for 1,000"}, {"tuned_for": 1000}),
        ({"input": "14/28 vs 16/30, prior N(0.05, 0.3^2)"}, {"prior_mean": 0.05, "prior_sd": 0.3}),
        ({"topic": "normal prior with mean 0.05 and variance 0.09"}, {"prior_mean": 0.05, "prior_sd": 0.3}),
        ({"topic": "Welch, smaller sample than usual"}, {}),
    ],
)
def test_words_beside_a_case_are_heard(words: dict[str, Any], beside: dict[str, Any]) -> None:
    heard = answered(**({"told": "14/28 vs 16/30"} | {("told" if name == "input" else name): value
                                                      for name, value in words.items()}))  # fmt: skip
    assert heard == answered("14/28 vs 16/30", **beside)


def test_cases_may_be_a_list_or_stand_under_their_name_or_alone() -> None:
    case = {"id": "a", "input": "14/28 vs 16/30"}
    for file in ([case], {"cases": [case]}, {"cases": case}, case):
        assert is_cases(file)
        assert answer_cases(file) == answer_cases([case])
    assert not is_cases({"cases": []})


def test_as_above_takes_the_sums_of_the_case_that_shares_a_number() -> None:
    cases = [
        {"id": "R1", "input": "sum=1396.87,sumsq=52377.9767,n=3407 vs sum=2422.7,sumsq=134698.29,n=3461"},
        {"id": "R2", "input": "14/28 vs 16/30"},
        {"id": "R3", "topic": "N*=1000", "input": "n=3000 vs 3461 as above"},
        {"id": "R4", "input": "n=5 vs 6 as above"},
    ]
    *_, found, lost = answer_cases(cases)
    assert found["result"]["taken_from"] == "R1"
    assert at(found["result"], f"{FIRST}.always.interval.0") == pytest.approx(-0.55844, abs=1e-5)
    assert "sum: it must be given" in lost["error"]


def test_weeks_come_with_posts_where_the_pace_is_told() -> None:
    posts = answered("p1=.1, p2=.12")
    assert answered("baseline 10 %, lift 20 %, 1000 visitors per week")["weeks"]["pooled"] == pytest.approx(
        posts["posts_total"]["pooled"] / 1000
    )
    assert answered("sd of log 1.06, lift 20 %, 10 posts a day")["weeks"] == pytest.approx(1061.215 / 70, abs=1e-3)


@pytest.mark.parametrize(
    ("told", "topic", "words"),
    [
        ("4.2% of 1471 vs 5.7% of 1529", "", "give the count: 0.042 of 1471 posts are 61.782"),
        ("10\N{PLUS-MINUS SIGN}0.5 (n=10) vs 10.5\N{PLUS-MINUS SIGN}1 (n=10)", "", "write sd=.. or se=.."),
        ("1,2,3,4,5 vs 2,4,6,8,10", "", "put values in brackets"),
        ("62/1471 (9%) vs 87/1529 (5.7%)", "", "9 % is another share"),
        ("sd 10, MDE 6 %", "", "give the mean that the effect is a percentage of"),
        ("14.5/28 vs 16/30", "", "give whole numbers of posts"),
        ("[1,nan,3] vs [1,2,3]", "", "leave out what is not known (got 'nan')"),
        ("14/28 vs 16/30", "alpha 0.99", "alpha: give 0.0001 to 0.5"),
        ("d=.5, n=64, alpha 0.99", "", "input, alpha: give 0.0001 to 0.5"),
        ("14/28 vs 16/30, prior Beta(1,1)", "", "beliefs are normal ones"),
        ("14/28 vs 16/30", "Bayes, prior N(0, 0.1)", "write prior mean 0 sd 0.3"),
        ("14/28 vs 16/30", "Bayes, prior weight 10", "write prior mean 0 sd 0.3"),
        ("14/28 vs 16/30", "Bayes, prior mean 0.1", "prior_mean: give prior sd beside it"),
        ("baseline 20 %, abs MDE 5 %, relative", "", "say either relative or absolute"),
        ("n=100, p1=.3, power=.8, less", "", "ask for greater"),
        ({"colour": 1}, "", "name numbers one of"),
        ({"users": [float("nan"), 1]}, "", "input.users[0]: give a finite number"),
        ([], "", "give a text in quotes, or an object"),
    ],
)
def test_what_has_no_one_meaning_is_refused_in_its_place(told: Any, topic: str, words: str) -> None:
    assert words in answered(told, topic)["error"]
