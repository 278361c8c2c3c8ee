"""Undoes what was written into the wrong row because somebody sorted or inserted while it was being written."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from core.sheets.bare import Place, Written, bare_rows
from core.sheets.cells import fault_of, is_blank, meaning, same
from core.sheets.fields import OWN_FIELDS, USER_FIELDS, Cell
from core.sheets.identity import identify, is_empty
from core.sheets.plans import CellWrite
from core.sheets.rows import KnownRow, KnownState, SheetRow

_HERE = frozenset({KnownState.ACTIVE, KnownState.PENDING})


def undo(
    written: Sequence[CellWrite], known: Mapping[str, KnownRow], rows: Sequence[SheetRow]
) -> tuple[CellWrite, ...]:
    """Return the cells to put back: those that hold what was meant for another row, which lacks it.

    `written` are the writes (and undoings) that have been stored as begun since the sheet was last found in order;
    `known` the rows as they were stored before the first of them; `rows` are read after the last. A write that reached
    its row needs nothing here: the next `reconcile` sees that both sides agree. One that did not is asked for again.
    """
    meant: defaultdict[Written, set[str]] = defaultdict(set)
    places: defaultdict[Place, set[str]] = defaultdict(set)
    for write in written:
        one = write.field, meaning(write.new)
        meant[one].add(write.row_id)
        places[write.position, *one].add(write.row_id)
    sent = with_sent(known, written)
    bare = bare_rows(rows, sent, meant, places)
    seats = dict(identify(bare, sent).seats)
    filled = [row for row, left in zip(rows, bare, strict=True) if not is_empty(left.values)]
    seats |= _without_ids(filled, seats, sent, written)
    astray = {one: meant[one] for one in _lacking(written, seats, {row.position: row for row in rows})}
    if not astray:
        return ()
    seated = {row.position: known[row_id] for row_id, row in seats.items()}
    empty = (row for row, left in zip(rows, bare, strict=True) if is_empty(left.values))
    seated |= {row.position: known[row.row_id] for row in empty if _is_wiped(row, known, seats, astray)}
    return tuple(
        each
        for row in rows
        for each in (
            _put_back(row, seated[row.position], astray, places)
            if row.position in seated
            else _cleared(row, astray, places)
        )
    )


def with_sent(known: Mapping[str, KnownRow], written: Iterable[CellWrite]) -> dict[str, KnownRow]:
    """Return known rows with what was written into them last on top of their bases."""
    said: defaultdict[str, dict[str, Cell]] = defaultdict(dict)
    for write in written:
        if write.row_id in known and write.field in USER_FIELDS:
            said[write.row_id][write.field] = write.new
    return {**known, **{row_id: _with(known[row_id], cells) for row_id, cells in said.items()}}


def _with(row: KnownRow, cells: Mapping[str, Cell]) -> KnownRow:
    return replace(row, sent=tuple(map(cells.get, USER_FIELDS, row.base)))


def _without_ids(
    filled: Iterable[SheetRow],
    seats: Mapping[str, SheetRow],
    known: Mapping[str, KnownRow],
    written: Iterable[CellWrite],
) -> dict[str, SheetRow]:
    """Return rows that say where we wrote all that a row says which stands nowhere else: they lost their ids.

    Some of it must not be ours: an inserted row may hold all that we wrote, and nothing else.
    """
    taken = {row.position for row in seats.values()}
    here = {row.position: row for row in filled if row.position not in taken}
    lost = ((write.row_id, here.get(write.position)) for write in written if write.row_id not in seats)
    return {row_id: row for row_id, row in lost if row is not None and _says_all(row, known.get(row_id))}


def _says_all(row: SheetRow, known: KnownRow | None) -> bool:
    return known is not None and bool(known.sent) and all(map(same, row.values, known.sent))


def _lacking(
    written: Iterable[CellWrite], seats: Mapping[str, SheetRow], rows: Mapping[int, SheetRow]
) -> Iterator[Written]:
    """Yield what did not reach the row it was meant for."""
    for write in written:
        seat = seats.get(write.row_id)
        if seat is None or not same(_cell(rows[seat.position], write.field), write.new):
            yield write.field, meaning(write.new)


def _is_wiped(
    row: SheetRow,
    known: Mapping[str, KnownRow],
    seats: Mapping[str, SheetRow],
    astray: Mapping[Written, Collection[str]],
) -> bool:
    """Say whether nothing is left of a row because all it held was written over, or cleared, for another."""
    own = known.get(row.row_id)
    is_lost = own is not None and own.state in _HERE and row.row_id not in seats
    if own is None or not is_lost:
        return False
    filled = [
        (name, cell) for name, cell, base in zip(USER_FIELDS, row.values, own.base, strict=True) if not is_blank(base)
    ]
    return bool(filled) and all((name, meaning(cell)) in astray for name, cell in filled)


def _put_back(
    row: SheetRow, known: KnownRow, astray: Mapping[Written, Collection[str]], places: Collection[Place]
) -> Iterator[CellWrite]:
    """Yield the shared cells of a known row that hold another's; its own ones the next `reconcile` writes anyway.

    Many formulas show the same error: it is only taken for ours, put back before, where we wrote it.
    """
    for name, cell, base in zip(USER_FIELDS, row.values, known.base, strict=True):
        if cell is None or base is None or same(cell, base):
            continue
        if fault_of(cell) and (row.position, name, meaning(cell)) not in places:
            continue
        meant = astray.get((name, meaning(cell)), (known.row_id,))
        if known.row_id not in meant:
            yield CellWrite(row.position, known.row_id, name, cell, base)


def _cleared(
    row: SheetRow, astray: Mapping[Written, Collection[str]], places: Collection[Place]
) -> Iterator[CellWrite]:
    """Yield the cells to clear in a row nobody knows: it was inserted where another stood.

    A shared cell is only taken for ours where we wrote it, or in a row that holds nothing else: that one moved on.
    """
    shared = zip(USER_FIELDS, row.values, strict=True)
    is_all_ours = all((name, meaning(cell)) in astray for name, cell in shared if cell not in ("", None))
    for name in (*USER_FIELDS, *OWN_FIELDS):
        cell = _cell(row, name)
        if cell in ("", None) or (name, meaning(cell)) not in astray:
            continue
        if name in OWN_FIELDS or is_all_ours or (row.position, name, meaning(cell)) in places:
            yield CellWrite(row.position, row.row_id, name, cell, "")


def _cell(row: SheetRow, name: str) -> Cell | None:
    return row.own[OWN_FIELDS.index(name)] if name in OWN_FIELDS else row.values[USER_FIELDS.index(name)]
