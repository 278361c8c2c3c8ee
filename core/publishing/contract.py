"""What every publisher takes and gives: plain values and the four calls between them.

An item goes out in steps so that a crash between any two of them has one meaning: `prepare` and `check`
show nothing to anybody, `fire` is the single visible call, `look_up` finds out afterwards what became of it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeAlias, Union

from core.vocabulary import ContentFormat, Refusal

JsonValue: TypeAlias = Union[str, int, float, bool, Sequence["JsonValue"], Mapping[str, "JsonValue"], None]  # noqa: UP007  # `|` does not take the forward references of a recursive type
StepState: TypeAlias = Mapping[str, JsonValue]
"""What a publisher must remember between steps (an upload's address, never its bytes); stored as JSON."""

_SAFE_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")


@dataclass(frozen=True)
class Post:
    """One item as a publisher sees it; `delivery_id` stays the same however often the item is tried."""

    item_id: str
    delivery_id: str
    workspace_id: str
    channel_id: str
    platform: str
    content_format: ContentFormat
    title: str
    text: str
    scheduled_at: datetime
    media: Sequence[Mapping[str, JsonValue]] = ()
    metadata: Mapping[str, JsonValue] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse identifiers that would mean something in a header or a path, and a time without a zone."""
        for name in ("item_id", "delivery_id", "workspace_id", "channel_id"):
            if not _SAFE_ID.fullmatch(getattr(self, name)):
                raise ValueError(f"{name} {getattr(self, name)!r} may hold only letters, digits, '_' and '-'")
        if self.scheduled_at.tzinfo is None:
            raise ValueError(f"scheduled_at {self.scheduled_at} needs a time zone")


@dataclass(frozen=True)
class ChannelAccess:
    """What a publisher needs to reach a channel: its settings and its secret, which is never printed."""

    channel_id: str
    settings: Mapping[str, str]
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Ready:
    """Everything invisible is done: the post can be fired with this state."""

    state: StepState


@dataclass(frozen=True)
class Waiting:
    """The platform is still at work (a video is being processed); check again then."""

    state: StepState
    again_at: datetime


@dataclass(frozen=True)
class Published:
    """The post is out since `at`; `notice` is a sentence for whoever would expect more than happened."""

    at: datetime
    url: str | None = None
    remote_id: str | None = None
    notice: str | None = None


@dataclass(frozen=True)
class Refused:
    """The post was not taken, or nobody knows (`UNKNOWN_OUTCOME`); `reason` is a sentence for the user."""

    refusal: Refusal
    reason: str
    retry_at: datetime | None = None


@dataclass(frozen=True)
class Found:
    """The post is at the platform."""

    published: Published


@dataclass(frozen=True)
class Absent:
    """The post is certainly not at the platform: firing again cannot double it."""


@dataclass(frozen=True)
class CannotTell:
    """The platform cannot be asked; `reason` tells a person where to look."""

    reason: str


Preparation: TypeAlias = Ready | Waiting | Refused
Firing: TypeAlias = Published | Refused
LookUp: TypeAlias = Found | Absent | CannotTell


class Publisher(Protocol):
    """One way for posts to leave. Calls return what happened and raise nothing a user could cause."""

    def prepare(self, post: Post, access: ChannelAccess, now: datetime) -> Preparation:
        """Do everything that shows nothing: check the channel's settings, upload media."""
        ...

    def check(self, post: Post, access: ChannelAccess, state: StepState, now: datetime) -> Preparation:
        """Ask once, without waiting, whether the platform is done with what `prepare` gave it."""
        ...

    def fire(self, post: Post, access: ChannelAccess, state: StepState, now: datetime) -> Firing:
        """Make the post visible: the one call that is never repeated without knowing its outcome."""
        ...

    def look_up(self, post: Post, access: ChannelAccess, state: StepState, now: datetime) -> LookUp:
        """Find out whether an earlier `fire` arrived, changing nothing."""
        ...
