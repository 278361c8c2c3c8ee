"""What a person does with a trial: start it, which registers its plan for good, and stop it."""

from datetime import timedelta

from sqlmodel import col, select

from core.errors import Invalid, Problem
from core.services.audit import Action, record
from core.services.context import Context
from core.services.own_channels import own_channel
from core.services.rows import check_version
from core.services.timing import ALL_FORMATS
from core.services.trial_design import designed, past_of, request_of
from core.services.trial_drafts import refuse_draft
from core.services.trial_rows import drafted_row, find_row, touch, view_of
from core.services.trial_views import ArmDraft, TrialView
from core.storage.tables import PlatformTimingData
from core.storage.tenancy import ScopedSession
from core.trials.promise import sights
from core.trials.registration import ArmPlan, Registration
from core.trials.words import TRIAL, Strategy, TrialState, check_trial_move
from core.undefined import known

USUAL_SHARE = 0.5
"""The usual hours of a channel are the most used ones that hold half of its posts."""
FEWEST_POSTS = 20
"""With fewer posts a channel has no habits yet."""
TURNS = 3
"""A cycle of the draw holds the shares of the arms one to three times: nobody who counts along knows the next arm."""
_LONGEST_REASON = 500


def start_trial(ctx: Context, trial_id: str, expected_version: int | None = None) -> TrialView:
    """Register the plan and let posts join; nothing of it can be edited from now on.

    Metric, horizon, stopping rule, arms with their shares, channels and seed are written down and hashed. Raises
    NotFound, StaleEdit, StateConflict (it is no draft) and Invalid: the plan does not hold any more, or an arm of
    usual hours has a channel without habits.
    """
    with ctx.write() as session:
        row = drafted_row(session, trial_id, expected_version)
        trial = view_of(session, row, ctx.now())
        refuse_draft(session, trial.draft)
        check_trial_move(row.state, TrialState.RUNNING)
        registration = _registration(session, ctx, trial, row.seed)
        row.sqlmodel_update(
            {
                "state": TrialState.RUNNING,
                "registration": registration.as_json(),
                "fingerprint": registration.fingerprint,
                "started_at": registration.started_at,
                "ends_at": registration.ends_at,
            }
        )
        touch(row, ctx)
        record(session, ctx, Action.EDITED, TRIAL, row.id, {"state": row.state, "fingerprint": row.fingerprint})
        return view_of(session, row, ctx.now())


def stop_trial(ctx: Context, trial_id: str, reason: str = "", expected_version: int | None = None) -> TrialView:
    """Let no more posts join; those that were drawn go out and ripen (NotFound, StaleEdit, StateConflict, Invalid)."""
    if len(reason) > _LONGEST_REASON:
        raise Invalid((Problem("reason", reason, f"use at most {_LONGEST_REASON} characters"),))
    with ctx.write() as session:
        row = find_row(session, trial_id)
        check_version(row, expected_version, TRIAL)
        check_trial_move(row.state, TrialState.STOPPED)
        row.state, row.stopped_at, row.stop_reason = TrialState.STOPPED, ctx.now(), reason.strip()
        touch(row, ctx)
        record(session, ctx, Action.EDITED, TRIAL, row.id, {"state": row.state, "reason": row.stop_reason})
        return view_of(session, row, ctx.now())


def _registration(session: ScopedSession, ctx: Context, trial: TrialView, seed: str) -> Registration:
    draft, now = trial.draft, ctx.now()
    channels = [own_channel(session, channel_id) for channel_id in draft.channel_ids]
    past = past_of(session, draft.channel_ids, draft.measure, now, unit=draft.unit)
    design = designed(past, request_of(draft))
    return Registration(
        trial_id=trial.id,
        hypothesis=draft.hypothesis,
        measure=draft.measure,
        stopping=draft.stopping,
        alpha=draft.alpha,
        detect=draft.detect,
        weeks=draft.weeks,
        planned_posts=draft.planned_posts or round(past.posts_per_week * draft.weeks) or None,
        detectable=known(sights(design, [draft.weeks])[0].detectable),
        control=draft.control,
        seed=seed,
        arms=tuple(_arm(session, number, arm, draft.channel_ids) for number, arm in enumerate(draft.arms)),
        zones={channel.id: channel.timezone for channel in channels},
        calendar_ids=draft.calendar_ids,
        started_at=now,
        ends_at=now + timedelta(weeks=draft.weeks),
        unit=draft.unit,
        turns=TURNS,
    )


def _arm(session: ScopedSession, number: int, arm: ArmDraft, channel_ids: tuple[str, ...]) -> ArmPlan:
    if arm.strategy is not Strategy.USUAL:
        return ArmPlan(arm.name, arm.weight, arm.strategy, arm.windows)
    usual = {channel_id: usual_hours(session, channel_id) for channel_id in channel_ids}
    for channel_id, hours in usual.items():
        if not hours:
            name = own_channel(session, channel_id).name
            fix = f"{name} has fewer than {FEWEST_POSTS} past posts, so no usual hours; name windows instead"
            raise Invalid((Problem(f"arms[{number}].strategy", arm.strategy, fix),))
    return ArmPlan(arm.name, arm.weight, arm.strategy, usual=usual)


def usual_hours(session: ScopedSession, channel_id: str) -> tuple[int, ...]:
    """Return the hours of the week that hold half of a channel's posts, the most used first; none without habits."""
    cells = select(PlatformTimingData.hour_of_week, PlatformTimingData.posts).where(
        PlatformTimingData.channel_id == channel_id,
        PlatformTimingData.content_format == ALL_FORMATS,
        col(PlatformTimingData.posts) > 0,
    )
    used = sorted(((-posts, hour) for hour, posts in session.execute(cells)))
    total, held, hours = -sum(posts for posts, _ in used), 0, []
    for posts, hour in used if total >= FEWEST_POSTS else ():
        if held >= USUAL_SHARE * total:
            break
        held -= posts
        hours.append(hour)
    return tuple(hours)
