"""Milliseconds of one GET on an open connection to the whole application, on uvloop and on asyncio's own loop.

Run: `uv run python benchmarks/event_loop.py` (half a minute). Both servers run side by side, as README starts them, and
take turns. asyncio sets TCP_NODELAY only on sockets that were made for TCP by name, which that of Streamlit is not: the
body of each answer then waits until the client has acknowledged its head. Prints rows of a Markdown table.
"""

import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

import httpx

ROOT = Path(__file__).resolve().parents[1]
PORTS = {"uvloop": 8771, "asyncio": 8772}
ROUNDS, REQUESTS = 10, 20
PATH = "/api/v1/scheduling/calendar"


def serve(loop: str) -> None:
    """Run the application as `streamlit run Home.py` does; for asyncio's loop uvloop cannot be found."""
    from streamlit.web import cli

    if loop == "asyncio":
        sys.modules["uvloop"] = None  # type: ignore[assignment]
    sys.argv = ["streamlit", "run", "Home.py", "--server.headless", "true", "--server.port", str(PORTS[loop])]
    cli.main()


def ready(client: httpx.Client) -> None:
    """Return once the server answers."""
    for _ in range(600):
        with suppress(httpx.TransportError):
            if client.get(PATH).is_success:
                return
        sleep(0.1)
    raise SystemExit("the server does not answer")


def measure(clients: dict[str, httpx.Client]) -> None:
    taken: dict[str, list[float]] = {loop: [] for loop in clients}
    for _ in range(ROUNDS):
        for loop, client in clients.items():
            for _ in range(REQUESTS):
                began = perf_counter()
                client.get(PATH).raise_for_status()
                taken[loop].append((perf_counter() - began) * 1000)
    print("| loop | median | one in ten takes longer than |\n|---|---|---|")
    for loop, each in taken.items():
        print(f"| {loop} | {median(each):.1f} ms | {sorted(each)[len(each) * 9 // 10]:.1f} ms |")


def main() -> None:
    often = {"SLOTWISE_API_REQUESTS_PER_SECOND": "20000", "SLOTWISE_API_BURST": "20000"}
    quiet = subprocess.DEVNULL
    with ExitStack() as stack:
        for loop in PORTS:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            command, own = [sys.executable, __file__, loop], os.environ | often | {"SLOTWISE_DATA_DIR": folder}
            server = stack.enter_context(subprocess.Popen(command, env=own, cwd=ROOT, stdout=quiet, stderr=quiet))
            stack.callback(server.kill)
        clients = {
            loop: stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}")) for loop, port in PORTS.items()
        }
        for client in clients.values():
            ready(client)
        measure(clients)


if __name__ == "__main__":
    serve(sys.argv[1]) if sys.argv[1:] else main()
