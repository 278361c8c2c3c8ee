"""Exceptions: windows in which nothing goes out."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from core.api.access import SchedulingReader, SchedulingWriter
from core.api.answers import CREATED, refusals
from core.api.places import read_time
from core.api.posting import Posted
from core.api.shapes.preferences import ExceptionQuery, ExceptionShape, NewExceptionBody, exception_shape
from core.api.wire import Listing, Paging, Resource, listing
from core.services.context import Context
from core.services.preferences import add_blackout, page_exceptions, remove_exception
from core.services.workspaces import find_workspace

router = APIRouter(prefix="/v1/scheduling/exceptions", tags=["Exceptions"])

AHEAD, OVER = "ahead", "over"
"""The state of a window: whether it can still keep anything from going out."""


@router.get("", responses=refusals())
def list_all(query: Annotated[ExceptionQuery, Query()], access: SchedulingReader) -> Listing[ExceptionShape]:
    """List windows by their start."""
    ctx = access.ctx
    since = None if query.since is None else read_time(query.since, find_workspace(ctx).timezone, "from")
    page, following = page_exceptions(ctx, query.limit, query.cursor, since)
    return listing([exception_shape(each) for each in page], Paging(limit=query.limit), following)


@router.post(
    "", status_code=HTTPStatus.CREATED, response_model=Resource[ExceptionShape], responses=CREATED | refusals(404)
)
def add(body: NewExceptionBody, access: SchedulingWriter, post: Posted) -> Response:
    """Keep a window free; what is scheduled in it already stays and is shown as a conflict."""
    return post.once(access.ctx, lambda ctx: (HTTPStatus.CREATED, _add(ctx, body)))


@router.delete("/{exception_id}", status_code=HTTPStatus.NO_CONTENT, responses=refusals(404))
def remove(exception_id: Annotated[str, Path(max_length=64)], access: SchedulingWriter) -> None:
    """Open a window again."""
    remove_exception(access.ctx, exception_id)


def _add(ctx: Context, body: NewExceptionBody) -> Resource[ExceptionShape]:
    starts, ends = body.times(find_workspace(ctx).timezone)
    made = add_blackout(ctx, starts, ends, body.reason, body.channel_id)
    state = AHEAD if made.ends_at > ctx.now() else OVER
    return Resource(data=exception_shape(made), id=made.id, state=state)
