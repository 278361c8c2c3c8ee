"""Lets a caller in: by a key or token, or, as long as nobody has one, because the request comes from this machine."""

from dataclasses import dataclass

from starlette.datastructures import Headers

from core.api.local_mode import check_local
from core.bootstrap import LOCAL_OWNER, Slotwise
from core.errors import Unauthenticated
from core.services.access import Caller
from core.vocabulary import Scope


@dataclass(frozen=True)
class Presented:
    """What a request shows of itself before its body is read."""

    method: str
    headers: Headers
    token: str | None = None
    """A token from the query, where a browser cannot send a header."""

    @property
    def bearer(self) -> str | None:
        """The key or token it came with (Unauthenticated: another scheme, or several headers)."""
        given = self.headers.getlist("authorization")
        if not given:
            return self.token
        scheme, _, secret = given[0].partition(" ")
        if len(given) > 1 or scheme.lower() != "bearer" or not secret.strip():
            raise Unauthenticated(reason="The Authorization header cannot be read.")
        return secret.strip()


@dataclass(frozen=True)
class Door:
    """How requests are let in; `exposed`: the server listens beyond this machine, so a key is always needed."""

    exposed: bool

    def admit(self, house: Slotwise, presented: Presented) -> Caller:
        """Return who calls (Unauthenticated, TokenExpired, ForeignOrigin)."""
        if presented.bearer is not None:
            raise Unauthenticated(reason="This key is not known.")
        if self.exposed:
            raise Unauthenticated(reason="This needs a key.")
        check_local(presented.method, presented.headers)
        return Caller(house.home, LOCAL_OWNER, frozenset(Scope))
