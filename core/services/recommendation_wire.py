"""The shape in which recommendations leave Slotwise, for scripts and the API alike."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from core.services.recommendations import RecommendationView
from core.services.research_advice import is_research


@dataclass(frozen=True)
class IntervalWire:
    """Bounds of the expected lift and the probability with which they hold it."""

    low: float
    high: float
    level: float


@dataclass(frozen=True)
class RecommendationWire:
    """One recommended slot; moments in RFC 3339, UTC, with the channel's zone beside them.

    `channel_id` is null where the advice comes from a file or from research alone, `content_format` where it is for
    every format. `expected_lift` 0.1 is 10 % over the channel's average; `reason` is `reasons` joined.
    """

    id: str
    platform: str
    channel_id: str | None
    content_format: str | None
    window_start: str
    window_end: str
    recommended_time: str
    timezone: str
    score: float
    confidence_score: float
    expected_lift: float
    interval: IntervalWire
    sample_size: int
    basis: str
    reasons: tuple[str, ...]
    reason: str


def on_the_wire(views: Iterable[RecommendationView]) -> tuple[RecommendationWire, ...]:
    """Return recommendations as they are sent: best score first, ties by time and channel."""
    ordered = sorted(views, key=lambda view: (-view.score, view.window_start, view.channel_id))
    return tuple(map(_wire, ordered))


def _wire(view: RecommendationView) -> RecommendationWire:
    return RecommendationWire(
        id=view.id,
        platform=view.platform,
        channel_id=None if is_research(view.channel_id) else view.channel_id or None,
        content_format=view.content_format,
        window_start=_moment(view.window_start),
        window_end=_moment(view.window_end),
        recommended_time=_moment(view.window_start),
        timezone=view.timezone,
        score=view.score,
        confidence_score=view.confidence,
        expected_lift=view.expected_lift,
        interval=IntervalWire(view.low, view.high, view.level),
        sample_size=view.sample_size,
        basis=view.basis,
        reasons=view.reasons,
        reason=" ".join(view.reasons),
    )


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
