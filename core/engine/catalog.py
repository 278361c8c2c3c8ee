"""Every background job: what it does and how often."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from core.engine.bulk_crew import BulkCrew
from core.engine.couriers import CourierCrew
from core.engine.crew import PublishingCrew
from core.engine.runner import Runner
from core.engine.sheet_crew import SheetCrew
from core.services.heartbeat import Pulse, beat
from core.services.import_queue import import_queued
from core.services.plan_runs import optimize_queued
from core.services.pruning import prune
from core.services.publishing import publish_due
from core.services.recovery import recover
from core.services.run_queue import RunTaker
from core.services.slot_passing import skip_passed
from core.services.webhook_fanout import fan_out
from core.services.webhook_sending import send_due
from core.services.workers import Worker
from core.settings import Settings

PUBLISH, RECOVER, HEARTBEAT, IMPORT, PLAN, PRUNE = "publish", "recover", "heartbeat", "import", "plan", "prune"
SLOTS, WEBHOOKS, BULK, SHEETS = "slots", "webhooks", "bulk", "sheets"


@dataclass(frozen=True)
class Duty:
    """What the jobs of one engine work with."""

    worker: Worker
    crew: PublishingCrew
    couriers: CourierCrew
    bulk: BulkCrew
    sheets: SheetCrew
    runner: Runner
    taker: RunTaker
    started_at: datetime

    def pulse(self, stopped_at: datetime | None = None) -> Pulse:
        """Return this engine's sign of life at the present moment."""
        last_tick = self.runner.last_success(PUBLISH) or self.started_at
        return Pulse(self.worker.name, self.started_at, last_tick, stopped_at, self.runner.last_error())


@dataclass(frozen=True)
class Job:
    """One service call and the seconds between two of its runs."""

    run: Callable[[Duty], None]
    seconds: Callable[[Settings], float]


def tell_webhooks(couriers: CourierCrew) -> None:
    """Make deliveries of what happened, then send those that are due."""
    fan_out(couriers.courier, couriers.attempt)
    send_due(couriers.courier, couriers)


JOBS: dict[str, Job] = {
    PUBLISH: Job(lambda duty: publish_due(duty.worker, duty.crew), lambda settings: settings.engine_tick_seconds),
    RECOVER: Job(lambda duty: recover(duty.worker, duty.crew.attempt), lambda _: 5),
    HEARTBEAT: Job(lambda duty: beat(duty.worker.db, duty.pulse()), lambda _: 5),
    IMPORT: Job(lambda duty: import_queued(duty.taker), lambda _: 1),
    PLAN: Job(lambda duty: optimize_queued(duty.taker), lambda _: 1),
    SLOTS: Job(lambda duty: skip_passed(duty.worker, duty.crew.attempt), lambda _: 60),
    WEBHOOKS: Job(lambda duty: tell_webhooks(duty.couriers), lambda _: 1),
    BULK: Job(lambda duty: duty.bulk.wake(), lambda settings: min(settings.engine_tick_seconds, 1)),
    SHEETS: Job(lambda duty: duty.sheets.wake(), lambda _: 2),
    PRUNE: Job(lambda duty: prune(duty.worker.db, duty.worker.now()), lambda _: 3600),
}
