"""Runs calls so that a failure is logged and remembered instead of ending the engine."""

from collections.abc import Callable
from datetime import datetime
from threading import Lock

import structlog

from core.clock import Clock

_log = structlog.get_logger(__name__)


class Runner:
    """Remembers, for each name, when its call last ended well and what its last failure was."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._succeeded: dict[str, datetime] = {}
        self._errors: dict[str, str] = {}

    def run(self, name: str, call: Callable[[], object]) -> bool:
        """Call, and answer whether it ended well; one of the two places in Slotwise that catch everything."""
        try:
            call()
        except Exception as error:  # noqa: BLE001 - a job must not end the engine, whatever it raises
            _log.exception("job_failed", job=name)
            with self._lock:
                self._errors[name] = f"{name}: {error}"
            return False
        with self._lock:
            self._succeeded[name] = self._clock()
            self._errors.pop(name, None)
        return True

    def last_success(self, name: str) -> datetime | None:
        """Return when the call of this name last ended well."""
        return self._succeeded.get(name)

    def last_error(self) -> str | None:
        """Return the newest failure that no later success of the same name has cleared."""
        with self._lock:
            return next(reversed(self._errors.values()), None)
