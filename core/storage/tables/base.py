"""What every row of a workspace has in common."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKeyConstraint, Integer, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.storage.types import WordOf

SERIAL = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself only in an INTEGER column."""


class WorkspaceRow(SQLModel):
    """A row that belongs to one workspace; the write door stamps `workspace_id`."""

    workspace_id: str = Field(default="", foreign_key="workspaces.id")


def own(table: str, key: str = "id") -> UniqueConstraint:
    """Let other rows of the same workspace refer to this table by (workspace_id, key)."""
    return UniqueConstraint("workspace_id", key, name=f"uq_{table}_own")


def same_workspace(table: str, references: Iterable[tuple[str, str]]) -> tuple[Any, ...]:
    """Return foreign keys that only reach rows of the same workspace.

    A plain foreign key is checked past row-level security and would accept another workspace's id.
    """
    return tuple(
        ForeignKeyConstraint(
            ["workspace_id", column],
            [f"{target}.workspace_id", f"{target}.id"],
            name=f"fk_{table}_{column}",
        )
        for column, target in references
    )


def word(words: type[StrEnum], **field: Any) -> Any:
    """Return a column that holds one of the words."""
    return Field(sa_type=WordOf(words), **field)


def serial_key() -> Any:
    """Return a primary key that the database numbers."""
    return Field(default=None, primary_key=True, sa_type=SERIAL)
