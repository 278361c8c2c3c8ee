"""Kill -9 at every point of an item's way: nothing is lost, nothing is sent twice, everything ends accounted for."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from threading import Lock, Thread

import pytest
from kill_server import Order
from publishing_stage import NOON, add_items, tell

from core.bootstrap import assemble
from core.services.workers import LedgerPoint
from core.services.workspaces import create_workspace
from core.settings import Settings
from core.storage.doors import Database
from core.vocabulary import ChannelKind, ItemState

FIRST = [point for point in LedgerPoint if point not in (LedgerPoint.RECOVERING, LedgerPoint.LOOKED_UP)]
THEN = [*FIRST, *[LedgerPoint.RECOVERING, LedgerPoint.LOOKED_UP] * 4]
MAY_BE_OUT = {LedgerPoint.ARMED, LedgerPoint.FIRED, LedgerPoint.RECORDING}
HERE = Path(__file__).resolve()
KILLED = -signal.SIGKILL
LEASE_OVER = timedelta(minutes=6)
RUNS = 200


class Counts(BaseHTTPRequestHandler):
    """Takes every delivery and counts it, the same one as often as it comes."""

    deliveries: Counter[str]
    lock = Lock()

    def do_POST(self) -> None:  # the name http.server calls
        self.rfile.read(int(self.headers["Content-Length"]))
        with self.lock:
            self.deliveries[self.headers["webhook-id"]] += 1
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@contextmanager
def counting_receiver() -> Iterator[tuple[str, Counter[str]]]:
    deliveries: Counter[str] = Counter()
    bound = type("BoundCounts", (Counts,), {"deliveries": deliveries})
    with ThreadingHTTPServer(("127.0.0.1", 0), bound) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/", deliveries
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def fork_server(url: str, data_dir: Path) -> Iterator[subprocess.Popen[str]]:
    paths = os.pathsep.join([str(HERE.parents[2]), str(HERE.parent)])
    command = [sys.executable, str(HERE.parent / "kill_server.py"), url, str(data_dir)]
    with subprocess.Popen(  # noqa: S603 - our own script
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": paths}
    ) as process:
        yield process  # leaving closes its stdin, which ends it


@dataclass
class Range:
    """Where the shots are fired: a database with two workspaces, a server of processes, a counting receiver."""

    db: Database
    workspaces: tuple[str, str]
    outbox: Path
    server: subprocess.Popen[str]
    receiver: str
    deliveries: Counter[str]
    runs: int = 0
    killed: Counter[str] = field(default_factory=Counter)

    def carry_out(self, order: Order) -> int:
        """Give how the process of this order ended."""
        assert self.server.stdin
        assert self.server.stdout
        self.server.stdin.write(order.line())
        self.server.stdin.flush()
        code = int(self.server.stdout.readline())
        assert code in (0, KILLED)
        if code == KILLED:
            self.killed[order.point or ""] += 1
        return code

    def shoot(self, *shots: tuple[LedgerPoint, int], threads: int = 0) -> None:
        """Let processes die one after the other at these points, and check every item once a sound one has run."""
        self.runs += 1
        start = NOON + self.runs * timedelta(days=1)
        items = self.plan(start)
        for number, (point, nth) in enumerate(shots):
            moment = start + number * LEASE_OVER
            self.carry_out(Order((moment.isoformat(),), f"victim_{number}", 2, point.value, nth, threads))
        calm = tuple((start + (len(shots) + later) * LEASE_OVER).isoformat() for later in range(3))
        assert self.carry_out(Order(calm, "survivor")) == 0
        for workspace, item, kind in items:
            self.check(workspace, item, kind, {point for point, _ in shots}, threads)

    def plan(self, when: datetime) -> list[tuple[str, str, ChannelKind]]:
        """Schedule two items to the webhook in one workspace and one to the outbox in the other."""
        first, second = self.workspaces
        sent = add_items(self.db, first, [when] * 2, ChannelKind.WEBHOOK, name=f"w{self.runs}", url=self.receiver)
        kept = add_items(self.db, second, [when], name=f"o{self.runs}")
        return [*((first, item, ChannelKind.WEBHOOK) for item in sent), (second, kept[0], ChannelKind.OUTBOX)]

    def check(self, workspace: str, item: str, kind: ChannelKind, points: set[LedgerPoint], threads: int) -> None:
        """Refuse an item that was lost, doubled or left hanging (a thread may arm it while another dies elsewhere)."""
        told = tell(self.db, workspace, item)
        assert told.claims == 0
        if kind is ChannelKind.OUTBOX:
            assert told.item.state is ItemState.PUBLISHED
            assert len(list(self.outbox.rglob(f"{item}.*.json"))) == 1
            return
        if told.item.state is ItemState.UNCONFIRMED:
            assert threads or points & MAY_BE_OUT
            assert self.deliveries[item] <= 1
        else:
            assert told.item.state is ItemState.PUBLISHED
            assert self.deliveries[item] == 1


@contextmanager
def shooting_range(url: str, folder: Path) -> Iterator[Range]:
    house = assemble(Settings(data_dir=folder, database_url=url), lambda: NOON)
    other = create_workspace(house.db, "Other", "UTC", NOON).id
    try:
        with counting_receiver() as (receiver, deliveries), fork_server(url, folder) as server:
            yield Range(house.db, (house.home, other), folder / "outbox", server, receiver, deliveries)
    finally:
        house.close()


def test_a_process_killed_at_any_point_loses_and_doubles_nothing(tmp_path: Path) -> None:
    with shooting_range(f"sqlite:///{tmp_path / 'slotwise.db'}", tmp_path) as place:
        for point in FIRST:
            place.shoot((point, 1))
        place.shoot((LedgerPoint.CHECKED, 1), (LedgerPoint.RECOVERING, 1))
        place.shoot((LedgerPoint.FIRED, 1), (LedgerPoint.LOOKED_UP, 1))
        assert set(place.killed) == set(LedgerPoint)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_hundreds_of_processes_killed_at_random_lose_and_double_nothing(database_url: str, tmp_path: Path) -> None:
    rng = Random(20260302)
    with shooting_range(database_url, tmp_path) as place:
        for _ in range(RUNS):
            shots = [(rng.choice(FIRST), rng.randint(1, 3))]
            while len(shots) < 3 and rng.random() < 0.5:
                shots.append((rng.choice(THEN), rng.randint(1, 2)))
            place.shoot(*shots, threads=rng.choice([0, 3]))
        assert set(place.killed) == set(LedgerPoint)
        assert sum(place.killed.values()) >= RUNS
