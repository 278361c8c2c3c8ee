"""The three-way merge of one row: what the sheet changed, what Slotwise changed, and which of both stands."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from core.sheets.cells import MOST_CHARACTERS, fault_of, length_of, plain, safe, same, text
from core.sheets.fields import CLOCK_FIELD, OWN_FIELDS, USER_FIELDS, Cell, Values
from core.sheets.plans import CellWrite, Conflict, Fault, FieldEdit, RowChange
from core.sheets.rows import KnownRow, OurRow, SheetRow

_WHEN, _CLOCK = USER_FIELDS.index("scheduled_time"), USER_FIELDS.index(CLOCK_FIELD)

UNITS: tuple[tuple[int, ...], ...] = tuple(
    (column, _CLOCK) if column == _WHEN else (column,) for column in range(len(USER_FIELDS)) if column != _CLOCK
)
"""The fields that change together: a date and the time of day beside it make one moment."""

SHEET, SLOTWISE = "sheet", "slotwise"
"""Who wins a conflict."""

TOO_LONG = f"this text is longer than the {MOST_CHARACTERS:,} characters a cell can hold; shorten it in Slotwise"


@dataclass
class _Merge:
    """What has come out of the merge of one row so far."""

    row: SheetRow
    known: KnownRow
    our: OurRow
    edited_at: datetime
    base: list[Cell | None]
    ours: list[Cell | None]
    refused: set[str]
    edits: list[FieldEdit] = field(default_factory=list)
    writes: list[CellWrite] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Merged:
    """What the merge of one row asks for; `change` is None where nothing is to be stored."""

    change: RowChange | None
    writes: tuple[CellWrite, ...]
    conflicts: tuple[Conflict, ...]
    faults: tuple[Fault, ...]


def merge(row: SheetRow, known: KnownRow, our: OurRow | None, edited_at: datetime) -> Merged:
    """Return what both sides must do about one row so that they agree; `our` None: Slotwise says nothing of it."""
    said = our or OurRow(known.row_id, known.ours)
    merge = _Merge(row, known, said, edited_at, list(known.base), list(known.ours), set(known.refused))
    for unit in () if _is_agreed(row, known, said) else UNITS:
        present = tuple(column for column in unit if row.values[column] is not None)
        if present and not _is_faulty(merge, present):
            _merge_unit(merge, present)
    if our:
        merge.writes += _own_writes(row, our)
    base, ours, refused = tuple(merge.base), tuple(merge.ours), frozenset(merge.refused)
    is_new = merge.edits or (base, ours, refused) != (known.base, known.ours, known.refused)
    change = RowChange(known.row_id, row.position, tuple(merge.edits), base, ours, refused) if is_new else None
    return Merged(change, tuple(merge.writes), tuple(merge.conflicts), tuple(merge.faults))


def is_settled(row: SheetRow, known: KnownRow, our: OurRow | None) -> bool:
    """Say quickly that a row asks for nothing: the same values of the same types everywhere, and no errors."""
    owns = our is None or all(mine is None or mine == said for mine, said in zip(row.own, our.own, strict=True))
    return owns and _is_agreed(row, known, our)


def _is_agreed(row: SheetRow, known: KnownRow, our: OurRow | None) -> bool:
    is_same = _is_identical(row.values, known.base) and (our is None or our.values == known.ours)
    return is_same and not any(map(fault_of, row.values))


def as_written(known: KnownRow, our: OurRow) -> Values:
    """Return the base of a row with what has changed in Slotwise written on top, () where nothing has."""
    if our.values == known.ours:
        return ()
    pairs = enumerate(zip(our.values, known.ours, known.base, strict=True))
    return tuple(base if mine == before else _ours(our, column) for column, (mine, before, base) in pairs)


def _is_identical(one: Values, other: Values) -> bool:
    return one == other and [*map(type, one)] == [*map(type, other)]


def _is_faulty(merge: _Merge, unit: tuple[int, ...]) -> bool:
    """Note the cells of a unit that show errors; neither side follows them."""
    found = list(row_faults(merge.row, merge.known.row_id, unit))
    merge.faults += found
    return bool(found)


def row_faults(
    row: SheetRow, row_id: str, columns: tuple[int, ...] = tuple(range(len(USER_FIELDS)))
) -> Iterator[Fault]:
    """Yield the cells of a row that show errors."""
    for column in columns:
        cell = row.values[column]
        if cell is not None and (message := fault_of(cell)):
            yield Fault(row_id, row.position, USER_FIELDS[column], cell, message)


def _merge_unit(merge: _Merge, unit: tuple[int, ...]) -> None:
    known, our, values = merge.known, merge.our, merge.row.values
    has_sheet_changed = not all(same(values[n], known.base[n]) for n in unit)
    have_we_changed = any(our.values[n] != known.ours[n] for n in unit)
    is_refused = not merge.refused.isdisjoint(USER_FIELDS[n] for n in unit)
    if not (has_sheet_changed or have_we_changed):
        return
    if all(same(values[n], _ours(our, n)) for n in unit):
        _agree(merge, unit)
    elif has_sheet_changed and (have_we_changed or our.closed):
        _resolve(merge, unit)
    elif has_sheet_changed:
        _follow(merge, unit)
    else:
        if is_refused:
            _note(merge, unit, SLOTWISE, "it was changed in Slotwise after the cell could not be read")
        _overrule(merge, unit)


def _ours(our: OurRow, column: int) -> Cell:
    """Return what Slotwise would write into a column."""
    cell = (our.cells or our.values)[column]
    return "" if cell is None else safe(cell)


def _agree(merge: _Merge, unit: tuple[int, ...]) -> None:
    """Both say the same: that is the new base."""
    for column in unit:
        merge.base[column], merge.ours[column] = merge.row.values[column], merge.our.values[column]
        merge.refused.discard(USER_FIELDS[column])


def _follow(merge: _Merge, unit: tuple[int, ...]) -> None:
    """Take over what the sheet says."""
    for column in unit:
        old, new = merge.known.base[column], merge.row.values[column]
        if new is not None and not same(old, new):
            merge.edits.append(FieldEdit(USER_FIELDS[column], "" if old is None else old, new))
    _agree(merge, unit)


def _overrule(merge: _Merge, unit: tuple[int, ...]) -> None:
    """Write what Slotwise says; the sheet's value counts as seen, so that nothing else decides this again."""
    for column in unit:
        old, new, name = merge.row.values[column], _ours(merge.our, column), USER_FIELDS[column]
        merge.base[column] = old
        merge.refused.discard(name)
        if old is None or same(old, new):
            continue
        if length_of(new) > MOST_CHARACTERS:
            merge.faults.append(Fault(merge.known.row_id, merge.row.position, name, new, TOO_LONG))
        else:
            merge.writes.append(CellWrite(merge.row.position, merge.known.row_id, name, old, new))


def _resolve(merge: _Merge, unit: tuple[int, ...]) -> None:
    """Decide between two changes: the later one stands, but nothing follows that is closed."""
    our_at = merge.our.changed_at
    if merge.our.closed:
        _note(merge, unit, SLOTWISE, merge.our.closed)
        _agree(merge, unit)
    elif our_at is not None and our_at > merge.edited_at:
        _note(merge, unit, SLOTWISE, "it was changed later in Slotwise")
        _overrule(merge, unit)
    else:
        _note(merge, unit, SHEET, "it was changed later in the sheet")
        _follow(merge, unit)


def _note(merge: _Merge, unit: tuple[int, ...], winner: str, reason: str) -> None:
    """List a conflict with both values; of a date and its time of day as one."""
    theirs = [merge.row.values[column] for column in unit]
    mine = [_ours(merge.our, column) for column in unit]
    one = Conflict(
        row_id=merge.known.row_id,
        position=merge.row.position,
        field=USER_FIELDS[unit[0]],
        sheet_value=_joined(map(_meant, theirs)),
        our_value=_joined(map(_meant, mine)),
        winner=winner,
        reason=reason,
        sheet_at=merge.edited_at,
        our_at=merge.our.changed_at,
    )
    merge.conflicts.append(one)


def _meant(cell: Cell | None) -> Cell | None:
    return None if cell is None else plain(cell)


def _joined(cells: Iterable[Cell | None]) -> Cell:
    filled = [cell for cell in cells if cell is not None and cell != ""]
    return filled[0] if len(filled) == 1 else " ".join(map(text, filled))


def _own_writes(row: SheetRow, our: OurRow) -> Iterator[CellWrite]:
    """Yield Slotwise's own cells that do not say what they should: there Slotwise always wins."""
    for name, old, new in zip(OWN_FIELDS, row.own, our.own, strict=True):
        if old is not None and new is not None and not same(old, safe(new)):
            yield CellWrite(row.position, our.row_id, name, old, safe(new))
