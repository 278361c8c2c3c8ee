"""Which column of a sheet holds what, by its header: any order and case, synonyms, other columns left alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from core.bulk.columns import COLUMNS, ENOUGH, REQUIRED, SEARCHED, clock_column, header_key, known_columns, letters
from core.errors import Problem
from core.sheets.a1 import Range, write_cell
from core.sheets.cells import text
from core.sheets.fields import CLOCK_FIELD, OWN_FIELDS, USER_FIELDS, Cell

OWN_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "status": ("slotwise status", "status"),
    "published_time": ("published time", "published at", "actual time"),
    "url": ("generated content url", "post url", "published url"),
}
"""The headers of the columns that Slotwise alone writes: not "URL" or "Link", which people use for links of theirs."""

ID_HEADER = "Slotwise ID"

TEMPLATE = (
    "Title", "Content", "Target Audience", "Tone", "Platform", "Scheduled Time", "Status", "Generated Content URL",
)  # fmt: skip
"""The header of a new sheet."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the fields of a sheet stand.

    `row` is the header's, 0 where there is none. `columns` count from 1, by field of USER_FIELDS and OWN_FIELDS, and
    `headers` is what is written above them. `id_column` is 0 where there is none yet, `free_column` the first one right
    of everything in the rows looked at. `extra` are the headers that Slotwise leaves alone. `problems` keep the sheet
    from being read, `warnings` do not.
    """

    row: int
    columns: Mapping[str, int]
    headers: Mapping[str, str]
    id_column: int
    free_column: int
    extra: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()

    @property
    def is_split(self) -> bool:
        """Whether the time of day has a column of its own."""
        return CLOCK_FIELD in self.columns


def find_layout(
    rows: Sequence[Sequence[Cell | None]], area: Range, first_row: int = 1, before: Mapping[str, str] | None = None
) -> Layout:
    """Return the layout of a sheet by the rows of `a1.header_area`, which begin at column A and at `first_row`.

    Shared columns are those in `area`; the id column may stand outside. `before` are the headers by field as they were
    last time: one that is gone or another now is a problem, so that no other column is taken for it in silence.
    """
    found = [_named(row, area) for row in rows[: SEARCHED + 1]]
    place = _header_place(found)
    if place is None:
        return Layout(0, {}, {}, 0, 1, problems=(_no_header(rows, area, first_row),))
    names, used = found[place], {n for row in rows for n, cell in enumerate(row, 1) if text(cell).strip()}
    headers = _matched(names)
    first = {header_key(name): column for column, name in reversed(names.items())}
    columns = {field: first[header_key(name)] for field, name in headers.items()}
    ids = [n for n, cell in enumerate(rows[place], 1) if header_key(text(cell)) == header_key(ID_HEADER)]
    return Layout(
        row=first_row + place,
        columns=columns,
        headers=headers,
        id_column=ids[0] if ids else 0,
        free_column=max(used, default=0) + 1,
        extra=tuple(name for column, name in names.items() if column not in columns.values()),
        problems=(*_doubled(names, columns, ids), *_missing(headers, names), *_changed(headers, names, before or {})),
        warnings=tuple(_warnings(headers, before or {})),
    )


def _named(row: Sequence[Cell | None], area: Range) -> dict[int, str]:
    """Return the headers of a row that lie in the range, by column, without the one of the ids."""
    cells = ((column, text(cell).strip()) for column, cell in enumerate(row, 1) if area.has_column(column))
    return {column: name for column, name in cells if name and header_key(name) != header_key(ID_HEADER)}


def _matched(names: Mapping[int, str]) -> dict[str, str]:
    """Return the header of each field that is there."""
    headers = known_columns([*names.values()], {**COLUMNS, **OWN_COLUMNS})
    clock = clock_column([*names.values()], headers)
    return {**headers, **({CLOCK_FIELD: clock} if clock else {})}


def _header_place(found: Sequence[Mapping[int, str]]) -> int | None:
    """Return which row is the header: the first that knows two columns, else the first that knows one."""
    known = [len(_matched(names)) for names in found]
    places = (place for least in (ENOUGH, 1) for place, number in enumerate(known) if number >= least)
    return next(places, None)


def _no_header(rows: Sequence[Sequence[Cell | None]], area: Range, first_row: int) -> Problem:
    shown = ", ".join(name for row in rows[:1] for name in _named(row, area).values())
    fix = f"there is no header here; write {', '.join(TEMPLATE[:6])} above the columns, in any order"
    return Problem(f"row {first_row}", shown, fix)


def _doubled(names: Mapping[int, str], columns: Mapping[str, int], ids: Sequence[int]) -> Iterator[Problem]:
    for column in columns.values():
        key = header_key(names[column])
        if twins := [letters(other) for other, name in names.items() if header_key(name) == key and other != column]:
            fix = f"column {', '.join(twins)} has the same header as column {letters(column)}; rename one of them"
            yield Problem(f"header of column {letters(column)}", names[column], fix)
    if len(ids) > 1:
        both = " and ".join(map(letters, ids))
        fix = f"columns {both} both say so; delete the copy (the column that Slotwise made is hidden)"
        yield Problem("header", ID_HEADER, fix)


def _missing(headers: Mapping[str, str], names: Mapping[int, str]) -> Iterator[Problem]:
    for field in REQUIRED:
        if field not in headers:
            fix = f"this column is missing; head one {' or '.join(map(str.title, COLUMNS[field][:2]))}"
            yield Problem(COLUMNS[field][0].title(), "", f"{fix}{_near(COLUMNS[field][0], headers, names)}")


def _changed(headers: Mapping[str, str], names: Mapping[int, str], before: Mapping[str, str]) -> Iterator[Problem]:
    """Say which shared columns of last time are gone, or would be read from another column now."""
    for field, was in before.items():
        now = headers.get(field, "")
        if field not in USER_FIELDS or header_key(now) == header_key(was) or (field in REQUIRED and not now):
            continue
        went = f"is now taken from the column {now!r}" if now else f"is gone{_near(was, headers, names)}"
        fix = (
            f"this column {went}. Give it its old header back, or check the connection again to go on with it as it is"
        )
        yield Problem(was, "", fix)


def _near(was: str, headers: Mapping[str, str], names: Mapping[int, str]) -> str:
    """Ask whether a header that is new and alike is the one that is missed."""
    others = {header_key(name): name for name in names.values() if name not in headers.values()}
    near = get_close_matches(header_key(was), others, n=1)
    return f" (is it the column now headed {others[near[0]]!r}?)" if near else ""


def _warnings(headers: Mapping[str, str], before: Mapping[str, str]) -> Iterator[Problem]:
    if "scheduled_time" not in headers:
        fix = "there is no such column, so the planner chooses every time and the sheet does not show it"
        yield Problem("Scheduled Time", "", fix)
    for field in OWN_FIELDS:
        if field == "status" and field not in headers:
            yield Problem(
                "Status", "", "there is no such column, so what is wrong with a row is only shown in Slotwise"
            )
        elif field in before and field not in headers:
            yield Problem(before[field], "", "this column is gone; Slotwise no longer writes into it")


def place_of(layout: Layout, field: str, row: int) -> str:
    """Return the cell of a field in a row of the sheet, such as `F7`, for people and for writes."""
    return write_cell(layout.columns[field], row)
