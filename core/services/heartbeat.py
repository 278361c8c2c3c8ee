"""The engines' signs of life, and what they mean for whoever waits for an item to go out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func
from sqlmodel import col, select

from core.services.context import Context
from core.storage.doors import Database
from core.storage.tables import ContentScheduleItem, EngineHeartbeat
from core.vocabulary import ItemState

LATE_AFTER = timedelta(seconds=30)
"""An engine looks every second and says so every few; silence this long means that it hangs or is overloaded."""

GONE_AFTER = timedelta(minutes=2)
"""After this silence the engine is taken for dead, although it never said that it stopped."""

OVERDUE_AFTER = timedelta(minutes=1)
"""An item that is due longer than its minute is overdue."""


class EngineState(StrEnum):
    """Whether items go out at present."""

    RUNNING = "running"
    LATE = "late"
    STOPPED = "stopped"
    NEVER = "never"


@dataclass(frozen=True)
class Pulse:
    """What one engine says about itself; `last_tick` is when it last looked for due items to the end."""

    worker: str
    started_at: datetime
    last_tick: datetime
    stopped_at: datetime | None = None
    last_error: str | None = None


@dataclass(frozen=True)
class EngineStatus:
    """What the engine pill shows; `lag` is the time since the last tick, the counts are this workspace's items."""

    state: EngineState
    last_tick: datetime | None
    lag: timedelta | None
    due_next_hour: int
    overdue: int
    last_error: str | None
    sentence: str


def beat(db: Database, pulse: Pulse) -> None:
    """Note a sign of life; it belongs to no workspace and moves no revision."""
    with db.system() as session:
        session.merge(EngineHeartbeat(**vars(pulse)))


def engine_status(ctx: Context) -> EngineStatus:
    """Return how the liveliest engine of this installation is and what it has to do for this workspace."""
    now = ctx.now()
    with ctx.db.system(writable=False) as session:
        row = session.scalars(_LIVELIEST).first()
    soon, overdue = _counts(ctx, now)
    if row is None:
        return EngineStatus(EngineState.NEVER, None, None, soon, overdue, None, f"Never started · {_waiting(soon)}")
    lag = max(now - row.last_tick, timedelta(0))
    state = _state(row, lag, overdue)
    sentence = _sentence(state, lag, soon, overdue, row.last_error)
    return EngineStatus(state, row.last_tick, lag, soon, overdue, row.last_error, sentence)


@dataclass(frozen=True)
class InstallationStatus:
    """How publishing goes in the whole installation: no workspace is told apart.

    `queue` counts the items that are due and not taken up yet.
    """

    state: EngineState
    last_tick: datetime | None
    lag: timedelta | None
    queue: int


def installation_status(db: Database, now: datetime) -> InstallationStatus:
    """Return how the liveliest engine is and what waits for it (DatabaseUnavailable)."""
    due = col(ContentScheduleItem.due_at)
    waiting = select(func.count(), func.count().filter(due <= now - OVERDUE_AFTER)).where(
        ContentScheduleItem.state == ItemState.SCHEDULED, due <= now
    )
    with db.system(writable=False) as session:
        row = session.scalars(_LIVELIEST).first()
        queue, overdue = session.execute(waiting).one()
    if row is None:
        return InstallationStatus(EngineState.NEVER, None, None, queue)
    lag = max(now - row.last_tick, timedelta(0))
    return InstallationStatus(_state(row, lag, overdue), row.last_tick, lag, queue)


_LIVELIEST = select(EngineHeartbeat).order_by(
    col(EngineHeartbeat.stopped_at).is_not(None), col(EngineHeartbeat.last_tick).desc()
)


def _state(row: EngineHeartbeat, lag: timedelta, overdue: int) -> EngineState:
    if row.stopped_at is not None or lag > GONE_AFTER:
        return EngineState.STOPPED
    return EngineState.LATE if lag > LATE_AFTER or overdue else EngineState.RUNNING


def _counts(ctx: Context, now: datetime) -> tuple[int, int]:
    """Count the items due within the hour (those due already included) and those overdue."""
    due = col(ContentScheduleItem.due_at)
    counts = select(func.count(), func.count().filter(due <= now - OVERDUE_AFTER)).where(
        ContentScheduleItem.state == ItemState.SCHEDULED, due <= now + timedelta(hours=1)
    )
    with ctx.read() as session:
        soon, overdue = session.execute(counts).one()
    return soon, overdue


def _sentence(state: EngineState, lag: timedelta, soon: int, overdue: int, error: str | None) -> str:
    """Say it as the pill does: `Running · 3 due in the next hour · last tick 1 s ago`."""
    parts = [state.value.capitalize(), _waiting(soon)]
    if overdue:
        parts.append(f"{overdue} overdue")
    parts.append(f"last tick {_ago(lag)} ago")
    if error and state is not EngineState.RUNNING:
        parts.append(error)
    return " · ".join(parts)


def _waiting(soon: int) -> str:
    return f"{soon} due in the next hour"


def _ago(lag: timedelta) -> str:
    for unit, seconds in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if lag.total_seconds() >= seconds:
            return f"{int(lag.total_seconds() // seconds)} {unit}"
    return f"{int(lag.total_seconds())} s"
