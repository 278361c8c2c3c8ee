"""WebSockets: a client is let in, says what it wants to hear, and is told of its workspace's events as they happen."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from starlette.routing import WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from core.api.admission import Door, Presented, check_signed, is_signed
from core.api.limits import RequestLimits
from core.api.socket_hub import Hub
from core.api.socket_session import Closing, Session
from core.bootstrap import Slotwise
from core.errors import SlotwiseError, Unauthenticated
from core.services.access import Caller
from core.vocabulary import Scope as Permission

UPGRADE = "WEBSOCKET"
"""The method under which a socket asks to be let in: like a write, it needs a page of this machine in local mode."""

UNAUTHENTICATED, FORBIDDEN, TRY_LATER, BROKEN = 4401, 4403, 1013, 1011
MOST_SOCKETS = 1_000
"""Sockets one process keeps open for one workspace."""

HEARTBEAT_SECONDS = 20.0
CLOSE_SECONDS = 10.0
"""How long a client that reads slowly is given to read why it has to go."""
_LONGEST_REASON = 120
"""Bytes that a close frame can carry as its reason, less a few."""


@dataclass(frozen=True)
class Sockets:
    """What serves every WebSocket of the API; `heartbeat` is how often a client hears from us and is looked at anew."""

    house: Callable[[], Slotwise]
    door: Door
    limits: RequestLimits
    hub: Hub
    heartbeat: float = HEARTBEAT_SECONDS

    def routes(self) -> tuple[WebSocketRoute, ...]:
        """Return the addresses below /api."""
        return tuple(WebSocketRoute(path, self.serve) for path in ("/v1/scheduling/ws", "/v1/ws"))

    async def serve(self, websocket: WebSocket) -> None:
        """Serve one socket from its first to its last moment."""
        try:
            await websocket.accept()  # before anything else: a browser sees the code of no close that comes earlier
            session = await self._open(websocket)
            await session.run(websocket.query_params, self.heartbeat)
        except WebSocketDisconnect:
            return
        except Closing as closing:
            await _close(websocket, closing.code, closing.reason)
        except SlotwiseError as error:
            await _close(websocket, _code_of(error), str(error))

    async def _open(self, websocket: WebSocket) -> Session:
        presented = Presented(UPGRADE, websocket.headers, websocket.query_params.get("token"))
        caller, house = await self.hub.ask(partial(self._admit, presented, websocket))
        if self.hub.count(caller.workspace) >= MOST_SOCKETS:
            raise Closing(TRY_LATER, f"{MOST_SOCKETS} sockets of this workspace are open; close some.")

        def look_again() -> None:
            seen = self.door.admit(house, presented)
            seen.require(Permission.SCHEDULING_READ)
            if seen.workspace != caller.workspace:
                raise Unauthenticated(reason="This key belongs to another workspace now.")

        return Session(websocket, house.context(caller.workspace, caller.actor), self.hub, look_again)

    def _admit(self, presented: Presented, websocket: WebSocket) -> tuple[Caller, Slotwise]:
        """Return who calls (Unauthenticated, TokenExpired, InvalidSignature, ForeignOrigin, RateLimited)."""
        house = self.house()
        address = websocket.client.host if websocket.client else ""
        with self.limits.guess(address, presented.bearer or "", house.now()):
            caller = self.door.admit(house, presented)
        if is_signed(websocket.headers, caller):
            check_signed(house, caller, {**websocket.scope, "method": "GET"}, websocket.headers, b"")
        self.limits.take(caller.workspace, house.now())
        caller.require(Permission.SCHEDULING_READ)
        return caller, house


@dataclass(frozen=True)
class AtRoot:
    """Serves /ws at the root as the API serves its own: integrators' clients call it there."""

    api: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the connection to the API as if it had come to /api/v1/ws."""
        await self.api({**scope, "path": "/v1/ws", "raw_path": b"/v1/ws", "root_path": ""}, receive, send)

    def route(self) -> WebSocketRoute:
        """Return the address at the root."""
        return WebSocketRoute("/ws", self)


def _code_of(error: SlotwiseError) -> int:
    codes = {401: UNAUTHENTICATED, 403: FORBIDDEN, 429: TRY_LATER, 503: TRY_LATER}
    return codes.get(error.status, BROKEN)


async def _close(websocket: WebSocket, code: int, reason: str) -> None:
    """Close with a reason that fits, unless the client was quicker or does not read any more."""
    short = reason.encode()[:_LONGEST_REASON].decode(errors="ignore")
    if websocket.application_state is WebSocketState.CONNECTED:
        with suppress(RuntimeError, TimeoutError, WebSocketDisconnect):
            async with asyncio.timeout(CLOSE_SECONDS):
                await websocket.close(code, short)
