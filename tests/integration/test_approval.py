"""Approval: an item that somebody has to approve first never goes out before, and is rejected for good."""

from dataclasses import replace
from datetime import timedelta

import pytest
from planned_posts import TUESDAY, StandingClock, post

from core.errors import StateConflict, TimeInPast
from core.services.calendars import NewCalendar, cancel_calendar, create_calendar, find_calendar, schedule_item
from core.services.channels import ChannelView
from core.services.context import Context
from core.services.item_views import ItemView
from core.services.items import find_item
from core.services.moves import approve_item, cancel_item, publish_now, reject_item
from core.vocabulary import CalendarState, ItemState


@pytest.fixture
def item(ctx: Context, linkedin: ChannelView) -> ItemView:
    return schedule_item(ctx, replace(post(linkedin, TUESDAY), needs_approval=True))


def test_an_item_that_needs_approval_waits_for_it(ctx: Context, item: ItemView) -> None:
    assert item.state is ItemState.AWAITING_APPROVAL
    with pytest.raises(StateConflict, match="awaiting_approval"):
        publish_now(ctx, item.id)


def test_approved_it_goes_out_at_its_time(ctx: Context, item: ItemView) -> None:
    approved = approve_item(ctx, item.id, expected_version=item.version)
    assert (approved.state, approved.scheduled_at) == (ItemState.SCHEDULED, TUESDAY)
    assert [line.action for line in find_item(ctx, item.id).audit] == ["created", "approved"]


def test_an_approval_that_comes_too_late_has_to_name_another_time(
    ctx: Context, item: ItemView, clock: StandingClock
) -> None:
    clock.move(timedelta(days=2))
    with pytest.raises(TimeInPast):
        approve_item(ctx, item.id)
    later = TUESDAY + timedelta(days=3)
    assert approve_item(ctx, item.id, later).scheduled_at == later


def test_a_rejected_item_keeps_the_reason_and_stays_so(ctx: Context, item: ItemView) -> None:
    rejected = reject_item(ctx, item.id, "The price is wrong.")
    assert (rejected.state, rejected.error) == (ItemState.REJECTED, "The price is wrong.")
    for again in (approve_item, cancel_item, publish_now):
        with pytest.raises(StateConflict):
            again(ctx, item.id)


def test_only_what_waits_for_approval_is_approved_or_rejected(ctx: Context, linkedin: ChannelView) -> None:
    scheduled = schedule_item(ctx, post(linkedin, TUESDAY))
    for move in (approve_item, reject_item):
        with pytest.raises(StateConflict, match="scheduled"):
            move(ctx, scheduled.id)


def test_a_canceled_calendar_takes_what_waits_for_approval_with_it(ctx: Context, linkedin: ChannelView) -> None:
    waiting = replace(post(linkedin, TUESDAY), needs_approval=True)
    made = create_calendar(ctx, NewCalendar("Launch", "UTC", (waiting,)))
    assert cancel_calendar(ctx, made.calendar.id).state is CalendarState.CANCELED
    assert find_item(ctx, made.items[0].id).item.state is ItemState.CANCELED


def test_a_calendar_of_unapproved_items_has_not_begun(ctx: Context, item: ItemView) -> None:
    assert find_calendar(ctx, item.calendar_id).state is CalendarState.PENDING
    approve_item(ctx, item.id)
    assert find_calendar(ctx, item.calendar_id).state is CalendarState.RUNNING
