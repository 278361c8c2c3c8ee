"""Rows of a job that failed, mended by a person and tried again."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from sqlmodel import col, select

from core.bulk.states import ENDED, JOB
from core.bulk.words import BulkState, RowState
from core.errors import Invalid, NotFound, Problem, StateConflict
from core.services.audit import Action, record
from core.services.bulk_checks import RowCheck
from core.services.bulk_jobs import job_view, queue_job
from core.services.bulk_places import words_of
from core.services.bulk_rows import complexity, draft_of, stored, with_known_platforms
from core.services.bulk_state import PACE, change_job, locked_job, pace_of
from core.services.bulk_views import JobView, NewJob, RowDraft
from core.services.context import Context
from core.storage.tables import BulkJob, BulkRow
from core.storage.tenancy import ScopedSession

ROW = "row of the job"


@dataclass(frozen=True)
class RowEdit:
    """What is changed of a row; None leaves it. The time is of all its platforms, channels go by platform."""

    title: str | None = None
    text: str | None = None
    scheduled_time: str | None = None
    platforms: tuple[str, ...] | None = None
    channel_ids: Mapping[str, str] | None = None

    def of(self, draft: RowDraft) -> RowDraft:
        """Return the row with these changes; a new text is every platform's."""
        kept = draft if self.title is None else replace(draft, title=self.title)
        if self.text is not None and self.text != draft.text:
            kept = replace(kept, text=self.text, texts={})
        if self.platforms is not None:
            kept = _moved(kept, self.platforms)
        if self.scheduled_time is not None:
            kept = replace(kept, scheduled_times=dict.fromkeys(kept.platforms, self.scheduled_time), placed={})
        return kept if self.channel_ids is None else replace(kept, channel_ids={**kept.channel_ids, **self.channel_ids})


def _moved(draft: RowDraft, platforms: tuple[str, ...]) -> RowDraft:
    """Return a row on other platforms; those that are new get its time where it has only one."""
    times = {**draft.placed, **draft.scheduled_times}
    only = next(iter(times.values())) if len(set(times.values())) == 1 else ""
    moved = {name: when for name in platforms if (when := times.get(name, only))}
    return replace(draft, platforms=platforms, scheduled_times=moved, placed={})


def mend_rows(ctx: Context, job_id: str, edits: Mapping[int, RowEdit]) -> JobView:
    """Change failed rows of a job, by number, and try them again: all of them or none.

    Raises NotFound (job, row), StateConflict (the job is canceled, or a row has not failed) and Invalid with everything
    that would let them fail again, placed as in `row 3, LinkedIn, time`.
    """
    if not edits:
        raise Invalid((Problem("rows", "", "name at least one row"),))
    with ctx.write() as session:
        job = locked_job(session, job_id)
        if job.state in {BulkState.CANCELED, BulkState.CANCELING}:
            raise StateConflict(kind=JOB, state=job.state, wanted="mended")
        rows = _failed_rows(session, job, edits)
        drafts = {row.number: with_known_platforms(ctx, edits[row.number].of(draft_of(row.payload))) for row in rows}
        if problems := tuple(_problems(ctx, job, drafts)):
            raise Invalid(problems)
        for row in rows:
            _renew(row, drafts[row.number])
        session.flush()
        _go_on(session, ctx, job, len(rows))
        record(session, ctx, Action.RETRIED, JOB, job.id, {"rows": len(rows), "mended": sorted(edits)[:50]})
        return job_view(job, ctx.now())


def _failed_rows(session: ScopedSession, job: BulkJob, numbers: Iterable[int]) -> list[BulkRow]:
    wanted = set(numbers)
    found = session.scalars(select(BulkRow).where(BulkRow.job_id == job.id, col(BulkRow.number).in_(wanted))).all()
    if missing := wanted - {row.number for row in found}:
        raise NotFound(kind=ROW, id=str(min(missing)))
    for row in found:
        if row.state is not RowState.FAILED:
            raise StateConflict(kind=ROW, state=row.state, wanted="mended")
    return list(found)


def _problems(ctx: Context, job: BulkJob, drafts: Mapping[int, RowDraft]) -> Iterator[Problem]:
    check = RowCheck.of(ctx, NewJob(job.name, job.operation), job.timezone)
    for number, draft in sorted(drafts.items()):
        for problem in check.problems(draft):
            place = words_of(ctx, problem.place, draft.platforms)
            yield replace(problem, place=f"row {number}, {place}")


def _renew(row: BulkRow, draft: RowDraft) -> None:
    row.sqlmodel_update(
        {
            "payload": stored(draft),
            "platforms": list(draft.platforms),
            "complexity": complexity(draft),
            "state": RowState.PENDING,
            "error": None,
            "tries": 0,
            "not_before": None,
            "finished_at": None,
        }
    )


def _go_on(session: ScopedSession, ctx: Context, job: BulkJob, count: int) -> None:
    """Let the job do the rows that wait again; one that has ended is queued anew."""
    failed = job.failed - count
    if job.state in ENDED:
        pace = PACE.dump_python(pace_of(job).interrupted(), mode="json")
        queue_job(session, ctx, job, failed=failed, error=None, finished_at=None, pace=pace)
    else:
        change_job(session, job, failed=failed, rest_until=None)
