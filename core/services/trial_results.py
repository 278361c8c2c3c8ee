"""What a trial has shown so far: by the draw and as followed, with always-valid intervals, Bayes, health, a verdict."""

import math
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime

import numpy as np
import polars as pl
from scipy.special import stdtrit

from core.calendar.zones import to_wall
from core.content.baseline import WEEKDAYS
from core.services.context import Context
from core.services.trial_result_views import ArmView, EffectView, LiftView, LookView, TrialResults
from core.services.trial_rows import registered_row, view_of
from core.services.trial_units import RIPE_AGES, units_of
from core.services.trial_views import AssignmentView, TrialView, UnitState
from core.storage.tables import Trial
from core.trials.analysis import Judged, analyze, arms_of, deciding_p
from core.trials.by_day import days_of
from core.trials.caveats import caveats
from core.trials.comparison import Comparison, compare
from core.trials.contrast import too_early
from core.trials.moments import moments_of
from core.trials.plan import Primary, TrialPlan
from core.trials.registration import Registration
from core.trials.samples import Sample, mean
from core.trials.sequential import FIRST_LOOK, always
from core.trials.tails import NEGATIVE, geometric
from core.trials.units import UNIT_SCHEMA, values_of
from core.trials.values import Interval
from core.trials.verdict import Verdict
from core.trials.words import DrawUnit, TrialState
from core.undefined import Undefined

ELSEWHERE = "another time"
"""What stands for the arm of a post that went out outside its slot."""
_MOMENT = pl.Datetime("us", "UTC")


def trial_results(ctx: Context, trial_id: str) -> TrialResults:
    """Return what a trial has shown by now; looking at a running one is counted (NotFound, StateConflict: a draft)."""
    _note_look(ctx, trial_id)
    with ctx.read() as session:
        row, registration = registered_row(session, trial_id)
        trial = view_of(session, row, ctx.now())
        units = units_of(session, registration, ctx.now())
    return results_of(trial, registration, units, ctx.now())


def results_of(
    trial: TrialView, registration: Registration, units: Sequence[AssignmentView], now: datetime
) -> TrialResults:
    """Return the results of a trial from its drawn posts."""
    is_cut_short = trial.stopped_at is not None and trial.stopped_at < registration.ends_at
    plan = replace(
        registration.plan,
        looks=max(trial.looks, 1),
        is_cut_short=is_cut_short,
        is_cut_after_look=is_cut_short and trial.looks > 0,
        registration_holds=registration.fingerprint == trial.fingerprint,
    )
    posts = frame_of(units, registration)
    rows = _drawn(posts, plan)
    found = analyze(arms_of(rows, plan, [arm.name for arm in registration.arms]), plan, rows, posts)
    may_judge = plan.is_sequential or (
        not any(each.state is UnitState.WAITING for each in units)
        and (trial.is_over or trial.state is not TrialState.RUNNING)
    )
    effects = tuple(_effect(each, plan, registration, may_judge=may_judge) for each in found.comparisons)
    verdict, sentence = _overall(effects)
    return TrialResults(
        trial=trial,
        at=now,
        arms=tuple(_arm(name, units, rows, registration) for name in (arm.name for arm in registration.arms)),
        effects=effects,
        over_time=tuple(_looks(units, registration, plan)),
        findings=found.findings,
        sample_ratio_p=found.sample_ratio_p,
        verdict=verdict,
        sentence=sentence,
        may_judge=may_judge,
        analysis=found,
    )


def frame_of(units: Sequence[AssignmentView], registration: Registration) -> pl.DataFrame:
    """Return the ripe posts as the statistics take them, in the order of the draw.

    The weekday is that of the plan: that of the slot is what is under trial.
    """
    rows = [_row(each, registration) for each in units if each.state is not UnitState.WAITING]
    return pl.DataFrame(rows, schema=dict(UNIT_SCHEMA))


def _drawn(posts: pl.DataFrame, plan: TrialPlan) -> pl.DataFrame:
    """Return what the draw gave arms to: the posts, or their days."""
    return days_of(posts, plan.primary) if plan.unit is DrawUnit.DAYS else posts


def _row(unit: AssignmentView, registration: Registration) -> dict[str, object]:
    zone = registration.zones[unit.channel_id]
    went_out = unit.published_at or unit.scheduled_at or unit.slot_at
    day = unit.block if registration.unit is DrawUnit.DAYS else to_wall(went_out, zone).date().isoformat()
    return {
        "arm": unit.arm,
        "value": unit.value,
        "before": unit.before,
        "unit": unit.item_id,
        "day": day,
        "block": unit.cycle,
        "format": unit.content_format.value,
        "weekday": WEEKDAYS[to_wall(unit.planned_at, zone).weekday()],
        "channel": unit.channel_id,
        "published_arm": None if unit.published_at is None else (ELSEWHERE if unit.is_moved else unit.arm),
    }


def _note_look(ctx: Context, trial_id: str) -> None:
    """Count a day on which somebody saw the results of a running trial; what screens keep stays."""
    with ctx.read() as session:
        row, _ = registered_row(session, trial_id)
        is_noted = row.looked_at is not None and row.looked_at.date() == ctx.now().date()
        if row.state is not TrialState.RUNNING or is_noted:
            return
    quietly = ctx.db.write(ctx.workspace, moves_revision=False)
    with nullcontext(ctx.transaction) if ctx.transaction is not None else quietly as session:
        row = session.get_one(Trial, trial_id, populate_existing=True)
        if row.looked_at is None or row.looked_at.date() != ctx.now().date():
            row.looks, row.looked_at = row.looks + 1, ctx.now()


# --- Arms ---------------------------------------------------------------------------------------------------------


def _sample(rows: pl.DataFrame, arm: str, plan: TrialPlan) -> Sample | Undefined:
    """Return the logs of an arm's values as a sample."""
    values = values_of(rows, arm)
    if plan.primary is Primary.LOGGED:
        return mean(moments_of(values))
    return NEGATIVE if values.min(initial=0.0) < 0 else mean(moments_of(np.log1p(values)))


def _arm(name: str, units: Sequence[AssignmentView], rows: pl.DataFrame, registration: Registration) -> ArmView:
    own = [each for each in units if each.arm == name]
    counts = {state: sum(each.state is state for each in own) for state in UnitState}
    sample = _sample(rows, name, registration.plan)
    interval: Interval | Undefined
    if isinstance(sample, Undefined):
        interval = sample
    else:
        reach = float(stdtrit(sample.df, 1 - registration.alpha / 2)) * math.sqrt(sample.error_variance)
        interval = _lifted(Interval(sample.estimate - reach, sample.estimate + reach))
    return ArmView(
        name=name,
        strategy=registration.arm(name).strategy,
        is_control=name == registration.control,
        assigned=len(own),
        counted=counts[UnitState.COUNTED],
        waiting=counts[UnitState.WAITING],
        missing=counts[UnitState.MISSING],
        moved=sum(each.is_moved for each in own),
        average=sample if isinstance(sample, Undefined) else _lifted_value(sample.estimate),
        interval=interval,
    )


# --- Effects ------------------------------------------------------------------------------------------------------


def _effect(each: Judged, plan: TrialPlan, registration: Registration, *, may_judge: bool) -> EffectView:
    found, decision = each.contrast, each.decision
    own = deciding_p(found, plan)
    verdict, sentence = decision.verdict, decision.sentence
    if verdict is not Verdict.INVALID:
        sentence = " ".join([sentence, *caveats(found, own, each.p_holm, plan)])
    if not may_judge and verdict is not Verdict.INVALID:
        verdict, sentence = Verdict.TOO_LITTLE_DATA, _wait(registration)
    return EffectView(
        arm=found.arm,
        against=found.against,
        by_draw=_lift(found.primary),
        as_followed=_lift(found.posts.as_published),
        always_valid=_lift_within(found.primary, found.always.interval)
        if not isinstance(found.always, Undefined)
        else found.always,
        p=own,
        p_holm=each.p_holm,
        p_discovery=each.p_benjamini_hochberg,
        p_permuted=found.posts.permuted if isinstance(found.posts.permuted, Undefined) else found.posts.permuted.p,
        posterior=found.posterior,
        verdict=verdict,
        sentence=sentence,
    )


def _wait(registration: Registration) -> str:
    return (
        f"This trial is judged once: after {registration.ends_at:%-d %B %Y}, when all of its posts are "
        f"{RIPE_AGES[registration.measure].days} days past their week. Until then nothing can be said."
    )


def _lift(found: Comparison | Undefined) -> LiftView | Undefined:
    ratio = geometric(found)
    return ratio if isinstance(ratio, Undefined) else LiftView(ratio.lift, ratio.interval)


def _lift_within(found: Comparison | Undefined, bounds: Interval) -> LiftView | Undefined:
    return found if isinstance(found, Undefined) else LiftView(_lifted_value(found.effect.estimate), _lifted(bounds))


def _lifted_value(logarithm: float) -> float:
    """Return a log ratio as a lift; what is beyond any number is infinite."""
    with np.errstate(over="ignore"):
        return float(np.expm1(logarithm))


def _lifted(bounds: Interval) -> Interval:
    return Interval(_lifted_value(bounds.low), _lifted_value(bounds.high))


def _looks(units: Sequence[AssignmentView], registration: Registration, plan: TrialPlan) -> Sequence[LookView]:
    """Return how every arm stood at the end of each week, with the interval that holds at all of them."""
    age, ripe = RIPE_AGES[registration.measure], [each for each in units if each.state is UnitState.COUNTED]
    posts = frame_of(ripe, registration).with_columns(ripe_at=pl.Series([each.ripe_at for each in ripe], dtype=_MOMENT))
    looks = []
    for week_ends in sorted({each.ripe_at for each in ripe}):
        so_far = _drawn(posts.filter(pl.col("ripe_at") <= week_ends), plan)
        for arm in registration.arms:
            if arm.name != registration.control:
                own = so_far.filter(pl.col("arm").is_in([arm.name, registration.control]))
                effect = _always_valid(own, arm.name, registration, plan)
                looks.append(LookView(week_ends - age, arm.name, own.height, effect))
    return looks


def _always_valid(rows: pl.DataFrame, arm: str, registration: Registration, plan: TrialPlan) -> LiftView | Undefined:
    control, treatment = (_sample(rows, name, plan) for name in (registration.control, arm))
    for each in (control, treatment):
        if isinstance(each, Undefined) or each.n < FIRST_LOOK:
            return too_early(plan.unit)
    found = compare(control, treatment, alternative=plan.alternative, alpha=plan.alpha)
    if isinstance(found, Undefined):
        return found
    bounds = always(found.effect, rows.height, tuned_for=plan.tuned_for, alternative=plan.alternative, alpha=plan.alpha)
    return _lift_within(found, bounds.interval)


# --- Verdict ------------------------------------------------------------------------------------------------------


def _overall(effects: Sequence[EffectView]) -> tuple[Verdict, str]:
    """Return the verdict on the whole trial: the best arm that won, else what keeps it open, else what is left."""
    won = [each for each in effects if each.verdict is Verdict.WON and isinstance(each.by_draw, LiftView)]
    by_verdict = {each.verdict: each for each in reversed(effects)}
    if Verdict.INVALID in by_verdict:
        chosen = by_verdict[Verdict.INVALID]
    elif won:
        chosen = max(won, key=lambda each: each.by_draw.lift if isinstance(each.by_draw, LiftView) else -1.0)
    else:
        order = (Verdict.TOO_LITTLE_DATA, Verdict.EQUIVALENT, Verdict.LOST)
        chosen = next(by_verdict[verdict] for verdict in order if verdict in by_verdict)
    return chosen.verdict, chosen.sentence
