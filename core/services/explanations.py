"""Explains a recommendation that was given out, now or earlier, from what is known today."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from core.calendar.zones import hour_of_week
from core.errors import NotFound
from core.services.analytics import PostView, posts_behind
from core.services.context import Context
from core.services.curves import fit_channel, load_stats
from core.services.openings import open_slots
from core.services.plan_ground import SLOT_MINUTES
from core.services.recommendations import HORIZON, RecommendationView, exploration_of, view
from core.services.research_advice import is_research, named_research, research_curve
from core.services.slot_ids import KIND, SlotId, read_slot_id
from core.storage.tables import Channel
from core.storage.tenancy import ScopedSession
from core.timing.curve import Influence, WeekCurve, lift
from core.timing.effects import effects
from core.timing.explore import chances
from core.timing.recommend import SlotChoice, Suggestion, as_try, scores, suggest, version_of
from core.timing.week import CELLS
from core.vocabulary import ContentFormat

NEWEST = 10
"""Posts shown behind a recommendation; the rest is on the Analytics page."""


@dataclass(frozen=True)
class Explanation:
    """A recommendation as it would be given today, and what it rests on.

    `has_learned_since`: the figures may differ from those it was given with. `is_open`: the slot may still take a
    post. `influence` shares the hour's figure among its own posts, its neighbours', all other posts and what was
    expected before; that was a lift of `expected_before`, mostly from `baseline_name`. `newest` are the latest of
    the `recommendation.own_posts` posts of that hour; `finding` says what holds for the channel's whole week.
    """

    recommendation: RecommendationView
    has_learned_since: bool
    is_open: bool
    influence: Influence
    baseline_name: str
    expected_before: float
    finding: str
    newest: tuple[PostView, ...]


def explain_recommendation(ctx: Context, recommendation_id: str) -> Explanation:
    """Return what is known of a recommendation by its id, whenever it was given out (NotFound)."""
    slot = read_slot_id(recommendation_id)
    if is_research(slot.channel_id):
        return _explain_research(ctx, slot)
    with ctx.read() as session:
        channel = session.get(Channel, slot.channel_id)
        if channel is None or channel.is_peer:
            raise NotFound(kind=KIND, id=recommendation_id)
        curve = fit_channel(session, ctx, channel, slot.content_format)
        ends = slot.start + timedelta(minutes=SLOT_MINUTES)
        is_open = bool(open_slots(session, ctx, [channel], slot.start, ends)[channel.id])
        suggestion = _as_of_now(session, ctx, channel, slot, curve)
        own_format = _format_behind(session, slot, curve)
    cell = suggestion.hour_of_week
    return Explanation(
        recommendation=view(channel, slot.content_format, suggestion, version_of(curve)),
        has_learned_since=slot.version != version_of(curve),
        is_open=is_open,
        influence=curve.influence_of(cell),
        baseline_name=curve.baseline_name,
        expected_before=lift(float(curve.baseline[cell])),
        finding=effects(curve).usual_range,
        newest=posts_behind(ctx, channel.id, cell, own_format)[:NEWEST],
    )


def _explain_research(ctx: Context, slot: SlotId) -> Explanation:
    """Return the explanation of advice without a channel: research is all there is."""
    channel = named_research(ctx, slot.channel_id)
    curve = research_curve(ctx, channel, slot.content_format)
    cell = hour_of_week(slot.start, channel.timezone)
    suggestion = suggest(curve, SlotChoice(slot.start, cell), float(scores(curve)[cell]))
    return Explanation(
        recommendation=view(channel, slot.content_format, suggestion, version_of(curve)),
        has_learned_since=slot.version != version_of(curve),
        is_open=slot.start >= ctx.now(),
        influence=curve.influence_of(cell),
        baseline_name=curve.baseline_name,
        expected_before=lift(float(curve.baseline[cell])),
        finding=effects(curve).usual_range,
        newest=(),
    )


def _as_of_now(session: ScopedSession, ctx: Context, channel: Channel, slot: SlotId, curve: WeekCurve) -> Suggestion:
    cell = hour_of_week(slot.start, channel.timezone)
    suggestion = suggest(curve, SlotChoice(slot.start, cell), float(scores(curve)[cell]))
    if not slot.is_exploration:
        return suggestion
    coming = open_slots(session, ctx, [channel], ctx.now(), ctx.now() + HORIZON)[channel.id]
    is_open = np.bincount([one.hour_of_week for one in coming], minlength=CELLS) > 0
    rng = np.random.default_rng(exploration_of(channel, curve).seed)
    return as_try(curve, suggestion, float(chances(curve, is_open, rng)[cell]))


def _format_behind(session: ScopedSession, slot: SlotId, curve: WeekCurve) -> ContentFormat | None:
    """Return the format whose posts the curve counts; None where those of all formats speak for it."""
    own = load_stats(session, slot.channel_id, slot.content_format).posts
    return slot.content_format if own == curve.posts else None
