"""The API as Home.py mounts it: as an application, behind a real socket, and in a process of its own."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

import httpx
import uvicorn
from ports import free_port
from starlette.applications import Starlette
from starlette.types import ASGIApp

from core.api.app import create_api
from core.api.front import ROOT_ROUTES, mounted
from core.api.sockets import AtRoot
from core.bootstrap import Slotwise
from core.settings import Settings

ROOT = Path(__file__).resolve().parents[3]
POLL_SECONDS, READY_POLLS = 0.1, 1200
OFTEN = 100_000
"""Requests per second: tests of other things than the limits do not meet them."""


def front_door(house: Slotwise, *, exposed: bool = False, per_second: int = OFTEN, burst: int = OFTEN) -> ASGIApp:
    """Give the API at /api and the addresses at the root, as the front door has them."""
    settings = Settings(
        data_dir=house.settings.data_dir,
        database_url=house.settings.database_url,
        api_requests_per_second=per_second,
        api_burst=burst,
    )
    api = create_api(lambda: house, settings, exposed=exposed)
    return Starlette(routes=[mounted(api), AtRoot(api).route(), *ROOT_ROUTES])


@dataclass(frozen=True)
class Served:
    """A real server on a port of this machine."""

    port: int

    @property
    def host(self) -> str:
        """What a client writes into its Host header."""
        return f"127.0.0.1:{self.port}"

    def url(self, path: str = "") -> str:
        """Give an address on this server."""
        return f"http://{self.host}{path}"

    def connect(self) -> socket.socket:
        """Open a bare connection, for requests no client library would send."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def client(self, **headers: str) -> httpx.Client:
        """Give a client that sends these headers with every request."""
        return httpx.Client(base_url=self.url(), headers=headers, trust_env=False, timeout=60)


@contextmanager
def serving(app: ASGIApp) -> Iterator[Served]:
    """Serve an application by uvicorn in a thread, as streamlit serves Home.py."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off", ws="websockets-sansio")
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        yield Served(listening.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()


@dataclass
class Victim:
    """A server in a process of its own, which may be killed and started again on the same data and port."""

    data_dir: Path
    database_url: str
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    process_is_up: Event = field(default_factory=Event)
    """Set by whoever kills and starts it, for those who wait for it meanwhile."""

    @property
    def served(self) -> Served:
        """Where it answers."""
        return Served(self.port)

    def start(self) -> None:
        """Start the process and return once it answers."""
        self.launch()
        self.await_answer()

    def launch(self) -> None:
        """Start the process."""
        own = {
            "SLOTWISE_DATA_DIR": str(self.data_dir),
            "SLOTWISE_DATABASE_URL": self.database_url,
            "SLOTWISE_API_REQUESTS_PER_SECOND": str(OFTEN),
            "SLOTWISE_API_BURST": str(OFTEN),
            "SLOTWISE_LOG_LEVEL": "ERROR",
            "PYTHONPATH": str(ROOT),
        }
        command = [sys.executable, str(Path(__file__).with_name("api_victim.py")), str(self.port)]
        self.process = subprocess.Popen(command, env=os.environ | own)  # noqa: S603 - our own script

    def await_answer(self) -> None:
        """Return once it answers."""
        for _ in range(READY_POLLS):
            if self._answers():
                return
            self._expect_alive()
        raise AssertionError("the server does not answer")

    def kill(self) -> None:
        """End it like a power cut."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def _answers(self) -> bool:
        try:
            return httpx.get(self.served.url("/docs"), trust_env=False).has_redirect_location  # costs it nothing
        except httpx.TransportError:
            return False

    def _expect_alive(self) -> None:
        assert self.process is not None
        try:
            code = self.process.wait(POLL_SECONDS)
        except subprocess.TimeoutExpired:
            return
        raise AssertionError(f"the server ended with {code}")


@contextmanager
def victims(folder: Path, url: str, count: int = 1) -> Iterator[list[Victim]]:
    """Give running servers over one database, each with a process of its own."""
    started = [Victim(folder, url) for _ in range(count)]
    try:
        for victim in started:
            victim.launch()
        for victim in started:
            victim.await_answer()
        yield started
    finally:
        for victim in started:
            if victim.process is not None:
                victim.kill()
