"""Idempotency keys: the same request again does nothing and is answered as it was the first time."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock

from sqlmodel import col, delete, select

from core.errors import IdempotencyConflict, IdempotencyInProgress, Invalid, Problem, SlotwiseError
from core.services.context import Context
from core.storage.tables import IdempotencyKey
from core.storage.tenancy import ScopedSession

REMEMBERED = timedelta(hours=24)
"""How long a key is known (API contract)."""

_REMEMBERED_ANSWER = "The answer to an earlier request with this idempotency key"
_KEY = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)


@dataclass(frozen=True)
class Request:
    """What identifies a request: where it was sent, its key (None: it may be repeated) and the hash of what it says."""

    endpoint: str
    key: str | None
    digest: str

    def __post_init__(self) -> None:
        """Refuse a key that cannot be kept (Invalid)."""
        if self.key is not None and not _KEY.fullmatch(self.key):
            fix = "use 1 to 255 letters, digits and signs, without spaces"
            raise Invalid((Problem("Idempotency-Key", self.key, fix),))

    def part(self, number: int) -> "Request":
        """Return the request of one step of this one; each step is remembered by itself."""
        return self if self.key is None else Request(f"{self.endpoint}#{number}", self.key, self.digest)


@dataclass(frozen=True)
class Answer:
    """What a request was answered: an HTTP status and a body, exactly as they were sent (`replayed`: again)."""

    status: int
    body: str
    replayed: bool = False
    is_secret: bool = False
    """Whether it holds secrets that are shown once: its memory is encrypted."""


Work = Callable[[Context], Answer]
Refusal = Callable[[SlotwiseError], Answer]


def once(ctx: Context, request: Request, work: Work, refused: Refusal) -> Answer:
    """Do the work in one transaction together with the memory of its answer; a repetition is given that answer.

    `work` gets a context that is bound to the transaction. What it raises undoes all it did, and `refused` says how it
    is answered; that is remembered as well, unless the server was at fault (5xx: it is raised again, for a repetition
    may go better). Writers of a workspace queue at the door, so of two that send the same key at once the second finds
    what the first remembered. Raises IdempotencyConflict: the key belongs to another request.
    """
    with ctx.together() as joined, joined.write() as session:
        if known := _recall(ctx, session, request):
            return known
        answer = _attempt(joined, session, work, refused)
        _remember(ctx, session, request, answer)
    return answer


def recall(ctx: Context, request: Request) -> Answer | None:
    """Return what this request was answered before, None if it is new (IdempotencyConflict); nothing is written."""
    with ctx.read() as session:
        return _recall(ctx, session, request)


def _attempt(joined: Context, session: ScopedSession, work: Work, refused: Refusal) -> Answer:
    try:
        with session.begin_nested():
            return work(joined)
    except SlotwiseError as error:
        if error.status >= SlotwiseError.status:
            raise
        return refused(error)


def _recall(ctx: Context, session: ScopedSession, request: Request) -> Answer | None:
    if request.key is None:
        return None
    row = session.scalars(
        select(IdempotencyKey).where(
            IdempotencyKey.endpoint == request.endpoint,
            IdempotencyKey.key == request.key,
            col(IdempotencyKey.created_at) > ctx.now() - REMEMBERED,
        )
    ).one_or_none()
    if row is None:
        return None
    if row.request_hash != request.digest:
        raise IdempotencyConflict(key=request.key)
    status, body, is_secret = (row.result[name] for name in ("status", "body", "is_secret"))
    return Answer(status, ctx.vault.decrypt(body, _REMEMBERED_ANSWER) if is_secret else body, replayed=True)


def _remember(ctx: Context, session: ScopedSession, request: Request, answer: Answer) -> None:
    if request.key is None:
        return
    session.execute(delete(IdempotencyKey).where(col(IdempotencyKey.created_at) <= ctx.now() - REMEMBERED))
    body = ctx.vault.encrypt(answer.body) if answer.is_secret else answer.body
    session.add(
        IdempotencyKey(
            endpoint=request.endpoint,
            key=request.key,
            request_hash=request.digest,
            result={"status": answer.status, "body": body, "is_secret": answer.is_secret},
            created_at=ctx.now(),
        )
    )


@dataclass(frozen=True)
class Underway:
    """The requests with a key that this process is working on."""

    _lock: Lock = field(default_factory=Lock)
    _running: set[tuple[str, str, str]] = field(default_factory=set)

    @contextmanager
    def alone(self, workspace: str, request: Request) -> Iterator[None]:
        """Hold the key for the block (IdempotencyInProgress: somebody in this process holds it).

        Another process that works on the same request is waited for at the door instead; either way one effect.
        """
        if request.key is None:
            yield
            return
        mine = (workspace, request.endpoint, request.key)
        with self._lock:
            if mine in self._running:
                raise IdempotencyInProgress(key=request.key)
            self._running.add(mine)
        try:
            yield
        finally:
            with self._lock:
                self._running.discard(mine)
