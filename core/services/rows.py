"""Finding the one row a request names, and refusing an edit of a version that is no longer there."""

from typing import Protocol, TypeVar

from sqlmodel import SQLModel

from core.errors import NotFound, StaleEdit
from core.storage.tenancy import ScopedSession

Row = TypeVar("Row", bound=SQLModel)


class Versioned(Protocol):
    """A row that counts its edits."""

    version: int


def find(session: ScopedSession, table: type[Row], key: str, kind: str) -> Row:
    """Return the row with this id; NotFound also for a row of another workspace."""
    row = session.get(table, key)
    if row is None:
        raise NotFound(kind=kind, id=key)
    return row


def check_version(row: Versioned, expected: int | None, kind: str) -> None:
    """Refuse an edit made on an older version (StaleEdit); None means the editor did not look."""
    if expected is not None and row.version != expected:
        raise StaleEdit(kind=kind, expected=expected, actual=row.version)
