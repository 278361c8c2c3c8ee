"""What the tests of dashboard and calendar plan and look at."""

from datetime import UTC, datetime, timedelta

from core.services.calendars import schedule_item
from core.services.channels import ChannelDraft, ChannelView, add_channel
from core.services.context import Context
from core.services.item_views import ItemView
from core.services.new_items import NewItem
from core.storage.tables import ContentScheduleItem
from core.vocabulary import ChannelKind, ItemState


def a_channel(ctx: Context, name: str = "Page", platform: str = "linkedin", zone: str = "Europe/Berlin") -> ChannelView:
    return add_channel(ctx, ChannelDraft(platform, name, ChannelKind.OUTBOX, zone, max_per_day=None))


def in_days(days: float, hour: int = 12) -> datetime:
    """Return an hour (UTC) of the day that many days ahead."""
    return datetime.now(UTC).replace(hour=hour, minute=0, second=0, microsecond=0) + timedelta(days=days)


def a_post(ctx: Context, channel: ChannelView, title: str = "Hello", days: float = 1) -> ItemView:
    return schedule_item(ctx, NewItem(channel.id, in_days(days), title, f"Text of {title}"))


def put_in_state(
    ctx: Context, item: ItemView, state: ItemState, error: str | None = None, late: timedelta | None = None
) -> None:
    """Let an item be where only the engine and two hours can bring it."""
    with ctx.write() as session:
        row = session.get_one(ContentScheduleItem, item.id)
        row.scheduled_at = row.due_at = datetime.now(UTC) - timedelta(hours=2)
        row.state, row.error = state, error
        row.published_at = None if late is None else row.scheduled_at + late
