"""The whole analysis of a trial: arms, comparisons with the control, health, and a verdict on every arm."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from core.trials.contrast import ArmData, Contrast, contrast
from core.trials.health import examine
from core.trials.health.facts import Finding, TrialFacts
from core.trials.health.sample_ratio import mismatch
from core.trials.moments import moments_of
from core.trials.plan import Primary, TrialPlan
from core.trials.power import detectable_lift, detectable_log_lift
from core.trials.samples import Proportion, Sample, mean, proportion, ratio
from core.trials.several import Correction, adjusted
from core.trials.units import Metric, arm_moments, known, values_of
from core.trials.values import Known
from core.trials.verdict import Decision, decide
from core.undefined import Undefined


@dataclass(frozen=True)
class Judged:
    """A contrast with its p-values corrected for all arms, and the verdict."""

    contrast: Contrast
    p_holm: Known
    p_benjamini_hochberg: Known
    decision: Decision


@dataclass(frozen=True)
class Analysis:
    """All of a trial. `sample_ratio_p` is that of "posts fell to the arms as meant"; findings by name of the check."""

    arms: tuple[ArmData, ...]
    comparisons: tuple[Judged, ...]
    sample_ratio_p: Known
    findings: dict[str, Finding]


def analyze(
    arms: Sequence[ArmData],
    plan: TrialPlan,
    rows: pl.DataFrame | None = None,
    posts: pl.DataFrame | None = None,
    *,
    values: pl.DataFrame | None = None,
) -> Analysis:
    """Analyze a trial from its arms' statistics, and from what was drawn (rows of UNIT_SCHEMA) where it is there.

    `posts`, the same where left out, are those of the days where days were drawn: formats, channels and moves are
    theirs. `values` stand for rows whose order is not known: health, which goes by it, leaves them out. The control is
    the arm the plan names, or the first; a plan that names no weights means equal ones.
    """
    control = next((arm for arm in arms if arm.name == plan.control), arms[0])
    others = [arm for arm in arms if arm is not control]
    values = rows if values is None else values
    contrasts = [contrast(control, arm, plan, values) for arm in others]
    facts = _facts(arms, plan, rows, rows if posts is None else posts)
    findings = examine(facts)
    ps = [deciding_p(each, plan) for each in contrasts]
    holm, hochberg = (adjusted(ps, correction) for correction in Correction)
    judged = tuple(
        Judged(each, p, q, decide(each, (control, arm), p, plan, findings))
        for each, arm, p, q in zip(contrasts, others, holm, hochberg, strict=True)
    )
    weights = [facts.weights[arm.name] for arm in arms]
    return Analysis(tuple(arms), judged, mismatch([arm.n + arm.missing for arm in arms], weights), findings)


def deciding_p(found: Contrast, plan: TrialPlan) -> Known:
    """Return the p-value the plan decides by: the always-valid one if looks were planned for, or told when to stop."""
    if plan.is_by_looks:
        return found.always if isinstance(found.always, Undefined) else found.always.p
    return found.primary if isinstance(found.primary, Undefined) else found.primary.p


def _facts(
    arms: Sequence[ArmData], plan: TrialPlan, rows: pl.DataFrame | None, posts: pl.DataFrame | None
) -> TrialFacts:
    facts = TrialFacts(
        assigned={arm.name: arm.n + arm.missing for arm in arms},
        weights={arm.name: plan.weights.get(arm.name, 1.0) for arm in arms},
        missing={arm.name: arm.missing for arm in arms},
        metric=plan.metric,
        looks=plan.looks,
        planned_posts=plan.planned_posts,
        unit=plan.unit,
        is_sequential=plan.is_sequential,
        is_cut_short=plan.is_cut_short,
        registration_holds=plan.registration_holds,
        detectable=_detectable(arms, plan, rows),
        alpha=plan.alpha,
    )
    return facts if rows is None or posts is None else replace(facts, rows=rows, posts=posts)


def _detectable(arms: Sequence[ArmData], plan: TrialPlan, rows: pl.DataFrame | None) -> Known:
    """Return the smallest lift the smallest arm sees, by what the first arm's posts vary."""
    n = min(arm.n for arm in arms)
    sample = arms[0].sample
    if plan.primary is Primary.LOG and rows is not None:
        values = values_of(rows, arms[0].name)
        if values.size < 2 or values.min() < 0:  # noqa: PLR2004 - a variance needs two
            return Undefined("The posts' logarithms are not known.")
        logs = mean(moments_of((1 + pl.Series(values)).log().to_numpy()))
        return logs if isinstance(logs, Undefined) else detectable_log_lift(n, logs.variance**0.5, alpha=plan.level)
    if plan.primary is Primary.LOGGED:
        return (
            sample if isinstance(sample, Undefined) else detectable_log_lift(n, sample.variance**0.5, alpha=plan.level)
        )
    if isinstance(sample, Undefined) or sample.level <= 0 or n == 0:
        return Undefined("There is no mean above 0 that a lift could be measured by.")
    return detectable_lift(sample.level, sample.variance, n, alpha=plan.level)


def arms_of(rows: pl.DataFrame, plan: TrialPlan, names: Sequence[str]) -> list[ArmData]:
    """Return the arms' statistics from a trial's posts; posts without an outcome are counted, not used."""
    return [_arm_of(rows.filter(pl.col("arm") == name), name, plan) for name in names]


_BEFORE: Mapping[Metric, tuple[str, ...]] = {
    Metric.MEAN: ("value", "before"),
    Metric.RATIO: ("value", "denominator", "before", "before_denominator"),
}
"""What CUPED needs of every post."""


def _arm_of(own: pl.DataFrame, name: str, plan: TrialPlan) -> ArmData:
    with_outcome = known(own, plan.metric)
    counted = None
    sample: Sample | Undefined
    if plan.metric is Metric.PROPORTION:
        counted = Proportion(with_outcome.height, int(with_outcome["value"].sum()))
        sample = proportion(counted)
    elif plan.metric is Metric.RATIO:
        sample = ratio(arm_moments(with_outcome, name, ("value", "denominator")))
    else:
        sample = mean(arm_moments(with_outcome, name, ("value",)))
    columns = _BEFORE.get(plan.metric, ())
    has_before = bool(columns) and with_outcome.height > 0 and not any(with_outcome.select(columns).null_count().row(0))
    pair = arm_moments(with_outcome, name, columns) if has_before else None
    return ArmData(name, with_outcome.height, own.height - with_outcome.height, sample, counted, pair)
