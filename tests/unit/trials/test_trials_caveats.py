"""What a verdict says beside itself: several arms, the draw repeated as arbiter, looks before an early end."""

import numpy as np
import polars as pl
import pytest

from core.trials.analysis import Analysis, analyze, arms_of, deciding_p
from core.trials.caveats import caveats
from core.trials.contrast import ArmData
from core.trials.permutation import Permuted
from core.trials.plan import Primary, TrialPlan
from core.trials.samples import Sample
from core.trials.sequential import deciding_level
from core.trials.units import conform
from core.trials.verdict import Verdict


def sized(name: str, estimate: float, n: int = 100, sd: float = 1.0) -> ArmData:
    return ArmData(name, n, 0, Sample(n, estimate, sd**2, estimate))


def said(found: Analysis, plan: TrialPlan) -> list[list[str]]:
    return [
        list(caveats(each.contrast, deciding_p(each.contrast, plan), each.p_holm, plan)) for each in found.comparisons
    ]


def test_an_arm_that_only_its_own_interval_would_call_is_told() -> None:
    plan = TrialPlan(primary=Primary.LOGGED)
    found = analyze([sized("a", 1.0), sized("b", 1.3), sized("c", 1.0)], plan)  # z of b: 0.3 / sqrt(2 / 100) = 2.1
    told, nothing = said(found, plan)
    assert [each.decision.verdict for each in found.comparisons] == [Verdict.TOO_LITTLE_DATA] * 2
    assert len(told) == 1
    assert told[0].startswith("Alone it would be called (p = 0.035")
    assert told[0].endswith("but not among all arms (p = 0.07).")
    assert nothing == []


def rows(control: list[float], treated: list[float], blocks: list[int]) -> pl.DataFrame:
    """Give a post of each arm in turn, in blocks of that many pairs."""
    return conform(
        pl.DataFrame(
            {
                "arm": ["a", "b"] * len(control),
                "value": [value for pair in zip(control, treated, strict=True) for value in pair],
                "block": [str(block) for block in blocks for _ in range(2)],
            }
        )
    )


def analyzed(frame: pl.DataFrame, plan: TrialPlan) -> Analysis:
    return analyze(arms_of(frame, plan, ["a", "b"]), plan, frame)


def test_a_call_that_the_draw_repeated_does_not_bear_out_is_told() -> None:
    plan = TrialPlan(primary=Primary.LOGGED)
    rng = np.random.default_rng(1)
    frame = rows(rng.normal(0, 1, 40).tolist(), rng.normal(1.2, 1, 40).tolist(), list(range(40)))
    parted = frame.with_columns(block=pl.when(pl.int_range(pl.len()) < 6).then(pl.lit("0")).otherwise(pl.col("arm")))
    found = analyzed(parted, plan)  # beside one block of six, each block holds one arm: the draw could be no other
    permuted = found.comparisons[0].contrast.posts.permuted
    assert isinstance(permuted, Permuted)
    assert permuted.p > 0.05
    assert found.comparisons[0].decision.verdict is Verdict.WON
    ((sentence,),) = said(found, plan)
    assert sentence.startswith("The draw repeated within its blocks does not bear it out (p = ")


def test_what_only_the_draw_repeated_would_call_is_told_of_one_look_and_not_of_many() -> None:
    levels = [float(level) for level in np.random.default_rng(2).normal(0, 5, 40)]
    frame = rows(levels, [level + 0.5 + 0.1 * (number % 3) for number, level in enumerate(levels)], list(range(40)))
    once, often = TrialPlan(primary=Primary.LOGGED), TrialPlan(primary=Primary.LOGGED, is_sequential=True)
    ((sentence,),) = said(analyzed(frame, once), once)
    assert sentence.startswith("The draw repeated within its blocks would call it (p = 0.0001")
    assert said(analyzed(frame, often), often) == [[]]


@pytest.mark.parametrize(("n", "often"), [(40_000, Verdict.TOO_LITTLE_DATA), (200_000, Verdict.EQUIVALENT)])
def test_arms_are_the_same_at_any_look_only_if_the_interval_that_holds_there_says_so(n: int, often: Verdict) -> None:
    arms = [sized("a", 10.0, n, 10.0), sized("b", 10.0, n, 10.0)]
    verdicts = [
        analyze(arms, TrialPlan(is_sequential=is_sequential, tuned_for=2.0 * n)).comparisons[0].decision.verdict
        for is_sequential in (False, True)
    ]
    assert verdicts == [Verdict.EQUIVALENT, often]


def test_an_absolute_effect_is_never_called_the_same_within_2_percent() -> None:
    arms = [sized("a", 0.010, 100_000, 0.1), sized("b", 0.011, 100_000, 0.1)]  # 0.02 is twice the level
    found = analyze(arms, TrialPlan(primary=Primary.ABSOLUTE, alpha=0.001))
    assert found.comparisons[0].decision.verdict is Verdict.TOO_LITTLE_DATA


def test_several_arms_and_any_look_need_more_posts() -> None:
    plans = [
        TrialPlan(weights={"a": 1.0, "b": 1.0, "c": 1.0}),
        TrialPlan(weights={"a": 1.0, "b": 1.0}, is_sequential=True),
        TrialPlan(weights={"a": 1.0, "b": 1.0}, is_cut_after_look=True),
    ]
    assert [plan.level for plan in plans] == pytest.approx([0.025, 0.002404, 0.002404], rel=1e-3)
    assert deciding_level(0.05) == 0.05
