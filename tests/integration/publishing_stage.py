"""What tests of publishing share: items in a calendar, workers of either kind, a crew without threads."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sqlmodel import col, select

from core.bootstrap import Slotwise
from core.engine.runner import Runner
from core.publishing.contract import Publisher
from core.publishing.recorder import Recorder
from core.services.attempts import Attempts
from core.services.claims import Claim
from core.services.publishing import publish_due, publish_item
from core.services.recovery import recover
from core.services.workers import At, LedgerPoint, Worker, nothing
from core.storage.doors import Database
from core.storage.tables import (
    Channel,
    Content,
    ContentCalendar,
    ContentScheduleItem,
    PublishAttempt,
    Revision,
    ScheduleAssignment,
)
from core.vocabulary import ChannelKind, ContentFormat, ItemState

sys.path.append(str(Path(__file__).resolve().parents[1] / "contract"))  # for `receivers`

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class InLine:
    """A crew without threads: each claimed item is published before the next is looked at."""

    def __init__(self, worker: Worker, batch: int = 50, runner: Runner | None = None) -> None:
        self.worker, self.batch = worker, batch
        self.runner = runner or Runner(worker.clock)

    def room(self) -> int:
        return self.batch

    def take_on(self, claims: Sequence[Claim]) -> None:
        for claim in claims:
            publish_item(self.worker, claim, Attempts(self.worker))

    def attempt(self, name: str, subject: str, call: Callable[[], object]) -> bool:
        return self.runner.run(name, call, subject)


def run(worker: Worker) -> None:
    """Let one worker do everything there is to do now; a failure fails the test."""
    crew = InLine(worker)
    recover(worker, crew.attempt)
    publish_due(worker, crew)
    assert crew.runner.last_error() is None


def worker_of(house: Slotwise, publisher: Publisher | None = None, at: At = nothing, name: str = "worker_1") -> Worker:
    """Give a worker whose channels all lead to one publisher, and that never waits."""
    publishers: Mapping[ChannelKind, Publisher] = dict.fromkeys(ChannelKind, publisher or Recorder())
    return Worker(name, house.db, house.clock, publishers, Random(1), house.vault, at=at, pause=nothing_happens)


def nothing_happens(seconds: float) -> None:
    """Wait no time at all."""


def add_items(
    db: Database,
    workspace: str,
    times: Iterable[datetime],
    kind: ChannelKind = ChannelKind.OUTBOX,
    name: str = "first",
    url: str = "",
    **item: Any,
) -> list[str]:
    """Add a channel, a calendar and one scheduled item for each time; give the items' ids."""
    made = {"workspace_id": workspace, "created_at": NOON}
    edited = {**made, "updated_at": NOON}
    rows = [
        ContentScheduleItem(
            id=f"item_{name}_{number}", calendar_id=f"cal_{name}", content_id=f"cont_{name}", channel_id=f"chan_{name}",
            scheduled_at=when, due_at=when, state=ItemState.SCHEDULED, **edited, **item,
        )
        for number, when in enumerate(times)
    ]  # fmt: skip
    with db.write(workspace) as session:
        session.add(
            Channel(
                id=f"chan_{name}", platform="linkedin", name=name, kind=kind, timezone="UTC",
                settings={"url": url} if url else {}, secret=SECRET, **made,
            )
        )  # fmt: skip
        session.add(ContentCalendar(id=f"cal_{name}", title=name, timezone="UTC", **edited))
        session.add(
            Content(id=f"cont_{name}", title="Spring", text="It is here.", content_format=ContentFormat.TEXT, **edited)
        )
        session.flush()
        session.add_all(rows)
    return [row.id for row in rows]


@dataclass
class Told:
    """What the database says about one item."""

    item: ContentScheduleItem
    steps: list[str]
    details: list[Mapping[str, Any]]
    claims: int


def tell(db: Database, workspace: str, item_id: str) -> Told:
    """Read an item with its ledger and its claims."""
    lines = select(PublishAttempt).where(PublishAttempt.item_id == item_id).order_by(col(PublishAttempt.pk))
    with db.read(workspace) as session:
        item = session.get_one(ContentScheduleItem, item_id)
        found = session.scalars(lines).all()
        claims = session.scalars(select(ScheduleAssignment).where(ScheduleAssignment.item_id == item_id)).all()
    return Told(item, [line.step.value for line in found], [line.detail for line in found], len(claims))


def revision(db: Database, workspace: str) -> int:
    """Read how many writes a workspace has seen."""
    with db.read(workspace) as session:
        return session.scalars(select(Revision.value)).one()


class Dies(BaseException):
    """Stands for a process that ends at once: nothing catches it."""


@dataclass
class DiesAt:
    """Ends the way of an item at a point, the first time it is reached."""

    point: LedgerPoint
    reached: list[LedgerPoint] = field(default_factory=list)

    def __call__(self, point: LedgerPoint) -> None:
        self.reached.append(point)
        if point is self.point and self.reached.count(point) == 1:
            raise Dies


MINUTE = timedelta(minutes=1)
