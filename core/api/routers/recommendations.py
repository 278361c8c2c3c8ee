"""Recommendations: when to post, why, and what an advice rests on."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from core.api.access import SchedulingReader
from core.api.answers import refusals
from core.api.kept import Kept
from core.api.places import Faults, as_on_the_wire, read_time
from core.api.shapes.platforms import platforms_of
from core.api.shapes.recommendations import (
    ExplanationShape,
    RecommendationQuery,
    RecommendationShape,
    explanation_shape,
    recommendation_shapes,
)
from core.api.wire import Listing, Meta, Resource
from core.calendar.zones import load_zone
from core.services.best_slots import best_slots
from core.services.context import Context
from core.services.explanations import explain_recommendation
from core.services.recommendations import RecommendationRequest
from core.services.workspaces import find_workspace

router = APIRouter(prefix="/v1/scheduling/recommendations", tags=["Recommendations"])

_WORDS = {"platform": "platforms", "ends": "end"}
OPEN, PASSED = "open", "taken"
"""The state of a recommendation: whether its slot may still take a post."""


@router.get("", response_model=Listing[RecommendationShape], responses=refusals(404))
def advise(query: Annotated[RecommendationQuery, Query()], access: SchedulingReader, kept: Kept) -> Response:
    """Recommend the best open slots of the channels asked for, best score first."""
    return kept.answer(lambda: _advise(access.ctx, query))


@router.get("/{recommendation_id}", responses=refusals(404))
def explain(
    recommendation_id: Annotated[str, Path(max_length=300)], access: SchedulingReader
) -> Resource[ExplanationShape]:
    """Explain a recommendation, whenever it was given out, from what is known today."""
    explanation = explain_recommendation(access.ctx, recommendation_id)
    shape = explanation_shape(explanation)
    return Resource(data=shape, id=recommendation_id, state=OPEN if explanation.is_open else PASSED)


def _advise(ctx: Context, query: RecommendationQuery) -> Listing[RecommendationShape]:
    with as_on_the_wire(_WORDS):
        views = best_slots(ctx, _request(ctx, query), query.timezone)
    shapes = recommendation_shapes(views, query.timezone)
    return Listing(data=shapes, meta=Meta(count=len(shapes), limit=query.target_count, next_cursor=None))


def _request(ctx: Context, query: RecommendationQuery) -> RecommendationRequest:
    """Return what is asked (Invalid with every fault of it)."""
    faults = Faults()
    faults.take(lambda: query.timezone and load_zone(query.timezone), None)
    faults.refuse()  # times are read in it
    zone = query.timezone or find_workspace(ctx).timezone
    starts, ends = (
        faults.take(lambda text=text, name=name: text and read_time(text, zone, name), None)  # type: ignore[misc]
        for name, text in (("start", query.start), ("end", query.end))
    )
    nothing: tuple[str, ...] = ()
    platforms = faults.take(lambda: platforms_of(ctx, *query.platforms, *query.platforms_brackets), nothing)
    faults.refuse()
    return RecommendationRequest(
        channel_ids=(query.channel_id,) if query.channel_id else (),
        platforms=platforms,
        content_format=query.content_format,
        starts=starts,
        ends=ends,
        count=query.target_count,
        min_confidence=query.min_confidence,
    )
