"""Analytics on the wire: what worked, how sure that is, and the measurements it rests on."""

from typing import Annotated, Literal

from pydantic import Field, Strict

from core.api.shapes.items import Id, TimeText
from core.api.wire import Body, Moment, Query, Shape
from core.content.baseline import WEEKDAYS
from core.services.analytics import ChannelHistory, ChannelWeek
from core.services.outcome_lists import OutcomeView
from core.timing.curve import Interval
from core.timing.effects import Effect, HourEstimate
from core.timing.summary import FormatEffect
from core.timing.week import HOURS_PER_DAY
from core.undefined import Undefined, known
from core.vocabulary import Basis, ContentFormat, Metric

Number = Annotated[float, Strict(), Field(allow_inf_nan=False, ge=0)]


class WeekQuery(Query):
    """Of which channel the week is wanted."""

    channel_id: Id
    content_format: ContentFormat | None = None


class SummaryQuery(Query):
    """Of which channels; what is left out does not restrict."""

    channel_id: Id | None = None
    platform: str | None = Field(None, max_length=200, description="One platform or several by comma, or `all`.")


class OutcomeQuery(Query):
    """Which posts are wanted; what is left out does not restrict."""

    channel_id: Id | None = None
    platform: str | None = Field(None, max_length=200, description="One platform or several by comma, or `all`.")
    content_format: ContentFormat | None = None
    since: str | None = Field(None, alias="from", max_length=40, description="First moment of publishing, included.")
    until: str | None = Field(None, alias="to", max_length=40, description="Last moment, excluded.")


class OutcomePageQuery(OutcomeQuery):
    """Which posts, and which part of them."""

    limit: int = Field(50, ge=10, le=200)
    cursor: str | None = Field(None, max_length=500)


class ExportQuery(OutcomeQuery):
    """Which posts, and as what kind of file."""

    format: Literal["csv", "parquet"] = "csv"


class LiftInterval(Shape):
    """Bounds that hold the lift with 90 % probability."""

    low: float
    high: float


class EffectShape(Shape):
    """What some hours are worth over the channel's average (0.1: 10 % more); null where no post stands behind it."""

    name: str
    posts: int
    lift: float | None
    interval: LiftInterval | None


class HourShape(Shape):
    """An hour of the local week: what its posts earned, and what is expected of it by all that is known."""

    weekday: str
    hour: int
    posts: int
    lift: float | None
    interval: LiftInterval | None
    expected_lift: float
    expected_interval: LiftInterval
    expected_before: float = Field(description="The lift that was expected before any post of the channel.")


class FindingShape(Shape):
    """What holds for a channel's whole week, and on how many posts that rests."""

    posts: int
    basis: Basis
    baseline: str
    timing_matters: bool
    finding: str
    best_quarter: EffectShape


class HeatmapShape(FindingShape):
    """The week of a channel by its own clock: every hour, the seven weekdays and the 24 hours of the day."""

    channel_id: str
    content_format: ContentFormat | None
    format_posts: int
    is_borrowed: bool = Field(description="Whether posts of other formats count here too, for less.")
    hours: list[HourShape]
    weekdays: list[EffectShape]
    times_of_day: list[EffectShape]


class SummaryShape(FindingShape):
    """How much is known of a channel, and what it comes to."""

    channel_id: str
    channel_name: str
    platform: str
    timezone: str
    is_peer: bool
    undated_posts: int
    first: Moment | None
    last: Moment | None
    formats: list[EffectShape]


class OutcomeShape(Shape):
    """A post and what it earned.

    `engagement` is its count as of `measured_at`, `early_engagement` at two days of age; `outcome` its distance from
    the channel's level at that time in log units (0.1 is about 10 % more). Null: not known, or not counted.
    """

    channel_id: str
    platform: str
    post_id: str
    item_id: str | None
    published_at: Moment | None
    hour_of_week: int | None
    content_format: ContentFormat | None
    title: str
    url: str | None
    engagement: float | None
    early_engagement: float | None
    outcome: float | None
    measured_at: Moment


class EventBody(Body):
    """One measurement: the whole count since the post went out. The post is an item, or named by channel and id."""

    metric: Metric
    value: Number
    measured_at: TimeText
    item_id: Id | None = None
    channel_id: Id | None = None
    post_id: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    published_at: TimeText | None = Field(None, description="Needed for a post that is not known yet.")
    content_format: ContentFormat | None = None
    title: str = Field("", max_length=200)
    url: str | None = Field(None, max_length=2_000)


class EventsBody(Body):
    """Measurements to keep, all of them or none; times without offset are in the workspace's zone."""

    events: list[EventBody] = Field(min_length=1, max_length=10_000)


class CountsShape(Shape):
    """What became of them: new ones, those known already, and those that correct a known one."""

    added: int
    unchanged: int
    updated: int


class EventsAnswer(Shape):
    """What became of the measurements of one call."""

    data: CountsShape


def heatmap_shape(channel_id: str, content_format: ContentFormat | None, week: ChannelWeek) -> HeatmapShape:
    """Return a channel's week as it is sent."""
    found = week.effects
    return HeatmapShape(
        **_finding(week),
        channel_id=channel_id,
        content_format=content_format,
        format_posts=week.format_posts,
        is_borrowed=week.is_borrowed,
        hours=[_hour(n, *both) for n, both in enumerate(zip(found.cells, found.estimates, strict=True))],
        weekdays=[_effect(each) for each in found.weekdays],
        times_of_day=[_effect(each) for each in found.hours],
    )


def summary_shape(history: ChannelHistory, week: ChannelWeek, formats: tuple[FormatEffect, ...]) -> SummaryShape:
    """Return what is known of a channel as it is sent; `posts` counts all that are kept."""
    return SummaryShape(
        **{**_finding(week), "posts": history.posts},
        channel_id=history.channel_id,
        channel_name=history.channel_name,
        platform=history.platform,
        timezone=history.timezone,
        is_peer=history.is_peer,
        undated_posts=history.undated,
        first=history.first,
        last=history.last,
        formats=[
            EffectShape(
                name=each.content_format, posts=each.posts, lift=known(each.lift), interval=_bounds(each.interval)
            )
            for each in formats
        ],
    )


def outcome_shape(outcome: OutcomeView) -> OutcomeShape:
    """Return a post as it is sent."""
    return OutcomeShape(**vars(outcome))


def _finding(week: ChannelWeek) -> dict[str, object]:
    return {
        "posts": week.posts,
        "basis": week.basis,
        "baseline": week.baseline_name,
        "timing_matters": week.timing_matters,
        "finding": week.effects.usual_range,
        "best_quarter": _effect(week.effects.best_quarter),
    }


def _hour(number: int, effect: Effect, estimate: HourEstimate) -> HourShape:
    return HourShape(
        weekday=WEEKDAYS[number // HOURS_PER_DAY],
        hour=number % HOURS_PER_DAY,
        posts=effect.n,
        lift=known(effect.lift),
        interval=_bounds(effect.interval),
        expected_lift=estimate.lift,
        expected_interval=LiftInterval(low=estimate.interval.low, high=estimate.interval.high),
        expected_before=estimate.expected_before,
    )


def _effect(effect: Effect) -> EffectShape:
    return EffectShape(name=effect.name, posts=effect.n, lift=known(effect.lift), interval=_bounds(effect.interval))


def _bounds(interval: Interval | Undefined) -> LiftInterval | None:
    return None if isinstance(interval, Undefined) else LiftInterval(low=interval.low, high=interval.high)
