"""How every POST is answered: its work is done once, however often it is sent with the same Idempotency-Key."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from fastapi.responses import Response
from pydantic import BaseModel

from core.api.errors import body_of, request_id_of
from core.api.places import placed_below
from core.errors import SlotwiseError
from core.services import idempotency
from core.services.context import Context
from core.services.idempotency import Answer, Underway

REPLAYED = "Idempotency-Replayed"
UNDERWAY = Underway()
"""The keyed requests this process is working on."""

KeyHeader = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="Up to 255 signs of your choice. For 24 hours the same request with the same key does nothing more "
        "and is answered as it was the first time.",
        json_schema_extra={"pattern": r"^[\x21-\x7e]{1,255}$"},
    ),
]


class _Reached(BaseModel):
    """What is remembered of a point a request has reached: that it has."""


@dataclass(frozen=True)
class Post:
    """One POST: where it went, its key and what it says."""

    request: idempotency.Request
    request_id: str
    below: str = ""
    """Where its body stands in the one that was sent, for naming places: `operations[3].data.` in a batch."""

    def once(
        self, ctx: Context, work: Callable[[Context], tuple[int, BaseModel]], *, is_secret: bool = False
    ) -> Response:
        """Answer with what `work` returns (status and body), done in one transaction with the memory of it.

        `is_secret`: the answer shows secrets, so its memory is encrypted. Raises IdempotencyConflict,
        IdempotencyInProgress and what `work` raises; that is remembered too.
        """
        with self.alone(ctx):
            return sent(idempotency.once(ctx, self.request, _answering(work, is_secret=is_secret), self.refused))

    def apart(self, ctx: Context, work: Callable[[Context], tuple[int, BaseModel]]) -> Response:
        """Answer with what `work` returns, which asks another server and so cannot wait in a transaction.

        Its success is remembered afterwards; what it raises changed nothing, so a repetition may go better.
        """
        with self.alone(ctx):
            known = self.answered(ctx)
            if known is None:
                answer = _answering(work)(ctx)
                known = idempotency.once(ctx, self.request, lambda _: answer, self.refused)
            return sent(known)

    def answered(self, ctx: Context) -> Answer | None:
        """Return what this request was answered before, None where it is new (IdempotencyConflict)."""
        return idempotency.recall(ctx, self.request)

    def step(self, ctx: Context, number: int, work: Callable[[Context], tuple[int, BaseModel]]) -> Answer:
        """Do one step of a request whose steps are transactions of their own; it is remembered by itself."""
        return idempotency.once(ctx, self.request.part(number), _answering(work), self.refused)

    def known(self, ctx: Context, number: int) -> Answer | None:
        """Return the answer of a step that was done before, None where it was not (IdempotencyConflict)."""
        return idempotency.recall(ctx, self.request.part(number))

    def mark(self, ctx: Context, number: int) -> None:
        """Remember that a request with a key has come this far (IdempotencyConflict)."""
        if self.request.key is not None:
            self.step(ctx, number, lambda _: (HTTPStatus.OK, _Reached()))

    def part(self, number: int, below: str) -> "Post":
        """Return a part of this request that has a body and steps of its own."""
        return replace(self, request=self.request.part(number), below=f"{self.below}{below}")

    def alone(self, ctx: Context) -> Any:
        """Hold the key for a block (IdempotencyInProgress)."""
        return UNDERWAY.alone(ctx.workspace, self.request)

    def refused(self, error: SlotwiseError) -> Answer:
        """Return the answer to a request that was refused."""
        return Answer(error.status, body_of(placed_below(error, self.below), self.request_id).model_dump_json())


def sent(answer: Answer) -> Response:
    """Return an answer as HTTP sends it, the same bytes each time."""
    headers = {REPLAYED: "true"} if answer.replayed else {}
    return Response(answer.body, answer.status, headers, media_type="application/json")


async def _post(request: Request, key: KeyHeader = None) -> Post:
    said = _digest(request.url.query, await request.body()) if key is not None else ""
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    return Post(idempotency.Request(f"{request.method} {path}", key, said), request_id_of(request.scope))


Posted = Annotated[Post, Depends(_post)]


def _digest(query: str, body: bytes) -> str:
    """Return the hash of a request; how its JSON is spaced and ordered says nothing."""
    said = json.dumps(json.loads(body), sort_keys=True) if body else ""
    return hashlib.sha256(f"{query}\n{said}".encode()).hexdigest()


def _answering(
    work: Callable[[Context], tuple[int, BaseModel]], *, is_secret: bool = False
) -> Callable[[Context], Answer]:
    def answer(ctx: Context) -> Answer:
        status, shape = work(ctx)
        return Answer(int(status), shape.model_dump_json(by_alias=True), is_secret=is_secret)

    return answer
