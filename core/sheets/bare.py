"""Rows without what was written into them for others, so that it can be said whose rows they are."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from core.sheets.cells import is_blank, meaning, same
from core.sheets.fields import NOTHING, USER_FIELDS, Cell, Values
from core.sheets.rows import KnownRow, SheetRow

Written = tuple[str, object]
"""A field, and what a cell of it means."""

Place = tuple[int, str, object]
"""The same at a position."""

_Whole = tuple[object, ...]
"""What all shared cells of a row mean."""


@dataclass(frozen=True, slots=True)
class _Struck:
    """A row that words of others fell on: its `own` ones, the `lost` ones of them, and the `owners` of the new ones.

    `whole` is what the row should say: its own words with what was sent to it on top.
    """

    own: Values
    whole: _Whole
    lost: frozenset[Written]
    owners: frozenset[str]


def bare_rows(
    rows: Sequence[SheetRow],
    known: Mapping[str, KnownRow],
    meant: Mapping[Written, Collection[str]],
    places: Mapping[Place, Collection[str]],
) -> list[SheetRow]:
    """Return rows as they may have been before words that were `meant` for others were written into them.

    At the `places` of the writes such words say nothing about whose row it is: another one may stand there by now. A
    row in which nothing is new but words written for others, which stand elsewhere, gets its own back, wherever it has
    gone. Not if another row has come to say what it lost: then rows were sorted without their ids. One that words fell
    on itself may have come to say some of it by that, but not all.
    """
    back = _given_back(rows, known, meant)
    return [replace(row, values=back[row.position]) if row.position in back else _without(row, places) for row in rows]


def _given_back(
    rows: Sequence[SheetRow], known: Mapping[str, KnownRow], meant: Mapping[Written, Collection[str]]
) -> Mapping[int, Values]:
    """Return the words of the rows that get their own back, by position."""
    found = {row.position: each for row in rows if (each := _struck(row, known.get(row.row_id), meant))}
    if not found:
        return {}
    here = {row.row_id for row in rows}
    others = (row for row in rows if row.position not in found)
    based = ((row, known[row.row_id].base if row.row_id in known else NOTHING) for row in others)
    taken_up = {one for row, base in based for one, _ in _news(row, base)}
    images = {_whole(row.values) for row in rows if row.position in found}
    return {
        place: each.own
        for place, each in found.items()
        if each.owners & here and not each.lost & taken_up and each.whole not in images
    }


def _whole(values: Values) -> _Whole:
    return tuple(map(meaning, values))


def _news(row: SheetRow, base: Values) -> Iterator[tuple[Written, Cell | None]]:
    """Yield what a row says otherwise than its base, with what that says."""
    for name, cell, own in zip(USER_FIELDS, row.values, base, strict=True):
        if not same(cell, own):
            yield (name, meaning(cell)), own


def _struck(row: SheetRow, known: KnownRow | None, meant: Mapping[Written, Collection[str]]) -> _Struck | None:
    """Return what a row lost if all that is new in it was written by us, and something is left of its own."""
    if known is None or row.values == known.base:  # nearly all rows of a large sheet
        return None
    news = [(meant.get(one, ()), one[0], own) for one, own in _news(row, known.base)]
    is_left = any(not is_blank(cell) and same(cell, own) for cell, own in zip(row.values, known.base, strict=True))
    if not (is_left and news and all(ids for ids, *_ in news)):
        return None
    lost = ((name, meaning(own)) for ids, name, own in news if row.row_id not in ids and not is_blank(own))
    owners = frozenset(row_id for ids, *_ in news for row_id in ids) - {row.row_id}
    return _Struck(known.base, _whole(known.sent or known.base), frozenset(lost), owners)


def _without(row: SheetRow, places: Mapping[Place, Collection[str]]) -> SheetRow:
    """Return a row without what we wrote into it for another."""
    values = list(row.values)
    for column, (name, cell) in enumerate(zip(USER_FIELDS, row.values, strict=True)):
        if cell and row.row_id not in places.get((row.position, name, meaning(cell)), (row.row_id,)):
            values[column] = ""
    return replace(row, values=tuple(values))
