"""Reading what a workspace was told, in few words."""

from core.services.context import Context
from core.services.events import EventView, read_events


def told(ctx: Context, after: int = 0) -> list[EventView]:
    """Give every event after one."""
    found, last = [], after
    while page := read_events(ctx, last):
        found, last = [*found, *page], page[-1].id
    return found


def words(ctx: Context, after: int = 0) -> list[str]:
    """Give the events after one as `type: status`, in order."""
    return [f"{event.type}: {event.data.get('status', event.data.get('progress', ''))}" for event in told(ctx, after)]
