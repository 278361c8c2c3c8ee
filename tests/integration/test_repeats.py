"""Repeating a post: the same content at the times of a rule, all of them or none."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest
from planned_posts import MONDAY_NOON, TUESDAY, linkedin_draft, post

from core.calendar.recurrence import Recurrence
from core.errors import Invalid, StateConflict
from core.services.calendars import cancel_calendar, schedule_item
from core.services.channels import ChannelView, add_channel
from core.services.context import Context
from core.services.items import list_items
from core.services.preferences import add_blackout
from core.services.repeats import propose_repeat, repeat_item
from core.vocabulary import ItemState

WEEKLY = Recurrence(frozenset({1}), time(10), date(2026, 3, 10), until=date(2026, 4, 7))


def test_a_post_is_repeated_at_its_local_time_with_the_same_content(ctx: Context, linkedin: ChannelView) -> None:
    item = schedule_item(ctx, post(linkedin, TUESDAY))
    proposal = propose_repeat(ctx, item.id, WEEKLY)
    copies = repeat_item(ctx, item.id, proposal)
    assert [copy.scheduled_at for copy in copies] == [
        datetime(2026, 3, 10, 9, tzinfo=UTC),
        datetime(2026, 3, 17, 9, tzinfo=UTC),
        datetime(2026, 3, 24, 9, tzinfo=UTC),
        datetime(2026, 3, 31, 8, tzinfo=UTC),
        datetime(2026, 4, 7, 8, tzinfo=UTC),
    ]
    assert {(copy.content_id, copy.calendar_id, copy.state) for copy in copies} == {
        (item.content_id, item.calendar_id, ItemState.SCHEDULED)
    }


def test_times_without_room_are_left_out_with_the_reason_unless_kept(ctx: Context, linkedin: ChannelView) -> None:
    item = schedule_item(ctx, post(linkedin, TUESDAY))
    add_blackout(ctx, datetime(2026, 3, 17, tzinfo=UTC), datetime(2026, 3, 18, tzinfo=UTC), "Fair")
    proposal = propose_repeat(ctx, item.id, WEEKLY)
    assert ["Fair" in offer.against for offer in proposal.offers] == [False, True, False, False, False]
    assert len(repeat_item(ctx, item.id, proposal)) == 4


def test_a_time_that_was_taken_meanwhile_repeats_nothing(ctx: Context, linkedin: ChannelView) -> None:
    item = schedule_item(ctx, post(linkedin, TUESDAY))
    proposal = propose_repeat(ctx, item.id, WEEKLY)
    schedule_item(ctx, post(linkedin, proposal.offers[2].scheduled_at, "Another"))
    with pytest.raises(StateConflict, match="Another"):
        repeat_item(ctx, item.id, proposal)
    assert list_items(ctx).total == 2


def test_a_post_is_not_repeated_elsewhere_into_a_canceled_calendar_or_never(
    ctx: Context, linkedin: ChannelView
) -> None:
    item = schedule_item(ctx, post(linkedin, MONDAY_NOON))
    proposal = propose_repeat(ctx, item.id, WEEKLY)
    other = add_channel(ctx, replace(linkedin_draft(), name="Other page"))
    elsewhere = replace(proposal, offers=(replace(proposal.offers[0], channel_id=other.id),))
    with pytest.raises(Invalid, match="on its own channel"):
        repeat_item(ctx, item.id, elsewhere)
    with pytest.raises(Invalid, match="keep at least one time"):
        repeat_item(ctx, item.id, replace(proposal, offers=()))
    cancel_calendar(ctx, item.calendar_id)
    with pytest.raises(StateConflict, match="canceled"):
        repeat_item(ctx, item.id, proposal)
