"""What a look at a sheet asks of each row: everything that has to happen with it together."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from core.services.sheet_drafts import Reader, Reading
from core.services.sheet_ledger import Kept
from core.sheets.fields import Values
from core.sheets.plans import Conflict, Fault, NewRow, Plan, RowChange
from core.sheets.rows import KnownState
from core.sheets.statuses import fault_words


@dataclass
class Unit:
    """What has to happen with one row, all of it in one transaction."""

    row_id: str
    position: int
    new: NewRow | None = None
    change: RowChange | None = None
    tries_again: bool = False
    is_back: bool = False
    is_gone: bool = False
    cell_fault: str = ""
    conflicts: list[Conflict] = field(default_factory=list)
    reading: Reading | None = None

    @property
    def says_something(self) -> bool:
        """Whether the row has to be read."""
        return self.tries_again or self.values is not None

    @property
    def values(self) -> Values | None:
        """What the row says, where something is to be done about it."""
        if self.new is not None:
            return self.new.values
        return None if self.change is None else self.change.base


def units_of(plan: Plan, kept: Mapping[str, Kept], gone: Iterable[str], *, tries_again: bool) -> dict[str, Unit]:
    """Return what has to happen, row by row in the order of the plan; `gone` are the rows that really were removed.

    When it `tries_again`, rows that could not be followed before are taken up once more: a channel may be there now.
    """
    units: dict[str, Unit] = {}

    def unit(row_id: str, position: int = 0) -> Unit:
        return units.setdefault(row_id, Unit(row_id, position or plan.places.get(row_id, 0)))

    for new in plan.new:
        unit(new.row_id, new.position).new = new
    for change in plan.changes:
        unit(change.row_id, change.position).change = change
    for back in plan.returned:
        unit(back.row_id, back.position).is_back = True
    for conflict in plan.conflicts:
        unit(conflict.row_id, conflict.position).conflicts.append(conflict)
    for row_id in gone:
        unit(row_id).is_gone = True
    broken = _cell_faults(plan.faults)
    for row_id, position in plan.places.items():
        if _has_news(kept[row_id], position, broken.get(row_id, "")) or (tries_again and kept[row_id].fault):
            unit(row_id, position).tries_again = tries_again and bool(kept[row_id].fault)
    for row_id, each in units.items():
        each.cell_fault = broken.get(row_id, "")
    return units


def _has_news(row: Kept, position: int, cell_fault: str) -> bool:
    """Say whether a row moved, or something else is wrong with its cells than was known; a pending one waits."""
    is_same = row.known.position == position and row.cell_fault == cell_fault
    return not is_same and row.known.state is not KnownState.PENDING


def _cell_faults(faults: Sequence[Fault]) -> dict[str, str]:
    by_row: dict[str, list[Fault]] = {}
    for fault in faults:
        by_row.setdefault(fault.row_id, []).append(fault)
    return {row_id: fault_words(found) for row_id, found in by_row.items()}


def read_units(units: Iterable[Unit], kept: Mapping[str, Kept], reader: Reader) -> Iterator[Unit]:
    """Read the rows that say something new, or could not be followed before."""
    for unit in units:
        values = unit.values
        if values is None and unit.tries_again:
            values = kept[unit.row_id].known.base
        if values is not None:
            unit.reading = reader.read(unit.row_id, unit.position, values)
        yield unit
