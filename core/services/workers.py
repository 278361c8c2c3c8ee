"""Who publishes: one worker with its doors, its ways out and the name it claims items under."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random

from core.clock import Clock
from core.publishing.contract import Publisher
from core.services.vault import Vault
from core.storage.doors import Database
from core.vocabulary import ChannelKind

LEASE = timedelta(minutes=5)
"""How long a claim holds, and how long again once it is armed: far longer than any single call may take."""


class LedgerPoint(StrEnum):
    """The moments of an item's way at which a process can die with a different meaning."""

    CLAIMING = "claiming"
    CLAIMED = "claimed"
    PREPARED = "prepared"
    CHECKED = "checked"
    ARMING = "arming"
    ARMED = "armed"
    FIRED = "fired"
    RECORDING = "recording"
    RECORDED = "recorded"
    RECOVERING = "recovering"
    LOOKED_UP = "looked_up"


At = Callable[[LedgerPoint], None]


def nothing(point: LedgerPoint) -> None:
    """Pass every point without stopping, as every worker outside tests does."""


@dataclass(frozen=True)
class Worker:
    """One publisher of items, shared by the threads of one engine.

    `rng` draws the jitter of retries; `at` is told every point of an item's way (the -ING points lie before a commit);
    `pause` waits a number of seconds before a refused write is tried again; `is_gone` knows engines that died on this
    machine.
    """

    name: str
    db: Database
    clock: Clock
    publishers: Mapping[ChannelKind, Publisher]
    rng: Random
    vault: Vault
    lease: timedelta = LEASE
    at: At = nothing
    pause: Callable[[float], object] = time.sleep
    is_gone: Callable[[str], bool] = lambda _: False

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        return self.clock()
