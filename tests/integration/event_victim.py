"""Changes items one after the other and dies by kill -9 the n-th time it touches the database to write."""

import os
import signal
import sys
from itertools import count, cycle
from typing import Any

from sqlalchemy import event

from core.storage.doors import Database
from core.storage.tables import ContentScheduleItem


def change_until_killed(url: str, workspace: str, nth: int, ids: list[str]) -> None:
    """Die right after the n-th UPDATE of an item or INSERT of an event, before it is committed."""
    database, writes = Database(url), count(1)

    def after(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        is_write = statement.startswith(("UPDATE content_schedule_items", "INSERT INTO events"))
        if is_write and next(writes) == nth:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(database.engine, "after_cursor_execute", after)
    for item_id in cycle(ids):
        with database.write(workspace) as session:
            session.get_one(ContentScheduleItem, item_id).version += 1


if __name__ == "__main__":
    change_until_killed(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4:])
