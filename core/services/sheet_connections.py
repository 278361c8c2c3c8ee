"""Connections to sheets that feed or mirror a calendar: made, listed, edited and ended, whereby items always stay."""

import re
from collections.abc import Mapping
from typing import Any

from sqlmodel import col, delete, select

from core.calendar.zones import load_zone
from core.errors import Duplicate, Invalid, Problem, StateConflict
from core.google.door import GoogleDoor
from core.google.errors import GoogleError
from core.services.audit import Action, record
from core.services.calendars import CALENDAR, open_calendar
from core.services.context import Context
from core.services.rows import check_version, find
from core.services.sheet_accounts import ACCOUNT, open_account
from core.services.sheet_cards import connection_views
from core.services.sheet_claims import CONNECTION
from core.services.sheet_look import Place, area_of, find_tab
from core.services.sheet_views import ConnectionDraft, ConnectionView
from core.sheets.words import SheetPermission
from core.storage.ids import IdPrefix, new_id
from core.storage.tables import (
    ContentCalendar,
    GoogleAccount,
    SheetConflict,
    SheetConnection,
    SheetRow,
    SheetSync,
    SheetWrite,
)
from core.storage.tenancy import ScopedSession

NAMES = range(3, 101)
MINUTES = range(1, 24 * 60 + 1)
_ADDRESS = re.compile(r"https?://docs\.google\.com/spreadsheets/(?:u/\d+/)?d/([\w-]+)")
_ID = re.compile(r"[\w-]{10,200}", re.ASCII)


def connect(ctx: Context, google: GoogleDoor, draft: ConnectionDraft) -> ConnectionView:
    """Connect a sheet: its rows become posts at the first sync, which is due at once where syncs are regular.

    A connection is kept even if Google does not let the account in yet; its status then says what to do. Raises
    NotFound (account, calendar), Duplicate (the sheet is connected already) and Invalid, by field.
    """
    draft = _checked(draft)
    found = _find_sheet(ctx, google, draft)
    with ctx.write() as session:
        _check_references(session, draft)
        _refuse_doubled(session, draft, found)
        calendar_id = draft.calendar_id or open_calendar(session, ctx, draft.name)
        now = ctx.now()
        row = SheetConnection(
            id=new_id(IdPrefix.CONNECTION),
            calendar_id=calendar_id,
            due_at=None if draft.every_minutes is None else now,
            created_by=ctx.actor,
            created_at=now,
            updated_at=now,
            **_columns(draft),
            **{**found, "sheet_name": found.get("sheet_name") or draft.sheet_name},
        )
        session.add(row)
        session.flush()
        record(session, ctx, Action.CREATED, CONNECTION, row.id, {"name": row.name, "url": row.url})
        return _view(session, row)


def list_connections(ctx: Context) -> tuple[ConnectionView, ...]:
    """Return the connections, oldest first."""
    rows = select(SheetConnection).order_by(col(SheetConnection.created_at), col(SheetConnection.id))
    with ctx.read() as session:
        return connection_views(session, session.scalars(rows).all())


def find_connection(ctx: Context, connection_id: str) -> ConnectionView:
    """Return one connection (NotFound)."""
    with ctx.read() as session:
        return _view(session, find(session, SheetConnection, connection_id, CONNECTION))


def edit_connection(
    ctx: Context, google: GoogleDoor, connection_id: str, draft: ConnectionDraft, expected_version: int | None = None
) -> ConnectionView:
    """Change a connection; a pause ends, and the next sync comes at once where syncs are regular.

    Another spreadsheet or sheet is another connection: its rows are not these (Invalid). Raises also NotFound,
    StaleEdit, Duplicate, Invalid, and StateConflict while a sync is under way.
    """
    draft = _checked(draft)
    found = _find_sheet(ctx, google, draft)
    with ctx.write() as session:
        row = find(session, SheetConnection, connection_id, CONNECTION)
        check_version(row, expected_version, CONNECTION)
        _refuse_busy(row, "edited")
        _check_references(session, draft)
        _refuse_another(row, draft, found)
        row.sqlmodel_update({**_columns(draft), **found, "updated_at": ctx.now(), "version": row.version + 1})
        row.sqlmodel_update({"failures": 0, "is_paused": False, "seen": {}})
        row.calendar_id = draft.calendar_id or row.calendar_id
        row.due_at = None if draft.every_minutes is None else ctx.now()
        record(session, ctx, Action.EDITED, CONNECTION, row.id, {"name": row.name})
        return _view(session, row)


def draft_of_connection(view: ConnectionView) -> ConnectionDraft:
    """Return the draft that changes nothing; `dataclasses.replace` what shall be different."""
    return ConnectionDraft(**{name: getattr(view, name) for name in ConnectionDraft.__dataclass_fields__})


def disconnect(ctx: Context, connection_id: str, expected_version: int | None = None) -> None:
    """Forget a connection and what is known of its rows; the items it made stay, and so does the sheet.

    Connected again, its rows find their items by the ids in the sheet. Raises NotFound, StaleEdit and StateConflict
    while a sync is under way.
    """
    with ctx.write() as session:
        row = find(session, SheetConnection, connection_id, CONNECTION)
        check_version(row, expected_version, CONNECTION)
        _refuse_busy(row, "deleted")
        for table in (SheetWrite, SheetConflict, SheetSync, SheetRow):
            session.execute(
                delete(table).where(col(table.connection_id) == row.id).execution_options(synchronize_session=False)
            )
        session.delete(row)
        record(session, ctx, Action.DELETED, CONNECTION, row.id, {"name": row.name})


def request_sync(ctx: Context, connection_id: str) -> ConnectionView:
    """Have a sheet synced now: the engine does it at its next look; a pause ends (NotFound)."""
    with ctx.write() as session:
        row = find(session, SheetConnection, connection_id, CONNECTION)
        row.sqlmodel_update({"due_at": ctx.now(), "is_paused": False, "failures": 0, "updated_at": ctx.now()})
        return _view(session, row)


def spreadsheet_key(text: str) -> str:
    """Return the id in a spreadsheet's address, or the id itself (Invalid)."""
    written = text.strip()
    key = found[1] if (found := _ADDRESS.match(written)) else written
    if not _ID.fullmatch(key):
        fix = "paste the spreadsheet's address from the browser, or the long id in it"
        raise Invalid((Problem("spreadsheet_id", text, fix),))
    return key


def _checked(draft: ConnectionDraft) -> ConnectionDraft:
    """Return a draft in order (Invalid, with every problem by its field)."""
    problems = [] if len(draft.name.strip()) in NAMES else [_wrong_name(draft.name)]
    if draft.every_minutes is not None and draft.every_minutes not in MINUTES:
        problems.append(Problem("every_minutes", str(draft.every_minutes), f"use 1 to {MINUTES.stop - 1}, or nothing"))
    if draft.mirrors and draft.permissions is SheetPermission.READ:
        problems.append(Problem("mirrors", "", "posts can only be written into a sheet with the permission write"))
    try:
        area = area_of(draft.range)
        if draft.mirrors and area.last_row is not None:
            problems.append(Problem("range", draft.range, "leave the last row out (A:H), so that new posts have room"))
        key = spreadsheet_key(draft.spreadsheet_id)
        if draft.timezone is not None:
            load_zone(draft.timezone)
    except Invalid as error:
        problems += error.problems
    if problems:
        raise Invalid(tuple(problems))
    return ConnectionDraft(**{**vars(draft), "name": draft.name.strip(), "spreadsheet_id": key})


def _wrong_name(name: str) -> Problem:
    return Problem("name", name, f"use {NAMES.start} to {NAMES.stop - 1} characters")


def _find_sheet(ctx: Context, google: GoogleDoor, draft: ConnectionDraft) -> Mapping[str, Any]:
    """Return what Google says of where the sheet is, or why it says nothing."""
    try:
        opened = open_account(ctx, google, draft.account_id)
        spreadsheet = opened.describe(draft.spreadsheet_id)
        tab = find_tab(spreadsheet, Place(draft.spreadsheet_id, draft.sheet_name, None, area_of(draft.range)))
    except GoogleError as error:
        return {"last_error": error.reason, "next_step": error.fix}
    known = {"gid": tab.gid, "sheet_name": tab.title, "spreadsheet_title": spreadsheet.title, "url": spreadsheet.url}
    return {**known, "last_error": None, "next_step": None}


def _check_references(session: ScopedSession, draft: ConnectionDraft) -> None:
    find(session, GoogleAccount, draft.account_id, ACCOUNT)
    if draft.calendar_id is not None:
        find(session, ContentCalendar, draft.calendar_id, CALENDAR)


def _refuse_doubled(session: ScopedSession, draft: ConnectionDraft, found: Mapping[str, Any]) -> None:
    """Let no two connections give ids to the rows of one sheet."""
    same = select(SheetConnection).where(SheetConnection.spreadsheet_id == draft.spreadsheet_id)
    for other in session.scalars(same):
        names = {other.sheet_name} & {str(found.get("sheet_name", draft.sheet_name))}
        if names or (other.gid is not None and other.gid == found.get("gid")):
            fix = "Edit that connection instead, or choose another sheet of the spreadsheet."
            raise Duplicate(kind="connection of this sheet", name=other.name, fix=fix)


def _refuse_another(row: SheetConnection, draft: ConnectionDraft, found: Mapping[str, Any]) -> None:
    is_moved = row.gid is not None and found.get("gid", row.gid) != row.gid
    if row.spreadsheet_id != draft.spreadsheet_id or is_moved:
        fix = "another sheet is another connection: add one for it, and delete this one"
        raise Invalid((Problem("spreadsheet_id", draft.spreadsheet_id, fix),))


def _refuse_busy(row: SheetConnection, wanted: str) -> None:
    if row.sync_id is not None:
        raise StateConflict(kind=CONNECTION, state="being synced", wanted=f"{wanted} until that has ended")


def _columns(draft: ConnectionDraft) -> dict[str, Any]:
    names = ("name", "account_id", "spreadsheet_id", "range", "permissions", "every_minutes", "mirrors")
    return {**{name: getattr(draft, name) for name in names}, "timezone": draft.timezone or ""}


def _view(session: ScopedSession, row: SheetConnection) -> ConnectionView:
    return connection_views(session, [row])[0]
