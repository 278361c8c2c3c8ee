"""The 168 hours of a local week: how they are numbered, named and neighboured."""

HOURS_PER_DAY = 24
DAYS = 7
CELLS = DAYS * HOURS_PER_DAY
"""Cells are local hours of the week: 0 is Monday 00:00-00:59, 167 is Sunday 23:00-23:59."""

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FIRST_WEEKEND_DAY = 5


def clock_name(hour: int) -> str:
    """Return an hour of the day as people write it, 15 → "15:00"."""
    return f"{hour:02d}:00"


def cell_name(cell: int) -> str:
    """Return a cell as people say it, 39 → "Tuesday 15:00"."""
    day, hour = divmod(cell, HOURS_PER_DAY)
    return f"{WEEKDAYS[day]} {clock_name(hour)}"


def neighbourhood(cell: int) -> tuple[int, int, int]:
    """Return the hour before, the cell and the hour after, around the end of the week."""
    return (cell - 1) % CELLS, cell, (cell + 1) % CELLS
