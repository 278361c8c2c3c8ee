"""What both sides of a sheet must do so that they agree: who is which row, what changed where, and what goes where."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from core.sheets.identity import Placement, identify
from core.sheets.merging import Merged, as_written, is_settled, merge, row_faults
from core.sheets.plans import Fault, IdWrite, NewRow, Plan, Returned
from core.sheets.rows import KnownRow, KnownState, OurRow, SheetRow

_HAVE_NO_POSTS = (KnownState.PENDING, KnownState.APPENDING)


def reconcile(
    rows: Sequence[SheetRow],
    known: Mapping[str, KnownRow],
    ours: Mapping[str, OurRow],
    *,
    edited_at: datetime,
    new_id: Callable[[], str],
    last_row: int,
    can_write: bool = True,
) -> Plan:
    """Return what to do, the same for the same input; once it has been done, nothing.

    `rows` are all of the sheet's, in its order, `known` all that are stored, `ours` what Slotwise says of each.
    `edited_at` is the latest the sheet can have been edited. `last_row` is the last row in which anything stands:
    appended rows go below. Unless it `can_write`, a sheet may have no ids: rows are told apart by what they say.
    """
    said = {row_id: each for row_id in ours.keys() & known.keys() if (each := as_written(known[row_id], ours[row_id]))}
    placement = identify(rows, known, can_write=can_write, written=said)
    ids = tuple(_ids(placement, known, new_id, last_row)) if can_write else ()
    unnamed = () if can_write else (NewRow(new_id(), row.position, row.values) for row in placement.unknown)
    new = (*_seen(placement, known, can_write=can_write), *unnamed)
    merged = list(_merged(placement, known, ours, edited_at))
    faults = (*_new_faults(placement, new), *(fault for each in merged for fault in each.faults))
    return Plan(
        ids=ids,
        new=new,
        changes=tuple(each.change for each in merged if each.change),
        returned=tuple(_returned(placement, known)),
        removed=tuple(_absent(placement, known, KnownState.ACTIVE)),
        dropped=tuple(_absent(placement, known, KnownState.PENDING)),
        conflicts=tuple(conflict for each in merged for conflict in each.conflicts),
        writes=() if ids or not can_write else tuple(write for each in merged for write in each.writes),
        faults=faults,
        places={row_id: row.position for row_id, row in placement.seats.items()},
    )


def _ids(
    placement: Placement, known: Mapping[str, KnownRow], new_id: Callable[[], str], last_row: int
) -> Iterator[IdWrite]:
    """Yield the id cells to write: ids at their rows, new ones for unknown rows, and none where blank rows hold one."""
    for row_id, row in placement.seats.items():
        if row.row_id != row_id:
            yield IdWrite(row.position, row_id, row.row_id)
    for row in placement.unknown:
        yield IdWrite(row.position, new_id(), row.row_id, is_new=True, values=row.values)
    for row in placement.left_over:
        yield IdWrite(row.position, "", row.row_id)
    for place, row_id in enumerate(_absent(placement, known, KnownState.APPENDING), last_row + 1):
        yield IdWrite(place, row_id)


def _seen(placement: Placement, known: Mapping[str, KnownRow], *, can_write: bool) -> Iterator[NewRow]:
    """Yield the rows whose id was only given, and stands beside them now."""
    for row_id, row in placement.seats.items():
        if known[row_id].state is KnownState.PENDING and (row.row_id == row_id or not can_write):
            yield NewRow(row_id, row.position, row.values)


def _returned(placement: Placement, known: Mapping[str, KnownRow]) -> Iterator[Returned]:
    for row_id, row in placement.seats.items():
        if (was := known[row_id].state) not in {KnownState.ACTIVE, KnownState.PENDING}:
            yield Returned(row_id, row.position, was)


def _absent(placement: Placement, known: Mapping[str, KnownRow], state: KnownState) -> Iterator[str]:
    return (row_id for row_id, row in known.items() if row.state is state and row_id not in placement.seats)


def _merged(
    placement: Placement, known: Mapping[str, KnownRow], ours: Mapping[str, OurRow], edited_at: datetime
) -> Iterator[Merged]:
    """Yield what the merge of each row asks for, for those that have posts."""
    for row_id, row in placement.seats.items():
        if known[row_id].state not in _HAVE_NO_POSTS and not is_settled(row, known[row_id], ours.get(row_id)):
            yield merge(row, known[row_id], ours.get(row_id), edited_at)


def _new_faults(placement: Placement, new: Iterable[NewRow]) -> Iterator[Fault]:
    for each in new:
        row = placement.seats.get(each.row_id) or SheetRow(each.position, each.row_id, each.values)
        yield from row_faults(row, each.row_id)
