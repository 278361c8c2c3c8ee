"""Engines that do the rows of bulk jobs, one after the other, each in a process of its own that is killed on its way.

Lines on stdin say at which point of all points it passes an engine kills itself (0: it lives until nothing is left to
do); each is answered by how it ended. Imports are so paid only once. The last argument, where there is one, is the
title of a text that no engine survives.
"""

import gc
import os
import signal
import sys
from itertools import count
from pathlib import Path

from sqlalchemy import event

from core.bootstrap import Slotwise, assemble, open_bulk_worker
from core.logs import set_up_logs
from core.services.bulk_work import do_next
from core.services.bulk_worker import BulkWorker, RowPoint
from core.settings import Settings
from core.storage.tables import Content


class Killer:
    """Sends SIGKILL to its own process at one of the points it passes."""

    def __init__(self, dies_at: int) -> None:
        self.dies_at, self.passed = dies_at, count(1)

    def __call__(self, _: RowPoint) -> None:
        if next(self.passed) == self.dies_at:
            os.kill(os.getpid(), signal.SIGKILL)


def die_of(title: str) -> None:
    """Let this process die, as of a library's fault, when it stores a text of this title."""

    def look(_mapper: object, _connection: object, content: Content) -> None:
        if content.title == title:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Content, "before_insert", look)


def live(house: Slotwise, number: int, dies_at: int, posts: int) -> None:
    """Do rows until there are none left, or until the engine dies."""
    opened = open_bulk_worker(house, f"victim {number}")
    worker = BulkWorker(**{**vars(opened), "at": Killer(dies_at), "posts": posts})
    while do_next(worker):
        pass


def main() -> None:
    """Carry out orders until there are none left."""
    set_up_logs("ERROR", as_json=False)
    house = assemble(Settings(data_dir=Path(sys.argv[1]), database_url=sys.argv[2]))
    for title in sys.argv[4:]:
        die_of(title)
    gc.freeze()  # else each process begins by copying all that is loaded
    for number, line in enumerate(sys.stdin, start=1):
        house.close()  # a connection must not live in two processes
        pid = os.fork()
        if pid == 0:
            live(house, number, int(line), int(sys.argv[3]))
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
