"""Another process of the same installation: it edits a calendar again and again, one event each time."""

import sys

from core.storage.doors import Database
from core.storage.tables import ContentCalendar


def write(url: str, workspace: str, calendar_id: str, times: int, padding: int = 0) -> None:
    """Edit the calendar so many times, each time with a title of so many characters more."""
    database = Database(url)
    for number in range(times):
        with database.write(workspace) as session:
            row = session.get_one(ContentCalendar, calendar_id)
            row.title, row.version = f"Edit {number}" + "x" * padding, row.version + 1
    database.close()


if __name__ == "__main__":
    write(sys.argv[1], sys.argv[2], sys.argv[3], *map(int, sys.argv[4:]))
