"""Channels on the wire; a signing secret is in none of these shapes but the two that are made to hand it over."""

from typing import Annotated, Any

from pydantic import Field

from core.api.shapes.calendars import Zone
from core.api.wire import Body, Paging, Shape, Whole, YesNo
from core.services.channels import ChannelDraft, ChannelView
from core.vocabulary import ChannelKind

Minutes = Annotated[Whole, Field(ge=0, le=525_600)]
Cap = Annotated[Whole, Field(ge=1, le=100_000)]
Percent = Annotated[Whole, Field(ge=0, le=50)]
Name = Annotated[str, Field(min_length=1, max_length=100)]
Entries = dict[Annotated[str, Field(max_length=40)], Annotated[str, Field(max_length=2_000)]]


class NewChannelBody(Body):
    """A channel to connect; with `is_peer` it is somebody else's account, whose history sharpens the advice."""

    platform: Annotated[str, Field(max_length=40, examples=["linkedin"])]
    name: Name
    kind: ChannelKind = Field(ChannelKind.OUTBOX, description="How its items leave; an outbox keeps them here.")
    timezone: Zone | None = Field(None, description="IANA name; left out: the workspace's zone.")
    settings: Entries = Field({}, max_length=20, description="A webhook needs `url`.")
    min_gap_minutes: Minutes = 120
    max_per_day: Cap | None = Field(3, description="Null: no cap.")
    max_per_week: Cap | None = None
    is_peer: YesNo = False
    exploration_percent: Percent = Field(0, description="Share of advice that may try hours of which little is known.")

    def draft(self, zone: str) -> ChannelDraft:
        """Return the channel that is meant; `zone` where none is said."""
        return ChannelDraft(**{**self.model_dump(), "timezone": self.timezone or zone})


class ChannelPatch(Body):
    """What to change of a channel; what is left out stays as it is."""

    name: Name | None = None
    timezone: Zone | None = None
    settings: Entries | None = Field(None, max_length=20)
    min_gap_minutes: Minutes | None = None
    max_per_day: Cap | None = Field(None, description="Null: no cap.")
    max_per_week: Cap | None = Field(None, description="Null: no cap.")
    active: YesNo | None = None
    exploration_percent: Percent | None = None
    expected_revision: Whole | None = None

    def draft(self, known: ChannelView) -> ChannelDraft:
        """Return the whole channel: what is said, and for the rest what stands; its secret stays."""
        stands = {name: getattr(known, name) for name in ChannelDraft.__dataclass_fields__ if name != "secret"}
        said = self.model_dump(exclude={"expected_revision"}, exclude_unset=True)
        kept = {name for name, value in said.items() if value is None and name not in {"max_per_day", "max_per_week"}}
        return ChannelDraft(**{**stands, **{name: said[name] for name in said.keys() - kept}})


class ChannelQuery(Paging):
    """Which channels are wanted; what is left out does not restrict."""

    platform: str | None = Field(None, max_length=200, description="One platform or several by comma, or `all`.")
    active: bool | None = None
    is_peer: bool | None = None


class ChannelShape(Shape):
    """A connected account, or one endpoint that stands for it."""

    id: str
    platform: str
    name: str
    kind: ChannelKind
    timezone: str
    settings: dict[str, str]
    min_gap_minutes: int
    max_per_day: int | None
    max_per_week: int | None
    active: bool
    is_peer: bool
    exploration_percent: int
    revision: int


class NewChannelShape(ChannelShape):
    """A channel that was just made, with the signing secret its receiver needs; null where it needs none."""

    secret: str | None


class SecretShape(Shape):
    """The signing secret of a channel; null where it has none."""

    channel_id: str
    secret: str | None


def channel_shape(channel: ChannelView) -> ChannelShape:
    """Return a channel as it is sent."""
    return ChannelShape(**_told(channel))


def new_channel_shape(channel: ChannelView, secret: str | None) -> NewChannelShape:
    """Return a channel that was just made, as it is sent."""
    return NewChannelShape(**_told(channel), secret=secret)


def _told(channel: ChannelView) -> dict[str, Any]:
    told = {name: value for name, value in vars(channel).items() if name != "version"}
    return {**told, "settings": dict(channel.settings), "revision": channel.version}
