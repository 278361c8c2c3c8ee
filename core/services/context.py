"""What every use case is told: where to store, whose workspace, who acts, and what time it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from core.clock import Clock
from core.services.reference import Reference
from core.services.vault import Vault
from core.storage.doors import Database
from core.storage.tenancy import ScopedSession


@dataclass(frozen=True)
class Context:
    """One actor in one workspace; made by the composition root, passed to every service function."""

    db: Database
    workspace: str
    actor: str
    clock: Clock
    reference: Reference
    uploads: Path
    """The folder where files wait for the engine to import them."""
    vault: Vault
    allow_private: bool = False
    """Whether webhooks may go to private addresses and without TLS."""
    transaction: ScopedSession | None = None
    """The write that is under way, where several use cases have to happen together or not at all."""

    @contextmanager
    def read(self) -> Iterator[ScopedSession]:
        """Open the reading door of this workspace, or look through the transaction that is under way."""
        if self.transaction is not None:
            yield self.transaction
            return
        with self.db.read(self.workspace) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[ScopedSession]:
        """Open the writing door of this workspace, or go on in the transaction that is under way."""
        if self.transaction is not None:
            yield self.transaction
            return
        with self.db.write(self.workspace) as session:
            yield session

    @contextmanager
    def together(self) -> Iterator["Context"]:
        """Give a context whose use cases all write in one transaction, kept as a whole or not at all."""
        with self.write() as session:
            yield replace(self, transaction=session)

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        return self.clock()

    def within(self, workspace: str) -> "Context":
        """Return the same actor's context in another workspace, outside any transaction."""
        return replace(self, workspace=workspace, transaction=None)
