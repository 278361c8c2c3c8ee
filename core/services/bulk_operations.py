"""What bulk jobs do with a row: slow work before, then the effect in the transaction that ends the row."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import compress, islice
from typing import Any

from core.bulk.words import Operation
from core.errors import NotFound, SyncFailed
from core.generation.contract import Brief
from core.google.errors import GoogleError
from core.services.bulk_places import said_in_words
from core.services.bulk_rows import incoming_of
from core.services.bulk_state import change_job
from core.services.bulk_views import RowDraft
from core.services.bulk_worker import BulkWorker, Prepared
from core.services.calendars import add_to_calendar, open_calendar, refuse_problems
from core.services.contents import Piece, add_content
from core.services.context import Context
from core.services.incoming import resolve_items
from core.services.moves import publish_now
from core.services.plan_apply import apply_plan
from core.services.plan_now import complete_plan
from core.services.plan_runs import find_plan, queue_plan
from core.services.trial_assigning import take_new
from core.storage.tables import BulkJob, ContentCalendar
from core.storage.tenancy import ScopedSession
from core.vocabulary import ContentFormat, JobState

Result = Mapping[str, Any]


@dataclass(frozen=True)
class Work:
    """One row at the moment of its effect: `ctx` and `session` are bound to the transaction that ends it."""

    ctx: Context
    session: ScopedSession
    job: BulkJob
    draft: RowDraft
    prepared: Prepared


@dataclass(frozen=True)
class Kind:
    """One operation: what is done before a row, outside any transaction; its effect; that of several rows together."""

    do: Callable[[Work], Result]
    prepare: Callable[[BulkWorker, Context, BulkJob, RowDraft], Prepared] | None = None
    do_all: Callable[[Sequence[Work]], Sequence[Result]] | None = None


def _schedule(work: Work) -> Result:
    """Make a row's items in the job's calendar: all of them or none."""
    with said_in_words(work.ctx, work.draft):
        return _schedule_all([work])[0]


def _schedule_all(works: Sequence[Work]) -> Sequence[Result]:
    """Make the items of several rows of one job: all of them or none."""
    first = works[0]
    asked = [incoming_of(first.ctx, work.draft, first.job.timezone) for work in works]
    items = resolve_items(first.ctx, [item for each in asked for item in each])
    refuse_problems(first.session, first.ctx, items)
    calendar = _calendar(first)
    made = add_to_calendar(first.session, first.ctx, items, calendar)
    chosen = [item.platform in work.draft.placed for work, each in zip(works, asked, strict=True) for item in each]
    take_new(first.session, first.ctx, compress(made, chosen))
    ids = iter(made)
    return [{"item_ids": list(islice(ids, len(each))), "calendar_id": calendar} for each in asked]


def _calendar(work: Work) -> str:
    """Return the job's calendar, made for its first row."""
    if work.job.calendar_id is None:
        made = open_calendar(work.session, work.ctx, work.job.name)
        row = work.session.get_one(ContentCalendar, made)
        row.bulk_job_id, row.timezone = work.job.id, work.job.timezone
        change_job(work.session, work.job, tells=False, calendar_id=made)
        return made
    return work.job.calendar_id


def _write(worker: BulkWorker, _: Context, __: BulkJob, draft: RowDraft) -> Prepared:
    """Have the text written: a model may take its time."""
    return vars(worker.writer.write(Brief(draft.title, draft.text, draft.audience, draft.tone, draft.tags)))


def _keep_text(work: Work) -> Result:
    """Keep what was written as a content."""
    draft, written = work.draft, work.prepared
    piece = Piece(draft.title, written["text"], draft.content_format or ContentFormat.TEXT, draft.tags, draft.media)
    made = add_content(work.session, piece, work.ctx.now())
    return {"content_id": made, "writer": written["writer"], "note": written["note"]}


def _plan(_: BulkWorker, ctx: Context, job: BulkJob, draft: RowDraft) -> Prepared:
    """Work out a plan, which takes seconds to minutes by the job's level."""
    run_id = queue_plan(ctx, _named(draft.calendar_id, "calendar"), job.level)
    complete_plan(ctx, run_id)
    return {"run_id": run_id}


def _apply(work: Work) -> Result:
    """Move what the plan moves, all of it or nothing."""
    run = find_plan(work.ctx, work.prepared["run_id"])
    if run.proposal is not None and run.proposal.moved:
        run = apply_plan(work.ctx, run.id)
    return {"optimization_id": run.id, "moved": len(run.applied)}


def _publish(work: Work) -> Result:
    item = publish_now(work.ctx, _named(work.draft.item_id, "item"))
    return {"item_ids": [item.id]}


def _named(key: str | None, kind: str) -> str:
    if key is None:
        raise NotFound(kind=kind, id="")
    return key


def _sync(worker: BulkWorker, ctx: Context, _: BulkJob, draft: RowDraft) -> Prepared:
    """Sync a sheet, which waits for Google; a failure is the row's, whosever fault it is: it is tried again by hand."""
    try:
        run = worker.sync(ctx, _named(draft.connection_id, "sheet connection"))
    except GoogleError as error:
        raise SyncFailed(error.reason, error.fix) from error
    if run.state is not JobState.COMPLETED:
        raise SyncFailed(run.error or "The sync did not end well.", run.next_step or "Sync it again.")
    return {"sync_id": run.id, **asdict(run.counts)}


OPERATIONS: Mapping[Operation, Kind] = {
    Operation.SCHEDULE_CONTENT: Kind(_schedule, do_all=_schedule_all),
    Operation.GENERATE_CONTENT: Kind(_keep_text, _write),
    Operation.OPTIMIZE_SCHEDULE: Kind(_apply, _plan),
    Operation.PUBLISH: Kind(_publish),
    Operation.SYNC_SHEET: Kind(lambda work: work.prepared, _sync),
}
