"""The columns of a sheet that Slotwise shares with its users, those it writes alone, and how their cells are kept."""

from collections.abc import Mapping, Sequence

from core.bulk.columns import COLUMNS

Cell = str | float | bool
"""A cell as Google gives it unformatted; "" is an empty one."""

Values = tuple[Cell | None, ...]
"""The cells of one row, one for each of USER_FIELDS (or OWN_FIELDS), None where the sheet has no such column."""

CLOCK_FIELD = "clock"
"""The time of day, where it has a column of its own beside the date in `scheduled_time`."""

USER_FIELDS: tuple[str, ...] = (*COLUMNS, CLOCK_FIELD)
"""What both sides may change: title, text, audience, tone, platforms, scheduled_time … and clock."""

OWN_FIELDS: tuple[str, ...] = ("status", "published_time", "url")
"""What Slotwise alone writes."""

NOTHING: Values = ("",) * len(USER_FIELDS)
NOTHING_OWN: Values = ("",) * len(OWN_FIELDS)


def user_values(cells: Mapping[str, Cell]) -> Values:
    """Return cells by name as the values of a row; what is not named is empty."""
    return tuple(cells.get(field, "") for field in USER_FIELDS)


def own_values(cells: Mapping[str, Cell]) -> Values:
    """Return Slotwise's own cells by name as the own values of a row; what is not named is empty."""
    return tuple(cells.get(field, "") for field in OWN_FIELDS)


def named(values: Sequence[Cell | None], fields: Sequence[str] = USER_FIELDS) -> dict[str, Cell]:
    """Return the values of a row by name, without the columns that the sheet does not have."""
    return {field: cell for field, cell in zip(fields, values, strict=True) if cell is not None}
