"""The design assistant: what a trial can show in so many weeks, from what the team's own posts earned."""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean

import numpy as np
from sqlmodel import col, select

from core.calendar.zones import to_wall
from core.errors import Invalid, Problem
from core.services.context import Context
from core.services.own_channels import own_channel
from core.services.trial_drafts import MOST_ARMS, MOST_CHANNELS, MOST_WEEKS
from core.services.trial_rows import find_row, view_of
from core.services.trial_units import value_of
from core.services.trial_views import DesignRequest, DesignView, TrialDraft
from core.storage.tables import PostOutcome
from core.storage.tenancy import ScopedSession
from core.trials.health.facts import percent
from core.trials.promise import TOO_COARSE, Design, Sight, sights, simulated_power, weeks_for
from core.trials.values import Vector
from core.trials.words import DrawUnit, Measure, StoppingRule
from core.undefined import Undefined
from core.vocabulary import ContentFormat

LEARNED_FROM = timedelta(days=365)
PACE_WEEKS, _DAYS_A_WEEK = 12, 7
"""So many weeks tell how often the channels post: seasons are longer, holidays shorter."""
LIFTS = (0.1, 0.2, 0.3, 0.5)
DURATIONS = (2, 4, 8, 13, 26, 52)


@dataclass(frozen=True, eq=False)
class Past:
    """What channels posted: the mean logs (n) of what posts, or the posts of days, earned; posts and units a week."""

    logs: Vector
    posts_per_week: float
    units_per_week: float


def design_trial(ctx: Context, request: DesignRequest) -> DesignView:
    """Return what a trial can show, before anything starts (NotFound, Invalid)."""
    _refuse(request)
    with ctx.read() as session:
        for channel_id in request.channel_ids:
            own_channel(session, channel_id)
        past = past_of(
            session, request.channel_ids, request.measure, ctx.now(), request.content_format, unit=request.unit
        )
    return _view(designed(past, request), request)


def designed(past: Past, request: DesignRequest) -> Design:
    """Return what is thought of, as the statistics take it; no week has more days than seven."""
    pace = past.units_per_week
    if request.posts_per_week is not None:
        pace = request.posts_per_week if request.unit is DrawUnit.POSTS else min(request.posts_per_week, _DAYS_A_WEEK)
    is_sequential = request.stopping is StoppingRule.SEQUENTIAL
    return Design(past.logs, pace, request.arms, request.alpha, request.power, is_sequential)


def design_of(ctx: Context, trial_id: str, *, simulates: bool = False) -> DesignView:
    """Return what a trial can show as it is planned (NotFound)."""
    with ctx.read() as session:
        trial = view_of(session, find_row(session, trial_id), ctx.now())
    return design_trial(ctx, request_of(trial.draft, simulates=simulates))


def request_of(draft: TrialDraft, *, simulates: bool = False) -> DesignRequest:
    """Return what the design assistant is asked for a trial as it is planned."""
    return DesignRequest(
        channel_ids=draft.channel_ids,
        arms=len(draft.arms),
        measure=draft.measure,
        weeks=draft.weeks,
        detect=draft.detect,
        posts_per_week=None if draft.planned_posts is None else draft.planned_posts / draft.weeks,
        alpha=draft.alpha,
        simulates=simulates,
        unit=draft.unit,
        stopping=draft.stopping,
    )


def past_of(
    session: ScopedSession,
    channel_ids: Sequence[str],
    measure: Measure,
    now: datetime,
    content_format: ContentFormat | None = None,
    *,
    unit: DrawUnit = DrawUnit.POSTS,
) -> Past:
    """Return the past year of channels, of one format or all, by posts or by the local days they went out on."""
    rows = select(PostOutcome).where(
        col(PostOutcome.channel_id).in_(channel_ids), col(PostOutcome.published_at).between(now - LEARNED_FROM, now)
    )
    if content_format is not None:
        rows = rows.where(PostOutcome.content_format == content_format)
    zones = {each: own_channel(session, each).timezone for each in channel_ids} if unit is DrawUnit.DAYS else {}
    since = now - timedelta(weeks=PACE_WEEKS)
    logs: dict[Hashable, list[float]] = {}
    recent: list[Hashable] = []
    for row in session.scalars(rows.order_by(col(PostOutcome.pk))):
        if row.published_at is None:
            continue
        mine = to_wall(row.published_at, zones[row.channel_id]).date() if zones else row.pk
        if row.published_at > since:
            recent.append(mine)
        value = value_of(row, measure)
        if value is not None:
            logs.setdefault(mine, []).append(value if measure is Measure.OUTCOME else math.log1p(value))
    units = np.array([fmean(each) for each in logs.values()])
    return Past(units, len(recent) / PACE_WEEKS, len(set(recent)) / PACE_WEEKS)


def _refuse(request: DesignRequest) -> None:
    problems = []
    if not 1 <= len(request.channel_ids) <= MOST_CHANNELS:
        problems.append(Problem("channel_ids", str(len(request.channel_ids)), f"name 1 to {MOST_CHANNELS} channels"))
    if not 2 <= request.arms <= MOST_ARMS:  # noqa: PLR2004 - said in the sentence
        problems.append(Problem("arms", str(request.arms), f"choose 2 to {MOST_ARMS} arms"))
    if not 1 <= request.weeks <= MOST_WEEKS:
        problems.append(Problem("weeks", str(request.weeks), f"choose 1 to {MOST_WEEKS} weeks"))
    if not 0.01 <= request.detect <= 10:  # noqa: PLR2004 - said in the sentence
        problems.append(Problem("detect", str(request.detect), "choose a lift of 0.01 (1 %) to 10"))
    if not (request.posts_per_week is None or 0 <= request.posts_per_week <= 10_000):  # noqa: PLR2004 - as above
        problems.append(Problem("posts_per_week", str(request.posts_per_week), "choose 0 to 10,000 posts a week"))
    if not 0.001 <= request.alpha <= 0.2:  # noqa: PLR2004 - as above
        problems.append(Problem("alpha", str(request.alpha), "choose a false-alarm rate of 0.001 to 0.2"))
    if not 0.5 <= request.power <= 0.99:  # noqa: PLR2004 - as above
        problems.append(Problem("power", str(request.power), "choose a power of 0.5 to 0.99"))
    if problems:
        raise Invalid(tuple(problems))


def _view(design: Design, request: DesignRequest) -> DesignView:
    asked = sights(design, [request.weeks])[0]
    chance = None
    if request.simulates:
        chance = simulated_power(design, request.detect, asked.posts_per_arm, seed=0)
    return DesignView(
        outcomes=int(design.outcomes.size),
        sd=design.sd,
        posts_per_week=design.posts_per_week,
        arms=design.arms,
        asked=asked,
        sights=tuple(sights(design, DURATIONS)),
        weeks_for={lift: weeks_for(design, lift) for lift in sorted({*LIFTS, request.detect})},
        chance=chance,
        sentence=sight_words(asked, design.power, request.unit, request.stopping),
        is_too_coarse=asked.is_too_coarse,
        unit=request.unit,
        stopping=request.stopping,
    )


_JUDGED = {StoppingRule.FIXED: "", StoppingRule.SEQUENTIAL: ", judged at any look"}


def sight_words(sight: Sight, power: float, unit: DrawUnit, stopping: StoppingRule) -> str:
    """Say what so many weeks can show."""
    span = f"{sight.weeks} weeks" if sight.weeks > 1 else "1 week"
    if isinstance(sight.detectable, Undefined):
        return f"In {span} this trial shows nothing. {sight.detectable.reason}"
    least = percent(sight.detectable)
    with_so_many = f"with {sight.posts_per_arm:,} {unit} in each arm{_JUDGED[stopping]}"
    found = f"In {span}, {with_so_many}, {percent(power)} of trials find an effect"
    if sight.detectable > TOO_COARSE:
        return f"{found} of {least}, and hardly any smaller one; timing is seldom worth that. Plan for longer."
    return f"{found} of {least}."
