"""Runs calls so that a failure is logged and remembered instead of ending the engine."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

import structlog

from core.clock import Clock
from core.errors import SlotwiseError

ERROR_KEPT = timedelta(minutes=10)
"""A failure whose subject is never tried again (somebody settled the item by hand) is not shown for longer."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Failure:
    """The newest failure of one kind of call."""

    subject: str
    at: datetime
    text: str


class Runner:
    """Remembers, for each kind of call, when it last ended well and how it last failed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._succeeded: dict[str, datetime] = {}
        self._failed: dict[str, _Failure] = {}

    def run(self, name: str, call: Callable[[], object], subject: str = "") -> bool:
        """Call, and answer whether it ended well; one of the two places in Slotwise that catch everything.

        `name` is the kind of call, `subject` the workspace or item it is for; a success clears that subject's failure.
        """
        try:
            call()
        except Exception as error:  # noqa: BLE001 - a job must not end the engine, whatever it raises
            unexpected = not isinstance(error, SlotwiseError)  # an expected one says all there is in its sentence
            _log.error("job_failed", job=name, subject=subject, error=str(error), exc_info=unexpected)
            with self._lock:
                self._failed[name] = _Failure(subject, self._clock(), f"{name}: {error}")
            return False
        with self._lock:
            self._succeeded[name] = self._clock()
            if name in self._failed and self._failed[name].subject == subject:
                del self._failed[name]
        return True

    def last_success(self, name: str) -> datetime | None:
        """Return when a call of this name last ended well."""
        return self._succeeded.get(name)

    def last_error(self) -> str | None:
        """Return the newest failure that no success has cleared since."""
        since = self._clock() - ERROR_KEPT
        with self._lock:
            recent = [failure for failure in self._failed.values() if failure.at > since]
        return max(recent, key=lambda failure: failure.at).text if recent else None
