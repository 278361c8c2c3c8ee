"""Drafts of trials: plan one, edit it, throw it away; find and list trials."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time
from typing import Any

from sqlmodel import col, delete, select

from core.errors import Invalid, NotFound, Problem
from core.services.audit import Action, record
from core.services.calendars import CALENDAR
from core.services.context import Context
from core.services.own_channels import own_channel, posting_problems
from core.services.paging import Order, read_page, write_cursor
from core.services.rows import find
from core.services.trial_rows import drafted_row, find_row, touch, view_of, views_of
from core.services.trial_views import ArmDraft, TrialDraft, TrialView
from core.storage.ids import IdPrefix, new_id, new_trial_seed
from core.storage.tables import ContentCalendar, Trial, TrialArm
from core.storage.tenancy import ScopedSession
from core.trials.registration import Window, windows_json
from core.trials.words import TRIAL, Strategy, TrialState

NAMES = range(3, 101)
MOST_ARMS, MOST_WEIGHT, MOST_WEEKS, MOST_CHANNELS = 6, 1000, 104, 50
MOST_POSTS = 1_000_000
_LONGEST_TEXT, _LONGEST_SEED, _LONGEST_ARM = 2_000, 64, 60
_DAYS = range(7)
_NEWEST_FIRST = Order((col(Trial.created_at), col(Trial.id)), (datetime, str), is_descending=True)


def create_trial(ctx: Context, draft: TrialDraft) -> TrialView:
    """Plan a trial; nothing happens until it is started (NotFound; Invalid names every field)."""
    with ctx.write() as session:
        refuse_draft(session, draft)
        now = ctx.now()
        row = Trial(
            id=new_id(IdPrefix.TRIAL),
            created_by=ctx.actor,
            created_at=now,
            updated_at=now,
            **_columns(draft, new_trial_seed()),
        )
        session.add(row)
        session.flush()  # before its arms, whose foreign keys are checked row by row
        _keep_arms(session, row.id, draft.arms)
        record(session, ctx, Action.CREATED, TRIAL, row.id, {"name": row.name})
        return view_of(session, row, now)


def edit_trial(ctx: Context, trial_id: str, draft: TrialDraft, expected_version: int | None = None) -> TrialView:
    """Plan a trial otherwise (NotFound, Invalid, StaleEdit; StateConflict once it has started)."""
    with ctx.write() as session:
        row = drafted_row(session, trial_id, expected_version)
        refuse_draft(session, draft)
        row.sqlmodel_update(_columns(draft, row.seed))
        session.execute(delete(TrialArm).where(col(TrialArm.trial_id) == row.id))
        _keep_arms(session, row.id, draft.arms)
        touch(row, ctx)
        record(session, ctx, Action.EDITED, TRIAL, row.id, {"name": row.name})
        return view_of(session, row, ctx.now())


def delete_trial(ctx: Context, trial_id: str) -> None:
    """Throw a draft away (NotFound; StateConflict once it has started: what was registered stays)."""
    with ctx.write() as session:
        row = drafted_row(session, trial_id, None)
        session.execute(delete(TrialArm).where(col(TrialArm.trial_id) == row.id))
        session.delete(row)
        record(session, ctx, Action.DELETED, TRIAL, row.id, {"name": row.name})


def find_trial(ctx: Context, trial_id: str) -> TrialView:
    """Return one trial (NotFound)."""
    with ctx.read() as session:
        return view_of(session, find_row(session, trial_id), ctx.now())


def page_trials(
    ctx: Context, limit: int, cursor: str | None = None, states: Sequence[TrialState] = ()
) -> tuple[tuple[TrialView, ...], str | None]:
    """Return up to `limit` trials, newest first, after the one the cursor names, and the next cursor (Invalid)."""
    rows = select(Trial).where(col(Trial.state).in_(states)) if states else select(Trial)
    with ctx.read() as session:
        page, following = read_page(session, rows, _NEWEST_FIRST, limit, cursor)
        return views_of(session, page, ctx.now()), following


def trial_cursor(trial: TrialView) -> str:
    """Return the cursor of the trials behind this one."""
    return write_cursor((trial.created_at, trial.id))


def _columns(draft: TrialDraft, seed: str) -> dict[str, Any]:
    told = {name: value for name, value in vars(draft).items() if name != "arms"}
    return told | {
        "name": draft.name.strip(),
        "hypothesis": draft.hypothesis.strip(),
        "channel_ids": list(draft.channel_ids),
        "calendar_ids": list(draft.calendar_ids),
        "control": draft.control or draft.arms[0].name,
        "seed": draft.seed or seed,
    }


def _keep_arms(session: ScopedSession, trial_id: str, arms: Sequence[ArmDraft]) -> None:
    for number, arm in enumerate(arms):
        said = {**vars(arm), "windows": windows_json(arm.windows)}
        session.add(TrialArm(trial_id=trial_id, number=number, **said))
    session.flush()


# --- What can be wrong --------------------------------------------------------------------------------------------


def refuse_draft(session: ScopedSession, draft: TrialDraft) -> None:
    """Raise Invalid with everything that is wrong with a plan (NotFound: a channel)."""
    problems = [*_own_problems(draft), *_arm_problems(draft), *_reference_problems(session, draft)]
    if problems:
        raise Invalid(tuple(problems))


def _own_problems(draft: TrialDraft) -> Iterator[Problem]:
    if len(draft.name.strip()) not in NAMES:
        yield Problem("name", draft.name, f"use {NAMES.start} to {NAMES.stop - 1} characters")
    if len(draft.hypothesis) > _LONGEST_TEXT:
        yield Problem("hypothesis", draft.hypothesis, f"use at most {_LONGEST_TEXT:,} characters")
    if not 0.001 <= draft.alpha <= 0.2:  # noqa: PLR2004 - said in the sentence
        yield Problem("alpha", str(draft.alpha), "choose a false-alarm rate of 0.001 to 0.2")
    if not 0.01 <= draft.detect <= 10:  # noqa: PLR2004 - said in the sentence
        yield Problem("detect", str(draft.detect), "choose a lift of 0.01 (1 %) to 10")
    if not 1 <= draft.weeks <= MOST_WEEKS:
        yield Problem("weeks", str(draft.weeks), f"choose 1 to {MOST_WEEKS} weeks")
    if draft.planned_posts is not None and not len(draft.arms) <= draft.planned_posts <= MOST_POSTS:
        fix = f"plan at least one post for each arm, and at most {MOST_POSTS:,}"
        yield Problem("planned_posts", str(draft.planned_posts), fix)
    if draft.seed is not None and not (1 <= len(draft.seed) <= _LONGEST_SEED and draft.seed.isprintable()):
        yield Problem("seed", draft.seed, f"use 1 to {_LONGEST_SEED} printable characters, or leave it out")


def _arm_problems(draft: TrialDraft) -> Iterator[Problem]:
    names = [arm.name for arm in draft.arms]
    if not 2 <= len(names) <= MOST_ARMS:  # noqa: PLR2004 - said in the sentence
        yield Problem("arms", str(len(names)), f"give 2 to {MOST_ARMS} arms")
    if len(set(names)) < len(names):
        yield Problem("arms", ", ".join(names), "give each arm a name of its own")
    if draft.control and draft.control not in names:
        yield Problem("control", draft.control, f"name one of the arms: {', '.join(names)}")
    for number, arm in enumerate(draft.arms):
        yield from _problems_of(f"arms[{number}]", arm)


def _problems_of(place: str, arm: ArmDraft) -> Iterator[Problem]:
    if not 1 <= len(arm.name.strip()) <= _LONGEST_ARM or arm.name != arm.name.strip():
        yield Problem(f"{place}.name", arm.name, f"use 1 to {_LONGEST_ARM} characters without spaces around them")
    if not 1 <= arm.weight <= MOST_WEIGHT:
        yield Problem(f"{place}.weight", str(arm.weight), f"choose a whole number from 1 to {MOST_WEIGHT}")
    if arm.strategy is Strategy.WINDOWS and not arm.windows:
        yield Problem(f"{place}.windows", "", "name the weekdays and hours of this arm")
    if arm.strategy is not Strategy.WINDOWS and arm.windows:
        yield Problem(f"{place}.windows", "", "leave them out: only the strategy windows has any")
    yield from window_problems(f"{place}.windows", arm.windows)


def window_problems(place: str, windows: Sequence[Window]) -> Iterator[Problem]:
    """Yield what is wrong with weekdays and hours."""
    for number, each in enumerate(windows):
        here = f"{place}[{number}]"
        if not each.weekdays or set(each.weekdays) - set(_DAYS) or len(set(each.weekdays)) < len(each.weekdays):
            yield Problem(f"{here}.weekdays", str(list(each.weekdays)), "name each weekday once, at least one")
        if each.ends not in {time(), each.starts} and each.ends < each.starts:
            yield Problem(f"{here}.ends", f"{each.ends:%H:%M}", "end after the start; give a night as two windows")
        if each.ends == each.starts != time():
            yield Problem(f"{here}.ends", f"{each.ends:%H:%M}", "end after the start; 00:00 is midnight")


def _reference_problems(session: ScopedSession, draft: TrialDraft) -> Iterator[Problem]:
    if not 1 <= len(set(draft.channel_ids)) <= MOST_CHANNELS:
        yield Problem("channel_ids", str(len(draft.channel_ids)), f"name 1 to {MOST_CHANNELS} channels")
    for number, channel_id in enumerate(draft.channel_ids[:MOST_CHANNELS]):
        for problem in posting_problems(own_channel(session, channel_id)):
            yield Problem(f"channel_ids[{number}]", problem.value, problem.message)
    for number, calendar_id in enumerate(draft.calendar_ids):
        try:
            find(session, ContentCalendar, calendar_id, CALENDAR)
        except NotFound as error:
            yield Problem(f"calendar_ids[{number}]", calendar_id, str(error))
