"""Who calls, and what they may do."""

from dataclasses import dataclass

from core.errors import InsufficientScope
from core.storage.ids import IdPrefix, new_id
from core.vocabulary import Scope


def new_request_id() -> str:
    """Return the name under which a request stands in logs and answers."""
    return new_id(IdPrefix.REQUEST)


@dataclass(frozen=True)
class Caller:
    """Somebody who was let in: their workspace, the name changes are recorded under, and what they may do."""

    workspace: str
    actor: str
    scopes: frozenset[Scope]
    key_id: str | None = None

    def require(self, scope: Scope) -> None:
        """Raise InsufficientScope unless the caller may do this."""
        if scope not in self.scopes:
            raise InsufficientScope(scope=scope, fix="Use a key that has it.")
