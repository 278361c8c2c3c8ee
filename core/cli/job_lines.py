"""How the commands print bulk jobs and their rows."""

import typer

from core.bulk.pace import Eta
from core.bulk.sentences import counted, sentences
from core.bulk.words import RowState
from core.cli.output import print_json
from core.services.bulk_board import BoardJob, JobsSummary
from core.services.bulk_views import JobRowView, JobView
from core.undefined import Undefined

_STEPS = {
    RowState.DONE: "Done",
    RowState.FAILED: "Failed",
    RowState.SKIPPED: "Skipped",
    RowState.CANCELED: "Canceled",
    RowState.PENDING: "Waiting",
    RowState.RUNNING: "Being done",
}


def print_job(job: JobView, *, as_json: bool) -> None:
    """Print a job with its speed, its end and what went wrong."""
    if as_json:
        print_json(job)
        return
    typer.echo(job_line(job))
    for line in _facts(job):
        typer.echo(f"  {line}")


def print_on_board(entry: BoardJob) -> None:
    """Print a job as the board shows it: also its place in the queue, and what it waits for."""
    print_job(entry.job, as_json=False)
    job = entry.job
    typer.echo(f"  {job.mode.value.replace('_', '-')} mode, {job.priority.value} priority, {_at_once(entry)}")
    if entry.place is not None:
        typer.echo(f"  place {entry.place.number:,} of {entry.place.of:,} in the queue")
    if entry.rests_until is not None:
        typer.echo(f"  no row may begin before {entry.rests_until:%Y-%m-%d %H:%M} UTC; the rows say which rule that is")


def job_line(job: JobView) -> str:
    """Return a job on one line."""
    progress = job.progress
    counts = f"{progress.done:,} of {counted(progress.total, 'row')} done"
    left_out = [f", {n:,} {word}" for n, word in ((progress.failed, "failed"), (progress.skipped, "skipped")) if n]
    return f"{job.id}  {job.state.value:<9}  {progress.percent:>3} %  {job.name}: {counts}{''.join(left_out)}"


def row_line(row: JobRowView) -> str:
    """Return a row on one line, with what came of it and what rules did to it."""
    name = row.draft.title or row.draft.text or row.draft.item_id or row.draft.calendar_id or ""
    said = [sentences(row.error)] if row.error else []
    why = " ".join([*said, *(reason.sentence for reason in row.reasons if reason.sentence not in said)])
    return f"{row.number:>6}  {_STEPS[row.state]:<10}  {name}{f': {why}' if why else ''}"


def summary_line(found: JobsSummary) -> str:
    """Return all jobs of a workspace on one line."""
    parts = [f"{number:,} {state.value}" for state, number in sorted(found.states.items())]
    if not isinstance(found.success_rate, Undefined):
        parts.append(f"{percent_words(found.success_rate)} of all rows tried succeeded")
    if not isinstance(found.rows_per_minute, Undefined):
        parts.append(f"{found.rows_per_minute:,.0f} rows a minute")
    return ", ".join(parts)


def percent_words(share: float) -> str:
    """Return a share in percent, rounded down: 100 % means that none failed."""
    return f"{int(share * 1000) / 10:g} %"


def _facts(job: JobView) -> list[str]:
    progress, said = job.progress, []
    if not isinstance(progress.rate_per_minute, Undefined):
        said.append(f"{progress.rate_per_minute:,.0f} rows a minute")
    if isinstance(progress.eta, Eta):
        at, early, late = (f"{each:%H:%M:%S}" for each in vars(progress.eta).values())
        said.append(f"done at {at} UTC (95 % interval {early} to {late})")
    if not isinstance(progress.success_rate, Undefined):
        said.append(f"{percent_words(progress.success_rate)} of the rows tried succeeded")
    return [*said, *([sentences(job.error)] if job.error else [])]


def _at_once(entry: BoardJob) -> str:
    underway = f", {counted(entry.underway, 'row')} being done" if entry.underway else ""
    return f"up to {counted(entry.job.concurrency, 'row')} at once{underway}"
