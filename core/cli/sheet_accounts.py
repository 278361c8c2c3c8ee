"""Commands for Google accounts: add one by its key, list them, see their spreadsheets, make a template."""

from pathlib import Path
from typing import Annotated

import typer

from core.cli.house import WorkspaceOption, choose_workspace, open_house
from core.cli.output import JsonOption, print_json
from core.services.sheet_accounts import add_account, list_accounts, remove_account
from core.services.sheet_choice import choose_account
from core.services.sheet_finding import list_spreadsheets, make_template

SHEETS_ACCOUNTS_EXAMPLES = "Examples:  slotwise sheets accounts   ·   slotwise sheets accounts --json"
SHEETS_ADD_ACCOUNT_EXAMPLES = (
    "Examples:  slotwise sheets add-account service-account.json   ·   "
    "slotwise sheets add-account key.json --name 'Team robot'"
)
SHEETS_REMOVE_ACCOUNT_EXAMPLES = "Examples:  slotwise sheets remove-account 'Team robot'"
SHEETS_FIND_EXAMPLES = "Examples:  slotwise sheets find   ·   slotwise sheets find plan --account 'Team robot'"
SHEETS_TEMPLATE_EXAMPLES = (
    "Examples:  slotwise sheets template --title 'Spring plan'   ·   "
    "slotwise sheets template --spreadsheet 1BxiMVs0XRA5"
)
AccountOption = Annotated[
    str, typer.Option(help="Id, name or address of the Google account; the only one if left out.")
]


def show(*, workspace: WorkspaceOption = "", as_json: JsonOption = False) -> None:
    """List the Google accounts; share sheets with their addresses."""
    with open_house() as house:
        accounts = list_accounts(choose_workspace(house, workspace))
    if as_json:
        print_json(accounts)
        return
    for account in accounts:
        typer.echo(f"{account.id}  {account.name}: {account.email or 'a person who has allowed it'}")
    if not accounts:
        typer.echo("There is no Google account yet. Add one with its JSON key: slotwise sheets add-account FILE")


def add(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The JSON that Google gave out.")],
    *,
    name: Annotated[str, typer.Option(help="What it is called; its address when left out.")] = "",
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
) -> None:
    """Add a service account's key, or a person's permission; it is kept encrypted."""
    with open_house() as house:
        account = add_account(choose_workspace(house, workspace), house.google, name, file.read_bytes())
    if as_json:
        print_json(account)
        return
    shared = f" Share your sheets with {account.email}." if account.email else ""
    typer.echo(f"{account.id}  {account.name} is added.{shared}")


def remove(
    which: Annotated[str, typer.Argument(metavar="ACCOUNT", help="Id, name or address of the account.")],
    *,
    workspace: WorkspaceOption = "",
) -> None:
    """Forget a Google account and its key; refused while connections use it."""
    with open_house() as house:
        ctx = choose_workspace(house, workspace)
        remove_account(ctx, choose_account(ctx, which))
    typer.echo(f"{which} is removed.")


def find(
    search: Annotated[str, typer.Argument(help="Part of the name; left out: all, the latest changed first.")] = "",
    *,
    account: AccountOption = "",
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
) -> None:
    """List the spreadsheets that a Google account can see."""
    with open_house() as house:
        ctx = choose_workspace(house, workspace)
        page = list_spreadsheets(ctx, house.google, choose_account(ctx, account), search)
    if as_json:
        print_json(page.spreadsheets)
        return
    for sheet in page.spreadsheets:
        changed = f"  changed {sheet.modified_at:%Y-%m-%d %H:%M} UTC" if sheet.modified_at else ""
        typer.echo(f"{sheet.id}  {sheet.name}{changed}")
    if not page.spreadsheets:
        typer.echo("The account sees no such spreadsheet. Share it with the account's address first.")
    if page.next_page:
        typer.echo("There are more; say a part of the name.")


def template(
    *,
    title: Annotated[str, typer.Option(help="Title of the new spreadsheet.")] = "Content schedule",
    spreadsheet: Annotated[str, typer.Option(help="Put it into this spreadsheet instead; its id or address.")] = "",
    account: AccountOption = "",
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
) -> None:
    """Make a sheet with the columns Slotwise reads and writes, ready to be connected."""
    with open_house() as house:
        ctx = choose_workspace(house, workspace)
        made = make_template(ctx, house.google, choose_account(ctx, account), title, spreadsheet or None)
    if as_json:
        print_json(made)
        return
    typer.echo(f"{made.spreadsheet_id}  {made.spreadsheet_title}, sheet {made.sheet_name}: {made.url}")
