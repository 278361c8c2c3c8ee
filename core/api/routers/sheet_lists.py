"""Google Sheets: the rows a connection knows, those that are gone from the sheet, its conflicts and its syncs."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from core.api.access import SheetsReader, SheetsWriter
from core.api.answers import refusals
from core.api.posting import Posted
from core.api.routers.sheets import MOVED, ConnectionId
from core.api.shapes.sheet_answers import (
    DecidedShape,
    SheetConflictShape,
    SheetRowQuery,
    SheetRowShape,
    SyncRunShape,
    run_shape,
    sheet_conflict_shape,
    sheet_row_shape,
)
from core.api.shapes.sheets import RowsBody
from core.api.wire import Listing, Paging, Resource, listing
from core.services.context import Context
from core.services.sheet_lists import list_conflicts, list_rows, list_sync_runs
from core.services.sheet_missing import cancel_missing, keep_missing

router = APIRouter(prefix="/v1/google-sheets/connections/{connection_id}", tags=["Google Sheets"])

Decided = Resource[DecidedShape]


@router.get("/rows", responses=refusals(404))
def rows(
    connection_id: ConnectionId, query: Annotated[SheetRowQuery, Query()], access: SheetsReader
) -> Listing[SheetRowShape]:
    """List the rows that Slotwise knows, each with its posts and what to mend in it."""
    page = list_rows(
        access.ctx, connection_id, query.state, faulty=query.faulty, limit=query.limit, cursor=query.cursor
    )
    return listing([sheet_row_shape(each) for each in page.rows], Paging(limit=query.limit), page.next_cursor)


@router.get("/conflicts", responses=refusals(404))
def conflicts(
    connection_id: ConnectionId, query: Annotated[Paging, Query()], access: SheetsReader
) -> Listing[SheetConflictShape]:
    """List the fields that both sides changed, newest first, with both values and whose stands."""
    page = list_conflicts(access.ctx, connection_id, query.limit, query.cursor)
    return listing([sheet_conflict_shape(each) for each in page.conflicts], query, page.next_cursor)


@router.get("/runs", responses=refusals(404))
def runs(connection_id: ConnectionId, query: Annotated[Paging, Query()], access: SheetsReader) -> Listing[SyncRunShape]:
    """List the syncs of a connection, newest first, with their counts."""
    page = list_sync_runs(access.ctx, connection_id, query.limit, query.cursor)
    return listing([run_shape(each) for each in page.runs], query, page.next_cursor)


@router.post("/rows/cancel", response_model=Decided, responses=MOVED)
def cancel(connection_id: ConnectionId, access: SheetsWriter, post: Posted, body: RowsBody | None = None) -> Response:
    """Cancel the posts of rows that were removed from the sheet."""

    def work(ctx: Context) -> tuple[int, Decided]:
        return HTTPStatus.OK, _decided(connection_id, posts=cancel_missing(ctx, connection_id, _named(body)))

    return post.once(access.ctx, work)


@router.post("/rows/keep", response_model=Decided, responses=MOVED)
def keep(connection_id: ConnectionId, access: SheetsWriter, post: Posted, body: RowsBody | None = None) -> Response:
    """Keep the posts of rows that were removed from the sheet; from then on they have no row."""

    def work(ctx: Context) -> tuple[int, Decided]:
        return HTTPStatus.OK, _decided(connection_id, rows=keep_missing(ctx, connection_id, _named(body)))

    return post.once(access.ctx, work)


def _named(body: RowsBody | None) -> list[str] | None:
    return None if body is None else body.row_ids


def _decided(connection_id: str, *, posts: int = 0, rows: int = 0) -> Decided:
    shape = DecidedShape(connection_id=connection_id, posts_canceled=posts, rows_kept=rows)
    return Resource(data=shape, id=connection_id, state="decided")
