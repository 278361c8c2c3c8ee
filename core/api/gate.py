"""The gate before every route: it names the request, lets the caller in, counts, reads the body, notes the outcome.

A route cannot forget any of it. What is open to everybody is named in OPEN.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.api.admission import Door, Presented, check_signed, is_signed
from core.api.bodies import Disconnected, check_query, read_body, replay
from core.api.errors import REQUEST_ID, response_to
from core.api.kept import QUESTION, Store, question
from core.api.limits import Allowance, RequestLimits
from core.api.refusals import RateLimited
from core.api.watch import UNROUTED, RequestMetrics, Seen
from core.bootstrap import Slotwise
from core.clock import Stopwatch, stopwatch
from core.errors import SlotwiseError
from core.services.access import Caller, new_request_id
from core.services.workspaces import revision_of

CALLER, HOUSE = "slotwise.caller", "slotwise.house"
"""Where the caller and the installation stand in the scope of a request that was let in."""

OPEN = re.compile(r"/(openapi\.json|docs|redoc|assets/.*|health|v1/(scheduling/)?health|v1/auth/token)")
"""Paths below /api that need no key: documents, health, and where a key is exchanged for a token."""

_WITHOUT_VERSION = re.compile(r"/google-sheets(/.*)?", re.DOTALL)
"""Paths below /api that mean the same below /api/v1 (API contract)."""

_KNOWN_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_READING = frozenset({"GET", "HEAD"})
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_ALWAYS = [(b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store")]


@dataclass(frozen=True)
class Gate:
    """The ASGI application that guards another one; other connections than HTTP pass."""

    app: ASGIApp
    house: Callable[[], Slotwise]
    door: Door
    limits: RequestLimits
    metrics: RequestMetrics
    kept: Store = field(default_factory=Store)
    elapsed: Stopwatch = field(default=stopwatch)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, headers = self.elapsed(), Headers(scope=scope)
        method = scope["method"] if scope["method"] in _KNOWN_METHODS else "(other)"
        seen = Seen(_request_id(headers), method, scope["path"])
        scope[REQUEST_ID] = seen.request_id
        scope.pop("route", None)  # where the API is mounted, which is no route of it
        scope["path"] = _versioned(scope)
        with suppress(Disconnected):
            await self._serve(_Call(scope, headers, receive, send, seen))
        seen.route = _route_of(scope)
        self.metrics.record(seen, self.elapsed() - began)

    async def _serve(self, call: "_Call") -> None:
        try:
            check_query(call.scope.get("query_string", b""))
            if not OPEN.fullmatch(call.below_mount()):
                await to_thread.run_sync(self._let_in, call)
            body = await read_body(call.headers, call.receive)
            await self._check_signature(call, body)
        except SlotwiseError as error:
            await response_to(error, call.seen.request_id)(call.scope, call.receive, call.answer)
            return
        call.scope["method"] = "GET" if call.is_head else call.scope["method"]
        app = self.kept.find(call.scope.get(QUESTION)) or self.app
        await app(call.scope, replay(body, call.receive), call.answer)
        await self._note_use(call)

    async def _check_signature(self, call: "_Call", body: bytes) -> None:
        caller: Caller | None = call.scope.get(CALLER)
        if caller is not None and is_signed(call.headers, caller):
            await to_thread.run_sync(check_signed, call.scope[HOUSE], caller, call.scope, call.headers, body)

    async def _note_use(self, call: "_Call") -> None:
        house, key = call.scope.get(HOUSE), call.seen.key_id
        if house is not None and key is not None and house.uses.is_due(key, house.now()):
            await to_thread.run_sync(house.uses.write, key, house.now())

    def _let_in(self, call: "_Call") -> None:
        house = self.house()
        caller = self._admit(house, call)
        try:
            call.allowance = self.limits.take(caller.workspace, house.now())
        except RateLimited:
            call.allowance = self.limits.left(caller.workspace)  # the refusal says it as well
            raise
        call.scope[CALLER], call.scope[HOUSE] = caller, house
        call.seen.workspace, call.seen.key_id = caller.workspace, caller.key_id
        if call.scope["method"] in _READING:
            revision = caller.revision if caller.revision is not None else revision_of(house.db, caller.workspace)
            call.scope[QUESTION] = question(caller, revision, call.scope, house.now())

    def _admit(self, house: Slotwise, call: "_Call") -> Caller:
        """Return who calls; one address cannot try many secrets for one key."""
        presented = Presented(call.scope["method"], call.headers)
        with self.limits.guess(call.address, presented.bearer or "", house.now()):
            return self.door.admit(house, presented)


@dataclass
class _Call:
    """One request on its way through the gate."""

    scope: Scope
    headers: Headers
    receive: Receive
    send: Send
    seen: Seen
    allowance: Allowance | None = None

    @property
    def address(self) -> str:
        """The address the call comes from."""
        return str((self.scope.get("client") or ("",))[0])

    @property
    def is_head(self) -> bool:
        """Say whether only the head of the answer to a GET is wanted."""
        return self.seen.method == "HEAD"

    def below_mount(self) -> str:
        """Return the path below the place where the API is mounted."""
        return str(self.scope["path"]).removeprefix(self.scope.get("root_path", ""))

    async def answer(self, message: Message) -> None:
        """Send on, with the headers that every answer has."""
        if message["type"] == "http.response.start":
            own = [(b"x-request-id", self.seen.request_id.encode()), *_ALWAYS]
            limits = self.allowance.headers() if self.allowance else []
            given = {name for name, _ in message.get("headers", ())}
            added = [(name, value) for name, value in (*own, *limits) if name not in given]
            message = {**message, "headers": [*message.get("headers", ()), *added]}
        elif self.is_head:
            message = {**message, "body": b""}
        self.seen.note(message)
        await self.send(message)


def _versioned(scope: Scope) -> str:
    """Return the path of the call that is meant: those that the contract has without a version are those of /v1."""
    path, mount = str(scope["path"]), str(scope.get("root_path", ""))
    below = path.removeprefix(mount)
    return f"{mount}/v1{below}" if _WITHOUT_VERSION.fullmatch(below) else path


def _request_id(headers: Headers) -> str:
    """Return the client's own id where it can stand in a header and a log line, else a new one."""
    given = headers.get("x-request-id", "")
    return given if _ID.fullmatch(given) else new_request_id()


def _route_of(scope: Scope) -> str:
    """Return the route that answered, as it is written in the documents; the mount of the API itself is none."""
    route = scope.get("route")
    return UNROUTED if route is None or isinstance(route, Mount) else str(route.path)
