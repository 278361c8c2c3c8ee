"""Commands for connected Google Sheets: connect, list, test, preview, sync, see how syncs went, remove."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from threading import Event
from typing import Annotated

import typer

from core.bootstrap import Slotwise, open_sheet_desk
from core.cli.house import WorkspaceOption, choose_connection, choose_workspace, open_house
from core.cli.output import JsonOption, print_json, print_list
from core.cli.sheet_accounts import AccountOption
from core.errors import Problem
from core.services.access import new_request_id
from core.services.context import Context
from core.services.sheet_checks import check_connection, preview
from core.services.sheet_choice import account_that_opens, choose_account
from core.services.sheet_connections import connect, disconnect, list_connections, request_sync
from core.services.sheet_lists import list_conflicts, list_rows, list_sync_runs
from core.services.sheet_missing import cancel_missing, keep_missing
from core.services.sheet_syncing import sync_connection
from core.services.sheet_views import ConflictView, ConnectionDraft, ConnectionView, SheetSample, SyncRunView
from core.sheets.rows import KnownState
from core.sheets.statuses import field_title
from core.sheets.words import ConflictWinner, SheetPermission

SHEETS_LIST_EXAMPLES = "Examples:  slotwise sheets list   ·   slotwise sheets list --json"
SHEETS_CONNECT_EXAMPLES = (
    "Examples:  slotwise sheets connect https://docs.google.com/spreadsheets/d/1BxiMVs0XRA5/edit --name 'Spring plan'"
    "   ·   slotwise sheets connect 1BxiMVs0XRA5 --tab Plan --range A:H --permissions read --every-minutes 60"
)
SHEETS_TEST_EXAMPLES = "Examples:  slotwise sheets test 'Spring plan'   ·   slotwise sheets test conn_3f9a2c1d --json"
SHEETS_PREVIEW_EXAMPLES = "Examples:  slotwise sheets preview 'Spring plan' --most 5"
SHEETS_SYNC_EXAMPLES = "Examples:  slotwise sheets sync 'Spring plan'   ·   slotwise sheets sync conn_3f9a2c1d --here"
SHEETS_RUNS_EXAMPLES = "Examples:  slotwise sheets runs 'Spring plan'   ·   slotwise sheets runs conn_3f9a2c1d --json"
SHEETS_ROWS_EXAMPLES = (
    "Examples:  slotwise sheets rows 'Spring plan' --faulty   ·   slotwise sheets rows plan --state missing"
)
SHEETS_CONFLICTS_EXAMPLES = (
    "Examples:  slotwise sheets conflicts 'Spring plan'   ·   slotwise sheets conflicts conn_3f9a2c1d --most 200 --json"
)
SHEETS_MISSING_EXAMPLES = (
    "Examples:  slotwise sheets missing 'Spring plan' cancel   ·   slotwise sheets missing plan keep"
)
SHEETS_REMOVE_EXAMPLES = "Examples:  slotwise sheets remove 'Spring plan'"

WhichConnection = Annotated[str, typer.Argument(metavar="CONNECTION", help="Id or name of the connection.")]
Most = Annotated[int, typer.Option(min=1, max=1_000, help="How many at most.")]


class Decision(StrEnum):
    """What becomes of the posts of rows that are gone from the sheet."""

    CANCEL = "cancel"
    KEEP = "keep"


def show(*, workspace: WorkspaceOption = "", as_json: JsonOption = False) -> None:
    """List the connected sheets, with how their syncs go."""
    with open_house() as house:
        found = list_connections(choose_workspace(house, workspace))
    if as_json:
        print_json(found)
        return
    for view in found:
        _print_connection(view)
    if not found:
        typer.echo("No sheet is connected yet. Connect one: slotwise sheets connect SPREADSHEET")


def connect_sheet(  # noqa: PLR0913 - what a person says of a connection
    spreadsheet: Annotated[str, typer.Argument(help="Id of the spreadsheet, or its address in the browser.")],
    *,
    name: Annotated[str, typer.Option(help="What the connection is called.")] = "Content schedule",
    tab: Annotated[str, typer.Option(help="Its sheet; the first when left out.")] = "",
    cells: Annotated[str, typer.Option("--range", help="A1 notation, such as A:H; left out: all.")] = "",
    permissions: Annotated[SheetPermission, typer.Option(help="What Slotwise may do.")] = SheetPermission.WRITE,
    account: AccountOption = "",
    calendar: Annotated[str, typer.Option(help="Id of the calendar; a new one when left out.")] = "",
    timezone: Annotated[str, typer.Option(help="IANA zone of its times; the spreadsheet's when left out.")] = "",
    every_minutes: Annotated[int, typer.Option(min=0, help="Minutes between syncs; 0: only when asked.")] = 15,
    mirrors: Annotated[bool, typer.Option("--mirror", help="Write posts without a row below the last one.")] = False,
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
) -> None:
    """Connect a sheet; the running engine syncs it from then on."""
    with open_house() as house:
        ctx = choose_workspace(house, workspace)
        draft = ConnectionDraft(
            name, "", spreadsheet, tab, cells, permissions, calendar or None, timezone or None, every_minutes or None,
            mirrors,
        )  # fmt: skip
        chosen = choose_account(ctx, account) if account else account_that_opens(ctx, house.google, draft)
        view = connect(ctx, house.google, ConnectionDraft(**vars(draft) | {"account_id": chosen}))
    if as_json:
        print_json(view)
    else:
        _print_connection(view)


def check(which: WhichConnection, *, workspace: WorkspaceOption = "", as_json: JsonOption = False) -> None:
    """Test a connection: permission, structure and a sample. Ends with 1 where it cannot be synced."""
    with open_house() as house:
        ctx = choose_workspace(house, workspace)
        found = check_connection(ctx, house.google, choose_connection(ctx, which).id)
    if as_json:
        print_json(found)
    else:
        typer.echo(f"{found.title}, sheet {found.sheet_name}: {found.rows:,} rows; may {found.permission.value}")
        _print_columns(found.found)
        for said in (*map(_problem, found.problems), *found.warnings, *found.will_write):
            typer.echo(f"  {said}")
        typer.echo("Ready to be synced." if found.is_ready else "Not ready: mend what is named above.")
    if not found.is_ready:
        raise typer.Exit(1)


def preview_rows(
    which: WhichConnection, *, most: Most = 20, workspace: WorkspaceOption = "", as_json: JsonOption = False
) -> None:
    """Print the first rows of a connected sheet, with what is wrong with each."""
    with open_house() as house:
        ctx = choose_workspace(house, workspace)
        found = preview(ctx, house.google, choose_connection(ctx, which).id, most)
    if as_json:
        print_json(found)
        return
    _print_columns(found.columns)
    _print_sample(found.rows)


def sync(
    which: WhichConnection,
    *,
    here: Annotated[bool, typer.Option("--here", help="Do it in this command, and say what it did.")] = False,
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
) -> None:
    """Have the running engine sync a connection now; this ends its pause."""
    with open_house() as house:
        ctx = choose_workspace(house, workspace)
        connection = choose_connection(ctx, which)
        outcome = _sync_here(house, ctx, connection.id) if here else request_sync(ctx, connection.id)
    if as_json:
        print_json(outcome)
    elif isinstance(outcome, SyncRunView):
        typer.echo(_run(outcome))
    else:
        typer.echo(f"The engine syncs {outcome.name} next; `slotwise sheets runs {outcome.id}` says how it went.")


def runs(
    which: WhichConnection, *, most: Most = 20, workspace: WorkspaceOption = "", as_json: JsonOption = False
) -> None:
    """List the syncs of a connection, newest first."""
    with open_house() as house:
        ctx = choose_workspace(house, workspace)
        found = list_sync_runs(ctx, choose_connection(ctx, which).id, most).runs
    print_list(found, _run, "It was not synced yet.", as_json=as_json)


def rows(
    which: WhichConnection,
    *,
    state: Annotated[KnownState | None, typer.Option(help="Only rows in this state.")] = None,
    faulty: Annotated[bool, typer.Option("--faulty", help="Only rows with something to mend.")] = False,
    most: Most = 200,
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
) -> None:
    """List the rows that Slotwise knows of a sheet, with what to mend in them."""
    with open_house() as house:
        ctx = choose_workspace(house, workspace)
        page = list_rows(ctx, choose_connection(ctx, which).id, state, faulty=faulty, limit=most)
    if as_json:
        print_json(page.rows)
        return
    for row in page.rows:
        typer.echo(f"{row.position:>6}  {row.state.value:<9}  {row.title}{f': {row.fault}' if row.fault else ''}")
    typer.echo(f"{len(page.rows):,} of {page.total:,} rows.")


def conflicts(
    which: WhichConnection, *, most: Most = 50, workspace: WorkspaceOption = "", as_json: JsonOption = False
) -> None:
    """List fields that were changed on both sides, newest first: whose change stands, and what the other one was."""
    with open_house() as house:
        ctx = choose_workspace(house, workspace)
        found = list_conflicts(ctx, choose_connection(ctx, which).id, most).conflicts
    print_list(found, _conflict, "No field was changed on both sides between two syncs.", as_json=as_json)


def missing(
    which: WhichConnection,
    decision: Annotated[Decision, typer.Argument(help="What becomes of their posts.")],
    *,
    workspace: WorkspaceOption = "",
) -> None:
    """Cancel or keep the posts of rows that were removed from the sheet."""
    decide = cancel_missing if decision is Decision.CANCEL else keep_missing
    with open_house() as house:
        ctx = choose_workspace(house, workspace)
        number = decide(ctx, choose_connection(ctx, which).id)
    typer.echo(f"{number:,} {'posts canceled' if decision is Decision.CANCEL else 'rows kept: their posts go out'}.")


def remove(which: WhichConnection, *, workspace: WorkspaceOption = "") -> None:
    """Remove a connection; its posts stay as they are, and the sheet too."""
    with open_house() as house:
        ctx = choose_workspace(house, workspace)
        connection = choose_connection(ctx, which)
        disconnect(ctx, connection.id)
    typer.echo(f"{connection.name} is removed; its posts stay.")


def _sync_here(house: Slotwise, ctx: Context, connection_id: str) -> SyncRunView:
    return sync_connection(open_sheet_desk(house, new_request_id(), Event()), ctx.workspace, connection_id)


def _print_connection(view: ConnectionView) -> None:
    synced = f"synced {view.last_sync:%Y-%m-%d %H:%M} UTC" if view.last_sync else "never synced"
    typer.echo(f"{view.id}  {view.status.value:<9}  {view.name}: {view.sheet_name or 'first sheet'}, {synced}")
    for said in (view.last_error, view.next_step, "It is paused." if view.is_paused else None):
        if said:
            typer.echo(f"  {said}")


def _print_columns(columns: Mapping[str, str]) -> None:
    typer.echo(f"  columns: {', '.join(f'{field} = {header}' for field, header in columns.items())}")


def _print_sample(found: Sequence[SheetSample]) -> None:
    for row in found:
        typer.echo(f"{row.position:>6}  {' | '.join(cell for cell in row.cells.values() if cell)}")
        for problem in row.problems:
            typer.echo(f"        {_problem(problem)}")


def _problem(problem: Problem) -> str:
    return f"{problem.place}: {problem.message}{f' (it says “{problem.value}”)' if problem.value else ''}"


def _conflict(view: ConflictView) -> str:
    where = f"{view.title or 'a row without a title'}, {field_title(view.field)}"
    sides = f"the sheet said “{view.sheet_value}”, Slotwise “{view.our_value}”"
    winner = "the sheet" if view.winner is ConflictWinner.SHEET else "Slotwise"
    return f"{view.at:%Y-%m-%d %H:%M} UTC  {where}: {sides}; {winner} stands: {view.reason}"


def _run(run: SyncRunView) -> str:
    counts = run.counts
    did = f"{counts.read:,} rows read, {counts.created:,} posts made, {counts.updated:,} changed, "
    did += f"{counts.written:,} cells written, {counts.requests:,} requests"
    why = f": {run.error} {run.next_step or ''}".rstrip() if run.error else ""
    return f"{run.started_at:%Y-%m-%d %H:%M:%S} UTC  {run.state.value:<9}  {did}{why}"
