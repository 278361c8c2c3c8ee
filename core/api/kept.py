"""Keeps ready answers of reading calls for as long as they are right, so that asking again costs one small query.

An answer is kept under everything it depends on: the workspace and its revision (every write of the workspace moves
it), the call with its whole query, and the quarter of an hour that comes next (slots begin at quarters, so what is not
past changes only there). What else could tell two answers apart is the same for a whole process: the reference data,
the code and the database, for every application has its own store. Who asks makes no difference beside the scope, and
that is checked before an answer is looked up. The revision is read before the answer is made, so an answer may be newer
than its key says, never older. Only routes that ask for `Kept` are answered from here.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel

from core.services.context import Context
from core.services.workspaces import read_revision

MOST_ANSWERS = 1_000
MOST_BYTES = 32 * 1024 * 1024
"""Beyond either bound the answer that was not asked for longest is dropped."""

_QUARTER = timedelta(minutes=15)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class Store:
    """The answers of one application, by key; may be used from several threads."""

    most_answers: int = MOST_ANSWERS
    most_bytes: int = MOST_BYTES
    _answers: OrderedDict[Hashable, bytes] = field(default_factory=OrderedDict)
    _size: int = 0
    _lock: Lock = field(default_factory=Lock)

    def find(self, key: Hashable) -> bytes | None:
        """Return the answer under a key."""
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
            return self._answers.get(key)

    def keep(self, key: Hashable, answer: bytes) -> None:
        """Keep an answer, and drop the oldest until both bounds hold."""
        with self._lock:
            self._size += len(answer) - len(self._answers.pop(key, b""))
            self._answers[key] = answer
            while len(self._answers) > self.most_answers or self._size > self.most_bytes:
                self._size -= len(self._answers.popitem(last=False)[1])


@dataclass(frozen=True)
class Keeping:
    """The store, for one call."""

    store: Store
    path: str

    def answer(self, ctx: Context, query: BaseModel, make: Callable[[], BaseModel]) -> Response:
        """Answer with what is kept for this question, else with what `make` returns, which is kept; errors are not."""
        now = -((_EPOCH - ctx.now()) // _QUARTER)
        key = (ctx.workspace, read_revision(ctx), self.path, query.model_dump_json(by_alias=True), now)
        found = self.store.find(key)
        if found is None:
            found = make().model_dump_json(by_alias=True).encode()
            self.store.keep(key, found)
        return Response(found, media_type="application/json")


async def _keeping(request: Request) -> Keeping:
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    return Keeping(request.app.state.kept, path)


Kept = Annotated[Keeping, Depends(_keeping)]
