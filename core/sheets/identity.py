"""Which row of the sheet is which known row, whatever was sorted, copied, emptied or overwritten in between."""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from core.sheets.cells import is_blank, meaning
from core.sheets.fields import USER_FIELDS, Cell, Values
from core.sheets.rows import KnownRow, KnownState, SheetRow

_TITLE, _TEXT = USER_FIELDS.index("title"), USER_FIELDS.index("text")
_HERE = frozenset({KnownState.ACTIVE, KnownState.PENDING})
_GONE = frozenset({KnownState.MISSING})
_SEEN = frozenset(KnownState) - {KnownState.APPENDING}
"""The id of a row that was to be appended is no row's own."""

_MOST_PAIRS = 1_000_000
"""Rows and ids left over are compared each with each, which takes a second or so; with more it would be chance."""

Choice = Callable[[SheetRow], str | None]
_Key = tuple[object, ...]


@dataclass(frozen=True)
class Placement:
    """Where each known row stands, the rows nobody knows, and blank rows that hold the id of a row elsewhere."""

    seats: Mapping[str, SheetRow]
    unknown: tuple[SheetRow, ...]
    left_over: tuple[SheetRow, ...]


@dataclass
class _Matching:
    """Rows and ids that have not found each other yet; `columns` are the fields that the sheet has.

    `is_shuffled`: rows were moved without their ids.
    """

    columns: tuple[int, ...]
    known: Mapping[str, KnownRow]
    seats: dict[str, SheetRow] = field(default_factory=dict)
    rows: list[SheetRow] = field(default_factory=list)
    free: dict[str, KnownRow] = field(default_factory=dict)
    is_shuffled: bool = False

    def key(self, values: Values, without: int = -1) -> _Key:
        """Return what is equal for rows that say the same in the sheet's columns, or in all `without` one."""
        return tuple(meaning(values[column]) for column in self.columns if column != without)

    def differing(self, one: Values, other: Values) -> list[int]:
        """Return the fields in which two rows do not say the same."""
        return [column for column in self.columns if meaning(one[column]) != meaning(other[column])]

    def own(self, row: SheetRow) -> KnownRow | None:
        """Return the known row whose id stands in a row, as long as no other row has it."""
        return self.free.get(row.row_id)

    def settle(self, choose: Choice) -> None:
        """Seat each open row that `choose` finds a free id for."""
        if not self.free:
            return
        left = []
        for row in self.rows:
            chosen = choose(row)
            if chosen is None:
                left.append(row)
            else:
                self.seats[chosen] = row
                del self.free[chosen]
        self.rows = left


def identify(
    rows: Sequence[SheetRow],
    known: Mapping[str, KnownRow],
    *,
    can_write: bool = True,
    written: Mapping[str, Values] | None = None,
) -> Placement:
    """Say who is who, by the id in the row and by what the row says.

    A row with its id and its base, or with what was just sent to it, is itself; of copies the first. The others
    changed. What says exactly what a known row said is that row: a block was sorted without its ids, an id was emptied,
    or overwritten while rows moved. A row changed in one field, or with its title still, keeps its id. Where the id
    belongs to another row, a row is the one left over that it is like. What says something else in the place of a
    removed row is new. A sheet that cannot be written to may have no ids: there rows alike are taken for the same.
    `written` are bases with what Slotwise may have written since on top.
    """
    matching = _begin(rows, known)
    _match_sent(matching)
    _match_equal(matching, written or {})
    _match_alike(matching, can_write=can_write)
    if not can_write:
        matching.settle(_by_place(matching))
    taken = dict(sorted(matching.seats.items(), key=lambda seat: seat[1].position))
    blank = (row for row in rows if row.row_id in taken and taken[row.row_id] is not row and is_empty(row.values))
    return Placement(taken, tuple(matching.rows), tuple(blank))


def is_empty(values: Iterable[Cell | None]) -> bool:
    """Say whether nothing stands in a row."""
    return all(map(is_blank, values))


def _begin(rows: Sequence[SheetRow], known: Mapping[str, KnownRow]) -> _Matching:
    """Seat the rows that stand as they are known; nearly all of them, as a rule."""
    here = rows[0].values if rows else ()
    matching = _Matching(tuple(n for n, cell in enumerate(here) if cell is not None), known)
    for row in rows:
        own = known.get(row.row_id)
        is_itself = own is not None and row.row_id not in matching.seats
        if is_itself and own is not None and _is_unchanged(matching, row.values, own.base):
            matching.seats[row.row_id] = row
        elif not is_empty(row.values):
            matching.rows.append(row)
    matching.free = {row_id: row for row_id, row in known.items() if row_id not in matching.seats}
    return matching


def _is_unchanged(matching: _Matching, values: Values, base: Values) -> bool:
    return values == base or matching.key(values) == matching.key(base)


def _match_sent(matching: _Matching) -> None:
    """Seat the rows that say what was sent to them, though a row much like it may have said just that before.

    Otherwise two such rows, one given the time of the other, would change places with each write, for ever.
    """
    matching.settle(_by_own(matching, partial(_is_unchanged, matching)))


def _match_equal(matching: _Matching, written: Mapping[str, Values]) -> None:
    sent = {row_id: row.sent for row_id, row in matching.free.items() if row.sent}
    _settle_equal(matching, _HERE, {}, without=sent)  # a copy of a row that was written into is not that row
    _settle_equal(matching, _HERE, {})
    _settle_equal(matching, _HERE, {**written, **sent})
    seats = matching.seats.items()
    matching.is_shuffled = any(row.row_id != row_id and row.row_id in matching.known for row_id, row in seats)
    matching.settle(_by_own(matching, lambda said, values: len(matching.differing(said, values)) <= 1))
    _settle_equal(matching, _GONE, {})


def _match_alike(matching: _Matching, *, can_write: bool) -> None:
    """Seat changed rows that were here before: with another's id, with cells Slotwise wrote, or when ids were shuffled.

    Somebody who only deletes last week's row and types one much like it means another post.
    """
    for column in matching.columns:
        matching.settle(_by_key(matching, partial(_all_but, matching, column), all_rows=not can_write))
    matching.settle(_by_own(matching, lambda said, values: _says_same(said, values, _TITLE)))
    matching.settle(_by_key(matching, partial(_only, _TITLE), all_rows=not can_write))
    matching.settle(_by_own(matching, partial(_is_like, matching), _HERE))
    matching.settle(_by_key(matching, partial(_only, _TEXT), all_rows=not can_write))
    matching.settle(_by_likeness(matching))
    matching.settle(_by_own(matching, lambda *_: True, _HERE))


def _by_own(
    matching: _Matching, is_it: Callable[[Values, Values], bool], states: Collection[KnownState] = _SEEN
) -> Choice:
    """Choose a row's own id where `is_it` what the known row said, or was sent."""

    def choose(row: SheetRow) -> str | None:
        own = matching.own(row)
        return own.row_id if own and own.state in states and any(is_it(said, row.values) for said in own.said) else None

    return choose


def _settle_equal(
    matching: _Matching, states: frozenset[KnownState], written: Mapping[str, Values], without: Collection[str] = ()
) -> None:
    """Seat the rows that say what a known row said: of equal ones first those in their places, then in order."""
    in_place: dict[_Key, str] = {}
    in_order: defaultdict[_Key, deque[str]] = defaultdict(deque)
    for known in _in_states(matching, states) if matching.rows else ():
        if known.row_id in without:
            continue
        key = matching.key(written.get(known.row_id, known.base))
        in_place[*key, known.position] = known.row_id
        in_order[key].append(known.row_id)

    def there(row: SheetRow) -> str | None:
        row_id = in_place.get((*matching.key(row.values), row.position), "")
        return row_id if row_id in matching.free else None

    def first(row: SheetRow) -> str | None:
        waiting = in_order.get(matching.key(row.values), ())
        while waiting and waiting[0] not in matching.free:
            waiting.popleft()
        return waiting[0] if waiting else None

    if in_order:
        matching.settle(there)
        matching.settle(first)


def _by_key(matching: _Matching, key: Callable[[Values], _Key | None], *, all_rows: bool) -> Choice:
    """Choose the one free id whose base has a row's key, where no other open row has it."""
    able = [row for row in matching.rows if matching.free and (all_rows or _is_old(matching, row))]
    rows = Counter(key(row.values) for row in able)
    ids: defaultdict[_Key | None, list[str]] = defaultdict(list)
    for known in _in_states(matching, _HERE) if able else ():
        ids[key(known.base)].append(known.row_id)
    positions = {row.position for row in able}

    def choose(row: SheetRow) -> str | None:
        wanted = key(row.values)
        found = ids.get(wanted, []) if wanted is not None and row.position in positions else []
        return found[0] if len(found) == 1 and rows[wanted] == 1 and found[0] in matching.free else None

    return choose


def _by_likeness(matching: _Matching) -> Choice:
    """Choose, for rows that were here before, the most alike of what is left: half of it at least is the same."""
    able = [row for row in matching.rows if _is_old(matching, row)]
    left = [*_in_states(matching, _HERE)] if able else []
    if len(able) * len(left) > _MOST_PAIRS:
        return lambda _: None
    pairs = sorted(
        (-shared, place, number)
        for place, row in enumerate(able)
        for number, known in enumerate(left)
        if _is_like(matching, known.base, row.values) and (shared := _shared(matching, known.base, row.values))
    )
    chosen: dict[int, str] = {}
    for _, place, number in pairs:
        if able[place].position not in chosen and left[number].row_id not in chosen.values():
            chosen[able[place].position] = left[number].row_id
    return lambda row: chosen.get(row.position)


def _is_old(matching: _Matching, row: SheetRow) -> bool:
    return matching.is_shuffled or row.row_id in matching.known or not is_empty(row.own)


def _is_like(matching: _Matching, base: Values, values: Values) -> bool:
    """Say whether a row still says half of what its base says, at least."""
    return 2 * _shared(matching, base, values) >= sum(not is_blank(cell) for cell in base)


def _shared(matching: _Matching, one: Values, other: Values) -> int:
    """Count the fields in which two rows say the same."""
    return sum(_says_same(one, other, column) for column in matching.columns)


def _by_place(matching: _Matching) -> Choice:
    """Choose the known row that was last seen in this place, where the row still says some of it."""
    places = {known.position: known.row_id for known in _in_states(matching, _HERE)}

    def choose(row: SheetRow) -> str | None:
        known = matching.free.get(places.get(row.position, ""))
        return known.row_id if known and _shared(matching, known.base, row.values) else None

    return choose


def _in_states(matching: _Matching, states: frozenset[KnownState]) -> Iterator[KnownRow]:
    return (known for known in matching.free.values() if known.state in states)


def _all_but(matching: _Matching, column: int, values: Values) -> _Key | None:
    """Return a row without one column, None where too little is left to know it by."""
    named_by = _TEXT if column == _TITLE else _TITLE
    return None if is_blank(values[named_by]) else matching.key(values, column)


def _only(column: int, values: Values) -> _Key | None:
    return None if is_blank(values[column]) else (meaning(values[column]),)


def _says_same(one: Values, other: Values, column: int) -> bool:
    return not is_blank(one[column]) and meaning(one[column]) == meaning(other[column])
