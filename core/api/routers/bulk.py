"""Bulk jobs: create, check, follow, pause, resume, cancel, try again; and templates of them."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from core.api.access import BulkReader, BulkWriter
from core.api.answers import CREATED, refusals
from core.api.bulk_jobs import WIRE, new_job, placed_as_sent
from core.api.bulk_sources import Sourced, is_sheet, read_source
from core.api.posting import Posted, sent
from core.api.shapes.bulk import JobQuery, NewJobBody, RowBody, RowQuery, TemplateBody
from core.api.shapes.bulk_answers import (
    DryRunShape,
    JobShape,
    RowShape,
    TemplateShape,
    dry_run_shape,
    job_shape,
    row_shape,
    template_shape,
)
from core.api.wire import Listing, Paging, Resource, listing, whole_listing
from core.errors import Invalid
from core.services.bulk_dry_run import dry_run
from core.services.bulk_jobs import create_job, find_job, page_jobs, page_rows, start_job
from core.services.bulk_mending import RowEdit, mend_rows
from core.services.bulk_moves import cancel_job, pause_job, resume_job, retry_job
from core.services.bulk_placing import wants_times, with_times
from core.services.bulk_templates import delete_template, find_template, list_templates, save_template
from core.services.bulk_views import MOST_ROWS, JobFilter, JobView, NewJob
from core.services.context import Context
from core.services.idempotency import Answer

router = APIRouter(prefix="/v1/bulk", tags=["Bulk jobs"])

JobId = Annotated[str, Path(max_length=64, examples=["job_5f0c1a9b2d3e4f5061728394"])]
RowNumber = Annotated[int, Path(ge=1, le=MOST_ROWS, description="From 1.")]
TemplateId = Annotated[str, Path(max_length=64)]
MOVED = refusals(404, 409)
CHECKED = "checked"
"""The state of a job that exists only in its dry run."""

Job = Resource[JobShape]
Created = Resource[JobShape] | Resource[DryRunShape]


@router.post("/jobs", status_code=HTTPStatus.CREATED, response_model=Created, responses=CREATED | refusals(404))
def create(body: NewJobBody, access: BulkWriter, post: Posted) -> Response:
    """Create a job of many rows and queue it; with `dry_run` say what it would do and what is wrong with it."""
    if is_sheet(body) and (known := post.answered(access.ctx)):
        return sent(known)  # the sheet may have changed meanwhile
    sourced = read_source(access.ctx, access.house.google, body)
    if body.dry_run:
        # Nothing is written, so nothing has to be remembered; and the planner may search for longer than a transaction.
        return sent(Answer(HTTPStatus.OK, _checked(access.ctx, body, sourced).model_dump_json()))
    planned = _planned(access.ctx, body, sourced)

    def work(ctx: Context) -> tuple[int, Job]:
        new = planned or new_job(ctx, body, sourced)
        with placed_as_sent(body, new.rows):
            return HTTPStatus.CREATED, _resource(create_job(ctx, new))

    return post.once(access.ctx, work)


@router.get("/jobs", responses=refusals())
def list_all(query: Annotated[JobQuery, Query()], access: BulkReader) -> Listing[JobShape]:
    """List jobs, newest first."""
    wanted = JobFilter(
        states=(query.status,) if query.status else (),
        operations=(query.operation_type,) if query.operation_type else (),
        text=query.q or "",
    )
    page, following = page_jobs(access.ctx, wanted, query.limit, query.cursor)
    return listing([job_shape(job) for job in page], Paging(limit=query.limit), following)


@router.get("/jobs/{job_id}", responses=refusals(404))
def read(job_id: JobId, access: BulkReader) -> Job:
    """Read a job, with its progress."""
    return _resource(find_job(access.ctx, job_id))


@router.get("/jobs/{job_id}/items", responses=refusals(404))
def rows(job_id: JobId, query: Annotated[RowQuery, Query()], access: BulkReader) -> Listing[RowShape]:
    """List the rows of a job by number, each with what came of it and why."""
    states = (query.status,) if query.status else ()
    page, following = page_rows(access.ctx, job_id, query.limit, query.cursor, states)
    return listing([row_shape(row) for row in page], Paging(limit=query.limit), following)


@router.post("/jobs/{job_id}/start", response_model=Job, responses=MOVED)
def start(job_id: JobId, access: BulkWriter, post: Posted) -> Response:
    """Queue a job that waits for somebody to start it."""
    return post.once(access.ctx, lambda ctx: (HTTPStatus.OK, _resource(start_job(ctx, job_id))))


@router.post("/jobs/{job_id}/pause", response_model=Job, responses=MOVED)
def pause(job_id: JobId, access: BulkWriter, post: Posted) -> Response:
    """Begin no more rows; those that are being done are finished."""
    return post.once(access.ctx, lambda ctx: (HTTPStatus.OK, _resource(pause_job(ctx, job_id))))


@router.post("/jobs/{job_id}/resume", response_model=Job, responses=MOVED)
def resume(job_id: JobId, access: BulkWriter, post: Posted) -> Response:
    """Go on where a job was paused."""
    return post.once(access.ctx, lambda ctx: (HTTPStatus.OK, _resource(resume_job(ctx, job_id))))


@router.post("/jobs/{job_id}/cancel", response_model=Job, responses=MOVED)
def cancel(job_id: JobId, access: BulkWriter, post: Posted) -> Response:
    """Give up the rows that were not begun; what is done stays, and `message` says what that is."""

    def work(ctx: Context) -> tuple[int, Job]:
        canceled = cancel_job(ctx, job_id)
        return HTTPStatus.OK, _resource(canceled.job, canceled.sentence)

    return post.once(access.ctx, work)


@router.post("/jobs/{job_id}/retry", response_model=Job, responses=MOVED)
def retry(job_id: JobId, access: BulkWriter, post: Posted) -> Response:
    """Try the failed rows of an ended job again, and only those."""
    return post.once(access.ctx, lambda ctx: (HTTPStatus.OK, _resource(retry_job(ctx, job_id))))


@router.post("/jobs/{job_id}/items/{number}/retry", response_model=Job, responses=MOVED)
def mend(job_id: JobId, number: RowNumber, body: RowBody, access: BulkWriter, post: Posted) -> Response:
    """Change a failed row and try it again; a row that would fail the same way is refused."""
    edit = RowEdit(
        title=body.title,
        text=body.content,
        scheduled_time=body.scheduled_time,
        platforms=None if body.platforms is None else tuple(body.platforms),
        channel_ids=body.channel_ids,
    )
    return post.once(access.ctx, lambda ctx: (HTTPStatus.OK, _resource(mend_rows(ctx, job_id, {number: edit}))))


@router.get("/templates", responses=refusals())
def templates(access: BulkReader) -> Listing[TemplateShape]:
    """List the templates by name."""
    return whole_listing([template_shape(each) for each in list_templates(access.ctx)])


@router.post("/templates", status_code=HTTPStatus.CREATED, response_model=Resource[TemplateShape], responses=CREATED)
def save(body: TemplateBody, access: BulkWriter, post: Posted) -> Response:
    """Keep settings under a name, in place of what it held before."""

    def work(ctx: Context) -> tuple[int, Resource[TemplateShape]]:
        return HTTPStatus.CREATED, _template(template_shape(save_template(ctx, body.name, body.content)))

    return post.once(access.ctx, work)


@router.delete("/templates/{template_id}", responses=refusals(404))
def remove(template_id: TemplateId, access: BulkWriter) -> Resource[TemplateShape]:
    """Remove a template; jobs that were made from it stay."""
    with access.ctx.together() as ctx:
        shape = template_shape(find_template(ctx, template_id))
        delete_template(ctx, template_id)
        return _template(shape)


def _planned(ctx: Context, body: NewJobBody, sourced: Sourced | None) -> NewJob | None:
    """Return a smart job with its times; this searches for longer than a transaction may last.

    None for any other job, and for what is refused: that is found again, and remembered, in the transaction.
    """
    try:
        new = new_job(ctx, body, sourced)
        return with_times(ctx, new) if wants_times(new) else None
    except Invalid:
        return None


def _checked(ctx: Context, body: NewJobBody, sourced: Sourced | None) -> Resource[DryRunShape]:
    with placed_as_sent(body):
        shape = dry_run_shape(dry_run(ctx, new_job(ctx, body, sourced)), WIRE)
    return Resource(data=shape, id="", state=CHECKED)


def _resource(job: JobView, message: str | None = None) -> Job:
    return Resource(data=job_shape(job, message), id=job.id, state=job.state)


def _template(shape: TemplateShape) -> Resource[TemplateShape]:
    return Resource(data=shape, id=shape.id, state="saved")
