"""Times the engine: a thousand items due in one minute against bare files and bare posts, and what idling costs.

Run `python benchmarks/engine.py` (about two minutes); medians of the rounds of one run on this machine.
"""

import os
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from statistics import median, quantiles
from subprocess import DEVNULL, Popen
from threading import Thread

import httpx
from sqlmodel import col, select, update

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from core.bootstrap import Slotwise, assemble, open_worker
from core.engine.embedded import EmbeddedEngine
from core.logs import set_up_logs
from core.services.calendars import NewCalendar, create_calendar
from core.services.channels import ChannelDraft, add_channel
from core.services.item_views import ItemFilter
from core.services.items import count_items
from core.services.new_items import NewItem
from core.settings import Settings
from core.storage.tables import ContentScheduleItem, PublishAttempt
from core.vocabulary import ChannelKind, ItemState, LedgerStep

ITEMS, ROUNDS, IDLE_SECONDS = 1000, 3, 20
TEXT = "It is here. " * 20
numbers = count()


class Receiver(BaseHTTPRequestHandler):
    """Takes everything at once."""

    def do_POST(self) -> None:
        """Read the post and say yes."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Stay silent."""


class Backlog(ThreadingHTTPServer):
    """Queues as many connections as arrive at once."""

    request_queue_size = 128
    daemon_threads = True


@contextmanager
def receiver() -> Iterator[str]:
    """Serve on a free loopback port."""
    with Backlog(("127.0.0.1", 0), Receiver) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


def bare_files(folder: Path) -> float:
    """Return the files per second that plain writing with fsync reaches, one after the other."""
    folder.mkdir()
    began = time.perf_counter()
    for number in range(ITEMS):
        with (folder / f"{number}.json").open("w") as out:
            out.write(TEXT)
            out.flush()
            os.fsync(out.fileno())
    return ITEMS / (time.perf_counter() - began)


def bare_posts(url: str, threads: int) -> float:
    """Return the posts per second that httpx reaches on as many threads, each post on a connection of its own."""
    limits = httpx.Limits(max_keepalive_connections=0)
    with httpx.Client(limits=limits, trust_env=False) as client, ThreadPoolExecutor(threads) as pool:
        began = time.perf_counter()
        for answer in pool.map(lambda _: client.post(url, content=TEXT), range(ITEMS)):
            answer.raise_for_status()
        return ITEMS / (time.perf_counter() - began)


def engine_run(slotwise: Slotwise, kind: ChannelKind, url: str) -> tuple[float, list[float]]:
    """Return items per second and each item's lateness in seconds when all fall due at one moment."""
    ctx = slotwise.context()
    name = f"{kind.value} {next(numbers)}"
    channel = add_channel(ctx, ChannelDraft("linkedin", name, kind, "UTC", {"url": url} if url else {}))
    later = slotwise.now() + timedelta(hours=1)
    news = tuple(NewItem(channel.id, later, f"Post {number}", TEXT) for number in range(ITEMS))
    calendar = create_calendar(ctx, NewCalendar(name, "UTC", news)).calendar.id
    due = make_due(slotwise, calendar)
    engine = EmbeddedEngine(open_worker(slotwise), slotwise)
    engine.start()
    wanted = ItemFilter(calendar_id=calendar)
    while count_items(ctx, wanted).get(ItemState.PUBLISHED, 0) < ITEMS:
        time.sleep(0.5)
    engine.stop()
    late = sorted((at - due).total_seconds() for at in published_at(slotwise, calendar))
    return ITEMS / late[-1], late


def make_due(slotwise: Slotwise, calendar: str) -> datetime:
    """Let all items of a calendar fall due two seconds from now and return that moment."""
    due = slotwise.now() + timedelta(seconds=2)
    items = update(ContentScheduleItem).where(col(ContentScheduleItem.calendar_id) == calendar)
    with slotwise.db.system() as session:
        session.execute(items.values(due_at=due, scheduled_at=due))
    return due


def published_at(slotwise: Slotwise, calendar: str) -> list[datetime]:
    """Return when the ledger noted each item as published."""
    lines = (
        select(PublishAttempt.at)
        .join(ContentScheduleItem, col(ContentScheduleItem.id) == PublishAttempt.item_id)
        .where(ContentScheduleItem.calendar_id == calendar, PublishAttempt.step == LedgerStep.PUBLISHED)
    )
    with slotwise.db.system() as session:
        return list(session.scalars(lines))


def processor_seconds(pid: int) -> float:
    """Return the processor time a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> int:
    """Return the resident memory of a process in MB (2**20 bytes)."""
    (line,) = (line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) // 1024


def idle(folder: Path) -> tuple[int, float]:
    """Return memory (MB) and processor use (% of a core) of the real process that nobody asks anything."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "Home.py", "--server.headless=true", f"--server.port={port}"]
    env = {**os.environ, "SLOTWISE_DATA_DIR": str(folder)}
    with Popen(command, cwd=ROOT, env=env, stdout=DEVNULL, stderr=DEVNULL) as process:
        wait_for(lambda: httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False).is_success)
        time.sleep(10)  # starting is not idling
        before = processor_seconds(process.pid)
        time.sleep(IDLE_SECONDS)
        used = (processor_seconds(process.pid) - before) / IDLE_SECONDS * 100
        size = memory(process.pid)
        process.terminate()
    return size, used


def wait_for(ready: Callable[[], bool]) -> None:
    """Wait up to a minute for a server."""
    for _ in range(120):
        with suppress(httpx.TransportError):
            if ready():
                return
        time.sleep(0.5)
    raise TimeoutError("the server did not come up within a minute")


def row(name: str, bare: list[float], runs: list[tuple[float, list[float]]]) -> str:
    """Return one line of the table; the ratio compares the medians of speed."""
    speed, limit = median(speed for speed, _ in runs), median(bare)
    p50, p99 = (median(quantiles(late, n=100)[cut] for _, late in runs) for cut in (49, 98))
    return f"| {name} | {speed:,.0f}/s | {limit:,.0f}/s | {speed / limit:.2f} | {p50:.1f} s | {p99:.1f} s |"


def main() -> None:
    """Print the table."""
    set_up_logs("ERROR", as_json=False)
    with tempfile.TemporaryDirectory() as scratch, receiver() as url:
        folder = Path(scratch)
        slotwise = assemble(Settings(data_dir=folder, database_url="", webhook_allow_private=True))
        files, posts, outbox, webhook = [], [], [], []
        for number in range(ROUNDS):
            files.append(bare_files(folder / f"bare{number}"))
            outbox.append(engine_run(slotwise, ChannelKind.OUTBOX, ""))
            posts.append(bare_posts(url, slotwise.settings.engine_threads))
            webhook.append(engine_run(slotwise, ChannelKind.WEBHOOK, url))
        slotwise.close()
        size, used = idle(folder / "idle")
    print("| 1,000 items due at once | engine | bare | ratio | lateness p50 | p99 |\n|---|---|---|---|---|---|")
    print(row("to the outbox; bare: files with fsync", files, outbox))
    print(row("to a local webhook; bare: httpx posts", posts, webhook))
    print(f"\nIdle for {IDLE_SECONDS} s: {size} MB of memory, {used:.1f} % of a core.")


if __name__ == "__main__":
    main()
