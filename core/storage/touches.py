"""Which watched rows a transaction has changed, and the state each had before it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import PassiveFlag, Session, SessionTransaction
from sqlalchemy.orm.attributes import get_history

from core.storage.tables import BulkJob, ContentCalendar, ContentScheduleItem, JobRun

WATCHED = (ContentScheduleItem, ContentCalendar, JobRun, BulkJob)
"""Tables whose every change is an event; only rows of the unit of work and `change_told` may change them."""

Key = tuple[type[Any], str]


@dataclass(frozen=True)
class Touch:
    """A change of one row; `was` is its state before (None: it is new, or nobody had read it)."""

    was: str | None = None
    is_new: bool = False
    gone: Mapping[str, str] | None = None
    """What is told of a row that is removed."""


class Touches:
    """The rows one transaction has changed so far, in the order in which they were changed first."""

    def __init__(self) -> None:
        self._rows: dict[Key, Touch] = {}
        self._marks: dict[SessionTransaction, dict[Key, Touch]] = {}

    def __bool__(self) -> bool:
        """Tell whether there is anything to be told."""
        return bool(self._rows)

    def note(self, table: type[Any], key: str, touch: Touch) -> None:
        """Remember a change; of a row's state before the transaction only the first note knows."""
        first = self._rows.get((table, key), touch)
        if touch.gone is not None and first.is_new:
            del self._rows[table, key]
            return
        self._rows[table, key] = replace(first, gone=touch.gone)

    def note_flush(self, session: Session) -> None:
        """Remember what a flush is about to write."""
        for row in session.new:
            if isinstance(row, WATCHED):
                self.note(type(row), row.id, Touch(is_new=True))
        for row in session.dirty:
            if isinstance(row, WATCHED) and session.is_modified(row):
                self.note(type(row), row.id, Touch(_state_before(row)))
        for row in session.deleted:
            if isinstance(row, ContentScheduleItem):
                self.note(type(row), row.id, Touch(row.state, gone={"calendar_id": row.calendar_id}))

    def mark(self, savepoint: SessionTransaction) -> None:
        """Remember what was changed before a savepoint."""
        self._marks[savepoint] = dict(self._rows)

    def go_back(self, savepoint: SessionTransaction) -> None:
        """Forget what was changed since a savepoint: it is rolled back."""
        self._rows = self._marks.pop(savepoint, self._rows)

    def take(self) -> dict[Key, Touch]:
        """Return everything and begin anew."""
        taken, self._rows = self._rows, {}
        return taken


def _state_before(row: Any) -> str:
    former = get_history(row, "state", PassiveFlag.PASSIVE_NO_INITIALIZE).deleted
    return str(former[0] if former else row.state)
