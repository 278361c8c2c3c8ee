"""Who delivers events: the doors, the sender and the name one engine works with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random

from core.clock import Clock
from core.publishing.sending import Sender
from core.services.vault import Vault
from core.storage.doors import Database

LEASE = timedelta(minutes=5)
"""How long a delivery that was taken is left to whoever took it: longer than any sending may last."""


class DeliveryPoint(StrEnum):
    """The moments of a delivery's way at which a process can die with a different meaning."""

    FANNING_OUT = "fanning_out"
    FANNED_OUT = "fanned_out"
    TAKEN = "taken"
    SENT = "sent"
    SETTLING = "settling"
    SETTLED = "settled"


def nothing(point: DeliveryPoint) -> None:
    """Pass every point without stopping, as every courier outside tests does."""


@dataclass(frozen=True)
class Courier:
    """One sender of events, shared by the threads of one engine; `rng` draws the jitter of retries."""

    name: str
    db: Database
    clock: Clock
    vault: Vault
    sender: Sender
    rng: Random
    at: Callable[[DeliveryPoint], None] = nothing

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        return self.clock()
