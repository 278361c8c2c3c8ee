"""Requests per second and latency of the API, beside a bare FastAPI route that returns the same bytes.

Run: `uv run python benchmarks/api.py` (about two minutes). One server process holds both, behind the same Streamlit
application and its middleware; the load comes from this process over eight connections that stay open. Both sides take
turns, so that the ratio does not depend on what else the machine does. Prints rows of a Markdown table.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # run as a file, from any folder

CONNECTIONS, ROUNDS, REQUESTS = 8, 15, 400
PORT = 8765
ITEMS = 500

RECOMMENDATIONS = "/v1/scheduling/recommendations?platforms=youtube,instagram&target_count=10"
PAGE = "/v1/scheduling/calendar?limit=50"
CALENDAR = "/v1/scheduling/calendar"


# --- The server --------------------------------------------------------------------------------------------------


def serve() -> None:
    """Serve Slotwise's API at /api and the bare one at /bare, from one Streamlit application as Home.py has it."""
    import streamlit as st
    import uvicorn
    from fastapi import FastAPI, Response
    from starlette.routing import Mount

    from core.api.app import create_api
    from core.api.front import mounted
    from core.bootstrap import running
    from core.logs import set_up_logs
    from core.settings import load_settings

    settings = load_settings()
    set_up_logs(settings.log_level, as_json=settings.log_json)
    bare, known = FastAPI(), {}

    def answer(name: str) -> bytes:
        if name not in known:
            known[name] = (settings.data_dir / f"{name}.json").read_bytes()
        return known[name]

    @bare.get("/{name}")
    async def get(name: str) -> Response:
        return Response(answer(name), media_type="application/json")

    @bare.post("/{name}", status_code=201)
    async def post(name: str, body: dict[str, object]) -> Response:  # noqa: ARG001 - read, as any route would
        return Response(answer(name), 201, media_type="application/json")

    api = mounted(create_api(running, settings, exposed=False))
    app = st.App(str(ROOT / "pages" / "main.py"), routes=[api, Mount("/bare", bare)])
    uvicorn.run(app, port=PORT, log_level="warning", access_log=False)


# --- The load ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Call:
    """One request as it goes over the wire, and the status it has to be answered with."""

    wire: bytes
    status: bytes

    @classmethod
    def of(cls, method: str, path: str, key: str = "", body: bytes = b"") -> "Call":
        """Write a request; one with a body creates something."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{PORT}", f"Content-Length: {len(body)}"]
        lines += ["Content-Type: application/json"] if body else []
        lines += [f"Authorization: Bearer {key}"] if key else []
        return cls("\r\n".join([*lines, "", ""]).encode() + body, b"201" if body else b"200")


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, call: Call) -> bytes:
    """Send one request over an open connection and return the body of its answer."""
    writer.write(call.wire)
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
    body = await reader.readexactly(length)
    assert head[9:12] == call.status, head + body[:500]
    return body


async def once(call: Call) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    body = await ask(reader, writer, call)
    writer.close()
    return body


async def load(call: Call, requests: int) -> tuple[float, list[float]]:
    """Send so many requests over all connections; return seconds in all, and of each request."""
    latencies: list[float] = []

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
        for _ in range(requests // CONNECTIONS):
            began = perf_counter()
            await ask(reader, writer, call)
            latencies.append(perf_counter() - began)
        writer.close()

    began = perf_counter()
    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
    return perf_counter() - began, latencies


@dataclass
class Side:
    """What one side did in all rounds."""

    rates: list[float]
    latencies: list[float]

    async def round(self, call: Call, requests: int) -> None:
        """Send a round of requests and note how it went."""
        seconds, latencies = await load(call, requests)
        self.rates.append(len(latencies) / seconds)
        self.latencies += latencies

    @property
    def p99(self) -> float:
        """The milliseconds that one request in a hundred took longer than."""
        return sorted(self.latencies)[int(len(self.latencies) * 0.99)] * 1000


async def compare(what: str, ours: Call, bare: Call, requests: int = REQUESTS) -> None:
    """Let both sides take turns and print a row; the first round of each warms up and does not count."""
    for call in (ours, bare):
        await load(call, requests // 4)
    left, right = Side([], []), Side([], [])
    for number in range(ROUNDS):
        for side, call in ((left, ours), (right, bare))[:: 1 if number % 2 else -1]:
            await side.round(call, requests)
    ratio = median(b / a for a, b in zip(left.rates, right.rates, strict=True))
    print(
        f"| {what} | {median(left.rates):,.0f}/s, p99 {left.p99:.0f} ms "
        f"| {median(right.rates):,.0f}/s, p99 {right.p99:.0f} ms | {ratio:.2f} |",
        flush=True,
    )


def calendar(items: int) -> bytes:
    """Write a calendar of posts to a text platform, far enough ahead for any machine's clock."""
    posts = [
        {
            "content_id": f"content_{number}",
            "platform": "linkedin",
            "scheduled_time": f"2031-{1 + number // 28 % 12:02}-{1 + number % 28:02}T{8 + number % 10:02}:00:00+01:00",
            "content": {"text": f"Post {number}: come and see what is new this week."},
            "metadata": {"campaign_id": "camp_456"},
        }
        for number in range(items)
    ]
    return json.dumps({"title": "Launch week", "timezone": "Europe/Berlin", "items": posts}).encode()


async def measure(folder: Path) -> None:
    await ready()
    body = json.dumps({"name": "Benchmark", "scopes": ["scheduling:read", "scheduling:write"]}).encode()
    key = json.loads(await once(Call.of("POST", "/api/v1/api-keys", body=body)))["data"]["key"]
    await once(Call.of("POST", f"/api{CALENDAR}", key, calendar(ITEMS)))
    rows = (
        ("GET recommendations (10 of two platforms)", "recommendations", Call.of("GET", f"/api{RECOMMENDATIONS}", key)),
        ("GET calendar page (50 items)", "page", Call.of("GET", f"/api{PAGE}", key)),
    )
    print("| what | Slotwise | bare FastAPI | ratio |\n|---|---|---|---|")
    for what, name, ours in rows:
        (folder / f"{name}.json").write_bytes(await once(ours))
        await compare(what, ours, Call.of("GET", f"/bare/{name}", key))
    ten = calendar(10)
    post = Call.of("POST", f"/api{CALENDAR}", key, ten)
    (folder / "made.json").write_bytes(await once(post))
    await compare("POST calendar with 10 items", post, Call.of("POST", "/bare/made", key, ten), REQUESTS // 10)


async def ready() -> None:
    """Return once the server answers."""
    for _ in range(600):
        try:
            await once(Call.of("GET", "/api/openapi.json"))
        except OSError:
            await asyncio.sleep(0.1)
        else:
            return
    raise SystemExit("the server does not answer")


def main(work: Callable[[Path], Awaitable[None]] = measure) -> None:
    with tempfile.TemporaryDirectory() as folder:
        often = {"SLOTWISE_API_REQUESTS_PER_SECOND": "20000", "SLOTWISE_API_BURST": "20000"}
        own = os.environ | often | {"SLOTWISE_DATA_DIR": folder, "SLOTWISE_LOG_LEVEL": "WARNING"}
        quiet = subprocess.DEVNULL
        command = [sys.executable, __file__, "serve"]
        with subprocess.Popen(command, env=own, cwd=ROOT, stdout=quiet, stderr=quiet) as server:
            try:
                asyncio.run(work(Path(folder)))
            finally:
                server.kill()


if __name__ == "__main__":
    serve() if sys.argv[1:] == ["serve"] else main()
