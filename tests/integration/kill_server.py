"""Forks one process per order that publishes what is due and kills itself at a point.

Orders come as JSON lines on stdin, one answer each goes to stdout: how the process ended. An order without a point is
carried out by the server itself; imports and compiled statements are so paid only once.
"""

import gc
import json
import os
import signal
import sys
import traceback
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from random import Random

from publishing_stage import InLine, nothing_happens

from core.engine.crew import PublishingCrew
from core.engine.runner import Runner
from core.logs import set_up_logs
from core.publishing.contract import Publisher
from core.publishing.registry import PUBLISHERS
from core.services.publishing import publish_due
from core.services.recovery import recover
from core.services.vault import Vault
from core.services.vault_key import open_keys
from core.services.workers import LedgerPoint, Worker
from core.settings import Settings
from core.storage.doors import Database
from core.vocabulary import ChannelKind


@dataclass(frozen=True)
class Order:
    """One process: `moments` are the times (ISO) it sees, one pass each; it dies the n-th time it comes to `point`.

    With `threads` it publishes as the engine does, several items at once; otherwise one after the other.
    """

    moments: tuple[str, ...]
    name: str
    batch: int = 50
    point: str | None = None
    nth: int = 1
    threads: int = 0

    def line(self) -> str:
        """Write the order as it is sent."""
        return json.dumps(asdict(self)) + "\n"


class Killer:
    """Sends SIGKILL to its own process the n-th time a point is reached."""

    def __init__(self, order: Order) -> None:
        self.point, self.left = order.point, order.nth

    def __call__(self, point: LedgerPoint) -> None:
        if point.value == self.point:
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True)
class Means:
    """What every order is carried out with."""

    db: Database
    publishers: dict[ChannelKind, Publisher]
    vault: Vault


def passes(order: Order, means: Means) -> str:
    """Publish and recover at each moment; give the last failure, empty when there was none."""
    now = [datetime.fromisoformat(order.moments[0])]
    kill = Killer(order)
    worker = Worker(
        order.name, means.db, lambda: now[0], means.publishers, Random(1), means.vault, at=kill, pause=nothing_happens
    )
    runner = Runner(worker.clock)
    crew = PublishingCrew(worker, runner, order.threads) if order.threads else InLine(worker, order.batch, runner)
    for moment in order.moments:
        now[0] = datetime.fromisoformat(moment)
        recover(worker, crew.attempt)
        publish_due(worker, crew)
    if isinstance(crew, PublishingCrew):
        crew.stop(60)
    return runner.last_error() or ""


def carry_out(order: Order, means: Means) -> int:
    """Carry out one order; the exit code says whether all went well."""
    try:
        failure = passes(order, means)
    except BaseException:  # noqa: BLE001 - whatever happened belongs into the answer
        failure = traceback.format_exc()
    sys.stderr.write(failure)
    return 1 if failure else 0


def fork(order: Order, means: Means) -> int:
    """Carry out one order in a process of its own; a negative code names the signal that ended it."""
    means.db.close()  # a connection must not live in two processes
    pid = os.fork()
    if pid == 0:
        os._exit(carry_out(order, means))
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def serve(url: str, data_dir: Path) -> None:
    """Carry out orders until there are none left."""
    set_up_logs("ERROR", as_json=False)
    settings = Settings(data_dir=data_dir, webhook_allow_private=True, webhook_timeout_seconds=5)
    publishers = {kind: open_publisher(settings) for kind, open_publisher in PUBLISHERS.items()}
    means = Means(Database(url), publishers, Vault(open_keys(settings)))
    gc.freeze()  # else each process begins by copying all that is loaded
    for line in sys.stdin:
        order = Order(**json.loads(line))
        code = fork(order, means) if order.point else carry_out(order, means)
        print(code, flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    serve(sys.argv[1], Path(sys.argv[2]))
