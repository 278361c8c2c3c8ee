"""Google Sheets: accounts, connections, their test and sync, what accounts can see, and the template."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from core.api.access import Access, SheetsReader, SheetsWriter
from core.api.answers import CREATED, refusals
from core.api.posting import Posted
from core.api.revisions import IfMatch, expected_revision, refuse_stale, with_etag
from core.api.shapes.sheet_answers import (
    CheckShape,
    PreviewQuery,
    PreviewShape,
    SheetTemplateShape,
    SpreadsheetShape,
    check_shape,
    preview_shape,
    sheet_template_shape,
    spreadsheet_shape,
)
from core.api.shapes.sheets import (
    AccountShape,
    ConnectionPatch,
    ConnectionShape,
    NewAccountBody,
    NewConnectionBody,
    SpreadsheetQuery,
    TemplateBody,
    account_shape,
    connection_shape,
)
from core.api.wire import Listing, Meta, Resource, whole_listing
from core.api.wire import Query as Asked
from core.errors import Invalid
from core.services.context import Context
from core.services.sheet_accounts import add_account, list_accounts, remove_account
from core.services.sheet_checks import check_connection, check_draft, preview
from core.services.sheet_choice import account_that_opens, choose_account
from core.services.sheet_connections import (
    connect,
    disconnect,
    edit_connection,
    find_connection,
    list_connections,
    request_sync,
)
from core.services.sheet_finding import list_spreadsheets, make_template
from core.services.sheet_views import ConnectionDraft, ConnectionView, SheetCheck

router = APIRouter(prefix="/v1/google-sheets", tags=["Google Sheets"])

AccountId = Annotated[str, Path(max_length=64, examples=["acct_5f0c1a9b2d3e4f5061728394"])]
ConnectionId = Annotated[str, Path(max_length=64, examples=["conn_5f0c1a9b2d3e4f5061728394"])]
MOVED = refusals(404, 409)
MADE = CREATED | refusals(404)
DRIVE_PAGE = 100
"""Spreadsheets that Drive gives at once."""

READY = "ready"
"""The state of a sheet that can be synced as it is, and of what needs no other state."""

Connection = Resource[ConnectionShape]
Check = Resource[CheckShape]


@router.get("/accounts", responses=refusals())
def accounts(_: Annotated[Asked, Query()], access: SheetsReader) -> Listing[AccountShape]:
    """List the Google accounts, oldest first; share sheets with their addresses."""
    return whole_listing([account_shape(each) for each in list_accounts(access.ctx)])


@router.post("/accounts", status_code=HTTPStatus.CREATED, response_model=Resource[AccountShape], responses=CREATED)
def new_account(body: NewAccountBody, access: SheetsWriter, post: Posted) -> Response:
    """Add credentials for Google, once Google has let them in; they are kept encrypted and never shown."""

    def work(ctx: Context) -> tuple[int, Resource[AccountShape]]:
        shape = account_shape(add_account(ctx, access.house.google, body.name, body.secret()))
        return HTTPStatus.CREATED, Resource(data=shape, id=shape.id, state=READY)

    return post.apart(access.ctx, work)


@router.delete("/accounts/{account_id}", status_code=HTTPStatus.NO_CONTENT, responses=MOVED)
def delete_account(account_id: AccountId, access: SheetsWriter) -> None:
    """Forget an account and its credentials; refused while connections use it."""
    remove_account(access.ctx, account_id)


@router.get("/connections", responses=refusals())
def list_all(_: Annotated[Asked, Query()], access: SheetsReader) -> Listing[ConnectionShape]:
    """List the connected sheets with how their syncs go."""
    return whole_listing([connection_shape(each) for each in list_connections(access.ctx)])


@router.post("/connections", status_code=HTTPStatus.CREATED, response_model=Connection, responses=MADE)
def create(body: NewConnectionBody, access: SheetsWriter, post: Posted) -> Response:
    """Connect a sheet; where it cannot be opened yet, `status`, `last_error` and `next_step` say why."""

    def work(ctx: Context) -> tuple[int, Connection]:
        return HTTPStatus.CREATED, _resource(connect(ctx, access.house.google, _draft(access, body)))

    return post.apart(access.ctx, work)


@router.post("/check", response_model=Check, responses=refusals(404, 409))
def check(body: NewConnectionBody, access: SheetsWriter, post: Posted) -> Response:
    """Look at a sheet as it would be connected: what is found, what is missing, what would be written."""

    def work(ctx: Context) -> tuple[int, Check]:
        return HTTPStatus.OK, _check("", check_draft(ctx, access.house.google, _draft(access, body)))

    return post.apart(access.ctx, work)


@router.get("/connections/{connection_id}", response_model=Connection, responses=refusals(404))
def read(connection_id: ConnectionId, access: SheetsReader) -> Response:
    """Read a connection."""
    return _etagged(find_connection(access.ctx, connection_id))


@router.patch("/connections/{connection_id}", response_model=Connection, responses=MOVED)
def edit(
    connection_id: ConnectionId, body: ConnectionPatch, access: SheetsWriter, if_match: IfMatch = None
) -> Response:
    """Change a connection; this ends its pause."""
    known = find_connection(access.ctx, connection_id)
    refuse_stale("connection", expected_revision(if_match, body.expected_revision), known.version)
    wanted = body.draft(known)
    return _etagged(edit_connection(access.ctx, access.house.google, connection_id, wanted, known.version))


@router.delete("/connections/{connection_id}", status_code=HTTPStatus.NO_CONTENT, responses=MOVED)
def remove(connection_id: ConnectionId, access: SheetsWriter, if_match: IfMatch = None) -> None:
    """Remove a connection; its posts stay as they are, and the sheet too."""
    disconnect(access.ctx, connection_id, expected_revision(if_match))


@router.post("/connections/{connection_id}/test", response_model=Check, responses=MOVED)
def test(connection_id: ConnectionId, access: SheetsWriter, post: Posted) -> Response:
    """Test a connection: permission, structure and a sample; refused with every problem where it cannot be synced."""

    def work(ctx: Context) -> tuple[int, Check]:
        found = check_connection(ctx, access.house.google, connection_id)
        if not found.is_ready:
            raise Invalid(found.problems)
        return HTTPStatus.OK, _check(connection_id, found)

    return post.apart(access.ctx, work)


@router.post(
    "/connections/{connection_id}/sync", status_code=HTTPStatus.ACCEPTED, response_model=Connection, responses=MOVED
)
def sync(connection_id: ConnectionId, access: SheetsWriter, post: Posted) -> Response:
    """Have a connection synced now; this ends its pause, and its runs tell how it went."""
    return post.once(access.ctx, lambda ctx: (HTTPStatus.ACCEPTED, _resource(request_sync(ctx, connection_id))))


@router.get("/connections/{connection_id}/preview", responses=refusals(404, 409))
def show(
    connection_id: ConnectionId, query: Annotated[PreviewQuery, Query()], access: SheetsReader
) -> Resource[PreviewShape]:
    """Read the first rows of a connected sheet as they stand there, each with what is wrong with it."""
    shape = preview_shape(preview(access.ctx, access.house.google, connection_id, query.limit))
    return Resource(data=shape, id=connection_id, state=READY)


@router.get("/spreadsheets", responses=refusals(404, 409))
def spreadsheets(query: Annotated[SpreadsheetQuery, Query()], access: SheetsReader) -> Listing[SpreadsheetShape]:
    """List the spreadsheets an account can see, the latest changed first."""
    account_id = choose_account(access.ctx, query.account_id)
    page = list_spreadsheets(access.ctx, access.house.google, account_id, query.q, query.cursor)
    shapes = [spreadsheet_shape(each) for each in page.spreadsheets]
    return Listing(data=shapes, meta=Meta(count=len(shapes), limit=DRIVE_PAGE, next_cursor=page.next_page))


@router.post("/template", status_code=HTTPStatus.CREATED, response_model=Resource[SheetTemplateShape], responses=MADE)
def template(body: TemplateBody, access: SheetsWriter, post: Posted) -> Response:
    """Make a sheet with the columns Slotwise reads and writes, ready to be connected."""

    def work(ctx: Context) -> tuple[int, Resource[SheetTemplateShape]]:
        account_id = choose_account(ctx, body.account_id)
        made = make_template(ctx, access.house.google, account_id, body.title, body.spreadsheet_id)
        return HTTPStatus.CREATED, Resource(data=sheet_template_shape(made), id=made.spreadsheet_id, state=READY)

    return post.apart(access.ctx, work)


def _draft(access: Access, body: NewConnectionBody) -> ConnectionDraft:
    if body.account_id is not None:
        return body.draft(body.account_id)
    return body.draft(account_that_opens(access.ctx, access.house.google, body.draft("")))


def _resource(view: ConnectionView) -> Connection:
    return Resource(data=connection_shape(view), id=view.id, state=view.status)


def _etagged(view: ConnectionView) -> Response:
    return with_etag(_resource(view), view.version)


def _check(connection_id: str, found: SheetCheck) -> Check:
    return Resource(data=check_shape(found), id=connection_id, state=READY if found.is_ready else "unready")
