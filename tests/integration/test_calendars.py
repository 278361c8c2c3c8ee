"""Calendars: made once however often they are asked for, refused with every reason, canceled by legal moves."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from planned_posts import MONDAY_NOON, TUESDAY, linkedin_draft, post, put_in_state
from sqlmodel import select

from core.errors import Invalid, NotFound, StaleEdit, StateConflict, TimeInPast
from core.services.audit import list_audit
from core.services.calendars import (
    CalendarEdit,
    NewCalendar,
    cancel_calendar,
    create_calendar,
    edit_calendar,
    find_calendar,
    list_calendars,
    schedule_item,
    schedule_items,
)
from core.services.channels import ChannelView, edit_channel
from core.services.context import Context
from core.services.item_views import EVERY_ITEM, ItemFilter
from core.services.items import count_items, list_items
from core.services.new_items import FollowedSlot
from core.services.settlement import settle_calendar
from core.storage.tables import RecommendedScheduleSlot
from core.vocabulary import Basis, CalendarState, ContentFormat, ItemState


def places(error: Invalid) -> list[str]:
    return [problem.place for problem in error.problems]


def test_a_calendar_holds_its_items_as_scheduled_in_the_order_they_were_sent(
    ctx: Context, linkedin: ChannelView
) -> None:
    later, sooner = post(linkedin, TUESDAY, "Later"), post(linkedin, MONDAY_NOON + timedelta(hours=1), "Sooner")
    made = create_calendar(ctx, NewCalendar("Spring launch", "Europe/Berlin", (later, sooner)))
    assert [item.title for item in made.items] == ["Later", "Sooner"]
    assert {item.state for item in made.items} == {ItemState.SCHEDULED}
    assert (made.calendar.state, made.calendar.counts) == (CalendarState.RUNNING, {ItemState.SCHEDULED: 2})
    assert made.items[0].calendar_title == "Spring launch"
    assert (made.items[0].platform, made.items[0].timezone) == ("linkedin", "Europe/Berlin")


def test_a_calendar_without_items_waits(ctx: Context) -> None:
    made = create_calendar(ctx, NewCalendar("Ideas", "UTC"))
    assert (made.calendar.state, made.calendar.counts, made.items) == (CalendarState.PENDING, {}, ())
    assert find_calendar(ctx, made.calendar.id) == made.calendar


def test_every_problem_of_every_item_is_named_with_its_place(ctx: Context, linkedin: ChannelView) -> None:
    items = (
        post(linkedin, MONDAY_NOON - timedelta(hours=1)),
        post(linkedin, TUESDAY),
        replace(post(linkedin, TUESDAY.replace(tzinfo=None)), priority=11, content_id="cont_none"),
        replace(post(linkedin, TUESDAY), channel_id="chan_none"),
        replace(post(linkedin, TUESDAY), text="x" * 3001),
        replace(post(linkedin, TUESDAY), title="", text=" "),
        replace(post(linkedin, TUESDAY), content_format=ContentFormat.STORY),
        post(linkedin, datetime(2206, 3, 2, tzinfo=TUESDAY.tzinfo)),
    )
    with pytest.raises(Invalid) as refused:
        create_calendar(ctx, NewCalendar("ab", "Mars/Olympus", items))
    assert places(refused.value) == [
        "title", "timezone", "items[0].scheduled_at", "items[2].scheduled_at", "items[2].priority",
        "items[2].content_id", "items[3].channel_id", "items[4].text", "items[5].text", "items[6].content_format",
        "items[7].scheduled_at",
    ]  # fmt: skip
    assert list_calendars(ctx) == ()
    assert list_items(ctx).total == 0


def test_more_than_a_thousand_items_are_refused_in_one_sentence(ctx: Context, linkedin: ChannelView) -> None:
    with pytest.raises(Invalid, match="send at most 1000 at once") as refused:
        create_calendar(ctx, NewCalendar("Too much", "UTC", (post(linkedin, TUESDAY),) * 1001))
    assert places(refused.value) == ["items"]


def test_the_minute_that_is_passing_still_counts_as_now(ctx: Context, linkedin: ChannelView) -> None:
    assert schedule_item(ctx, post(linkedin, MONDAY_NOON - timedelta(seconds=60))).state is ItemState.SCHEDULED
    with pytest.raises(TimeInPast, match=r"2026-03-02 12:58 UTC\+01:00 has already passed"):
        schedule_item(ctx, post(linkedin, datetime(2026, 3, 2, 12, 58, tzinfo=timezone(timedelta(hours=1)))))


def test_a_switched_off_channel_takes_nothing(ctx: Context, linkedin: ChannelView) -> None:
    edit_channel(ctx, linkedin.id, replace(linkedin_draft(), active=False))
    with pytest.raises(Invalid, match="switched off"):
        schedule_item(ctx, post(linkedin, TUESDAY))


def test_items_may_share_a_content(ctx: Context, linkedin: ChannelView) -> None:
    first = schedule_item(ctx, post(linkedin, TUESDAY, "Once written"))
    second = schedule_item(
        ctx, replace(post(linkedin, TUESDAY + timedelta(days=7), ""), text="", content_id=first.content_id)
    )
    assert (second.content_id, second.title) == (first.content_id, "Once written")


def test_the_followed_recommendation_is_kept_with_the_item(ctx: Context, linkedin: ChannelView) -> None:
    slot = FollowedSlot(TUESDAY, TUESDAY + timedelta(minutes=30), 0.8, 0.2, 0.1, 0.3, 12, Basis.BLEND, reasons=("a",))
    item = schedule_item(ctx, replace(post(linkedin, TUESDAY), recommended_slot=slot))
    with ctx.read() as session:
        row = session.scalars(select(RecommendedScheduleSlot)).one()
        assert (row.id, row.channel_id, row.sample_size) == (item.recommended_slot_id, linkedin.id, 12)
        assert (row.window_start, row.reasons, row.basis) == (TUESDAY, ["a"], Basis.BLEND)


def test_everything_an_item_was_given_comes_back(ctx: Context, linkedin: ChannelView) -> None:
    medium = {"media_type": "image/png", "size": 1000, "url": "https://example.com/a.png"}
    new = replace(
        post(linkedin, TUESDAY),
        content_format=ContentFormat.IMAGE,
        tags=("spring", "größe"),
        media=(medium,),
        metadata={"campaign": 7},
        priority=5,
    )
    item = schedule_item(ctx, new)
    assert (item.tags, item.media, item.metadata, item.priority) == (
        ("spring", "größe"), (medium,), {"campaign": 7}, 5,
    )  # fmt: skip


def test_a_time_at_the_end_of_the_calendar_is_refused_like_any_other(ctx: Context, linkedin: ChannelView) -> None:
    last = datetime.max.replace(tzinfo=timezone(timedelta(hours=-11)))
    with pytest.raises(Invalid, match="is more than ten years ahead; check the year"):
        create_calendar(ctx, NewCalendar("Spring", "UTC", (post(linkedin, last),)))


def test_single_posts_share_one_calendar_even_when_the_first_come_at_once(ctx: Context, linkedin: ChannelView) -> None:
    def schedule(number: int) -> str:
        return schedule_item(ctx, post(linkedin, TUESDAY, f"Post {number}")).calendar_id

    with ThreadPoolExecutor(4) as threads:
        used = set(threads.map(schedule, range(8)))
    (calendar,) = list_calendars(ctx)
    assert used == {calendar.id}
    assert (calendar.title, calendar.counts) == ("Posts", {ItemState.SCHEDULED: 8})


def test_several_posts_are_scheduled_together_or_not_at_all(ctx: Context, linkedin: ChannelView) -> None:
    with pytest.raises(Invalid) as refused:
        schedule_items(ctx, [post(linkedin, TUESDAY), post(linkedin, MONDAY_NOON - timedelta(days=1))])
    assert places(refused.value) == ["items[1].scheduled_at"]
    assert count_items(ctx) == {}
    two = schedule_items(ctx, [post(linkedin, TUESDAY, "A"), post(linkedin, TUESDAY, "B")])
    assert [item.title for item in two] == ["A", "B"]


def test_an_edit_changes_title_and_zone_once_per_version(ctx: Context) -> None:
    calendar = create_calendar(ctx, NewCalendar("Spring launch", "UTC")).calendar
    edited = edit_calendar(ctx, calendar.id, CalendarEdit("  Summer  ", "Asia/Tokyo"), calendar.version)
    assert (edited.title, edited.timezone, edited.version) == ("Summer", "Asia/Tokyo", 2)
    with pytest.raises(StaleEdit, match="you edited version 1, it is now 2"):
        edit_calendar(ctx, calendar.id, CalendarEdit("Autumn", "UTC"), calendar.version)
    with pytest.raises(Invalid):
        edit_calendar(ctx, calendar.id, CalendarEdit("x" * 101, "UTC"))


def test_canceling_takes_back_what_is_not_out_and_keeps_what_is(ctx: Context, linkedin: ChannelView) -> None:
    made = create_calendar(
        ctx, NewCalendar("Spring", "UTC", tuple(post(linkedin, TUESDAY, f"Post {n}") for n in range(3)))
    )
    put_in_state(ctx, made.items[0].id, ItemState.PUBLISHED)
    put_in_state(ctx, made.items[1].id, ItemState.FAILED)
    canceled = cancel_calendar(ctx, made.calendar.id)
    assert canceled.state is CalendarState.CANCELED
    assert canceled.counts == {ItemState.PUBLISHED: 1, ItemState.FAILED: 1, ItemState.CANCELED: 1}
    with pytest.raises(StateConflict, match="This calendar is canceled; it cannot become canceling"):
        cancel_calendar(ctx, made.calendar.id)
    with pytest.raises(StateConflict, match="This calendar is canceled; it cannot become running"):
        schedule_item(ctx, post(linkedin, TUESDAY), made.calendar.id)


def test_an_item_on_its_way_out_keeps_its_calendar_canceling_and_does_not_go_out_again(
    ctx: Context, linkedin: ChannelView
) -> None:
    made = create_calendar(ctx, NewCalendar("Spring", "UTC", (post(linkedin, TUESDAY),)))
    put_in_state(ctx, made.items[0].id, ItemState.PUBLISHING)
    assert cancel_calendar(ctx, made.calendar.id).state is CalendarState.CANCELING
    put_in_state(ctx, made.items[0].id, ItemState.SCHEDULED)  # the platform asked to come back later
    with ctx.write() as session:
        assert settle_calendar(session, made.calendar.id) is CalendarState.CANCELED
    (item,) = list_items(ctx).items
    assert (item.state, item.error) == (
        ItemState.CANCELED, "Its calendar was canceled while it was being published.",
    )  # fmt: skip


def test_a_calendar_completes_with_its_last_item_and_runs_again_with_another(
    ctx: Context, linkedin: ChannelView
) -> None:
    first = schedule_item(ctx, post(linkedin, TUESDAY))
    put_in_state(ctx, first.id, ItemState.PUBLISHED)
    with ctx.write() as session:
        assert settle_calendar(session, first.calendar_id) is CalendarState.COMPLETED
    second = schedule_item(ctx, post(linkedin, TUESDAY))
    assert second.calendar_id == first.calendar_id
    assert find_calendar(ctx, first.calendar_id).state is CalendarState.RUNNING


def test_a_canceled_calendar_of_single_posts_is_followed_by_a_new_one(ctx: Context, linkedin: ChannelView) -> None:
    first = schedule_item(ctx, post(linkedin, TUESDAY))
    cancel_calendar(ctx, first.calendar_id)
    assert schedule_item(ctx, post(linkedin, TUESDAY)).calendar_id != first.calendar_id


def test_another_workspaces_calendar_does_not_exist(ctx: Context, stranger: Context, linkedin: ChannelView) -> None:
    made = create_calendar(ctx, NewCalendar("Spring", "UTC", (post(linkedin, TUESDAY),)))
    assert list_calendars(stranger) == ()
    for attempt in (
        lambda: find_calendar(stranger, made.calendar.id),
        lambda: edit_calendar(stranger, made.calendar.id, CalendarEdit("Mine now", "UTC")),
        lambda: cancel_calendar(stranger, made.calendar.id),
        lambda: schedule_item(stranger, post(linkedin, TUESDAY)),
        lambda: schedule_items(ctx.within(stranger.workspace), [], made.calendar.id),
        lambda: schedule_item(stranger, replace(post(linkedin, TUESDAY), content_id=made.items[0].content_id)),
    ):
        with pytest.raises(NotFound):
            attempt()
    with pytest.raises(Invalid) as refused:
        create_calendar(stranger, NewCalendar("Theirs", "UTC", (post(linkedin, TUESDAY),)))
    assert places(refused.value) == ["items[0].channel_id"]
    assert list_items(ctx, ItemFilter(calendar_id=made.calendar.id)).items == made.items


def test_every_change_of_a_calendar_leaves_a_line(ctx: Context, linkedin: ChannelView) -> None:
    made = create_calendar(ctx, NewCalendar("Spring", "UTC", (post(linkedin, TUESDAY),)))
    edit_calendar(ctx, made.calendar.id, CalendarEdit("Summer", "UTC"))
    cancel_calendar(ctx, made.calendar.id)
    lines = [(line.action, line.subject_kind) for line in reversed(list_audit(ctx)) if line.subject_kind != "channel"]
    assert sorted(lines) == [
        ("canceled", "calendar"), ("canceled", "item"), ("created", "calendar"), ("created", "item"),
        ("edited", "calendar"),
    ]  # fmt: skip


def test_a_thousand_items_are_created_in_one_go(ctx: Context, linkedin: ChannelView) -> None:
    items = tuple(post(linkedin, TUESDAY + timedelta(minutes=n), f"Post {n}") for n in range(1000))
    assert len(create_calendar(ctx, NewCalendar("Everything", "UTC", items)).items) == 1000
    assert count_items(ctx, EVERY_ITEM) == {ItemState.SCHEDULED: 1000}
