"""An item as JSON, the same in an outbox file and in a webhook's body."""

from datetime import datetime

from core.calendar.zones import in_utc
from core.publishing.contract import JsonValue, Post

EVENT = "item.due"


def payload(post: Post, now: datetime) -> dict[str, JsonValue]:
    """Return `{type, timestamp, data}` as Standard Webhooks asks; times are ISO 8601 in UTC."""
    data: dict[str, JsonValue] = {
        "item_id": post.item_id,
        "delivery_id": post.delivery_id,
        "workspace_id": post.workspace_id,
        "channel_id": post.channel_id,
        "platform": post.platform,
        "content_format": post.content_format.value,
        "title": post.title,
        "text": post.text,
        "media": [dict(medium) for medium in post.media],
        "metadata": dict(post.metadata),
        "scheduled_at": in_utc(post.scheduled_at),
    }
    return {"type": EVENT, "timestamp": in_utc(now), "data": data}
