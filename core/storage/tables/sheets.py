"""Connected sheets: Google accounts, connections, the rows they are known to have, conflicts and syncs."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, UniqueConstraint
from sqlmodel import Field

from core.sheets.rows import KnownState
from core.sheets.words import AccountKind, ConflictWinner, SheetPermission
from core.storage.tables.base import WorkspaceRow, own, same_workspace, serial_key, word
from core.storage.types import Moment
from core.vocabulary import JobState


class GoogleAccount(WorkspaceRow, table=True):
    """Whom Slotwise is at Google; `secret` is the ciphertext of the credentials' JSON."""

    __tablename__ = "google_accounts"
    __table_args__ = (own("google_accounts"),)

    id: str = Field(primary_key=True)
    name: str
    kind: AccountKind = word(AccountKind)
    email: str | None = None
    secret: str
    created_at: datetime = Field(sa_type=Moment)


class SheetConnection(WorkspaceRow, table=True):
    """A sheet that feeds or mirrors a calendar.

    While it is synced, by the run `sync_id`, it is in the hands of `worker` until `lease_until`. `due_at` is its next
    sync, None for one by hand only. `gid` finds the sheet after it was renamed. `seen` is what the last sync saw of
    both sides, by which the next one knows that nothing changed; `figures` are counts of it that are shown.
    """

    __tablename__ = "sheet_connections"
    __table_args__ = (
        own("sheet_connections"),
        *same_workspace("sheet_connections", [("account_id", "google_accounts"), ("calendar_id", "content_calendars")]),
        Index("ix_sheet_connections_due", "due_at"),
    )

    id: str = Field(primary_key=True)
    name: str
    account_id: str
    calendar_id: str | None = None
    spreadsheet_id: str
    spreadsheet_title: str = ""
    sheet_name: str = ""
    gid: int | None = Field(default=None, sa_type=BigInteger)
    range: str = ""
    permissions: SheetPermission = word(SheetPermission)
    timezone: str = ""
    every_minutes: int | None = None
    mirrors: bool = False
    url: str = ""
    sync_id: str | None = None
    worker: str | None = None
    lease_until: datetime | None = Field(default=None, sa_type=Moment)
    due_at: datetime | None = Field(default=None, sa_type=Moment)
    failures: int = 0
    is_paused: bool = False
    last_sync: datetime | None = Field(default=None, sa_type=Moment)
    last_error: str | None = None
    next_step: str | None = None
    seen: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    figures: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    created_by: str = ""
    version: int = 1
    created_at: datetime = Field(sa_type=Moment)
    updated_at: datetime = Field(sa_type=Moment)


class SheetRow(WorkspaceRow, table=True):
    """One row of a connected sheet, by the id written beside it; `position` is where it stood last, counted from 1.

    `base`, `ours` and `refused` are what `core.sheets` remembers of it. `items` are the ids of its posts by platform.
    `fault` is why it could not be followed, `cell_fault` what is wrong with its cells: both in words, "" for nothing.
    """

    __tablename__ = "sheet_rows"
    __table_args__ = (
        *same_workspace("sheet_rows", [("connection_id", "sheet_connections")]),
        UniqueConstraint("connection_id", "row_id", name="uq_sheet_rows_row"),
        Index("ix_sheet_rows_state", "connection_id", "state", "pk"),
    )

    pk: int | None = serial_key()
    connection_id: str
    row_id: str
    position: int = 0
    title: str = ""
    state: KnownState = word(KnownState)
    base: list[Any] = Field(default_factory=list, sa_type=JSON)
    ours: list[Any] = Field(default_factory=list, sa_type=JSON)
    refused: list[str] = Field(default_factory=list, sa_type=JSON)
    items: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    fault: str = ""
    cell_fault: str = ""


class SheetWrite(WorkspaceRow, table=True):
    """A cell whose writing has begun: if the row moved meanwhile, what stood there (`old`) is put back."""

    __tablename__ = "sheet_writes"
    __table_args__ = (
        *same_workspace("sheet_writes", [("connection_id", "sheet_connections")]),
        Index("ix_sheet_writes_connection", "connection_id", "pk"),
    )

    pk: int | None = serial_key()
    connection_id: str
    row_id: str
    position: int
    field: str
    old: Any = Field(sa_type=JSON)
    new: Any = Field(sa_type=JSON)


class SheetConflict(WorkspaceRow, table=True):
    """A field that both sides changed, or that could not follow the sheet: nothing of either value is lost."""

    __tablename__ = "sheet_conflicts"
    __table_args__ = (
        *same_workspace("sheet_conflicts", [("connection_id", "sheet_connections")]),
        Index("ix_sheet_conflicts_at", "connection_id", "pk"),
    )

    pk: int | None = serial_key()
    connection_id: str
    row_id: str
    title: str = ""
    field: str
    sheet_value: str = ""
    our_value: str = ""
    winner: ConflictWinner = word(ConflictWinner)
    reason: str = ""
    at: datetime = Field(sa_type=Moment)


class SheetSync(WorkspaceRow, table=True):
    """One sync of a connection: what it did, or why it failed."""

    __tablename__ = "sheet_syncs"
    __table_args__ = (
        *same_workspace("sheet_syncs", [("connection_id", "sheet_connections")]),
        Index("ix_sheet_syncs_started", "connection_id", "started_at", "id"),
    )

    id: str = Field(primary_key=True)
    connection_id: str
    state: JobState = word(JobState, default=JobState.RUNNING)
    worker: str
    counts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    error: str | None = None
    next_step: str | None = None
    started_at: datetime = Field(sa_type=Moment)
    finished_at: datetime | None = Field(default=None, sa_type=Moment)
