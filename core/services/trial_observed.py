"""What posts in some hours happened to earn over others: an observation, kept apart from what a trial shows."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
from sqlmodel import col, select

from core.calendar.zones import to_wall
from core.errors import Invalid, Problem
from core.services.context import Context
from core.services.own_channels import own_channel
from core.services.trial_drafts import window_problems
from core.services.trial_result_views import LiftView, ObservedRequest, ObservedView
from core.services.trial_units import value_of
from core.storage.tables import PostOutcome
from core.trials.comparison import compare
from core.trials.health.facts import percent
from core.trials.moments import moments_of
from core.trials.samples import mean
from core.trials.tails import geometric
from core.trials.words import Measure
from core.undefined import Undefined

LOOKED_BACK = timedelta(days=365)


def compare_observed(ctx: Context, request: ObservedRequest) -> ObservedView:
    """Compare the outcomes of posts in some hours with all others of a channel; nobody drew them (NotFound, Invalid).

    The difference of mean log outcomes (Welch), as a ratio with its 95 % interval. No verdict comes with it.
    """
    problems = [*window_problems("windows", request.windows)]
    ends = request.ends or ctx.now()
    starts = request.starts or ends - LOOKED_BACK
    if not request.windows:
        problems.append(Problem("windows", "", "name weekdays and hours"))
    if starts >= ends:
        problems.append(Problem("ends", ends.isoformat(), "choose an end after the start"))
    if problems:
        raise Invalid(tuple(problems))
    inside, outside = _parted(ctx, request, starts, ends)
    ratio = geometric(compare(mean(moments_of(np.array(outside))), mean(moments_of(np.array(inside)))))
    found = ratio if isinstance(ratio, Undefined) else LiftView(ratio.lift, ratio.interval)
    sentence = _sentence(found, len(inside), len(outside))
    return ObservedView(len(inside), len(outside), found, sentence, starts, ends)


def _parted(
    ctx: Context, request: ObservedRequest, starts: datetime, ends: datetime
) -> tuple[Sequence[float], Sequence[float]]:
    with ctx.read() as session:
        zone = own_channel(session, request.channel_id).timezone
        rows = select(PostOutcome).where(
            PostOutcome.channel_id == request.channel_id,
            col(PostOutcome.published_at) >= starts,
            col(PostOutcome.published_at) < ends,
            col(PostOutcome.outcome).is_not(None),
        )
        inside: list[float] = []
        outside: list[float] = []
        for row in session.scalars(rows.order_by(col(PostOutcome.pk))):
            value = value_of(row, Measure.OUTCOME)
            if value is not None and row.published_at is not None:
                wall = to_wall(row.published_at, zone)
                (inside if any(each.holds(wall) for each in request.windows) else outside).append(value)
    return inside, outside


def _sentence(found: LiftView | Undefined, inside: int, outside: int) -> str:
    posts = f"{inside:,} posts in these hours and {outside:,} in others"
    if isinstance(found, Undefined):
        return f"{posts} cannot be compared. {found.reason}"
    low, high = (_signed(each) for each in (found.interval.low, found.interval.high))
    word = "more" if found.lift >= 0 else "less"
    return f"Of {posts}, those in these hours happened to earn {percent(abs(found.lift))} {word} ({low} to {high})."


def _signed(lift: float) -> str:
    return f"{lift:+.0%}".replace("%", " %") if math.isfinite(lift) else "no bound"
