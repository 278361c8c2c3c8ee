"""Deciding a trial: which arm is taken, on which figures, and what that sets in the preferences."""

from dataclasses import replace
from datetime import time

from sqlmodel import col, select

from core.content.platforms import find_platform
from core.errors import Invalid, Problem, StateConflict
from core.services.audit import Action, record
from core.services.context import Context
from core.services.preferences import PreferenceView, list_preferences, save_preference
from core.services.rows import check_version
from core.services.trial_result_views import TrialResults
from core.services.trial_results import results_of
from core.services.trial_rows import registered_row, touch, view_of
from core.services.trial_units import units_of
from core.services.trial_views import DecisionRequest, TrialView
from core.storage.tables import Channel
from core.trials.plain import answer
from core.trials.registration import ArmPlan, Registration
from core.trials.words import TRIAL, Strategy, TrialState, check_trial_move

WORKDAYS, EVERY_DAY = frozenset(range(5)), frozenset(range(7))
_LONGEST_NOTE = 2_000


def decide_trial(
    ctx: Context, trial_id: str, request: DecisionRequest, expected_version: int | None = None
) -> TrialView:
    """Close a stopped trial: take an arm or none; the figures of this moment are kept with the decision.

    Whoever decides may decide otherwise than the verdict; both are kept. Raises NotFound, StaleEdit, Invalid (no such
    arm; preferences cannot hold its hours) and StateConflict: it is not stopped, or its one judgement is to wait for
    posts that are not ripe.
    """
    if len(request.note) > _LONGEST_NOTE:
        raise Invalid((Problem("note", request.note, f"use at most {_LONGEST_NOTE:,} characters"),))
    with ctx.together() as joined, joined.write() as session:
        row, registration = registered_row(session, trial_id)
        check_version(row, expected_version, TRIAL)
        check_trial_move(row.state, TrialState.DECIDED)
        _refuse_winner(registration, request)
        now = ctx.now()
        found = results_of(view_of(session, row, now), registration, units_of(session, registration, now), now)
        if not found.may_judge:
            raise StateConflict(TRIAL, row.state, f"decided yet. {found.sentence}")
        applied = _apply(joined, registration, request) if request.applies and request.winner else ()
        row.state, row.decided_at = TrialState.DECIDED, now
        row.decision = _decision(joined, request, found, applied)
        touch(row, ctx)
        record(session, ctx, Action.RESOLVED, TRIAL, row.id, {"winner": request.winner, "verdict": found.verdict})
        return view_of(session, row, now)


def _refuse_winner(registration: Registration, request: DecisionRequest) -> None:
    names = [arm.name for arm in registration.arms]
    if request.winner is not None and request.winner not in names:
        raise Invalid((Problem("winner", request.winner, f"name one of the arms: {', '.join(names)}"),))
    if request.applies and request.winner is None:
        raise Invalid((Problem("applies", "true", "name the arm whose hours are to be set"),))


def _decision(
    ctx: Context, request: DecisionRequest, found: TrialResults, applied: tuple[str, ...]
) -> dict[str, object]:
    return {
        "winner": request.winner,
        "verdict": found.verdict,
        "sentence": found.sentence,
        "note": request.note.strip(),
        "applied": list(applied),
        "decided_by": ctx.actor,
        "figures": answer(found.analysis),
    }


def what_applying_sets(ctx: Context, trial_id: str, winner: str) -> tuple[str, ...]:
    """Say what taking an arm would set in the preferences (NotFound, StateConflict; Invalid: it cannot be said)."""
    with ctx.read() as session:
        _, registration = registered_row(session, trial_id)
    _refuse_winner(registration, DecisionRequest(winner, applies=True))
    return tuple(sentence for _, sentence in _settings(ctx, registration, winner)) or (_BY_ITSELF,)


def _apply(ctx: Context, registration: Registration, request: DecisionRequest) -> tuple[str, ...]:
    """Set quiet hours and working days of the platforms so that only the arm's hours are left; say what was set."""
    settings = _settings(ctx, registration, request.winner or "")
    for preference, _ in settings:
        save_preference(ctx, preference)
    return tuple(sentence for _, sentence in settings) or (_BY_ITSELF,)


_BY_ITSELF = "The planner recommends by itself; no preference stands in its way that was not there before."


def _settings(ctx: Context, registration: Registration, winner: str) -> list[tuple[PreferenceView, str]]:
    """Return the preferences that leave only an arm's hours, each with its sentence; none where none is needed."""
    arm = registration.arm(winner)
    if arm.strategy is Strategy.RECOMMENDED:
        return []
    starts, ends, is_workdays = _as_preference(arm)
    with ctx.read() as session:
        named = select(Channel).where(col(Channel.id).in_(registration.zones)).order_by(col(Channel.platform))
        channels = {channel.platform: channel for channel in session.scalars(named)}
    known = {each.platform: each for each in list_preferences(ctx)}
    said = []
    for platform, channel in channels.items():
        before = known.get(platform) or PreferenceView(platform, registration.zones[channel.id])
        hours = {"quiet_from": ends, "quiet_to": starts} if starts != ends else {"quiet_from": None, "quiet_to": None}
        zoned = replace(before, timezone=registration.zones[channel.id])
        days = "on working days" if is_workdays else "every day"
        name = find_platform(ctx.reference.platforms, platform).name
        sentence = f"{name} posts {days}, {starts:%H:%M} to {ends:%H:%M} {registration.zones[channel.id]}."
        said.append((replace(zoned, **hours, working_days_only=is_workdays), sentence))
    return said


def _as_preference(arm: ArmPlan) -> tuple[time, time, bool]:
    """Return the arm's hours, and whether they are of working days alone (Invalid: preferences cannot say them)."""
    hours = {(each.starts, each.ends) for each in arm.windows}
    days = frozenset(day for each in arm.windows for day in each.weekdays)
    if arm.strategy is not Strategy.WINDOWS or len(hours) != 1 or days not in {WORKDAYS, EVERY_DAY}:
        fix = (
            "preferences hold the same hours of every day, or of Monday to Friday; this arm's are others, so decide "
            "without applying it and plan with its hours"
        )
        raise Invalid((Problem("applies", arm.name, fix),))
    return (*hours.pop(), days == WORKDAYS)
