"""What is stored of a sheet's rows: read as values for the reconciliation, and written back with their effects."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from sqlmodel import col, delete, insert, select

from core.sheets.plans import CellWrite, IdWrite
from core.sheets.rows import KnownRow, KnownState
from core.storage.tables import SheetRow, SheetWrite
from core.storage.tenancy import ScopedSession

_One = TypeVar("_One")

READ_AT_ONCE = 1_000
"""Rows whose ids one query names."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One row as it is stored: what the reconciliation knows, its posts by platform, and what is wrong with it."""

    known: KnownRow
    items: Mapping[str, str]
    fault: str
    cell_fault: str


def read_kept(session: ScopedSession, connection_id: str) -> dict[str, Kept]:
    """Return all rows of a connection by id, in the order in which they became known."""
    row = SheetRow
    rows = select(
        row.row_id, row.state, row.base, row.ours, row.refused, row.position, row.items, row.fault, row.cell_fault
    )  # type: ignore[call-overload]  # SQLModel types selects of up to four columns
    found = session.execute(rows.where(row.connection_id == connection_id).order_by(col(row.pk)))
    return {each[0]: _kept(*each) for each in found}


def _kept(
    row_id: str, state: KnownState, base: list[Any], ours: list[Any], refused: list[str], position: int, *rest: Any
) -> Kept:
    known = KnownRow(row_id, state, tuple(base), tuple(ours), frozenset(refused), position)
    return Kept(known, *rest)


def load_rows(session: ScopedSession, connection_id: str, row_ids: Iterable[str]) -> dict[str, SheetRow]:
    """Return these rows of a connection by id, to be changed."""
    wanted = select(SheetRow).where(SheetRow.connection_id == connection_id, col(SheetRow.row_id).in_(tuple(row_ids)))
    return {row.row_id: row for row in session.scalars(wanted)}


def remember_ids(session: ScopedSession, connection_id: str, ids: Sequence[IdWrite]) -> None:
    """Store new ids as pending, before they are written beside the values they are for."""
    rows = [
        {
            "connection_id": connection_id,
            "row_id": each.row_id,
            "state": KnownState.PENDING,
            "base": list(each.values),
            "ours": list(each.values),
            "refused": [],
            "items": {},
            "position": each.position,
            "title": "",
            "fault": "",
            "cell_fault": "",
        }
        for each in ids
    ]
    if rows:
        session.execute(insert(SheetRow), rows)


def forget_rows(session: ScopedSession, connection_id: str, row_ids: Iterable[str], state: KnownState) -> None:
    """Forget rows that are in this state and no longer stand anywhere."""
    for some in in_parts(row_ids, READ_AT_ONCE):
        mine = col(SheetRow.connection_id) == connection_id
        gone = delete(SheetRow).where(mine, col(SheetRow.row_id).in_(some), col(SheetRow.state) == state)
        session.execute(gone.execution_options(synchronize_session=False))


def begin_writes(session: ScopedSession, connection_id: str, writes: Sequence[CellWrite]) -> None:
    """Store writes before they are made."""
    rows = [
        {
            "connection_id": connection_id,
            "row_id": each.row_id,
            "position": each.position,
            "field": each.field,
            "old": each.old,
            "new": each.new,
        }
        for each in writes
    ]
    session.execute(insert(SheetWrite), rows)


def begun_writes(session: ScopedSession, connection_id: str) -> tuple[CellWrite, ...]:
    """Return the writes that were begun and not yet seen to have arrived, in their order."""
    rows = select(SheetWrite).where(SheetWrite.connection_id == connection_id).order_by(col(SheetWrite.pk))
    return tuple(
        CellWrite(each.position, each.row_id, each.field, each.old, each.new) for each in session.scalars(rows)
    )


def forget_writes(session: ScopedSession, connection_id: str) -> None:
    """Forget the writes that were begun: they have arrived, or were undone."""
    mine = delete(SheetWrite).where(col(SheetWrite.connection_id) == connection_id)
    session.execute(mine.execution_options(synchronize_session=False))


def in_parts(things: Iterable[_One], size: int) -> Iterator[list[_One]]:
    """Yield things in lists of up to `size`."""
    rest = iter(things)
    while part := list(islice(rest, size)):
        yield part
