"""One engine in a process of its own that dies by kill -9 the n-th time its planner asks whether to go on."""

import os
import signal
import sys
from itertools import count
from pathlib import Path

from planned_posts import StandingClock

from core.bootstrap import assemble
from core.services.heartbeat import Pulse, beat
from core.services.plan_runs import optimize_queued
from core.services.run_queue import RunTaker
from core.settings import Settings


def dies_at(step: int) -> RunTaker:
    """Give an engine that ends its process at this step."""
    house = assemble(Settings(data_dir=Path(sys.argv[1])), StandingClock())
    steps = count(1)

    def killed() -> bool:
        if next(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)
        return False

    beat(house.db, Pulse("victim", house.now(), house.now()))
    return RunTaker("victim", house.db, house.clock, house.settings.uploads, house.context, killed)


if __name__ == "__main__":
    optimize_queued(dies_at(int(sys.argv[2])))
