"""After a restore nobody is told of the past a second time, and no event gets the number of a lost one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from planned_posts import TUESDAY, StandingClock, post
from sqlalchemy import text
from webhook_stage import Receiver, courier_of, endpoint, running_receiver, tell_all

from core.bootstrap import Slotwise, assemble
from core.services.backup import back_up
from core.services.calendars import schedule_item
from core.services.channels import ChannelView
from core.services.context import Context
from core.services.events import is_known, newest_event_id
from core.services.moves import cancel_item, move_item
from core.services.restore import restore
from core.services.restored_events import LEAP
from core.services.webhook_deliveries import find_delivery, list_deliveries, replay_delivery
from core.services.webhooks import ping_endpoint
from core.vocabulary import DeliveryState


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver() as running:
        yield running


@pytest.fixture
def migrated_after(house_url: str, request: pytest.FixtureRequest) -> Iterator[None]:
    """Leave the shared PostgreSQL database as the other tests expect it."""
    yield
    if house_url.startswith("postgresql"):
        with request.getfixturevalue("migrated").system() as session:
            session.execute(text("TRUNCATE workspaces CASCADE"))


@pytest.mark.usefixtures("migrated_after")
def test_a_restored_installation_tells_nobody_of_the_past(
    house: Slotwise, ctx: Context, linkedin: ChannelView, receiver: Receiver, clock: StandingClock, tmp_path: Path
) -> None:
    item = schedule_item(ctx, post(linkedin, TUESDAY))
    made = endpoint(ctx, receiver, "item_updated", "item.canceled")
    waiting = ping_endpoint(ctx, made.id)
    move_item(ctx, item.id, TUESDAY.replace(hour=18))
    known = newest_event_id(ctx)
    archive = tmp_path / "backup.zip"
    back_up(house.settings, archive, clock())
    move_item(ctx, item.id, TUESDAY.replace(hour=20))  # lost by the restore
    lost = newest_event_id(ctx)
    house.close()
    restore(house.settings, archive, clock(), replace=True)
    again = assemble(house.settings, clock)
    restored = again.context(ctx.workspace)
    assert is_known(restored, known)
    tell_all(courier_of(again))
    assert receiver.calls == 0
    held = find_delivery(restored, waiting.id).delivery
    assert held.state is DeliveryState.FAILED
    assert "may have been delivered since" in (held.last_error or "")
    cancel_item(restored, item.id)
    assert newest_event_id(restored) >= known + LEAP > lost
    assert not is_known(restored, lost)
    tell_all(courier_of(again))
    assert [body["type"] for body in receiver.visible.values()] == ["item.canceled"]
    replay_delivery(restored, waiting.id)
    tell_all(courier_of(again))
    assert receiver.ids[-1] == waiting.id
    assert {each.state for each in list_deliveries(restored).deliveries} == {DeliveryState.DELIVERED}
    again.close()
