"""What screens and integrators see of Google accounts, connected sheets, their rows, conflicts and syncs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core.errors import Problem
from core.services.bulk_sheets import SheetLines
from core.sheets.rows import KnownState
from core.sheets.words import AccountKind, ConflictWinner, ConnectionStatus, SheetPermission
from core.vocabulary import JobState


@dataclass(frozen=True)
class GoogleAccountView:
    """Whom Slotwise is at Google; `email` is whom to share sheets with, None where a person allowed it by OAuth."""

    id: str
    name: str
    kind: AccountKind
    email: str | None
    created_at: datetime


@dataclass(frozen=True)
class SpreadsheetView:
    """A spreadsheet that an account can see."""

    id: str
    name: str
    modified_at: datetime | None


@dataclass(frozen=True)
class SpreadsheetPage:
    """Some of the spreadsheets, the latest changed first; `next_page` asks for those that follow, None ends it."""

    spreadsheets: tuple[SpreadsheetView, ...]
    next_page: str | None


@dataclass(frozen=True)
class TemplateView:
    """A sheet made from the template, ready to be connected."""

    spreadsheet_id: str
    spreadsheet_title: str
    sheet_name: str
    url: str


@dataclass(frozen=True)
class ConnectionDraft:
    """A connection as a person wants it.

    `spreadsheet_id` may be the sheet's address in the browser. `sheet_name` "" is the first sheet, `range` A1 notation
    such as A:H, "" the whole sheet. `calendar_id` None makes a calendar of this name. `timezone` None is the
    spreadsheet's. `every_minutes` None syncs only when somebody asks. `mirrors`: items of the calendar that have no row
    are written below the last one.
    """

    name: str
    account_id: str
    spreadsheet_id: str
    sheet_name: str = ""
    range: str = ""
    permissions: SheetPermission = SheetPermission.WRITE
    calendar_id: str | None = None
    timezone: str | None = None
    every_minutes: int | None = 15
    mirrors: bool = False


@dataclass(frozen=True)
class ConnectionView:
    """A sheet that feeds or mirrors a calendar, and how its syncs go.

    `rows_in` are its rows that have items, `rows_out` those written to at the last sync, `rows_missing` those removed
    from the sheet that nobody has decided on, `rows_faulty` those with something to mend. `last_sync` is the last sync
    that ended well; `last_error` and `next_step` say in words why the last one did not, None where it did.
    `timezone` None is the spreadsheet's. `is_paused`: it failed too often and rests until somebody syncs it by hand or
    edits it.
    """

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
    last_sync: datetime | None
    last_error: str | None
    next_step: str | None
    next_sync: datetime | None
    calendar_id: str | None
    timezone: str | None
    every_minutes: int | None
    is_paused: bool
    mirrors: bool
    rows_in: int
    rows_out: int
    rows_missing: int
    rows_faulty: int
    conflicts: int
    url: str
    version: int
    created_at: datetime


@dataclass(frozen=True)
class SheetSample:
    """One row of a sheet as it stands there: its number and its cells as text, by header."""

    position: int
    cells: Mapping[str, str]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class SheetCheck:
    """What a look at a sheet found: `permission` is what the account may do there.

    `found` are the headers by what they mean, `missing` what is asked for and not there, `extra` headers left alone.
    With `problems` nothing can be synced; `warnings` may stand.
    """

    permission: SheetPermission
    title: str
    sheet_name: str
    sheets: tuple[str, ...]
    rows: int
    found: Mapping[str, str]
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    sample: tuple[SheetSample, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[str, ...]
    will_write: tuple[str, ...]
    """What a sync writes into this sheet, in sentences."""

    @property
    def is_ready(self) -> bool:
        """Whether it can be synced as it is."""
        return not self.problems


@dataclass(frozen=True)
class SheetPreview:
    """The first rows of a sheet with what is wrong with each; `columns` are the headers by what they mean."""

    headers: tuple[str, ...]
    columns: Mapping[str, str]
    rows: tuple[SheetSample, ...]
    total: int


@dataclass(frozen=True)
class SyncCounts:
    """What a sync did: rows read, items created and updated, cells written, and what it found."""

    read: int = 0
    created: int = 0
    updated: int = 0
    written: int = 0
    conflicts: int = 0
    faults: int = 0
    missing: int = 0
    requests: int = 0


@dataclass(frozen=True)
class SyncRunView:
    """One sync; `error` and `next_step` say why it failed and what to do about it."""

    id: str
    connection_id: str
    state: JobState
    counts: SyncCounts
    error: str | None
    next_step: str | None
    started_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True)
class SyncRunPage:
    """Some syncs of a connection, newest first."""

    runs: tuple[SyncRunView, ...]
    next_cursor: str | None


@dataclass(frozen=True)
class SheetRowView:
    """One row that Slotwise knows; `position` is where it stood at the last sync, `fault` what to mend in it."""

    id: str
    position: int
    title: str
    state: KnownState
    fault: str | None
    item_ids: tuple[str, ...]


@dataclass(frozen=True)
class SheetRowPage:
    """Some rows of a connection, in the order in which Slotwise came to know them."""

    rows: tuple[SheetRowView, ...]
    total: int
    next_cursor: str | None


@dataclass(frozen=True)
class ConflictView:
    """A field that both sides changed (or that cannot follow): both values, whose stands, and why."""

    id: str
    row_id: str
    title: str
    field: str
    sheet_value: str
    our_value: str
    winner: ConflictWinner
    reason: str
    at: datetime


@dataclass(frozen=True)
class ConflictPage:
    """Some conflicts of a connection, newest first."""

    conflicts: tuple[ConflictView, ...]
    next_cursor: str | None


@dataclass(frozen=True)
class SheetFile:
    """The rows of a connected sheet, as the lines of an upload; `left_out` are scheduled by its syncs already."""

    name: str
    read: SheetLines
    left_out: int
