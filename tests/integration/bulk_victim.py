"""Engines that do the rows of bulk jobs, one after the other, each in a process of its own that is killed on its way.

Lines on stdin say at which point of all points it passes an engine kills itself (0: it lives until nothing is left to
do); each is answered by how it ended. Imports are so paid only once.
"""

import os
import signal
import sys
from datetime import timedelta
from itertools import count
from pathlib import Path

from planned_posts import MONDAY_NOON, StandingClock

from core.bootstrap import Slotwise, assemble, open_bulk_worker
from core.logs import set_up_logs
from core.services.bulk_work import do_next
from core.services.bulk_worker import LEASE, BulkWorker, RowPoint
from core.settings import Settings

TICK = timedelta(milliseconds=10)


class Killer:
    """Lets a little time pass at every point, and sends SIGKILL to its own process at one of them."""

    def __init__(self, clock: StandingClock, dies_at: int) -> None:
        self.clock, self.dies_at, self.passed = clock, dies_at, count(1)

    def __call__(self, _: RowPoint) -> None:
        self.clock.move(TICK)
        if next(self.passed) == self.dies_at:
            os.kill(os.getpid(), signal.SIGKILL)


def live(house: Slotwise, clock: StandingClock, number: int, dies_at: int) -> None:
    """Do rows until there are none left, or until the engine dies."""
    clock.moment = MONDAY_NOON + number * 2 * LEASE
    opened = open_bulk_worker(house, f"victim {number}")
    worker = BulkWorker(**{**vars(opened), "at": Killer(clock, dies_at)})
    while do_next(worker):
        pass


def main() -> None:
    """Carry out orders until there are none left."""
    set_up_logs("ERROR", as_json=False)
    clock = StandingClock()
    house = assemble(Settings(data_dir=Path(sys.argv[1]), database_url=sys.argv[2], bulk_threads=2), clock)
    for number, line in enumerate(sys.stdin, start=1):
        house.close()  # a connection must not live in two processes
        pid = os.fork()
        if pid == 0:
            live(house, clock, number, int(line))
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
