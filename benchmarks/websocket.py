"""How fast 1,000 events reach 200 clients, against a bare Starlette WebSocket that sends them the same bytes.

    uv run python benchmarks/websocket.py [events] [clients]

Server and clients are one process each. The clock runs from the moment the events are committed (bare: the moment the
broadcast begins) until the last client has the last message; the median of several rounds counts. On a busy machine the
server's seconds of CPU tell more; writing the events is in both.
"""

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from itertools import pairwise
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import uvicorn
from sqlmodel import insert
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import connect

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from core.api.admission import Door
from core.api.limits import RequestLimits
from core.api.socket_hub import Hub
from core.api.socket_protocol import frame
from core.api.sockets import Sockets
from core.bootstrap import Slotwise, assemble
from core.services.events import newest_event_id, read_events
from core.settings import Settings
from core.storage.tables import Event
from core.vocabulary import EventType

ROUNDS = 5
DATA = {
    "item_id": "item_5f0c1a9b2d3e4f5061728394", "calendar_id": "cal_5f0c1a9b2d3e4f5061728394",
    "schedule_id": "cal_5f0c1a9b2d3e4f5061728394", "content_id": "cont_5f0c1a9b2d3e4f5061728394",
    "platform": "linkedin", "channel_id": "chan_5f0c1a9b2d3e4f5061728394", "status": "published",
    "scheduled_time": "2026-03-02T12:00:00Z", "published_at": "2026-03-02T12:00:01Z", "url": "https://example.com/1",
    "error": None, "revision": 3,
}  # fmt: skip


def write_events(house: Slotwise, count: int) -> None:
    """Commit so many events at once."""
    now = datetime.now(UTC)
    row = {"type": EventType.ITEM_PUBLISHED, "subject_id": DATA["item_id"], "calendar_id": DATA["calendar_id"]}
    with house.db.write(house.home) as session:
        session.execute(insert(Event), [{**row, "data": DATA, "at": now} for _ in range(count)])


class Broadcast:
    """A bare WebSocket route: it keeps its clients and sends each of them what it is given."""

    def __init__(self) -> None:
        self.clients: set[WebSocket] = set()

    async def serve(self, websocket: WebSocket) -> None:
        """Keep a client until it leaves."""
        await websocket.accept()
        self.clients.add(websocket)
        try:
            while True:
                await websocket.receive_text()
                await websocket.send_text('{"type":"pong"}')
        except WebSocketDisconnect:
            self.clients.discard(websocket)

    async def send(self, frames: list[str]) -> None:
        """Send all clients the same, side by side."""

        async def one(websocket: WebSocket) -> None:
            for text in frames:
                await websocket.send_text(text)

        await asyncio.gather(*(one(websocket) for websocket in self.clients))


def serve(pipe: Connection, folder: str, kind: str, count: int) -> None:
    """Serve until told to end; at "go" let the events happen and answer with the moment they did."""
    house = assemble(Settings(data_dir=Path(folder)))
    limits = RequestLimits(Settings(api_requests_per_second=100_000, api_burst=100_000))
    broadcast = Broadcast()
    sockets = Sockets(lambda: house, Door(exposed=False), limits, Hub())
    routes = sockets.routes() if kind == "slotwise" else (WebSocketRoute("/v1/ws", broadcast.serve),)
    config = uvicorn.Config(
        Starlette(routes=routes), "127.0.0.1", 0, log_level="error", lifespan="off", ws_per_message_deflate=False
    )
    server = uvicorn.Server(config)

    async def run() -> None:
        serving = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        pipe.send(server.servers[0].sockets[0].getsockname()[1])
        while await asyncio.to_thread(pipe.recv) == "go":
            after = newest_event_id(house.context())
            if kind == "slotwise":
                await asyncio.to_thread(write_events, house, count)
                pipe.send((time.time(), time.process_time()))
            else:
                write_events(house, count)
                told = [e for start in range(after, after + count, 500) for e in read_events(house.context(), start)]
                frames = [frame("item_updated", dict(e.data), e.id, e.at) for e in told]
                pipe.send((time.time(), time.process_time()))
                await broadcast.send(frames)
        pipe.send((time.time(), time.process_time()))
        server.should_exit = True
        await serving

    asyncio.run(run())


async def listen(port: int, clients: int, count: int, pipe: Connection) -> list[tuple[float, float]]:
    """Connect the clients; return for each round when it began, by the server's CPU, and how long it took."""
    open_ = [connect(f"ws://127.0.0.1:{port}/v1/ws", proxy=None, compression=None) for _ in range(clients)]
    connections = [await each for each in open_]
    for each in connections:
        await each.send(json.dumps({"type": "ping"}))
        await each.recv()
    took = []
    for _ in range(ROUNDS):
        readers = [asyncio.create_task(read(each, count)) for each in connections]
        pipe.send("go")
        began, used = await asyncio.to_thread(pipe.recv)
        ends = await asyncio.gather(*readers)
        took.append((used, max(ends) - began))
    for each in connections:
        await each.close()
    return took


async def read(connection: Any, count: int) -> float:
    """Read so many events and return when the last one came."""
    left = count
    while left:
        left -= '"item_updated"' in await connection.recv()
    return time.time()


def measure(kind: str, count: int, clients: int) -> tuple[list[float], float]:
    """Return the seconds of each round, and the server's median seconds of CPU for one."""
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = get_context("spawn").Pipe()
        process = get_context("spawn").Process(target=serve, args=(theirs, folder, kind, count))
        process.start()
        took = asyncio.run(listen(ours.recv(), clients, count, ours))
        ours.send("end")
        used = [cpu for cpu, _ in took] + [ours.recv()[1]]
        process.join(20)
        process.kill()
    return [seconds for _, seconds in took], statistics.median(b - a for a, b in pairwise(used))


def main() -> None:
    count, clients = (int(sys.argv[n]) if len(sys.argv) > n else default for n, default in ((1, 1000), (2, 200)))
    cores = subprocess.run(["nproc"], capture_output=True, text=True, check=True).stdout.strip()
    print(f"{count:,} events to {clients} clients, {ROUNDS} rounds, {cores} cores")
    medians, cpus = {}, {}
    for kind in ("bare", "slotwise"):
        took, cpus[kind] = measure(kind, count, clients)
        medians[kind] = statistics.median(took)
        rate = count * clients / medians[kind]
        rounds = ", ".join(f"{seconds:.2f}" for seconds in took)
        print(f"{kind:9} median {medians[kind]:.2f} s ({rate:,.0f} messages/s), CPU {cpus[kind]:.2f} s; {rounds}")
    print(f"ratio {medians['slotwise'] / medians['bare']:.2f}, of CPU {cpus['slotwise'] / cpus['bare']:.2f}")


if __name__ == "__main__":
    main()
