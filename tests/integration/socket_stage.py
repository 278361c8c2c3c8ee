"""A real server on this machine with the API's WebSockets, and clients that read its messages."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send
from websockets.client import ClientProtocol
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.uri import parse_uri

from core.api.admission import Door, Presented
from core.api.limits import RequestLimits
from core.api.socket_hub import Hub
from core.api.sockets import Sockets
from core.bootstrap import Slotwise
from core.errors import Unauthenticated
from core.services.access import Caller
from core.settings import Settings

BEAT = 0.2


@dataclass(frozen=True)
class KeyDoor(Door):
    """A door that knows some tokens; taking one out revokes it."""

    known: dict[str, Caller] = field(default_factory=dict)

    def admit(self, house: Slotwise, presented: Presented) -> Caller:
        if presented.bearer in self.known:
            return self.known[presented.bearer or ""]
        if self.known or presented.bearer:
            raise Unauthenticated
        return super().admit(house, presented)


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """Serve an application on a free loopback port until the block ends; give `localhost:port`."""
    started = Event()

    async def announced(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, receive, send)

    server = uvicorn.Server(
        uvicorn.Config(announced, "127.0.0.1", 0, log_level="error", lifespan="off", timeout_graceful_shutdown=2)
    )
    started_up = server.startup

    async def startup(*args: Any, **kwargs: Any) -> None:
        await started_up(*args, **kwargs)
        started.set()

    server.startup = startup  # type: ignore[method-assign]
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    assert started.wait(60)
    try:
        yield f"localhost:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)


@contextmanager
def sockets_of(house: Slotwise, door: Door | None = None, beat: float = 60.0) -> Iterator[str]:
    """Serve the WebSockets of an installation; the hub looks fifty times a second."""
    limits = RequestLimits(Settings(api_requests_per_second=1000, api_burst=1000))
    served = Sockets(lambda: house, door or Door(exposed=False), limits, Hub(0.02), beat)
    with serving(Starlette(routes=served.routes())) as address:
        yield address


@dataclass
class Client:
    """One client and everything it was told."""

    connection: ClientConnection
    told: list[dict[str, Any]] = field(default_factory=list)

    def send(self, **message: Any) -> None:
        self.connection.send(json.dumps(message))

    def next(self, *kinds: str, seconds: float = 45) -> dict[str, Any]:
        """Give the next message, or the next of these types."""
        while True:
            message: dict[str, Any] = json.loads(self.connection.recv(seconds))
            self.told.append(message)
            if not kinds or message["type"] in kinds:
                return message

    def until(self, done: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Give the first message for which `done` says so."""
        while True:
            if done(message := self.next()):
                return message

    def sync(self) -> None:
        """Wait until the server has done all that was asked before."""
        self.send(type="ping")
        self.next("pong")

    def closed(self) -> tuple[int, str]:
        """Read on until the server closes; give its code and reason."""
        with pytest.raises(ConnectionClosed) as closed:
            self.until(lambda _: False)
        assert closed.value.rcvd is not None
        return closed.value.rcvd.code, closed.value.rcvd.reason


@contextmanager
def client(address: str, path: str = "/v1/ws", **options: Any) -> Iterator[Client]:
    """Connect a client; it keeps whatever comes, so that closing it waits for nothing."""
    with connect(f"ws://{address}{path}", proxy=None, max_size=None, max_queue=None, **options) as connection:
        yield Client(connection)


@contextmanager
def deaf_client(address: str, path: str = "/v1/ws") -> Iterator[Callable[[], int | None]]:
    """Connect a client that reads nothing until it is asked what it was closed with."""
    host, _, port = address.partition(":")
    protocol = ClientProtocol(parse_uri(f"ws://{address}{path}"), max_size=None)
    with socket.socket() as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        wire.settimeout(60)
        wire.connect((host, int(port)))
        protocol.send_request(protocol.connect())
        wire.sendall(b"".join(protocol.data_to_send()))

        def read_all() -> int | None:
            while protocol.close_rcvd is None and (data := wire.recv(1 << 20)):
                protocol.receive_data(data)
                protocol.events_received()
            return protocol.close_rcvd.code if protocol.close_rcvd else None

        yield read_all
