"""When keys were last used: noted at most once a minute for each, beside the call, never in its way."""

from datetime import datetime, timedelta
from threading import Lock

import structlog
from sqlalchemy.exc import OperationalError
from sqlmodel import col, or_, update

from core.errors import DatabaseUnavailable
from core.storage.doors import Database
from core.storage.tables import ApiKey

NOTED_EVERY = timedelta(minutes=1)

_log = structlog.get_logger(__name__)


class KeyUses:
    """One per process. `note` may wait for a writer of the database: call it in a thread, after the answer is sent."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._noted: dict[str, datetime] = {}
        self._lock = Lock()

    def note(self, key_id: str, now: datetime) -> None:
        """Note that a key was used; no revision moves, and a database that cannot be written to is only logged."""
        if self.is_due(key_id, now):
            self.write(key_id, now)

    def write(self, key_id: str, now: datetime) -> None:
        """Write down what `is_due` said is due."""
        stale = or_(col(ApiKey.last_used_at).is_(None), col(ApiKey.last_used_at) <= now - NOTED_EVERY)
        noting = update(ApiKey).where(col(ApiKey.id) == key_id, stale).values(last_used_at=now)
        try:
            with self._db.system() as session:
                session.execute(noting)
        except (DatabaseUnavailable, OperationalError) as error:
            _log.warning("key_use_not_noted", key=key_id, error=str(error))

    def is_due(self, key_id: str, now: datetime) -> bool:
        """Say whether a use has to be written down, which the caller then does; at most once a minute for each key."""
        with self._lock:
            last = self._noted.get(key_id)
            if last is not None and last > now - NOTED_EVERY:
                return False
            self._noted[key_id] = now
            return True
