"""Channels: connect, list, read, edit, switch off, and hand a signing secret to whoever receives the posts."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from core.api.access import ChannelsReader, ChannelsWriter
from core.api.answers import CREATED, refusals
from core.api.places import as_on_the_wire
from core.api.posting import Posted
from core.api.revisions import IfMatch, expected_revision, with_etag
from core.api.shapes.channels import (
    ChannelPatch,
    ChannelQuery,
    ChannelShape,
    NewChannelBody,
    NewChannelShape,
    SecretShape,
    channel_shape,
    new_channel_shape,
)
from core.api.shapes.platforms import platforms_of
from core.api.wire import Listing, Paging, Resource, listing
from core.services.channel_pages import ChannelFilter, page_channels
from core.services.channels import ChannelView, add_channel, edit_channel, find_channel, reveal_secret
from core.services.context import Context
from core.services.workspaces import find_workspace

router = APIRouter(prefix="/v1/channels", tags=["Channels"])

ChannelId = Annotated[str, Path(max_length=64, examples=["chan_5f0c1a9b2d3e4f5061728394"])]
ACTIVE, SWITCHED_OFF = "active", "switched_off"
_WORDS = {"url": "settings.url"}


@router.get("", responses=refusals())
def list_all(query: Annotated[ChannelQuery, Query()], access: ChannelsReader) -> Listing[ChannelShape]:
    """List channels and peers, oldest first."""
    ctx = access.ctx
    wanted = ChannelFilter(platforms_of(ctx, query.platform), query.active, query.is_peer)
    page, following = page_channels(ctx, wanted, query.limit, query.cursor)
    return listing([channel_shape(each) for each in page], Paging(limit=query.limit), following)


@router.post(
    "", status_code=HTTPStatus.CREATED, response_model=Resource[NewChannelShape], responses=CREATED | refusals(409)
)
def connect(body: NewChannelBody, access: ChannelsWriter, post: Posted) -> Response:
    """Connect a channel. The signing secret of a webhook is in this answer, and in that of `/secret`, only."""
    return post.once(access.ctx, lambda ctx: (HTTPStatus.CREATED, _connect(ctx, body)), is_secret=True)


@router.get("/{channel_id}", response_model=Resource[ChannelShape], responses=refusals(404))
def read(channel_id: ChannelId, access: ChannelsReader) -> Response:
    """Read a channel."""
    return _etagged(find_channel(access.ctx, channel_id))


@router.patch("/{channel_id}", response_model=Resource[ChannelShape], responses=refusals(404, 409))
def edit(channel_id: ChannelId, body: ChannelPatch, access: ChannelsWriter, if_match: IfMatch = None) -> Response:
    """Change a channel. In another zone the same posts went out at other hours, so its timing is learned anew."""
    revision = expected_revision(if_match, body.expected_revision)
    with access.ctx.together() as ctx, as_on_the_wire(_WORDS):
        draft = body.draft(find_channel(ctx, channel_id))
        return _etagged(edit_channel(ctx, channel_id, draft, revision))


@router.delete("/{channel_id}", response_model=Resource[ChannelShape], responses=refusals(404, 409))
def switch_off(channel_id: ChannelId, access: ChannelsWriter, if_match: IfMatch = None) -> Response:
    """Switch a channel off: nothing more goes out on it, and what it has learned stays."""
    with access.ctx.together() as ctx:
        draft = ChannelPatch(active=False).draft(find_channel(ctx, channel_id))
        return _etagged(edit_channel(ctx, channel_id, draft, expected_revision(if_match)))


@router.get("/{channel_id}/secret", responses=refusals(404))
def reveal(channel_id: ChannelId, access: ChannelsWriter) -> Resource[SecretShape]:
    """Read a channel's signing secret, for the settings of its receiver."""
    ctx = access.ctx
    channel = find_channel(ctx, channel_id)
    shape = SecretShape(channel_id=channel.id, secret=reveal_secret(ctx, channel.id))
    return Resource(data=shape, id=channel.id, state=_state(channel))


def _connect(ctx: Context, body: NewChannelBody) -> Resource[NewChannelShape]:
    with as_on_the_wire(_WORDS):
        made = add_channel(ctx, body.draft(find_workspace(ctx).timezone))
    return Resource(data=new_channel_shape(made, reveal_secret(ctx, made.id)), id=made.id, state=_state(made))


def _etagged(channel: ChannelView) -> Response:
    shape = channel_shape(channel)
    return with_etag(Resource(data=shape, id=channel.id, state=_state(channel)), channel.version)


def _state(channel: ChannelView) -> str:
    return ACTIVE if channel.active else SWITCHED_OFF
