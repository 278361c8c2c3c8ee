"""How the commands print trials: a line for each, a plan, what it can show, results."""

import math

import typer

from core.services.trial_hours import window_text
from core.services.trial_result_views import EffectView, LiftView, ObservedView, TrialResults
from core.services.trial_views import AssignmentReport, AssignmentView, DesignView, TrialView
from core.services.trial_words import seed_words
from core.trials.health.facts import percent
from core.trials.registration import Registration
from core.trials.values import Interval, Known
from core.undefined import Undefined


def trial_line(trial: TrialView) -> str:
    """Return a trial on one line."""
    over = ", its horizon has passed" if trial.is_over and trial.stopped_at is None else ""
    return f"{trial.id}  {trial.state.value:<8}  {trial.draft.name}: {sum(trial.posts.values()):,} posts{over}"


def print_trial(trial: TrialView) -> None:
    """Print a trial with its arms, its rule, and what was registered and decided."""
    draft = trial.draft
    typer.echo(trial_line(trial))
    if draft.hypothesis:
        typer.echo(f"  hypothesis: {draft.hypothesis}")
    for arm in draft.arms:
        hours = "; ".join(map(window_text, arm.windows)) or arm.strategy.value
        control = ", control" if arm.name == draft.control else ""
        typer.echo(f"  arm {arm.name} (share {arm.weight}{control}): {hours}; {trial.posts.get(arm.name, 0):,} posts")
    looked_for = percent(draft.detect)
    terms = (draft.unit.value, draft.measure.value, f"{draft.stopping.value} stopping", f"{draft.weeks} weeks")
    typer.echo(f"  {', '.join(terms)}, to find {looked_for}")
    if trial.registration is not None:
        _print_registration(trial, trial.registration)
    if trial.decision is not None:
        typer.echo(f"  decided: {trial.decision.winner or 'no arm'}. {trial.decision.sentence}")
        for said in trial.decision.applied:
            typer.echo(f"    {said}")


def _print_registration(trial: TrialView, registration: Registration) -> None:
    typer.echo(f"  registered {registration.started_at:%Y-%m-%d %H:%M} UTC, until {registration.ends_at:%Y-%m-%d}")
    typer.echo(f"  seed {seed_words(registration.seed)}")
    typer.echo(f"  fingerprint {trial.fingerprint}")


def print_design(design: DesignView) -> None:
    """Print what a trial can show."""
    typer.echo(design.sentence)
    typer.echo(
        f"  from {design.outcomes:,} past {design.unit}; {design.posts_per_week:.1f} {design.unit} a week; "
        f"sd {_figure(design.sd)}"
    )
    for sight in design.sights:
        shown = sight.detectable
        least = shown.reason if isinstance(shown, Undefined) else percent(shown)
        typer.echo(f"  {sight.weeks:>3} weeks  {sight.posts_per_arm:>6,} {design.unit} an arm  {least}")
    for lift, weeks in design.weeks_for.items():
        typer.echo(f"  {percent(lift):>6}: {weeks.reason if isinstance(weeks, Undefined) else f'{weeks:,} weeks'}")
    if design.chance is not None:
        typer.echo(f"  simulated: {_figure(design.chance)} of trials find it")


def print_results(found: TrialResults) -> None:
    """Print what a trial has shown by now."""
    typer.echo(f"{found.verdict.upper()}: {found.sentence}")
    for arm in found.arms:
        rest = f"{arm.waiting:,} waiting, {arm.missing:,} missing, {arm.moved:,} moved"
        average = arm.average.reason if isinstance(arm.average, Undefined) else f"{arm.average:+.3g}"
        typer.echo(f"  {arm.name}: {arm.counted:,} of {arm.assigned:,} posts count ({rest}); {average}")
    for effect in found.effects:
        _print_effect(effect)
    for finding in found.findings.values():
        typer.echo(f"{finding.severity}: {finding.sentence} {finding.fix}")


def _print_effect(effect: EffectView) -> None:
    typer.echo(f"  {effect.arm} against {effect.against}: {effect.sentence}")
    rows = (
        ("by the draw", effect.by_draw),
        ("as followed", effect.as_followed),
        ("valid at every look", effect.always_valid),
    )
    for name, shown in rows:
        typer.echo(f"    {name}: {_lift(shown)}")
    typer.echo(f"    p {_figure(effect.p)}, allowing for all arms {_figure(effect.p_holm)}")
    typer.echo(f"    p of the draw repeated within its blocks {_figure(effect.p_permuted)}")
    if not isinstance(effect.posterior, Undefined):
        typer.echo(f"    chance to win: {effect.posterior.chance_to_win:.1%}")


def assignment_line(unit: AssignmentView) -> str:
    """Return a line of the ledger."""
    moved = ", moved" if unit.is_moved else ""
    value = "" if unit.value is None else f"  {unit.value:.4g}"
    return f"{unit.item_id}  {unit.arm:<16}  {unit.slot_at:%Y-%m-%d %H:%M} UTC  {unit.state.value}{moved}{value}"


def print_joined(report: AssignmentReport) -> None:
    """Print who got which arm and time, and who could not join and why."""
    for unit in report.assigned:
        kept = "" if unit.slot_at != unit.planned_at else ", as planned"
        typer.echo(f"{unit.item_id}  {unit.arm:<16}  {unit.slot_at:%Y-%m-%d %H:%M} UTC{kept}")
    for refused in report.refused:
        typer.echo(f"{refused.item_id}  not drawn: {refused.reason}")
    typer.echo(f"Drew {len(report.assigned):,} posts; {len(report.refused):,} could not join and stay as they were.")


def print_observed(found: ObservedView) -> None:
    """Print what hours happened to earn, with what it is not said before the figures."""
    typer.echo(f"OBSERVED, NOT RANDOMIZED: {found.caution}")
    typer.echo(found.sentence)
    typer.echo(f"  posts published from {found.starts:%Y-%m-%d %H:%M} to {found.ends:%Y-%m-%d %H:%M} UTC")


def _lift(shown: LiftView | Undefined) -> str:
    return shown.reason if isinstance(shown, Undefined) else f"{shown.lift:+.1%} ({_bounds(shown.interval)})"


def _bounds(interval: Interval) -> str:
    low, high = (f"{each:+.1%}" if math.isfinite(each) else "no bound" for each in (interval.low, interval.high))
    return f"{low} to {high}"


def _figure(value: Known) -> str:
    return value.reason if isinstance(value, Undefined) else f"{value:.3g}"
