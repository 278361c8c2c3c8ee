"""Items on the wire: what a client sends for one, and what it reads of one."""

from typing import Annotated

from pydantic import AliasChoices, Field

from core.api.wire import Body, Metadata, Moment, Shape, Whole, YesNo
from core.services.item_views import ItemDetail, ItemView
from core.vocabulary import ContentFormat, ItemState, LatenessPolicy, LedgerStep

TimeText = Annotated[
    str,
    Field(
        max_length=40,
        description="RFC 3339. Without an offset it is wall-clock time in the request's time zone.",
        examples=["2027-03-09T14:30:00+01:00"],
    ),
]
Fold = Annotated[
    Whole | None,
    Field(ge=0, le=1, description="Which reading of a wall-clock time is meant that DST skips or repeats."),
]
Id = Annotated[str, Field(min_length=1, max_length=200)]


class ContentBody(Body):
    """What is to be published."""

    title: str = Field("", max_length=1_000)
    text: str = Field("", max_length=100_000)
    content_format: ContentFormat | None = None
    tags: list[Annotated[str, Field(min_length=1, max_length=200)]] = Field([], max_length=100)
    media: list[Metadata] = Field([], max_length=50, description="Files, each with `url`, `media_type`, `size` …")


class NewItemBody(Body):
    """One post to schedule.

    `content_id` is one of Slotwise's or your own; without `content` the item publishes what is known by it, and where
    nothing is known yet it stays `pending` until its words are sent. `contentId` and `scheduledTime` are taken as well.
    """

    content_id: Id | None = Field(None, validation_alias=AliasChoices("content_id", "contentId"))
    platform: Annotated[str, Field(min_length=1, max_length=40, examples=["youtube"])]
    scheduled_time: TimeText = Field(validation_alias=AliasChoices("scheduled_time", "scheduledTime"))
    fold: Fold = None
    channel_id: Id | None = Field(None, description="Left out: the platform's only channel.")
    content: ContentBody | None = None
    content_format: ContentFormat | None = None
    metadata: Metadata | None = Field({}, description="Kept with the item and handed back unchanged.")
    callbacks: dict[str, str] | None = Field(
        None, description="Addresses that are told: on_published, on_failed, on_skipped, on_canceled, on_unconfirmed."
    )
    priority: Whole = Field(1, description="0 (whenever there is room) to 10 (first of all).")
    lateness_policy: LatenessPolicy | None = None
    approval: YesNo = Field(False, description="It goes out only once somebody has approved it.")


class ItemPatch(Body):
    """What to change of an item; what is left out or null stays as it is.

    `not_before`, `not_after` and `lateness_policy` are taken away by null.
    """

    title: str | None = Field(None, max_length=1_000)
    text: str | None = Field(None, max_length=100_000)
    content_format: ContentFormat | None = None
    channel_id: Id | None = None
    scheduled_time: TimeText | None = None
    timezone: str | None = Field(None, max_length=64, description="Zone of a time without offset; else the channel's.")
    fold: Fold = None
    priority: Whole | None = None
    lateness_policy: LatenessPolicy | None = None
    fixed: YesNo | None = Field(None, description="The planner keeps this time.")
    not_before: TimeText | None = None
    not_after: TimeText | None = None
    expected_revision: Whole | None = None


class ItemShape(Shape):
    """One post. `timezone` is its channel's, the one its readers live in; `content_id` is what the client called it."""

    id: str
    calendar_id: str
    calendar_title: str
    content_id: str
    platform: str
    channel_id: str
    channel_name: str
    scheduled_time: Moment
    timezone: str
    status: ItemState
    title: str
    text: str
    content_format: ContentFormat
    tags: list[str]
    media: list[Metadata]
    metadata: Metadata
    priority: int
    fixed: bool
    not_before: Moment | None
    not_after: Moment | None
    lateness_policy: LatenessPolicy | None
    attempts: int
    published_at: Moment | None
    url: str | None
    error: str | None
    revision: int
    created_at: Moment


class LedgerLineShape(Shape):
    """One step of one try to publish an item, in plain words."""

    at: Moment
    attempt: int
    step: LedgerStep
    sentence: str


class ConflictShape(Shape):
    """What speaks against an item's time."""

    kind: str
    sentence: str


class ItemDetailShape(ItemShape):
    """An item with its ledger of attempts, oldest first, and what speaks against its time."""

    ledger: list[LedgerLineShape]
    conflicts: list[ConflictShape]


def item_detail_shape(detail: ItemDetail) -> ItemDetailShape:
    """Return an item with everything that happened to it, as it is sent."""
    lines = [
        LedgerLineShape(at=line.at, attempt=line.attempt, step=line.step, sentence=line.sentence)
        for line in detail.ledger
    ]
    conflicts = [ConflictShape(kind=each.kind, sentence=each.message) for each in detail.conflicts]
    return ItemDetailShape.model_construct(**vars(item_shape(detail.item)), ledger=lines, conflicts=conflicts)


def item_shape(item: ItemView) -> ItemShape:
    """Return an item as it is sent."""
    return ItemShape.model_construct(
        id=item.id,
        calendar_id=item.calendar_id,
        calendar_title=item.calendar_title,
        content_id=item.external_id or item.content_id,
        platform=item.platform,
        channel_id=item.channel_id,
        channel_name=item.channel_name,
        scheduled_time=item.scheduled_at,
        timezone=item.timezone,
        status=item.state,
        title=item.title,
        text=item.text,
        content_format=item.content_format,
        tags=list(item.tags),
        media=[dict(medium) for medium in item.media],
        metadata=dict(item.metadata),
        priority=item.priority,
        fixed=item.leeway.fixed,
        not_before=item.leeway.not_before,
        not_after=item.leeway.not_after,
        lateness_policy=item.lateness_policy,
        attempts=item.attempt,
        published_at=item.published_at,
        url=item.url,
        error=item.error,
        revision=item.version,
        created_at=item.created_at,
    )
