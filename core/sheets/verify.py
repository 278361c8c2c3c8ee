"""Undoes what was written into the wrong row because somebody sorted or inserted while it was being written."""

from collections.abc import Iterable, Mapping, Sequence

from core.sheets.plans import CellWrite
from core.sheets.rows import KnownRow, SheetRow


def undo(
    written: Sequence[CellWrite], known: Mapping[str, KnownRow], rows: Iterable[SheetRow]
) -> tuple[CellWrite, ...]:
    """Return the cells to put back: those that hold what we wrote for another row.

    `written` are the writes that have been stored as begun; `rows` what is read afterwards. Ours that reached their row
    need nothing: the next `reconcile` sees that both sides agree. Those that did not are asked for by it again.
    """
    raise NotImplementedError
