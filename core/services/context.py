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

    @contextmanager
    def read(self) -> Iterator[ScopedSession]:
        """Open the reading door of this workspace."""
        with self.db.read(self.workspace) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[ScopedSession]:
        """Open the writing door of this workspace."""
        with self.db.write(self.workspace) as session:
            yield session

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        return self.clock()

    def within(self, workspace: str) -> "Context":
        """Return the same actor's context in another workspace."""
        return replace(self, workspace=workspace)
