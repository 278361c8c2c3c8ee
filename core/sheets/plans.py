"""What one look at both sides asks for: frozen, in the order of the sheet, the same for the same input."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.sheets.fields import Cell, Values
from core.sheets.rows import KnownState


@dataclass(frozen=True, slots=True)
class IdWrite:
    """An id to write into the id column at `position`, where `old` stood ("" clears the cell).

    `is_new`: before it is written, the id is stored as pending, with the row's `values` as its base.
    """

    position: int
    row_id: str
    old: str = ""
    is_new: bool = False
    values: Values = ()


@dataclass(frozen=True, slots=True)
class CellWrite:
    """A cell to write at `position`, into the column of `field`, for the row `row_id`; `old` stood there."""

    position: int
    row_id: str
    field: str
    old: Cell
    new: Cell


@dataclass(frozen=True, slots=True)
class NewRow:
    """A row whose id was seen beside its values: now posts are made of it, and it becomes active with base `values`."""

    row_id: str
    position: int
    values: Values


@dataclass(frozen=True, slots=True)
class FieldEdit:
    """A change of the sheet for Slotwise to follow, field by field (a date and its time of day come together)."""

    field: str
    old: Cell
    new: Cell


@dataclass(frozen=True, slots=True)
class RowChange:
    """What has to be stored of an active row, with its effect in one transaction.

    `edits` are followed here; `base` is the whole row as it is read then. Afterwards `base`, `ours` and `refused` are
    stored as they stand, except that `ours` holds, for each edited field, what Slotwise says once it has followed; a
    field that it could not follow goes into `refused` too. A change without edits is bookkeeping only.
    """

    row_id: str
    position: int
    edits: tuple[FieldEdit, ...]
    base: Values
    ours: Values
    refused: frozenset[str]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that both sides changed, or that can no longer follow: both values are kept here, one of them stands.

    `winner` is "sheet" or "slotwise"; `reason` says why, in words. `sheet_at` is the latest the sheet's edit can have
    been made, `our_at` when ours was.
    """

    row_id: str
    position: int
    field: str
    sheet_value: Cell
    our_value: Cell
    winner: str
    reason: str
    sheet_at: datetime
    our_at: datetime | None


@dataclass(frozen=True, slots=True)
class Fault:
    """A cell that cannot be read or written: where, what stands there, and how to mend it."""

    row_id: str
    position: int
    field: str
    value: Cell
    message: str


@dataclass(frozen=True, slots=True)
class Returned:
    """A row that was missing, kept out or appending and is there now: it becomes active."""

    row_id: str
    position: int
    was: KnownState


@dataclass(frozen=True)
class Plan:
    """Everything one reconciliation asks for.

    `new`, `changes`, `returned`, `removed`, `dropped` (pending ids that stand nowhere: they are forgotten) and
    `conflicts` are for the database, `ids` and `writes` for the sheet; there are no `writes` while there are `ids`.
    `faults` say what stands in the way; they ask for nothing. `places` is where each known row stands.
    """

    ids: tuple[IdWrite, ...] = ()
    dropped: tuple[str, ...] = ()
    new: tuple[NewRow, ...] = ()
    changes: tuple[RowChange, ...] = ()
    returned: tuple[Returned, ...] = ()
    removed: tuple[str, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    writes: tuple[CellWrite, ...] = ()
    faults: tuple[Fault, ...] = ()
    places: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether both sides agree and nothing is left to do; faults may still stand."""
        asked = (self.ids, self.dropped, self.new, self.changes, self.returned, self.removed, self.writes)
        return not any(asked)
