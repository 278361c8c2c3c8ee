"""Commands that bring history in: a team's own file, or the sample."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from core.cli.house import WorkspaceOption, choose_channel, choose_workspace, open_house
from core.cli.output import JsonOption, print_json
from core.errors import Invalid, Problem
from core.history.columns import ColumnMapping, recognize
from core.history.fields import Field
from core.history.reading import DateOrder, FirstDay, NumberStyle, Reading
from core.services.context import Context
from core.services.demo import load_sample
from core.services.history_dry_run import DryRun, dry_run
from core.services.history_files import HistoryFile, open_history
from core.services.import_targets import ImportTarget
from core.services.imports import ImportReport, ImportRequest, import_history
from core.services.workspaces import find_workspace

IMPORT_EXAMPLES = (
    "Examples:  slotwise import posts.csv --platform instagram --zone Europe/Berlin --dry-run   ·   "
    "slotwise import posts.xlsx --channel 'Our page' --map likes='Me gusta' --yes   ·   "
    "slotwise import rivals.csv --platform instagram --peer"
)
DEMO_EXAMPLES = "Examples:  slotwise demo   ·   slotwise demo --json"
_SHOWN_ERRORS = 10
_STEPS = 1000


def import_file(  # noqa: PLR0913 - each is an option of the command
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV, TSV, XLSX or Parquet.")],
    *,
    channel: Annotated[str, typer.Option(help="Id or name of the channel the posts belong to.")] = "",
    platform: Annotated[str, typer.Option(help="Or: platform on which each account gets its channel.")] = "",
    peer: Annotated[bool, typer.Option("--peer", help="With --platform: the accounts are peers, not yours.")] = False,
    columns: Annotated[
        list[str] | None, typer.Option("--map", metavar="FIELD=COLUMN", help="Say what a column holds; repeatable.")
    ] = None,
    zone: Annotated[str, typer.Option(help="IANA zone of stamps that name none; left out: the channel's.")] = "",
    date_order: Annotated[DateOrder | None, typer.Option(help="How 3/4/2024 is meant.")] = None,
    number_style: Annotated[NumberStyle | None, typer.Option(help="What stands before decimals.")] = None,
    first_weekday: Annotated[FirstDay | None, typer.Option(help="The weekday the file calls 1.")] = None,
    sheet: Annotated[str | None, typer.Option(help="Sheet of a workbook; left out: the first.")] = None,
    skip_rejected: Annotated[bool, typer.Option("--skip-rejected", help="Import the good rows only.")] = False,
    only_check: Annotated[bool, typer.Option("--dry-run", help="Check every row and store nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before storing.")] = False,
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
) -> None:
    """Import past posts: every row is checked first, and all is stored or nothing."""
    _check_place(channel, platform, peer=peer)
    with open_house() as house:
        ctx = choose_workspace(house, workspace)
        target, own_zone = _target(ctx, channel, platform, zone, peer=peer)
        history = open_history(file, file.name, sheet)
        mapping = _mapped(recognize(history.headers), columns or [])
        said = Reading(zone or own_zone, date_order, number_style, first_weekday)
        with _bar("Checking") as progress:
            run = dry_run(history, mapping, said, ctx.now(), progress)
        _refuse_questions(run, history)
        if only_check or not as_json:
            (print_json if as_json else _print_run)(_summary(run))
        if not only_check:
            if not yes:
                typer.confirm(f"Import {run.accepted:,} posts?", abort=True, err=True)
            with _bar("Importing") as progress:
                report = import_history(
                    ctx, history, ImportRequest(mapping, run.reading, target, skip_rejected), progress
                )
            print_json(report) if as_json else _print_report(report)


def demo(*, workspace: WorkspaceOption = "", as_json: JsonOption = False) -> None:
    """Load the sample history: three invented channels to try everything with, marked as synthetic."""
    with open_house() as house, _bar("Importing") as progress:
        reports = load_sample(choose_workspace(house, workspace), progress)
    if as_json:
        print_json(reports)
        return
    for report in reports:
        _print_report(report)
    typer.echo("The posts are synthetic. See when to post: slotwise recommend")


def _check_place(channel: str, platform: str, *, peer: bool) -> None:
    if bool(channel) == bool(platform):
        raise typer.BadParameter("say either --channel or --platform")
    if peer and channel:
        raise typer.BadParameter("--peer goes with --platform; a channel that exists is a peer already, or is yours")


def _target(ctx: Context, channel: str, platform: str, zone: str, *, peer: bool) -> tuple[ImportTarget, str]:
    """Return where the posts go, and the zone that holds where nothing is said."""
    if channel:
        found = choose_channel(ctx, channel)
        return ImportTarget(channel_id=found.id), found.timezone
    home = find_workspace(ctx).timezone
    return ImportTarget(platform=platform, timezone=zone or home, is_peer=peer), home


def _mapped(mapping: ColumnMapping, said: list[str]) -> ColumnMapping:
    """Return the mapping with each `field=column` (or `field=column+column`, a sum) the user said."""
    for each in said:
        name, _, headers = each.partition("=")
        if name not in set(Field):
            fix = f"write FIELD=COLUMN with one of the fields {', '.join(Field)}"
            raise Invalid((Problem("--map", each, fix),))
        whole = headers in mapping.headers
        mapping = mapping.assign(Field(name), *([headers] if whole else headers.split("+")) if headers else ())
    return mapping


def _refuse_questions(run: DryRun, history: HistoryFile) -> None:
    """Ask what only the user knows, naming the option that answers."""
    if run.questions:
        raise Invalid(
            tuple(
                Problem(history.name, each.example, f"{each} Say it with --{each.doubt.value.replace('_', '-')}")
                for each in run.questions
            )
        )


def _summary(run: DryRun) -> dict[str, Any]:
    return {
        "columns": {field.value: list(headers) for field, headers in run.mapping.columns.items()},
        "unused": list(run.mapping.unused),
        "zone": run.reading.zone,
        "rows_read": run.rows_read,
        "accepted": run.accepted,
        "rejected": run.rejected,
        "duplicates": run.duplicates,
        "first": run.first,
        "last": run.last,
        "notes": list(run.notes),
        "error_count": run.error_count,
        "errors": [vars(error) | {"sentence": str(error)} for error in run.errors],
    }


def _print_run(summary: Mapping[str, Any]) -> None:
    for field, headers in summary["columns"].items():
        typer.echo(f"  {field:<15} {' + '.join(headers)}")
    numbers = "{rows_read:,} rows: {accepted:,} good, {rejected:,} rejected, {duplicates:,} duplicates"
    typer.echo(numbers.format(**summary))
    if summary["first"]:
        typer.echo("Posts from {first:%Y-%m-%d} to {last:%Y-%m-%d} UTC".format(**summary))
    for note in summary["notes"]:
        typer.echo(f"Note: {note}")
    for error in summary["errors"][:_SHOWN_ERRORS]:
        typer.echo(f"  {error['sentence']}")
    if summary["error_count"] > _SHOWN_ERRORS:
        typer.echo(f"  … and {summary['error_count'] - _SHOWN_ERRORS:,} more; --dry-run --json lists up to 1,000")


def _print_report(report: ImportReport) -> None:
    said = "{created:,} posts created, {updated:,} updated, {unchanged:,} unchanged, {rejected:,} rows left out"
    typer.echo(said.format(**vars(report)))


@contextmanager
def _bar(label: str) -> Iterator[Callable[[float], None]]:
    """Show progress on a terminal, and nothing in a log."""
    with typer.progressbar(length=_STEPS, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        yield lambda share: bar.update(round(share * _STEPS) - bar.pos)
