"""The API as Home.py mounts it, on each kind of database, behind a real socket."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp

from core.api.app import create_api
from core.api.front import ROOT_ROUTES, mounted
from core.bootstrap import Slotwise
from core.settings import Settings

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
    return Starlette(routes=[mounted(create_api(lambda: house, settings, exposed=exposed)), *ROOT_ROUTES])


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
