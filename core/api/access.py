"""What a route gets to work with: the context of the caller, once the scope it needs is checked."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends
from fastapi.requests import HTTPConnection

from core.api.gate import CALLER, HOUSE
from core.api.parameters import refuse_unknown
from core.bootstrap import Slotwise
from core.services.access import Caller
from core.services.context import Context
from core.vocabulary import Scope


@dataclass(frozen=True)
class Access:
    """A caller that was let in, and the installation."""

    caller: Caller
    house: Slotwise

    @property
    def ctx(self) -> Context:
        """The context in which the caller's use cases run."""
        return self.house.context(self.caller.workspace, self.caller.actor)


NEEDED = "needed_scope"
"""Under this name a dependency keeps the scope it asks for, so that the documents can tell it."""


def needs(scope: Scope) -> Any:
    """Return the dependency that hands a route its Access, or refuses with InsufficientScope."""

    async def granted(connection: HTTPConnection) -> Access:
        caller: Caller = connection.scope[CALLER]
        caller.require(scope)
        refuse_unknown(connection)
        return Access(caller, connection.scope[HOUSE])

    setattr(granted, NEEDED, scope)
    return Depends(granted)


SchedulingReader = Annotated[Access, needs(Scope.SCHEDULING_READ)]
SchedulingWriter = Annotated[Access, needs(Scope.SCHEDULING_WRITE)]
AnalyticsReader = Annotated[Access, needs(Scope.ANALYTICS_READ)]
AnalyticsWriter = Annotated[Access, needs(Scope.ANALYTICS_WRITE)]
ChannelsReader = Annotated[Access, needs(Scope.CHANNELS_READ)]
ChannelsWriter = Annotated[Access, needs(Scope.CHANNELS_WRITE)]
WebhooksReader = Annotated[Access, needs(Scope.WEBHOOKS_READ)]
WebhooksWriter = Annotated[Access, needs(Scope.WEBHOOKS_WRITE)]
BulkReader = Annotated[Access, needs(Scope.BULK_READ)]
BulkWriter = Annotated[Access, needs(Scope.BULK_WRITE)]
SheetsReader = Annotated[Access, needs(Scope.SHEETS_READ)]
SheetsWriter = Annotated[Access, needs(Scope.SHEETS_WRITE)]
AdminReader = Annotated[Access, needs(Scope.ADMIN_READ)]
AdminWriter = Annotated[Access, needs(Scope.ADMIN_WRITE)]
