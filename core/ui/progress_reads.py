"""How the progress page reads: anew while rows are being done, from memory while nothing moves."""

from collections.abc import Callable
from typing import Any, Protocol

from core.bulk.words import BulkState
from core.services.bulk_board import JobsSummary
from core.ui.queries import ask
from core.ui.state import context

AT_WORK_SECONDS, WAITING_SECONDS = 1, 2


class Read(Protocol):
    """Calls a service function that reads, with a context."""

    def __call__(self, read: Callable[..., Any], /, *args: Any) -> Any:
        """Return `read(context, *args)`."""


def seconds_between(found: JobsSummary) -> int | None:
    """Return how often the page is drawn anew; None while nothing changes by itself."""
    if found.underway or found.count(BulkState.RUNNING, BulkState.CANCELING):
        return AT_WORK_SECONDS
    return WAITING_SECONDS if found.count(BulkState.QUEUED) else None


def reading(every: int | None) -> Read:
    """Return how to read: the progress of rows is no write, so what was read before may be old while they are done."""
    return _anew if every else ask


def _anew(read: Callable[..., Any], /, *args: Any) -> Any:
    return read(context(), *args)
