"""Commands for bulk jobs: create one from a file, look at it, start, pause, resume, cancel, try failed rows again."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from core.bootstrap import Slotwise
from core.bulk.sentences import field_name
from core.bulk.words import BulkState, Mode, Operation, RowState
from core.cli.house import WorkspaceOption, choose_connection, choose_workspace, open_house
from core.cli.job_lines import job_line, print_job, print_on_board, row_line, summary_line
from core.cli.output import JsonOption, print_json
from core.services.bulk_board import JobSort, board_job, job_board, summarize_jobs
from core.services.bulk_dry_run import DryRun, dry_run
from core.services.bulk_jobs import create_job, page_rows, row_cursor, start_job
from core.services.bulk_moves import cancel_job, pause_job, resume_job, retry_job
from core.services.bulk_placing import with_times
from core.services.bulk_sheets import SheetRows, read_rows, refuse_faults
from core.services.bulk_views import JobFilter, NewJob, Schedule
from core.services.context import Context
from core.services.sheet_jobs import read_sheet, rows_to_sync, rows_to_sync_all
from core.vocabulary import OptimizationLevel, Priority

JOBS_CREATE_EXAMPLES = (
    "Examples:  slotwise jobs create posts.csv --dry-run   ·   slotwise jobs create posts.xlsx --mode smart   ·   "
    "slotwise jobs create --sheet 'Spring plan'"
)
JOBS_SYNC_EXAMPLES = "Examples:  slotwise jobs sync   ·   slotwise jobs sync 'Spring plan' --priority high"
JOBS_LIST_EXAMPLES = "Examples:  slotwise jobs list   ·   slotwise jobs list --state running --sort progress"
JOBS_SHOW_EXAMPLES = "Examples:  slotwise jobs show job_3f9a2c1d   ·   slotwise jobs show job_3f9a2c1d --json"
JOBS_ROWS_EXAMPLES = "Examples:  slotwise jobs rows job_3f9a2c1d   ·   slotwise jobs rows job_3f9a2c1d --state failed"
JOBS_START_EXAMPLES = "Examples:  slotwise jobs start job_3f9a2c1d   ·   slotwise jobs start job_3f9a2c1d --json"
JOBS_PAUSE_EXAMPLES = "Examples:  slotwise jobs pause job_3f9a2c1d   ·   slotwise jobs pause job_3f9a2c1d --json"
JOBS_RESUME_EXAMPLES = "Examples:  slotwise jobs resume job_3f9a2c1d   ·   slotwise jobs resume job_3f9a2c1d --json"
JOBS_CANCEL_EXAMPLES = "Examples:  slotwise jobs cancel job_3f9a2c1d   ·   slotwise jobs cancel job_3f9a2c1d --json"
JOBS_RETRY_EXAMPLES = "Examples:  slotwise jobs retry job_3f9a2c1d   ·   slotwise jobs retry job_3f9a2c1d --json"

MOST_SHOWN = 200

WhichJob = Annotated[str, typer.Argument(metavar="JOB", help="Id of the job.")]
Most = Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")]


def create(  # noqa: PLR0913 - what a person says of a job
    file: Annotated[
        Path | None, typer.Argument(exists=True, dir_okay=False, help="CSV, TSV, XLSX, XLS or ODS.")
    ] = None,
    *,
    sheet: Annotated[str, typer.Option(help="Instead of a file: id or name of a connected Google Sheet.")] = "",
    name: Annotated[str, typer.Option(help="Name of the job; the file's when left out.")] = "",
    mode: Annotated[Mode, typer.Option(help="`smart` lets the planner choose missing times.")] = Mode.MANUAL,
    level: Annotated[OptimizationLevel, typer.Option(help="How long the planner may search.")] = (
        OptimizationLevel.BALANCED
    ),
    priority: Annotated[Priority, typer.Option(help="Its turn among other jobs.")] = Priority.NORMAL,
    at_once: Annotated[int, typer.Option(min=1, max=50, help="Rows done at the same time.")] = 1,
    timezone: Annotated[str, typer.Option(help="IANA zone of the times; the workspace's when left out.")] = "",
    only_check: Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and write nothing.")] = False,
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
) -> None:
    """Schedule every row of a file or of a connected sheet; the running engine does them one after the other."""
    schedule = Schedule(mode=mode, level=level, max_concurrent=at_once)
    with open_house() as house:
        ctx = choose_workspace(house, workspace)
        source = _read_sheet(house, ctx, sheet) if sheet and not file else _read_file(None if sheet else file)
        new = NewJob(
            name or source.name,
            Operation.SCHEDULE_CONTENT,
            refuse_faults(source.read),
            priority,
            schedule,
            timezone or None,
            source=source.told,
        )
        if only_check:
            _print_dry_run(dry_run(ctx, new), as_json=as_json)
            return
        job = create_job(ctx, with_times(ctx, new))
    print_job(job, as_json=as_json)


def sync(
    connections: Annotated[
        list[str] | None, typer.Argument(metavar="[CONNECTION]...", help="Ids or names; left out: all.")
    ] = None,
    *,
    name: Annotated[str, typer.Option(help="Name of the job.")] = "Sync of sheets",
    priority: Annotated[Priority, typer.Option(help="Its turn among other jobs.")] = Priority.NORMAL,
    at_once: Annotated[int, typer.Option(min=1, max=50, help="Sheets synced at the same time.")] = 1,
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
) -> None:
    """Sync connected Google Sheets as one bulk job; the running engine does them one after the other."""
    with open_house() as house:
        ctx = choose_workspace(house, workspace)
        drafts = rows_to_sync(ctx, connections) if connections else rows_to_sync_all(ctx)
        source = {"type": "connections"}
        schedule = Schedule(max_concurrent=at_once)
        job = create_job(ctx, NewJob(name, Operation.SYNC_SHEET, drafts, priority, schedule, source=source))
    print_job(job, as_json=as_json)


def show_all(  # noqa: PLR0913 - what the page's filter knows
    *,
    state: Annotated[list[BulkState] | None, typer.Option(help="Only jobs in this state; may be said again.")] = None,
    operation: Annotated[list[Operation] | None, typer.Option(help="Only jobs that do this.")] = None,
    mode: Annotated[list[Mode] | None, typer.Option(help="Only jobs of this mode.")] = None,
    priority: Annotated[list[Priority] | None, typer.Option(help="Only jobs of this priority.")] = None,
    search: Annotated[str, typer.Option(help="Only jobs with this in their name.")] = "",
    sort: Annotated[JobSort, typer.Option(help="Which comes first.")] = JobSort.NEWEST,
    page: Annotated[int, typer.Option(min=1, help="Which page.")] = 1,
    most: Most = 20,
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
) -> None:
    """List bulk jobs, the newest first unless said otherwise, and say how all of them stand."""
    wanted = JobFilter(
        tuple(state or ()), tuple(operation or ()), tuple(mode or ()), tuple(priority or ()), search.strip()
    )
    with open_house() as house:
        ctx = choose_workspace(house, workspace)
        board, found = job_board(ctx, wanted, sort, page, most), summarize_jobs(ctx)
    if as_json:
        print_json([entry.job for entry in board.jobs])
        return
    for entry in board.jobs:
        typer.echo(job_line(entry.job))
    if not board.jobs:
        typer.echo("There are no such bulk jobs in this workspace.")
    elif board.total > len(board.jobs):
        typer.echo(f"Page {board.page} of {-(-board.total // most)}; {board.total:,} jobs in all.")
    if found.states:
        typer.echo(f"All jobs: {summary_line(found)}.")


def show(which: WhichJob, *, workspace: WorkspaceOption = "", as_json: JsonOption = False) -> None:
    """Show one bulk job: how far it is, how fast, until when, and what it waits for."""
    with open_house() as house:
        entry = board_job(choose_workspace(house, workspace), which)
    if as_json:
        print_json(entry.job)
    else:
        print_on_board(entry)


def rows(
    which: WhichJob,
    *,
    state: Annotated[RowState | None, typer.Option(help="Only rows in this state.")] = None,
    after: Annotated[int, typer.Option(min=0, help="Only rows after the one with this number.")] = 0,
    most: Most = MOST_SHOWN,
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
) -> None:
    """List the rows of a bulk job, with what came of each and why."""
    with open_house() as house:
        states = (state,) if state else ()
        found, more = page_rows(choose_workspace(house, workspace), which, most, row_cursor(after), states)
    if as_json:
        print_json(found)
        return
    for row in found:
        typer.echo(row_line(row))
    if not found:
        typer.echo("There are no such rows in this job.")
    elif more:
        typer.echo(f"More rows follow: say --after {found[-1].number}.")


def start(which: WhichJob, *, workspace: WorkspaceOption = "", as_json: JsonOption = False) -> None:
    """Queue a job that waits for somebody to start it."""
    with open_house() as house:
        job = start_job(choose_workspace(house, workspace), which)
    print_job(job, as_json=as_json)


def pause(which: WhichJob, *, workspace: WorkspaceOption = "", as_json: JsonOption = False) -> None:
    """Begin no more rows of a job; those that are being done are finished."""
    with open_house() as house:
        job = pause_job(choose_workspace(house, workspace), which)
    print_job(job, as_json=as_json)


def resume(which: WhichJob, *, workspace: WorkspaceOption = "", as_json: JsonOption = False) -> None:
    """Go on where a job was paused."""
    with open_house() as house:
        job = resume_job(choose_workspace(house, workspace), which)
    print_job(job, as_json=as_json)


def cancel(which: WhichJob, *, workspace: WorkspaceOption = "", as_json: JsonOption = False) -> None:
    """Give up the rows of a job that were not begun; what is done stays."""
    with open_house() as house:
        canceled = cancel_job(choose_workspace(house, workspace), which)
    if as_json:
        print_json(canceled.job)
        return
    typer.echo(job_line(canceled.job))
    typer.echo(canceled.sentence)


def retry(which: WhichJob, *, workspace: WorkspaceOption = "", as_json: JsonOption = False) -> None:
    """Try the failed rows of a job again, and only those."""
    with open_house() as house:
        job = retry_job(choose_workspace(house, workspace), which)
    print_job(job, as_json=as_json)


@dataclass(frozen=True)
class _Source:
    """Where the rows of a job come from: what they are called, and what they say."""

    name: str
    read: SheetRows
    told: Mapping[str, object]


def _read_file(file: Path | None) -> _Source:
    if file is None:
        raise typer.BadParameter("name a file, or say --sheet with a connected Google Sheet; not both")
    return _Source(file.stem, read_rows(file, file.name), {"type": "file", "name": file.name})


def _read_sheet(house: Slotwise, ctx: Context, wanted: str) -> _Source:
    connection = choose_connection(ctx, wanted)
    found = read_sheet(ctx, house.google, connection.id)
    told = {"type": "google_sheets", "connection_id": connection.id, "left_out": found.left_out}
    return _Source(connection.name, found.read, told)


def _there(value: str) -> str:
    return f" (it says “{value}”)" if value else ""


def _print_dry_run(found: DryRun, *, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    for problem in found.problems:
        typer.echo(f"  {problem}")
    for fault in found.faults:
        line = f" (line {fault.line})" if fault.line else ""
        typer.echo(f"  row {fault.number}{line}, {field_name(fault.column)}: {fault.message}{_there(fault.value)}")
    for left in found.unplaced:
        typer.echo(f"  row {left.number}, {left.platform}: {left.reason}")
    for finding in found.conflicts:
        typer.echo(f"  {finding.severity}: {finding.message}")
    for day, platform, posts in found.per_day:
        typer.echo(f"  {day}  {platform:<10} {posts}")
    typer.echo("Ready to start." if found.is_ready else "Not ready: mend what is named above.")
