"""Trials as rows: found, checked for what may be edited, turned into views."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from core.errors import StateConflict
from core.services.context import Context
from core.services.rows import check_version, find
from core.services.trial_views import ArmDraft, DecisionView, TrialDraft, TrialView
from core.storage.tables import Trial, TrialArm, TrialAssignment
from core.storage.tenancy import ScopedSession
from core.trials.registration import Registration, read_registration, read_windows
from core.trials.verdict import Verdict
from core.trials.words import TRIAL, TrialState

_LOCKED = "edited: its plan was registered when it started. Stop it, and start a new one"


def find_row(session: ScopedSession, trial_id: str) -> Trial:
    """Return the row of a trial (NotFound)."""
    return find(session, Trial, trial_id, TRIAL)


def drafted_row(session: ScopedSession, trial_id: str, expected_version: int | None) -> Trial:
    """Return a trial that may still be edited (NotFound, StaleEdit; StateConflict once it has started)."""
    row = find_row(session, trial_id)
    check_version(row, expected_version, TRIAL)
    if row.state is not TrialState.DRAFT:
        raise StateConflict(TRIAL, row.state, _LOCKED)
    return row


def registered_row(session: ScopedSession, trial_id: str) -> tuple[Trial, Registration]:
    """Return a trial that has started, with what was registered (NotFound, StateConflict: it is a draft)."""
    row = find_row(session, trial_id)
    if row.state is TrialState.DRAFT:
        raise StateConflict(TRIAL, row.state, "looked at before it has started; start it first")
    return row, read_registration(row.registration)


def touch(row: Trial, ctx: Context) -> None:
    """Count a change, so that an edit of the version before it is refused."""
    row.version += 1
    row.updated_at = ctx.now()


def view_of(session: ScopedSession, row: Trial, now: datetime) -> TrialView:
    """Return one trial."""
    return views_of(session, [row], now)[0]


def views_of(session: ScopedSession, rows: Sequence[Trial], now: datetime) -> tuple[TrialView, ...]:
    """Return trials with their arms and the posts drawn so far."""
    ids = [row.id for row in rows]
    arms = (
        select(TrialArm).where(col(TrialArm.trial_id).in_(ids)).order_by(col(TrialArm.trial_id), col(TrialArm.number))
    )
    drafted: dict[str, list[ArmDraft]] = {key: [] for key in ids}
    for arm in session.scalars(arms):
        drafted[arm.trial_id].append(ArmDraft(arm.name, arm.strategy, arm.weight, read_windows(arm.windows)))
    counted = (
        select(TrialAssignment.trial_id, TrialAssignment.arm, func.count())
        .where(col(TrialAssignment.trial_id).in_(ids))
        .group_by(col(TrialAssignment.trial_id), col(TrialAssignment.arm))
    )
    posts: dict[str, dict[str, int]] = {key: {arm.name: 0 for arm in drafted[key]} for key in ids}
    for trial_id, name, count in session.execute(counted):
        posts[trial_id][name] = count
    return tuple(_view(row, tuple(drafted[row.id]), posts[row.id], now) for row in rows)


_OPEN = frozenset({TrialState.STOPPED, TrialState.DECIDED})
"""States in which the seed is told; before, whoever plans posts could work out the arm that comes next."""


def _view(row: Trial, arms: tuple[ArmDraft, ...], posts: Mapping[str, int], now: datetime) -> TrialView:
    seed = row.seed if row.state in _OPEN else None
    draft = TrialDraft(
        name=row.name,
        channel_ids=tuple(row.channel_ids),
        arms=arms,
        hypothesis=row.hypothesis,
        calendar_ids=tuple(row.calendar_ids),
        control=row.control,
        measure=row.measure,
        stopping=row.stopping,
        alpha=row.alpha,
        detect=row.detect,
        weeks=row.weeks,
        planned_posts=row.planned_posts,
        takes_new=row.takes_new,
        seed=seed,
        unit=row.unit,
    )
    return TrialView(
        id=row.id,
        state=row.state,
        draft=draft,
        registration=replace(read_registration(row.registration), seed=seed) if row.registration else None,
        fingerprint=row.fingerprint,
        posts=posts,
        looks=row.looks,
        is_over=row.ends_at is not None and row.ends_at <= now,
        started_at=row.started_at,
        ends_at=row.ends_at,
        stopped_at=row.stopped_at,
        stop_reason=row.stop_reason,
        decided_at=row.decided_at,
        decision=_decision(row.decision) if row.decision else None,
        created_by=row.created_by,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
    )


def _decision(said: Mapping[str, Any]) -> DecisionView:
    known = {name: said[name] for name in DecisionView.__dataclass_fields__}
    return DecisionView(**{**known, "verdict": Verdict(said["verdict"]), "applied": tuple(said["applied"])})
