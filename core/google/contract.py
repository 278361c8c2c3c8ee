"""What the gateway to Google takes and gives: plain values."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from core.sheets.words import AccountKind

Cell: TypeAlias = str | int | float | bool | None
"""A cell as Google keeps it: dates are serial numbers, a formula is its result, an error is text such as "#REF!".

Read: never None (an empty cell is "", or missing at a row's end).
Written: None leaves the cell as it is, "" empties it.
"""


@dataclass(frozen=True)
class Block:
    """A rectangle of cells, counted from 1, both ends belong to it; None goes on to the last row or column."""

    first_row: int = 1
    first_column: int = 1
    last_row: int | None = None
    last_column: int | None = None


@dataclass(frozen=True)
class Grid:
    """The cells of a block as read: rows are as long as their last filled cell, empty rows at the end are left out."""

    block: Block
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class CellsWrite:
    """Cells to write: `rows` with their upper left corner at (`row`, `column`), counted from 1."""

    row: int
    column: int
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class Protection:
    """A block these credentials may not edit, and the blocks within it that they may."""

    block: Block
    except_for: tuple[Block, ...] = ()


@dataclass(frozen=True)
class Tab:
    """One sheet of a spreadsheet; `gid` stays when the title changes, `rows` and `columns` count the empty ones too."""

    gid: int
    title: str
    rows: int
    columns: int
    is_hidden: bool = False
    merges: tuple[Block, ...] = ()
    protected: tuple[Protection, ...] = ()


@dataclass(frozen=True)
class Spreadsheet:
    """What a spreadsheet is like, without its cells; `timezone` is an IANA name."""

    id: str
    title: str
    url: str
    timezone: str
    tabs: tuple[Tab, ...]


@dataclass(frozen=True)
class DriveFile:
    """A spreadsheet as Drive lists it, with what these credentials may do to it."""

    id: str
    name: str
    modified_at: datetime
    can_edit: bool
    can_share: bool
    is_trashed: bool = False


@dataclass(frozen=True)
class FilePage:
    """Some of the spreadsheets these credentials see; `next_page` asks for the following ones."""

    files: tuple[DriveFile, ...]
    next_page: str | None


@dataclass(frozen=True)
class AddRows:
    """Add empty rows below the last one of a tab."""

    gid: int
    count: int


@dataclass(frozen=True)
class AddColumns:
    """Add empty columns right of the last one of a tab."""

    gid: int
    count: int


@dataclass(frozen=True)
class HideColumn:
    """Hide a column, counted from 1."""

    gid: int
    column: int


@dataclass(frozen=True)
class FreezeRows:
    """Keep the first rows in sight while the rest scrolls."""

    gid: int
    count: int = 1


@dataclass(frozen=True)
class AddTab:
    """Add a sheet of this title and size to a spreadsheet."""

    title: str
    rows: int = 1000
    columns: int = 26


Change: TypeAlias = AddRows | AddColumns | HideColumn | FreezeRows | AddTab


@dataclass(frozen=True)
class Identity:
    """Who a secret is to Google; `email` is whom sheets are shared with, None of a person who signed in."""

    kind: AccountKind
    email: str | None
    secret: str = field(repr=False)
