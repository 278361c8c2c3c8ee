"""The design assistant and the verdicts: what a trial can see, how long it takes, and what it says in the end."""

import numpy as np
import polars as pl
import pytest

from core.trials.analysis import Analysis, analyze, arms_of
from core.trials.contrast import ArmData
from core.trials.plan import Primary, TrialPlan
from core.trials.power import detectable_lift, detectable_log_lift, lift_power, log_posts, share_posts, weeks_needed
from core.trials.promise import Design, sights, simulated_power, weeks_for
from core.trials.samples import Proportion, Sample, proportion
from core.trials.units import Metric, conform
from core.trials.verdict import Verdict
from core.undefined import Undefined

SPREAD = np.random.default_rng(1).normal(0, 1.06, 800)
TEAM = Design(SPREAD, posts_per_week=20)


def sized(estimate: float, sd: float, n: int, name: str) -> ArmData:
    return ArmData(name, n, 0, Sample(n, estimate, sd**2, estimate))


def judged(*arms: ArmData, **changes: object) -> Analysis:
    return analyze(arms, TrialPlan(**changes))  # type: ignore[arg-type] # fields of the plan


def test_four_weeks_of_twenty_posts_see_nothing_that_timing_does() -> None:
    four, year = sights(TEAM, (4, 52))
    assert (four.posts_per_arm, four.is_too_coarse) == (40, True)
    assert isinstance(year.detectable, float)
    assert year.detectable < 0.3
    assert not year.is_too_coarse


def test_weeks_and_detectable_lifts_are_two_sides_of_one_design() -> None:
    weeks = weeks_for(TEAM, 0.2)
    assert isinstance(weeks, int)
    before, after = sights(TEAM, (weeks - 1, weeks + 1))
    assert isinstance(before.detectable, float)
    assert isinstance(after.detectable, float)
    assert after.detectable < 0.2 < before.detectable


@pytest.mark.parametrize("outcomes", [np.empty(0), np.ones(1), np.full(9, 0.1)])
def test_a_team_without_outcomes_that_differ_is_promised_nothing(outcomes: np.ndarray) -> None:
    design = Design(outcomes, posts_per_week=20)
    assert all(isinstance(each.detectable, Undefined) and each.is_too_coarse for each in sights(design))
    assert isinstance(weeks_for(design, 0.2), Undefined)
    assert isinstance(simulated_power(design, 0.2, 50, seed=1, simulations=10), Undefined)


def test_designs_that_make_no_sense_are_undefined() -> None:
    assert isinstance(weeks_needed(100, 2, 0), Undefined)
    assert isinstance(log_posts(0, 1), Undefined)
    assert isinstance(log_posts(-1, 1), Undefined)
    assert isinstance(share_posts(0.5, 0.5), Undefined)
    assert isinstance(detectable_lift(10, 0, 100), Undefined)
    assert isinstance(detectable_lift(10, 1e9, 2), Undefined)
    assert isinstance(detectable_log_lift(0, 1), Undefined)


def test_more_posts_see_more() -> None:
    powers = [lift_power(10, 100, 0.1, n) for n in (10, 100, 1000, 10_000)]
    assert powers == sorted(powers)
    assert powers[0] == pytest.approx(0.05, abs=0.02)


def test_a_power_is_the_same_for_the_same_seed() -> None:
    first, again = (simulated_power(TEAM, 0.3, 100, seed=4, simulations=500) for _ in range(2))
    assert first == again


# --- Verdicts ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("estimate", "n", "verdict", "words"),
    [
        (12.0, 4000, Verdict.WON, "b beats a by about 20 % (p < 0.001)."),
        (8.0, 4000, Verdict.LOST, "b is worse than a by about 20 %"),
        (10.0, 90_000, Verdict.EQUIVALENT, "the same within 2 %"),
        (11.0, 50, Verdict.TOO_LITTLE_DATA, "to see +20 % it needs about"),
    ],
)
def test_a_verdict_is_one_plain_sentence(estimate: float, n: int, verdict: Verdict, words: str) -> None:
    found = judged(sized(10.0, 10.0, n, "a"), sized(estimate, 10.0, n, "b"))
    (one,) = found.comparisons
    assert one.decision.verdict is verdict
    assert words in one.decision.sentence


def test_a_trial_whose_draw_failed_has_no_winner() -> None:
    found = judged(sized(10.0, 10.0, 4000, "a"), sized(15.0, 10.0, 3000, "b"))
    assert found.comparisons[0].decision.verdict is Verdict.INVALID


def test_a_trial_planned_for_looks_is_decided_by_what_holds_at_every_look() -> None:
    arms = sized(10.0, 10.0, 200, "a"), sized(12.3, 10.0, 200, "b")
    once, always = judged(*arms), judged(*arms, is_sequential=True)
    assert once.comparisons[0].decision.verdict is Verdict.WON
    assert always.comparisons[0].decision.verdict is Verdict.TOO_LITTLE_DATA


def test_nobody_looks_before_there_is_something_to_see() -> None:
    few = judged(sized(10.0, 1.0, 14, "a"), sized(15.0, 1.0, 900, "b"), is_sequential=True, weights={"a": 14, "b": 900})
    assert isinstance(few.comparisons[0].contrast.always, Undefined)
    assert few.comparisons[0].decision.verdict is Verdict.TOO_LITTLE_DATA


def test_the_posts_still_needed_would_be_enough() -> None:
    sentence = judged(sized(10.0, 10.0, 50, "a"), sized(10.0, 10.0, 50, "b")).comparisons[0].decision.sentence
    more = int("".join(filter(str.isdigit, sentence.rpartition("about")[2])))
    assert lift_power(10, 100, 0.2, (100 + more) / 2) == pytest.approx(0.8, abs=0.09)


def test_posts_of_shares_and_ratios_are_analyzed_from_rows() -> None:
    rng = np.random.default_rng(2)
    rows = conform(
        pl.DataFrame(
            {"arm": ["a", "b"] * 100, "value": rng.integers(0, 2, 200) * 1.0, "denominator": np.full(200, 2.0)}
        )
    )
    shares = arms_of(rows, TrialPlan(metric=Metric.PROPORTION), ["a", "b"])
    ratios = arms_of(rows, TrialPlan(metric=Metric.RATIO), ["a", "b"])
    for share, ratio in zip(shares, ratios, strict=True):
        assert share.counted is not None
        assert share.sample == proportion(Proportion(100, share.counted.successes))
        assert isinstance(share.sample, Sample)
        assert isinstance(ratio.sample, Sample)
        assert ratio.sample.estimate == pytest.approx(share.sample.estimate / 2)
    found = analyze(ratios, TrialPlan(metric=Metric.RATIO), rows)
    assert isinstance(found.comparisons[0].contrast.posts.logs, Undefined)


def test_a_switchback_is_told_from_posts_drawn_one_by_one() -> None:
    rng = np.random.default_rng(3)
    days = np.repeat(np.arange(28), 3)
    arm = np.where(rng.permutation(np.arange(28) % 2)[days] == 0, "a", "b")
    rows = conform(
        pl.DataFrame({
            "arm": arm, "value": rng.lognormal(3, 1, 84), "day": [f"2027-01-{d + 1:02}" for d in days],
            "block": [f"week {d // 7}" for d in days],
        })
    )  # fmt: skip
    plan = TrialPlan(primary=Primary.LOG)
    (one,) = analyze(arms_of(rows, plan, ["a", "b"]), plan, rows).comparisons
    assert not isinstance(one.contrast.posts.switchback, Undefined)
    assert not isinstance(one.contrast.posts.by_day, Undefined)
    mixed = rows.with_columns(arm=pl.Series(rng.permutation(arm)))
    (other,) = analyze(arms_of(mixed, plan, ["a", "b"]), plan, mixed).comparisons
    assert isinstance(other.contrast.posts.switchback, Undefined)
