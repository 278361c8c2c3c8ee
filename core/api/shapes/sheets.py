"""Google accounts and connected sheets on the wire: what a client sends, and what it reads of them."""

import json
from dataclasses import replace
from typing import Annotated, Any

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from core.api.shapes.items import Id
from core.api.wire import Body, Metadata, Moment, Query, Shape, Whole, YesNo
from core.services.sheet_connections import draft_of_connection
from core.services.sheet_views import ConnectionDraft, ConnectionView, GoogleAccountView
from core.sheets.words import AccountKind, ConnectionStatus, SheetPermission

FIRST_CONNECTION: JsonDict = {
    "name": "Content schedule",
    "account_id": "acct_5f0c1a9b2d3e4f5061728394",
    "spreadsheet_id": "1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms",
    "sheet_name": "Sheet1",
    "range": "A:Z",
    "permissions": "write",
}

Name = Annotated[str, Field(max_length=200)]
SpreadsheetId = Annotated[
    str, Field(max_length=500, description="The spreadsheet's id, or its address in the browser.")
]
SheetName = Annotated[str, Field(max_length=200, description="Empty: the first sheet.")]
Range = Annotated[str, Field(max_length=100, description="A1 notation such as A:Z; empty: the whole sheet.")]
Minutes = Annotated[Whole | None, Field(description="Minutes between two syncs; null: only when somebody asks.")]
Zone = Annotated[str | None, Field(max_length=64, description="IANA zone of its times; null: the spreadsheet's own.")]
CalendarId = Annotated[Id | None, Field(description="Where its rows are planned; null: a new calendar of this name.")]
_NULLABLE = frozenset({"timezone", "every_minutes"})

Mirrors = Annotated[YesNo, Field(description="Whether posts of the calendar without a row are written below the last.")]


class NewAccountBody(Body):
    """Credentials for Google: the JSON of a service account's key, or of a person who has allowed it."""

    name: Annotated[str, Field(max_length=100, description="Empty: its address.")] = ""
    credentials: Annotated[
        Metadata | str, Field(description="The JSON that Google gave out, as an object or as its text.")
    ]

    def secret(self) -> str:
        """Return the credentials as text."""
        return self.credentials if isinstance(self.credentials, str) else json.dumps(self.credentials)


class AccountShape(Shape):
    """Whom Slotwise is at Google; share sheets with `email`. The credentials are never shown."""

    id: str
    name: str
    kind: AccountKind
    email: str | None
    created_at: Moment


class NewConnectionBody(Body):
    """A sheet to connect. Without `account_id` it is opened with the account that can open it."""

    model_config = ConfigDict(**Body.model_config, json_schema_extra={"examples": [FIRST_CONNECTION]})

    name: Name
    account_id: Id | None = None
    spreadsheet_id: SpreadsheetId
    sheet_name: SheetName = ""
    range: Range = ""
    permissions: SheetPermission = SheetPermission.WRITE
    calendar_id: CalendarId = None
    timezone: Zone = None
    every_minutes: Minutes = 15
    mirrors: Mirrors = False

    def draft(self, account_id: str) -> ConnectionDraft:
        """Return it as the services take it."""
        return ConnectionDraft(**vars(self) | {"account_id": account_id})


class ConnectionPatch(Body):
    """What to change of a connection; what is left out stays as it is."""

    name: Name | None = None
    account_id: Id | None = None
    spreadsheet_id: SpreadsheetId | None = None
    sheet_name: SheetName | None = None
    range: Range | None = None
    permissions: SheetPermission | None = None
    calendar_id: Id | None = None
    timezone: Zone = None
    every_minutes: Minutes = None
    mirrors: YesNo | None = None
    expected_revision: Whole | None = None

    def draft(self, known: ConnectionView) -> ConnectionDraft:
        """Return the connection as it is wanted; a null that was sent counts where a field may be null."""
        said = {name: getattr(self, name) for name in self.model_fields_set - {"expected_revision"}}
        wanted = {name: value for name, value in said.items() if value is not None or name in _NULLABLE}
        return replace(draft_of_connection(known), **wanted)


class RowCounts(Shape):
    """The rows of a connection: with posts, written at the last sync, removed and undecided, with something to mend."""

    scheduled: int
    written: int
    missing: int
    faulty: int


class ConnectionShape(Shape):
    """A sheet that feeds or mirrors a calendar; `last_error` and `next_step` say why its last sync failed."""

    id: str
    name: str
    account_id: str
    account_name: str
    spreadsheet_id: str
    spreadsheet_title: str
    sheet_name: str
    range: str
    permissions: SheetPermission
    status: ConnectionStatus
    last_sync: Moment | None
    last_error: str | None
    next_step: str | None
    next_sync: Moment | None
    schedule_id: str | None
    timezone: str | None
    every_minutes: int | None
    paused: bool = Field(description="It failed too often, and rests until it is synced by hand or edited.")
    mirrors: bool
    rows: RowCounts
    conflicts: int
    url: str
    revision: int
    created_at: Moment


class SpreadsheetQuery(Query):
    """Which spreadsheets are wanted: those whose name holds `q`."""

    account_id: Id | None = Field(None, description="Left out: the only account.")
    q: str = Field("", max_length=200)
    cursor: str | None = Field(None, max_length=2_000, description="The `next_cursor` of the page before, unchanged.")


class TemplateBody(Body):
    """A template sheet to make: in a new spreadsheet of this title, or as a sheet of an existing one."""

    account_id: Id | None = Field(None, description="Left out: the only account.")
    title: Annotated[str, Field(min_length=1, max_length=200)] = "Content schedule"
    spreadsheet_id: SpreadsheetId | None = None


class RowsBody(Body):
    """Which removed rows are decided on; null: all that are missing."""

    row_ids: list[Id] | None = Field(None, min_length=1, max_length=1_000)


def account_shape(view: GoogleAccountView) -> AccountShape:
    """Return an account as it is sent."""
    return AccountShape(**vars(view))


def connection_shape(view: ConnectionView) -> ConnectionShape:
    """Return a connection as it is sent."""
    same: dict[str, Any] = {name: getattr(view, name) for name in ConnectionShape.model_fields if hasattr(view, name)}
    counts = RowCounts(
        scheduled=view.rows_in, written=view.rows_out, missing=view.rows_missing, faulty=view.rows_faulty
    )
    own = {"schedule_id": view.calendar_id, "paused": view.is_paused, "rows": counts, "revision": view.version}
    return ConnectionShape(**same | own)
