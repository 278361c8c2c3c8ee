"""Health on the wire: whether this installation can do its work, and nothing of anybody's."""

from typing import Literal

from core.api.wire import Moment, Shape


class EngineShape(Shape):
    """The liveliest engine; `lag_s` are the seconds since it last looked, `queue` the items that are due and wait."""

    state: Literal["running", "late", "stopped", "never", "unknown"]
    last_tick: Moment | None
    lag_s: float | None
    queue: int | None


class HealthShape(Shape):
    """`healthy` while the database answers and an engine is at work; a late one still publishes."""

    status: Literal["healthy", "degraded"]
    timestamp: Moment
    version: str
    scheduling_service: Literal["available", "unavailable"]
    database: Literal["available", "unavailable"]
    engine: EngineShape
