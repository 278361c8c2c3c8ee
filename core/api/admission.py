"""Lets a caller in: by a key or token, or, as long as nobody has one, because the request comes from this machine."""

from dataclasses import dataclass

from starlette.datastructures import URL, Headers
from starlette.types import Scope

from core.api.local_mode import check_local
from core.bootstrap import LOCAL_OWNER, Slotwise
from core.errors import Unauthenticated
from core.services.access import Caller, authenticate, is_local, local_caller
from core.services.signatures import SignedCall, check_signature

NO_TOKEN = frozenset({"null", "undefined"})
"""What JavaScript writes into the header where it has no token."""


@dataclass(frozen=True)
class Presented:
    """What a connection shows of itself; `token` is one from the query, where a browser cannot send a header."""

    method: str
    headers: Headers
    token: str | None = None

    @property
    def bearer(self) -> str | None:
        """The key or token it came with (Unauthenticated: another scheme, or several headers)."""
        given = self.headers.getlist("authorization")
        if not given:
            return self.token
        scheme, _, secret = given[0].partition(" ")
        if len(given) > 1 or scheme.lower() != "bearer" or not secret.strip():
            raise Unauthenticated(reason="The Authorization header cannot be read.")
        return self.token if secret.strip() in NO_TOKEN else secret.strip()


@dataclass(frozen=True)
class Door:
    """How callers are let in; `exposed`: the server listens beyond this machine, so a key is always needed."""

    exposed: bool

    def admit(self, house: Slotwise, presented: Presented) -> Caller:
        """Return who calls (Unauthenticated, TokenExpired, ForeignOrigin)."""
        bearer = presented.bearer
        if bearer is not None:
            return authenticate(house.db, house.vault, house.now(), bearer)
        if self.exposed or not is_local(house.db):
            raise Unauthenticated(reason="This needs an API key or access token.")
        check_local(presented.method, presented.headers)
        return local_caller(house.home, LOCAL_OWNER)


def is_signed(headers: Headers, caller: Caller) -> bool:
    """Say whether a call's signature has to be looked at: it carries one, or its key asks for one."""
    return caller.signers.required or "x-signature" in headers or "x-timestamp" in headers


def check_signed(house: Slotwise, caller: Caller, scope: Scope, headers: Headers, body: bytes) -> None:
    """Refuse a call that is not signed as its key asks (InvalidSignature)."""
    call = SignedCall(scope["method"], _spellings(scope), body, headers.get("x-timestamp"), headers.get("x-signature"))
    check_signature(house.db, house.vault, caller, call, house.now())


_SCHEMES = ("http", "https", "ws", "wss")


def _spellings(scope: Scope) -> tuple[str, ...]:
    """Return how a client may have written the address it signed: whole (a proxy may have ended TLS), or from the path.

    The path is taken as it was sent, before anything was decoded.
    """
    raw = scope.get("raw_path") or scope["path"].encode()
    query = scope.get("query_string", b"")
    path = (raw.partition(b"?")[0] + (b"?" + query if query else b"")).decode("latin-1")
    host = URL(scope=scope).netloc
    return (path, *(f"{scheme}://{host}{path}" for scheme in _SCHEMES))
