"""Sheets before they are connected: those an account can see, and new ones from the template."""

from itertools import chain, count

from core.google.contract import AddColumns, AddTab, Block, CellsWrite, FreezeRows, Spreadsheet, Tab
from core.google.door import GoogleDoor
from core.google.gateway import Google
from core.services.context import Context
from core.services.sheet_accounts import open_account
from core.services.sheet_views import SpreadsheetPage, SpreadsheetView, TemplateView
from core.sheets.headers import TEMPLATE

TITLE = "Content schedule"


def list_spreadsheets(
    ctx: Context, google: GoogleDoor, account_id: str, search: str = "", page: str | None = None
) -> SpreadsheetPage:
    """Return spreadsheets that an account can open, the latest changed first (NotFound, GoogleError)."""
    found = open_account(ctx, google, account_id).files(search.strip(), page)
    views = (SpreadsheetView(file.id, file.name, file.modified_at) for file in found.files)
    return SpreadsheetPage(tuple(views), found.next_page)


def make_template(
    ctx: Context, google: GoogleDoor, account_id: str, title: str = TITLE, spreadsheet_id: str | None = None
) -> TemplateView:
    """Make a sheet with the columns Slotwise knows: in a new spreadsheet, or as a new tab of one that is there.

    An empty first tab of it is taken. Raises NotFound and GoogleError.
    """
    opened = open_account(ctx, google, account_id)
    target = spreadsheet_id or opened.create(title.strip() or TITLE)
    spreadsheet = opened.describe(target)
    tab = _empty_tab(opened, spreadsheet, title.strip() or TITLE)
    if tab.columns < len(TEMPLATE):
        opened.arrange(target, [AddColumns(tab.gid, len(TEMPLATE) - tab.columns)])
    opened.write(target, tab.title, [CellsWrite(1, 1, [TEMPLATE])])
    opened.arrange(target, [FreezeRows(tab.gid)])
    return TemplateView(target, spreadsheet.title, tab.title, f"{spreadsheet.url}#gid={tab.gid}")


def _empty_tab(google: Google, spreadsheet: Spreadsheet, title: str) -> Tab:
    """Return the first tab where nothing stands in it, else a new one."""
    first = spreadsheet.tabs[0]
    if not google.read(spreadsheet.id, first.title, [Block(last_row=first.rows, last_column=first.columns)])[0].rows:
        return first
    taken = {tab.title for tab in spreadsheet.tabs}
    name = next(each for each in chain([title], (f"{title} {number}" for number in count(2))) if each not in taken)
    google.arrange(spreadsheet.id, [AddTab(name)])
    return next(tab for tab in google.describe(spreadsheet.id).tabs if tab.title == name)
