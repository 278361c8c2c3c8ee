"""Recommendations on the wire: what is asked, what is advised, and what an advice rests on."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import ConfigDict, Field

from core.api.shapes.items import Id
from core.api.wire import Moment, Query, Shape
from core.services.analytics import PostView
from core.services.explanations import Explanation
from core.services.recommendation_wire import on_the_wire
from core.services.recommendations import HORIZON, MOST, RecommendationView
from core.vocabulary import Basis, ContentFormat

Share = Annotated[float, Field(ge=0, le=1)]


class RecommendationQuery(Query):
    """What is asked; what is left out does not restrict."""

    platforms: list[Annotated[str, Field(max_length=200)]] = Field(
        [],
        max_length=20,
        description="Platforms, by comma or repeated, or `all`. One that has no channel yet is advised by research.",
    )
    platforms_brackets: list[Annotated[str, Field(max_length=200)]] = Field(
        [], alias="platforms[]", max_length=20, description="The same in the bracket spelling."
    )
    target_count: int = Field(10, ge=1, le=MOST, description="How many in all; the best ones of all channels.")
    timezone: str | None = Field(
        None, max_length=64, description="IANA zone of times without offset; the answer names it as `timezone`."
    )
    start: str | None = Field(None, max_length=40, description="First moment; left out: now.")
    end: str | None = Field(
        None, max_length=40, description=f"Last moment, excluded; left out: {HORIZON.days} days after the first."
    )
    content_format: ContentFormat | None = None
    channel_id: Id | None = None
    min_confidence: Share = Field(0.0, description="Only slots of at least this confidence.")


class IntervalShape(Shape):
    """Bounds of the expected lift, and the probability with which they hold it."""

    model_config = ConfigDict(from_attributes=True)

    low: float
    high: float
    level: float


class RecommendationShape(Shape):
    """A slot that is advised.

    `score` (0-1) is its hour's expected rank in the week; `expected_lift` 0.1 is 10 % over the channel's average.
    `channel_id` is null where the platform has no channel yet. `timezone` is the one that was asked for, else the
    channel's.
    """

    model_config = ConfigDict(from_attributes=True)

    id: str
    platform: str
    channel_id: str | None
    content_format: ContentFormat | None
    window_start: Moment
    window_end: Moment
    recommended_time: Moment
    timezone: str
    score: float
    confidence_score: float
    expected_lift: float
    interval: IntervalShape
    sample_size: int
    basis: Basis
    reasons: list[str]
    reason: str


class InfluenceShape(Shape):
    """What the hour's figure rests on, as shares that sum to 1.

    Its own posts, those of the hours before and after, all others, and what was expected before any post.
    """

    own: float
    neighbours: float
    elsewhere: float
    prior: float


class PostShape(Shape):
    """A post and what it earned; `published_at` is null where its history has no dates."""

    channel_id: str
    post_id: str
    published_at: Moment | None
    hour_of_week: int | None
    content_format: ContentFormat | None
    title: str
    url: str | None
    engagement: float | None
    measured_at: Moment


class ExplanationShape(RecommendationShape):
    """A recommendation as it would be given today, and what it rests on.

    `expected_before` is the lift that `baseline` led to expect before any post; `posts` are the newest of that hour.
    """

    has_learned_since: bool = Field(description="Whether something was learned since it was given out.")
    is_open: bool = Field(description="Whether the slot may still take a post.")
    influence: InfluenceShape
    baseline: str
    expected_before: float
    finding: str
    posts: list[PostShape]


def recommendation_shapes(views: Iterable[RecommendationView], zone: str | None) -> list[RecommendationShape]:
    """Return recommendations as they are sent, best first, in this zone where one was asked for."""
    named = {} if zone is None else {"timezone": zone}
    shapes = map(RecommendationShape.model_validate, on_the_wire(views))
    return [shape.model_copy(update=named) for shape in shapes]


def explanation_shape(explanation: Explanation) -> ExplanationShape:
    """Return an explanation as it is sent."""
    (shape,) = recommendation_shapes([explanation.recommendation], None)
    return ExplanationShape(
        **vars(shape),
        has_learned_since=explanation.has_learned_since,
        is_open=explanation.is_open,
        influence=InfluenceShape(**vars(explanation.influence)),
        baseline=explanation.baseline_name,
        expected_before=explanation.expected_before,
        finding=explanation.finding,
        posts=[post_shape(post) for post in explanation.newest],
    )


def post_shape(post: PostView) -> PostShape:
    """Return a post as it is sent."""
    return PostShape(**vars(post))
