"""From a body's items to what the services take: times read in their zone, every fault by its place."""

from collections.abc import Sequence
from datetime import UTC, datetime

from core.api.places import Faults, read_time
from core.api.shapes.items import ContentBody, NewItemBody
from core.services.incoming import IncomingItem, Words

_NEVER = datetime.min.replace(tzinfo=UTC)


def incoming_items(
    bodies: Sequence[NewItemBody], zone: str, *, grace_ms: int | None = None, approval: bool = False
) -> tuple[IncomingItem, ...]:
    """Return the items a client sent; Invalid names every time that cannot be meant (`items[2].scheduled_time`)."""
    faults = Faults()
    times = [
        faults.take(lambda n=n, body=body: read_time(body.scheduled_time, zone, _place(n), body.fold), _NEVER)  # type: ignore[misc]
        for n, body in enumerate(bodies)
    ]
    faults.refuse()
    grace = None if grace_ms is None else -(-grace_ms // 1000)
    return tuple(_incoming(body, when, grace, approval) for body, when in zip(bodies, times, strict=True))


def _place(number: int) -> str:
    return f"items[{number}].scheduled_time"


def _incoming(body: NewItemBody, when: datetime, grace: int | None, approval: bool) -> IncomingItem:
    return IncomingItem(
        platform=body.platform,
        scheduled_at=when,
        content_id=body.content_id,
        words=None if body.content is None else _words(body.content),
        content_format=body.content_format,
        channel_id=body.channel_id,
        metadata=body.metadata or {},
        callbacks=body.callbacks or {},
        priority=body.priority,
        lateness_policy=body.lateness_policy,
        lateness_grace_seconds=grace,
        needs_approval=body.approval or approval,
    )


def _words(body: ContentBody) -> Words:
    return Words(body.title, body.text, body.content_format, tuple(body.tags), tuple(body.media))
