"""Syncs, one after the other, each in a process of its own that is killed on its way.

A line on stdin is an order as JSON: the moment, and at which point of all points it passes the process kills itself (0:
it lives, or somebody else kills it). It is answered by the process's id, and then by how it ended and the most
memory it had, in KiB.
"""

import gc
import json
import os
import signal
import sys
from datetime import datetime
from itertools import count
from pathlib import Path
from random import Random

from planned_posts import StandingClock

from core.bootstrap import Slotwise, assemble
from core.google.client import Hosts
from core.google.door import GoogleDoor
from core.logs import set_up_logs
from core.services.sheet_syncing import sync_connection
from core.services.sheet_worker import SheetDesk, SyncPoint
from core.settings import Settings


class Killer:
    """Sends SIGKILL to its own process at one of the points it passes."""

    def __init__(self, dies_at: int) -> None:
        self.dies_at, self.passed = dies_at, count(1)

    def __call__(self, _: SyncPoint) -> None:
        if next(self.passed) == self.dies_at:
            os.kill(os.getpid(), signal.SIGKILL)


def live(house: Slotwise, url: str, connection: str, dies_at: int) -> None:
    """Sync once, or until the process dies; who waits for Google does not wait here."""
    door = GoogleDoor(Hosts(f"{url}/token", url, url), house.clock, Random(1), pause=lambda _: False)
    desk = SheetDesk("victim", house.db, house.clock, house.context, door, Random(2), at=Killer(dies_at))
    sync_connection(desk, house.home, connection)


def main() -> None:
    """Carry out orders until there are none left."""
    set_up_logs("CRITICAL", as_json=False)
    clock = StandingClock()
    house = assemble(Settings(data_dir=Path(sys.argv[1]), database_url=sys.argv[2]), clock)
    gc.freeze()  # else each process begins by copying all that is loaded
    for line in sys.stdin:
        order = json.loads(line)
        clock.moment = datetime.fromisoformat(order["now"])
        house.close()  # a connection must not live in two processes
        pid = os.fork()
        if pid == 0:
            live(house, order["url"], order["connection"], order["dies_at"])
            os._exit(0)
        print(pid, flush=True)  # noqa: T201 - the answer
        _, status, used = os.wait4(pid, 0)
        print(os.waitstatus_to_exitcode(status), used.ru_maxrss, flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
