"""Keeps ready answers of reading calls for as long as they are right, so that asking again costs one small query.

An answer is kept under everything it depends on: the workspace and its revision (every write of the workspace moves
it), the call with its whole query, what the caller may do, and the quarter of an hour that comes next (slots begin at
quarters, so what is not past changes only there). What else could tell two answers apart is the same for a whole
process: the reference data, the code and the database, for every application has its own store. The revision is read
before the answer is made, so an answer may be newer than its key says, never older. The gate asks here before it wakes
the application; only routes that ask for `Kept` put anything in.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sized
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel
from starlette.routing import BaseRoute
from starlette.types import Receive, Scope, Send

from core.services.access import Caller

QUESTION = "slotwise.question"
"""Where a reading call's question stands in its ASGI scope."""

MOST_ANSWERS = 1_000
MOST_BYTES = 32 * 1024 * 1024
"""Beyond either bound the answer that was not asked for longest is dropped."""

LONGEST_QUERY = 2_000
"""Bytes; a longer question is answered, but not kept: it would weigh more than what it asks for."""

_QUARTER = timedelta(minutes=15)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class Store:
    """The answers of one application, by key; may be used from several threads."""

    most_answers: int = MOST_ANSWERS
    most_bytes: int = MOST_BYTES
    _answers: OrderedDict[Hashable, Sized] = field(default_factory=OrderedDict)
    _size: int = 0
    _lock: Lock = field(default_factory=Lock)

    def find(self, key: Hashable) -> Any:
        """Return the answer under a key."""
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
            return self._answers.get(key)

    def keep(self, key: Hashable, answer: Sized) -> None:
        """Keep an answer, and drop the oldest until both bounds hold."""
        with self._lock:
            self._size += len(answer) - len(self._answers.pop(key, b""))
            self._answers[key] = answer
            while len(self._answers) > self.most_answers or self._size > self.most_bytes:
                self._size -= len(self._answers.popitem(last=False)[1])


def question(caller: Caller, revision: int, scope: Scope, now: datetime) -> Hashable:
    """Return what a reading call asks, with all that its answer depends on."""
    coming = -((_EPOCH - now) // _QUARTER)
    return (caller.workspace, caller.scopes, revision, scope["path"], scope.get("query_string", b""), coming)


@dataclass(frozen=True)
class Ready:
    """An answer that only has to be sent, and the route that gave it."""

    response: Response
    route: BaseRoute

    def __len__(self) -> int:
        """Return its bytes."""
        return len(self.response.body)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        scope["route"] = self.route
        await self.response(scope, receive, send)


@dataclass(frozen=True)
class Keeping:
    """The store, for one call: what was asked, None where the question is too long to be kept."""

    store: Store
    asked: Hashable | None
    route: BaseRoute

    def answer(self, make: Callable[[], BaseModel]) -> Response:
        """Answer with what `make` returns, and keep it; errors are not kept."""
        response = Response(make().model_dump_json(by_alias=True), media_type="application/json")
        if self.asked is not None:
            self.store.keep(self.asked, Ready(response, self.route))
        return response


async def _keeping(request: Request) -> Keeping:
    short = len(request.scope.get("query_string", b"")) <= LONGEST_QUERY
    asked = request.scope[QUESTION] if short else None
    return Keeping(request.app.state.kept, asked, request.scope["route"])


Kept = Annotated[Keeping, Depends(_keeping)]
