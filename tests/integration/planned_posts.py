"""Made-up posts, the channel they go to, and a clock that stands still until a test moves it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from core.services.channels import ChannelDraft, ChannelView
from core.services.context import Context
from core.services.new_items import NewItem
from core.storage.tables import ContentScheduleItem
from core.vocabulary import ChannelKind, ItemState

MONDAY_NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TUESDAY = MONDAY_NOON + timedelta(days=1)


@dataclass
class StandingClock:
    """Shows the same moment until it is moved."""

    moment: datetime = field(default=MONDAY_NOON)

    def __call__(self) -> datetime:
        return self.moment

    def move(self, by: timedelta) -> None:
        """Let time pass."""
        self.moment += by


def linkedin_draft() -> ChannelDraft:
    """Give a LinkedIn outbox in Berlin, two hours between posts, at most three a day."""
    return ChannelDraft("linkedin", "Our page", ChannelKind.OUTBOX, "Europe/Berlin")


def post(channel: ChannelView, when: datetime, title: str = "Spring is here") -> NewItem:
    """Give a text post that every platform for texts takes."""
    return NewItem(channel.id, when, title, f"{title}: come and see.")


def put_in_state(ctx: Context, item_id: str, state: ItemState, **columns: Any) -> None:
    """Let an item be in a state that only publishing brings about."""
    with ctx.write() as session:
        row = session.get_one(ContentScheduleItem, item_id)
        row.sqlmodel_update({"state": state, **columns})
