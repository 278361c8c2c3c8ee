"""Lets threads that write at the same moment share one transaction, so that each pays only a part of its cost."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from threading import Lock
from typing import Generic, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from core.errors import DatabaseUnavailable, SlotwiseError

Request = TypeVar("Request")
Answer = TypeVar("Answer")


class Shared(Generic[Request, Answer]):
    """Hands requests that wait at the same time to one call of `write`, which answers them in their order."""

    def __init__(self, write: Callable[[Sequence[Request]], Sequence[Answer]]) -> None:
        self._write = write
        self._waiting: list[tuple[Request, Future[Answer]]] = []
        self._queue, self._turn = Lock(), Lock()

    def __call__(self, request: Request) -> Answer:
        """Return this request's answer once it is written; whoever comes first writes for all who wait by then."""
        answer: Future[Answer] = Future()
        with self._queue:
            self._waiting.append((request, answer))
        with self._turn:
            if not answer.done():
                with self._queue:
                    batch, self._waiting = self._waiting, []
                self._answer(batch)
        return answer.result()

    def _answer(self, batch: Sequence[tuple[Request, Future[Answer]]]) -> None:
        """Write together; a request that spoils the transaction for all is found by writing each alone."""
        try:
            for answer, (_, future) in zip(self._write([request for request, _ in batch]), batch, strict=True):
                future.set_result(answer)
        except (SlotwiseError, SQLAlchemyError) as error:
            if len(batch) > 1 and not isinstance(error, DatabaseUnavailable):
                for one in batch:
                    self._answer([one])
                return
            for _, future in batch:
                future.set_exception(error)
        finally:
            for _, future in batch:  # something nobody expects goes up from here; who waits is not left waiting
                future.cancel()
