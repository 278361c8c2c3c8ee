"""The gateway as tests open it: to the Google on this machine, on a clock that waiting moves."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from google_world import Google

from core.google.client import Hosts
from core.google.door import GoogleDoor

ROBOT = "robot@slotwise.iam.gserviceaccount.com"
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


@dataclass
class Watch:
    """A clock that stands still but for pauses, which it notes."""

    seconds: float = 0.0
    pauses: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds)

    def stopwatch(self) -> float:
        return self.seconds

    def pause(self, seconds: float) -> bool:
        self.pauses.append(seconds)
        self.seconds += seconds
        return False


class Always(Random):
    """Draws the same number every time."""

    def __init__(self, drawn: float) -> None:
        super().__init__()
        self.drawn = drawn

    def random(self) -> float:
        return self.drawn


def door_to(google: Google, watch: Watch, drawn: float = 0.25, timeouts: tuple[float, float] = (5, 60)) -> GoogleDoor:
    """Give a door to the Google on this machine that waits on the watch."""
    hosts = Hosts(f"{google.url}/token", google.url, google.url)
    return GoogleDoor(hosts, watch.now, Always(drawn), stopwatch=watch.stopwatch, pause=watch.pause, timeouts=timeouts)
