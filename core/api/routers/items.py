"""Items: read, edit, and everything a person does with one."""

from dataclasses import replace
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response

from core.api.access import SchedulingReader, SchedulingWriter
from core.api.answers import refusals
from core.api.places import ITEM_WORDS, Faults, as_on_the_wire, read_time
from core.api.posting import Posted
from core.api.revisions import IfMatch, expected_revision, with_etag
from core.api.shapes.item_moves import NoteBody, RejectBody, ResolveBody, WhenBody
from core.api.shapes.items import ItemDetailShape, ItemPatch, ItemShape, item_detail_shape, item_shape
from core.api.wire import Resource
from core.services import moves
from core.services.context import Context
from core.services.item_edits import edit_item
from core.services.item_views import ItemEdit, ItemView, edit_of
from core.services.items import find_item

router = APIRouter(prefix="/v1/scheduling/items", tags=["Items"])

ItemId = Annotated[str, Path(max_length=64, examples=["item_5f0c1a9b2d3e4f5061728394"])]
MOVED = refusals(404, 409)
NOTHING, AT_ONCE, NO_REASON = NoteBody(), WhenBody(), RejectBody()
"""What a call without a body says."""


@router.get("/{item_id}", response_model=Resource[ItemDetailShape], responses=refusals(404))
def read(item_id: ItemId, access: SchedulingReader) -> Response:
    """Read an item, with its ledger of attempts and what speaks against its time."""
    detail = find_item(access.ctx, item_id)
    shape = item_detail_shape(detail)
    return with_etag(Resource(data=shape, id=shape.id, state=shape.status), detail.item.version)


@router.patch("/{item_id}", response_model=Resource[ItemShape], responses=MOVED)
def edit(item_id: ItemId, body: ItemPatch, access: SchedulingWriter, if_match: IfMatch = None) -> Response:
    """Change an item: text, time, channel or leeway; what is left out stays. Words make an open slot a post."""
    revision = expected_revision(if_match, body.expected_revision)
    with access.ctx.together() as ctx:
        return _etagged(edited(ctx, item_id, body, revision))


@router.delete("/{item_id}", response_model=Resource[ItemShape], responses=MOVED)
def delete(item_id: ItemId, access: SchedulingWriter, if_match: IfMatch = None) -> Response:
    """Cancel an item; it stays in the record."""
    return _etagged(moves.cancel_item(access.ctx, item_id, expected_revision(if_match)))


@router.post("/{item_id}/cancel", response_model=Resource[ItemShape], responses=MOVED)
def cancel(
    item_id: ItemId, access: SchedulingWriter, post: Posted, body: NoteBody = NOTHING, if_match: IfMatch = None
) -> Response:
    """Take an item out of the plan for good."""
    revision = expected_revision(if_match, body.expected_revision)
    return post.once(access.ctx, lambda ctx: _done(moves.cancel_item(ctx, item_id, revision)))


@router.post("/{item_id}/skip", response_model=Resource[ItemShape], responses=MOVED)
def skip(
    item_id: ItemId, access: SchedulingWriter, post: Posted, body: NoteBody = NOTHING, if_match: IfMatch = None
) -> Response:
    """Let an item's time pass without publishing it."""
    revision = expected_revision(if_match, body.expected_revision)
    return post.once(access.ctx, lambda ctx: _done(moves.skip_item(ctx, item_id, revision)))


@router.post("/{item_id}/retry", response_model=Resource[ItemShape], responses=MOVED)
def retry(
    item_id: ItemId, access: SchedulingWriter, post: Posted, body: WhenBody = AT_ONCE, if_match: IfMatch = None
) -> Response:
    """Try a failed item again, at once or at another time."""
    revision = expected_revision(if_match, body.expected_revision)

    def work(ctx: Context) -> tuple[int, Resource[ItemShape]]:
        return _done(moves.retry_item(ctx, item_id, body.moment(_zone(ctx, item_id)), revision))

    return post.once(access.ctx, work)


@router.post("/{item_id}/publish-now", response_model=Resource[ItemShape], responses=MOVED)
def publish_now(
    item_id: ItemId, access: SchedulingWriter, post: Posted, body: NoteBody = NOTHING, if_match: IfMatch = None
) -> Response:
    """Make this moment the item's time; the engine takes it within seconds."""
    revision = expected_revision(if_match, body.expected_revision)
    return post.once(access.ctx, lambda ctx: _done(moves.publish_now(ctx, item_id, revision)))


@router.post("/{item_id}/approve", response_model=Resource[ItemShape], responses=MOVED)
def approve(
    item_id: ItemId, access: SchedulingWriter, post: Posted, body: WhenBody = AT_ONCE, if_match: IfMatch = None
) -> Response:
    """Let an item that waits for approval go out, at its time or another."""
    revision = expected_revision(if_match, body.expected_revision)

    def work(ctx: Context) -> tuple[int, Resource[ItemShape]]:
        return _done(moves.approve_item(ctx, item_id, body.moment(_zone(ctx, item_id)), revision))

    return post.once(access.ctx, work)


@router.post("/{item_id}/reject", response_model=Resource[ItemShape], responses=MOVED)
def reject(
    item_id: ItemId, access: SchedulingWriter, post: Posted, body: RejectBody = NO_REASON, if_match: IfMatch = None
) -> Response:
    """Refuse an item that waits for approval, for good."""
    revision = expected_revision(if_match, body.expected_revision)
    return post.once(access.ctx, lambda ctx: _done(moves.reject_item(ctx, item_id, body.reason, revision)))


@router.post("/{item_id}/resolve", response_model=Resource[ItemShape], responses=MOVED)
def resolve(
    item_id: ItemId, body: ResolveBody, access: SchedulingWriter, post: Posted, if_match: IfMatch = None
) -> Response:
    """Say what became of an unconfirmed item after looking at the platform."""
    revision = expected_revision(if_match, body.expected_revision)

    def work(ctx: Context) -> tuple[int, Resource[ItemShape]]:
        item = moves.resolve_item(ctx, item_id, published=body.published, url=body.url, expected_version=revision)
        return _done(item)

    return post.once(access.ctx, work)


def edited(ctx: Context, item_id: str, body: ItemPatch, revision: int | None) -> ItemView:
    """Change an item as a body says; `ctx` is bound to a transaction (NotFound, Invalid, StaleEdit, StateConflict)."""
    known = find_item(ctx, item_id).item
    with as_on_the_wire(ITEM_WORDS, said=body):
        return edit_item(ctx, item_id, _edit(body, known), revision)


def _edit(body: ItemPatch, known: ItemView) -> ItemEdit:
    """Return the whole edit: what the body says, and for the rest what stands."""
    zone, faults = body.timezone or known.timezone, Faults()
    fields = body.model_dump(exclude_unset=True, include=set(ItemEdit.__dataclass_fields__))
    said = {name: value for name, value in fields.items() if value is not None or name == "lateness_policy"}
    times = {
        name: faults.take(lambda text=text, name=name: text and read_time(text, zone, name, body.fold), None)  # type: ignore[misc]
        for name in ("scheduled_time", "not_before", "not_after")
        if (text := getattr(body, name)) is not None or name in body.model_fields_set
    }
    faults.refuse()
    leeway = {name: times[name] for name in ("not_before", "not_after") if name in times}
    fixed = known.leeway.fixed if body.fixed is None else body.fixed
    edit = replace(edit_of(known), **said, leeway=replace(known.leeway, fixed=fixed, **leeway))
    return replace(edit, scheduled_at=times.get("scheduled_time") or known.scheduled_at)


def _zone(ctx: Context, item_id: str) -> str:
    return find_item(ctx, item_id).item.timezone


def _done(item: ItemView) -> tuple[int, Resource[ItemShape]]:
    return HTTPStatus.OK, resource(item)


def resource(item: ItemView) -> Resource[ItemShape]:
    """Return an item as it is answered."""
    return Resource(data=item_shape(item), id=item.id, state=item.state)


def _etagged(item: ItemView) -> Response:
    return with_etag(resource(item), item.version)
