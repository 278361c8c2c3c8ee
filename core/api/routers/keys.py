"""API keys: make, list, read, rotate, revoke; and tokens in exchange for one."""

from http import HTTPStatus
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from starlette.datastructures import State

from core.api.access import AdminReader, AdminWriter
from core.api.admission import Presented
from core.api.answers import CREATED, refusals
from core.api.places import read_time
from core.api.posting import Posted
from core.api.shapes.keys import (
    KeyShape,
    NewKeyBody,
    NewKeyShape,
    RotationBody,
    TokenBody,
    TokenShape,
    key_shape,
    new_key_shape,
    token_shape,
)
from core.api.wire import Listing, Paging, Resource, listing
from core.bootstrap import Slotwise
from core.services.api_keys import KeyDraft, create_key, find_key, page_keys, revoke_key, rotate_key
from core.services.context import Context
from core.services.tokens import exchange, refresh
from core.services.workspaces import find_workspace

router = APIRouter(prefix="/v1", tags=["Keys"])

KeyId = Annotated[str, Path(max_length=64)]
AT_ONCE = RotationBody()
REFRESH = "refresh_token"


@router.post("/auth/token", responses=refusals())
async def token(body: TokenBody, request: Request) -> TokenShape:
    """Exchange a key or refresh token: for an access token of 15 minutes and the next refresh token.

    A refresh token works once; one that is sent again ends the whole family it belongs to.
    """
    given = body.refresh_token if body.grant_type == REFRESH else body.api_key
    given = given or Presented(request.method, request.headers).bearer or ""
    address = request.client.host if request.client else ""
    return await to_thread.run_sync(_exchange, request.app.state, body.grant_type, given, address)


@router.get("/api-keys", responses=refusals())
def list_all(paging: Annotated[Paging, Query()], access: AdminReader) -> Listing[KeyShape]:
    """List the keys of the workspace, newest first; revoked ones stay."""
    page, following = page_keys(access.ctx, paging.limit, paging.cursor)
    return listing([key_shape(each) for each in page], paging, following)


@router.post("/api-keys", status_code=HTTPStatus.CREATED, response_model=Resource[NewKeyShape], responses=CREATED)
def create(body: NewKeyBody, access: AdminWriter, post: Posted) -> Response:
    """Make a key. Its secret is in this answer and nowhere else; once a key exists, every call needs one."""

    def work(ctx: Context) -> tuple[int, Resource[NewKeyShape]]:
        shape = new_key_shape(create_key(ctx, _draft(ctx, body), access.caller.scopes))
        return HTTPStatus.CREATED, Resource(data=shape, id=shape.id, state=shape.state)

    return post.once(access.ctx, work, is_secret=True)


@router.get("/api-keys/{key_id}", responses=refusals(404))
def read(key_id: KeyId, access: AdminReader) -> Resource[KeyShape]:
    """Read a key, without its secret."""
    return _resource(key_shape(find_key(access.ctx, key_id)))


@router.post("/api-keys/{key_id}/rotate", response_model=Resource[NewKeyShape], responses=refusals(404, 409))
def rotate(key_id: KeyId, access: AdminWriter, post: Posted, body: RotationBody = AT_ONCE) -> Response:
    """Give a key a new secret; the old one ends at once, or after an overlap."""

    def work(ctx: Context) -> tuple[int, Resource[NewKeyShape]]:
        shape = new_key_shape(rotate_key(ctx, key_id, access.caller.scopes, body.overlap_minutes))
        return HTTPStatus.OK, Resource(data=shape, id=shape.id, state=shape.state)

    return post.once(access.ctx, work, is_secret=True)


@router.delete("/api-keys/{key_id}", responses=refusals(404))
def revoke(key_id: KeyId, access: AdminWriter) -> Resource[KeyShape]:
    """End a key, and with it its tokens, at once and for good."""
    return _resource(key_shape(revoke_key(access.ctx, key_id)))


def _exchange(state: State, grant_type: str, given: str, address: str) -> TokenShape:
    house: Slotwise = state.house()
    change = refresh if grant_type == REFRESH else exchange
    with state.limits.guess(address, given, house.now()):
        return token_shape(change(house.db, house.vault, house.now(), given))


def _draft(ctx: Context, body: NewKeyBody) -> KeyDraft:
    expires = body.expires_at and read_time(body.expires_at, find_workspace(ctx).timezone, "expires_at")
    return KeyDraft(body.name, body.scopes, expires or None, body.signing)


def _resource(shape: KeyShape) -> Resource[KeyShape]:
    return Resource(data=shape, id=shape.id, state=shape.state)
