"""The command that follows bulk jobs until they end."""

from threading import Event
from typing import Annotated

import typer

from core.bulk.states import AT_WORK, ENDED
from core.bulk.words import BulkState
from core.cli.house import WorkspaceOption, choose_workspace, open_house
from core.cli.job_lines import job_line, print_job, summary_line
from core.cli.output import JsonOption, print_json
from core.services.bulk_board import summarize_jobs
from core.services.bulk_jobs import find_job
from core.services.bulk_views import JobView
from core.services.context import Context
from core.services.heartbeat import EngineState, engine_status

JOBS_WATCH_EXAMPLES = "Examples:  slotwise jobs watch job_3f9a2c1d   ·   slotwise jobs watch --every 10"

NO_ENGINE = "Nothing is done at present: the engine does not run. Start it with `slotwise serve`."


def watch(
    which: Annotated[str, typer.Argument(metavar="[JOB]", help="Id of the job; all jobs when left out.")] = "",
    *,
    every: Annotated[float, typer.Option(min=0.1, max=3600, help="Seconds between two looks.")] = 1.0,
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
) -> None:
    """Print progress whenever there is some, until the job ends (exit code 1 unless it is completed).

    Without an id all jobs are followed until none is queued or running. With `--json` only the end is printed.
    """
    with open_house() as house:
        ctx = choose_workspace(house, workspace)
        _warn_of_no_engine(ctx)
        if not which:
            _follow_all(ctx, every, as_json=as_json)
            return
        job = _follow(ctx, which, every, as_json=as_json)
    print_job(job, as_json=as_json)
    if job.state is not BulkState.COMPLETED:
        raise typer.Exit(1)


def _follow(ctx: Context, job_id: str, every: float, *, as_json: bool) -> JobView:
    """Print each new line of a job until it has ended, and return it as it is then."""
    pause, said = Event(), ""
    while (job := find_job(ctx, job_id)).state not in ENDED:
        line = job_line(job)
        if line != said and not as_json:
            typer.echo(line)
        said = line
        pause.wait(every)
    return job


def _follow_all(ctx: Context, every: float, *, as_json: bool) -> None:
    """Print each new line of the sum of all jobs until none is at work."""
    pause, said = Event(), ""
    while True:
        found = summarize_jobs(ctx)
        line = summary_line(found) or "There are no bulk jobs in this workspace."
        if line != said and not as_json:
            typer.echo(line)
        if not found.count(*AT_WORK, BulkState.CANCELING):
            break
        said = line
        pause.wait(every)
    if as_json:
        print_json(found)


def _warn_of_no_engine(ctx: Context) -> None:
    if engine_status(ctx).state in {EngineState.STOPPED, EngineState.NEVER}:
        typer.echo(NO_ENGINE, err=True)
