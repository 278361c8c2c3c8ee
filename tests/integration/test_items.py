"""Items: found by page and filter, changed by legal moves only, never by two people at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from planned_posts import MONDAY_NOON, TUESDAY, StandingClock, linkedin_draft, post, put_in_state

from core.errors import Invalid, NotFound, StaleEdit, StateConflict, TimeInPast
from core.services.calendars import cancel_calendar, find_calendar, schedule_item, schedule_items
from core.services.channels import ChannelDraft, ChannelView, add_channel, edit_channel
from core.services.context import Context
from core.services.item_edits import edit_item
from core.services.item_views import ItemFilter, ItemView, Moved, edit_of
from core.services.items import count_items, find_item, list_items
from core.services.moves import (
    approve_item,
    cancel_item,
    duplicate_item,
    move_item,
    publish_now,
    reject_item,
    resolve_item,
    retry_item,
    skip_item,
)
from core.storage.tables import ContentScheduleItem, PublishAttempt
from core.vocabulary import (
    CalendarState,
    ChannelKind,
    ContentFormat,
    ItemState,
    LatenessPolicy,
    LedgerStep,
)

WEDNESDAY = TUESDAY + timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def item(ctx: Context, linkedin: ChannelView) -> ItemView:
    return schedule_item(ctx, post(linkedin, TUESDAY))


def titles(items: tuple[ItemView, ...]) -> list[str]:
    return [item.title for item in items]


def due_at(ctx: Context, item_id: str) -> datetime:
    with ctx.read() as session:
        return session.get_one(ContentScheduleItem, item_id).due_at


# --- Finding -----------------------------------------------------------------------------------------------------


def test_pages_hold_every_item_once_in_order_even_when_times_are_equal(ctx: Context, linkedin: ChannelView) -> None:
    schedule_items(ctx, [post(linkedin, TUESDAY + HOUR * (n // 5), f"Post {n}") for n in range(23)])
    for newest_first in (False, True):
        seen, cursor, pages = [], None, 0
        while pages == 0 or cursor:
            page = list_items(ctx, limit=4, cursor=cursor, newest_first=newest_first)
            seen += page.items
            cursor, pages = page.next_cursor, pages + 1
            assert page.total == 23
        order = [(item.scheduled_at, item.id) for item in seen]
        assert (len(set(order)), pages) == (23, 6)
        assert order == sorted(order, reverse=newest_first)


def test_a_page_that_ends_with_the_last_item_has_no_successor(ctx: Context, linkedin: ChannelView) -> None:
    schedule_items(ctx, [post(linkedin, TUESDAY, f"Post {n}") for n in range(4)])
    assert list_items(ctx, limit=4).next_cursor is None


@pytest.mark.parametrize("cursor", ["", "?", "nonsense", "bm90IGEgdGltZSBpdGVtXzE="])
def test_a_cursor_nobody_gave_is_refused(ctx: Context, cursor: str) -> None:
    with pytest.raises(Invalid, match="cursor: send the next_cursor of the page before"):
        list_items(ctx, cursor=cursor)


@pytest.mark.parametrize("limit", [0, 1001])
def test_a_page_has_one_to_a_thousand_items(ctx: Context, limit: int) -> None:
    with pytest.raises(Invalid, match="limit: use 1 to 1000"):
        list_items(ctx, limit=limit)


def test_filters_restrict_pages_and_counts_alike(ctx: Context, linkedin: ChannelView) -> None:
    x = add_channel(ctx, ChannelDraft("x", "Short news", ChannelKind.OUTBOX, "UTC"))
    a = schedule_item(ctx, replace(post(linkedin, TUESDAY, "Über uns"), tags=("spring", "50% off")))
    schedule_item(ctx, replace(post(x, WEDNESDAY, "50 percent"), tags=("springtime",)))
    put_in_state(ctx, a.id, ItemState.FAILED)
    cases = [
        (ItemFilter(), ["Über uns", "50 percent"]),
        (ItemFilter(platforms=("twitter", "youtube")), ["50 percent"]),
        (ItemFilter(channel_ids=(linkedin.id,)), ["Über uns"]),
        (ItemFilter(states=(ItemState.FAILED,)), ["Über uns"]),
        (ItemFilter(calendar_id=a.calendar_id), ["Über uns", "50 percent"]),
        (ItemFilter(calendar_id="cal_none"), []),
        (ItemFilter(starts=WEDNESDAY), ["50 percent"]),
        (ItemFilter(ends=WEDNESDAY), ["Über uns"]),
        (ItemFilter(text="PERCENT: come"), ["50 percent"]),
        (ItemFilter(text="50%"), []),
        (ItemFilter(tag="spring"), ["Über uns"]),
        (ItemFilter(tag="50% off"), ["Über uns"]),
        (ItemFilter(tag='g", "5'), []),
        (ItemFilter(platforms=("linkedin",), states=(ItemState.SCHEDULED,)), []),
    ]
    for wanted, expected in cases:
        page = list_items(ctx, wanted)
        assert (titles(page.items), page.total, sum(count_items(ctx, wanted).values())) == (
            expected, len(expected), len(expected),
        ), wanted  # fmt: skip
    assert count_items(ctx) == {ItemState.FAILED: 1, ItemState.SCHEDULED: 1}


def test_an_item_shows_what_happened_to_it_in_plain_words(ctx: Context, item: ItemView) -> None:
    with ctx.write() as session:
        session.add_all(
            PublishAttempt(item_id=item.id, attempt=1, step=step, at=TUESDAY, worker="engine-1", detail=detail)
            for step, detail in (
                (LedgerStep.CLAIMED, {}),
                (LedgerStep.REFUSED, {"reason": "The receiver answered 410 Gone."}),
            )
        )
    move_item(ctx, item.id, WEDNESDAY)
    detail = find_item(ctx, item.id)
    assert [line.sentence for line in detail.ledger] == [
        "Picked up for publishing.", "Not accepted: The receiver answered 410 Gone.",
    ]  # fmt: skip
    assert [line.action for line in detail.audit] == ["created", "moved"]
    assert detail.item.scheduled_at == WEDNESDAY


def test_lateness_is_counted_from_the_items_time(ctx: Context, item: ItemView) -> None:
    assert item.lateness is None
    put_in_state(ctx, item.id, ItemState.PUBLISHED, published_at=TUESDAY + timedelta(minutes=3))
    assert find_item(ctx, item.id).item.lateness == timedelta(minutes=3)


# --- Moving ------------------------------------------------------------------------------------------------------


def test_a_move_says_where_the_item_was_so_that_it_can_be_undone(ctx: Context, item: ItemView) -> None:
    moved = move_item(ctx, item.id, WEDNESDAY, item.version)
    assert (moved.item.scheduled_at, moved.previous, moved.item.version) == (WEDNESDAY, TUESDAY, 2)
    assert due_at(ctx, item.id) == WEDNESDAY
    assert move_item(ctx, item.id, moved.previous, moved.item.version).item.scheduled_at == TUESDAY


def test_times_come_back_in_utc_whatever_zone_they_were_given_in(ctx: Context, linkedin: ChannelView) -> None:
    tokyo = timezone(timedelta(hours=9))
    made = schedule_item(ctx, post(linkedin, TUESDAY.astimezone(tokyo)))
    assert made.scheduled_at.isoformat() == "2026-03-03T12:00:00+00:00"
    moved = move_item(ctx, made.id, WEDNESDAY.astimezone(tokyo))
    assert (moved.item.scheduled_at.isoformat(), moved.previous.isoformat()) == (
        "2026-03-04T12:00:00+00:00", "2026-03-03T12:00:00+00:00",
    )  # fmt: skip


def test_nothing_moves_into_the_past(ctx: Context, item: ItemView) -> None:
    with pytest.raises(TimeInPast, match=r"2026-03-02 11:58 UTC has already passed\. Choose a later time"):
        move_item(ctx, item.id, MONDAY_NOON - timedelta(minutes=2))
    with pytest.raises(Invalid, match="scheduled_at: say in which time zone this is"):
        move_item(ctx, item.id, WEDNESDAY.replace(tzinfo=None))
    assert find_item(ctx, item.id).item == item


def test_of_two_browsers_that_move_the_same_item_one_wins(ctx: Context, item: ItemView) -> None:
    def move(day: int) -> Moved | StaleEdit:
        try:
            return move_item(ctx, item.id, TUESDAY + timedelta(days=day), item.version)
        except StaleEdit as refused:
            return refused

    with ThreadPoolExecutor(6) as threads:
        results = list(threads.map(move, range(1, 7)))
    (won,) = [result for result in results if isinstance(result, Moved)]
    refused = [result for result in results if isinstance(result, StaleEdit)]
    assert [(error.expected, error.actual) for error in refused] == [(1, 2)] * 5
    assert find_item(ctx, item.id).item == won.item


OUT_OF_REACH = [
    ItemState.PUBLISHING, ItemState.PUBLISHED, ItemState.UNCONFIRMED, ItemState.SKIPPED, ItemState.CANCELED,
    ItemState.REJECTED,
]  # fmt: skip


def test_what_is_on_its_way_or_done_with_stays_as_it_is(ctx: Context, item: ItemView) -> None:
    attempts: list[Callable[[], object]] = [
        lambda: move_item(ctx, item.id, WEDNESDAY),
        lambda: edit_item(ctx, item.id, replace(edit_of(item), title="Other")),
        lambda: cancel_item(ctx, item.id),
        lambda: skip_item(ctx, item.id),
        lambda: retry_item(ctx, item.id),
        lambda: publish_now(ctx, item.id),
    ]
    for state in OUT_OF_REACH:
        put_in_state(ctx, item.id, state)
        for attempt in attempts:
            with pytest.raises(StateConflict, match=f"This item is {state}"):
                attempt()
        assert find_item(ctx, item.id).item == replace(item, state=state)


# --- Editing -----------------------------------------------------------------------------------------------------


def test_an_edit_changes_everything_a_person_may_change(ctx: Context, item: ItemView) -> None:
    x = add_channel(ctx, ChannelDraft("x", "Short news", ChannelKind.OUTBOX, "Asia/Tokyo"))
    wanted = replace(
        edit_of(item),
        title="New",
        text="Shorter",
        channel_id=x.id,
        scheduled_at=WEDNESDAY,
        priority=9,
        lateness_policy=LatenessPolicy.SKIP,
    )
    edited = edit_item(ctx, item.id, wanted, item.version)
    assert edit_of(edited) == wanted
    assert (edited.platform, edited.timezone, edited.version) == ("twitter", "Asia/Tokyo", 2)
    assert edited.content_id == item.content_id
    with pytest.raises(StaleEdit):
        edit_item(ctx, item.id, wanted, item.version)


def test_an_edit_of_a_shared_content_leaves_the_others_theirs(ctx: Context, item: ItemView) -> None:
    twin = duplicate_item(ctx, item.id, WEDNESDAY)
    assert twin.content_id == item.content_id
    edited = edit_item(ctx, twin.id, replace(edit_of(twin), text="Only here"))
    assert (edited.text, edited.tags) == ("Only here", item.tags)
    assert edited.content_id != item.content_id
    assert find_item(ctx, item.id).item.text == item.text
    again = edit_item(ctx, twin.id, replace(edit_of(edited), text="Still only here"))
    assert again.content_id == edited.content_id


def test_an_edit_the_platform_would_refuse_names_every_problem(ctx: Context, item: ItemView) -> None:
    with pytest.raises(Invalid) as refused:
        edit_item(ctx, item.id, replace(edit_of(item), text="x" * 3001, priority=-1))
    assert [problem.place for problem in refused.value.problems] == ["text", "priority"]
    with pytest.raises(Invalid, match="LinkedIn does not take story"):
        edit_item(ctx, item.id, replace(edit_of(item), content_format=ContentFormat.STORY))
    with pytest.raises(NotFound, match="channel 'chan_none'"):
        edit_item(ctx, item.id, replace(edit_of(item), channel_id="chan_none"))
    assert find_item(ctx, item.id).item == item


def test_a_text_can_be_mended_after_its_time_but_not_given_a_past_one(
    ctx: Context, item: ItemView, clock: StandingClock
) -> None:
    clock.move(timedelta(days=3))
    assert edit_item(ctx, item.id, replace(edit_of(item), text="Better")).text == "Better"
    with pytest.raises(TimeInPast):
        edit_item(ctx, item.id, replace(edit_of(item), scheduled_at=WEDNESDAY))


# --- Ending and trying again -------------------------------------------------------------------------------------


def test_canceled_and_skipped_items_complete_their_calendar(ctx: Context, linkedin: ChannelView) -> None:
    one, two = schedule_items(ctx, [post(linkedin, TUESDAY), post(linkedin, WEDNESDAY)])
    assert cancel_item(ctx, one.id, one.version).state is ItemState.CANCELED
    assert find_calendar(ctx, one.calendar_id).state is CalendarState.RUNNING
    assert skip_item(ctx, two.id, two.version).state is ItemState.SKIPPED
    assert find_calendar(ctx, one.calendar_id).state is CalendarState.COMPLETED


def test_a_failed_item_is_mended_and_tried_again(ctx: Context, item: ItemView, clock: StandingClock) -> None:
    clock.move(timedelta(days=2))
    put_in_state(ctx, item.id, ItemState.FAILED, error="The receiver answered 410 Gone.")
    mended = edit_item(ctx, item.id, replace(edit_of(item), text="Better"))
    with pytest.raises(StateConflict, match="This item is failed"):
        edit_item(ctx, item.id, replace(edit_of(mended), scheduled_at=clock() + HOUR))
    retried = retry_item(ctx, item.id, expected_version=mended.version)
    assert (retried.state, retried.error, retried.scheduled_at) == (ItemState.SCHEDULED, None, TUESDAY)
    assert due_at(ctx, item.id) == clock()
    assert find_calendar(ctx, item.calendar_id).state is CalendarState.RUNNING


def test_a_retry_may_have_a_time_of_its_own(ctx: Context, item: ItemView) -> None:
    put_in_state(ctx, item.id, ItemState.FAILED)
    with pytest.raises(TimeInPast):
        retry_item(ctx, item.id, MONDAY_NOON - HOUR)
    assert retry_item(ctx, item.id, WEDNESDAY).scheduled_at == WEDNESDAY
    assert due_at(ctx, item.id) == WEDNESDAY


def test_nothing_is_tried_again_on_a_switched_off_channel_or_in_a_canceled_calendar(
    ctx: Context, item: ItemView, linkedin: ChannelView
) -> None:
    put_in_state(ctx, item.id, ItemState.FAILED)
    edit_channel(ctx, linkedin.id, replace(linkedin_draft(), active=False))
    with pytest.raises(Invalid, match="switched off"):
        retry_item(ctx, item.id)
    with pytest.raises(Invalid, match="switched off"):
        duplicate_item(ctx, item.id, WEDNESDAY)
    edit_channel(ctx, linkedin.id, linkedin_draft())
    cancel_calendar(ctx, item.calendar_id)
    with pytest.raises(StateConflict, match="This calendar is canceled"):
        retry_item(ctx, item.id)


def test_publishing_now_makes_this_moment_its_time(ctx: Context, item: ItemView) -> None:
    assert publish_now(ctx, item.id, item.version).scheduled_at == MONDAY_NOON
    assert due_at(ctx, item.id) == MONDAY_NOON


def test_a_person_says_that_an_unconfirmed_item_is_out(ctx: Context, item: ItemView, clock: StandingClock) -> None:
    put_in_state(ctx, item.id, ItemState.UNCONFIRMED, attempt=1, error="No answer.")
    with ctx.write() as session:
        session.add(
            PublishAttempt(item_id=item.id, attempt=1, step=LedgerStep.ARMED, at=TUESDAY + HOUR, worker="engine-1")
        )
    clock.move(timedelta(days=3))
    settled = resolve_item(ctx, item.id, published=True, url="https://example.com/p/1")
    assert (settled.state, settled.url, settled.error) == (ItemState.PUBLISHED, "https://example.com/p/1", None)
    assert settled.published_at == TUESDAY + HOUR  # when it was sent, not when somebody looked
    last = find_item(ctx, item.id).ledger[-1]
    assert (last.step, last.worker, last.sentence) == (
        LedgerStep.RESOLVED, "owner", "Settled by a person: owner saw it at the platform.",
    )  # fmt: skip


def test_a_person_says_that_an_unconfirmed_item_is_not_out_and_it_can_be_tried_again(
    ctx: Context, item: ItemView
) -> None:
    put_in_state(ctx, item.id, ItemState.UNCONFIRMED, attempt=1)
    settled = resolve_item(ctx, item.id, published=False)
    assert (settled.state, settled.published_at) == (ItemState.FAILED, None)
    assert settled.error == "owner did not find it at the platform."
    assert retry_item(ctx, item.id).state is ItemState.SCHEDULED


def test_only_an_unconfirmed_item_is_settled_by_hand_and_with_a_real_address(ctx: Context, item: ItemView) -> None:
    with pytest.raises(StateConflict, match="This item is scheduled; it cannot become published"):
        resolve_item(ctx, item.id, published=True)
    put_in_state(ctx, item.id, ItemState.UNCONFIRMED)
    with pytest.raises(Invalid, match="url: give the post's address"):
        resolve_item(ctx, item.id, published=True, url="javascript:alert(1)")
    with pytest.raises(Invalid, match="url: an item that is not out has no address"):
        resolve_item(ctx, item.id, published=False, url="https://example.com")


def test_a_duplicate_is_a_new_item_with_the_same_content(ctx: Context, linkedin: ChannelView) -> None:
    first = schedule_item(ctx, replace(post(linkedin, TUESDAY), priority=4, metadata={"utm": "spring"}))
    put_in_state(ctx, first.id, ItemState.PUBLISHED, url="https://example.com/p/1")
    twin = duplicate_item(ctx, first.id, WEDNESDAY)
    assert (twin.state, twin.url, twin.scheduled_at, twin.priority) == (ItemState.SCHEDULED, None, WEDNESDAY, 4)
    assert (twin.content_id, twin.calendar_id, twin.metadata) == (
        first.content_id, first.calendar_id, {"utm": "spring"},
    )  # fmt: skip
    assert twin.id != first.id


def test_another_workspaces_item_does_not_exist(ctx: Context, stranger: Context, item: ItemView) -> None:
    attempts: list[Callable[[], object]] = [
        lambda: find_item(stranger, item.id),
        lambda: move_item(stranger, item.id, WEDNESDAY),
        lambda: edit_item(stranger, item.id, edit_of(item)),
        lambda: cancel_item(stranger, item.id),
        lambda: skip_item(stranger, item.id),
        lambda: retry_item(stranger, item.id),
        lambda: publish_now(stranger, item.id),
        lambda: resolve_item(stranger, item.id, published=True),
        lambda: approve_item(stranger, item.id),
        lambda: reject_item(stranger, item.id),
        lambda: duplicate_item(stranger, item.id, WEDNESDAY),
    ]
    for attempt in attempts:
        with pytest.raises(NotFound, match=item.id):
            attempt()
    assert list_items(stranger).total == 0
    assert count_items(stranger, ItemFilter(calendar_id=item.calendar_id)) == {}
    assert find_item(ctx, item.id).item == item


def test_nobody_takes_over_a_strangers_channel_by_an_edit(ctx: Context, stranger: Context, item: ItemView) -> None:
    theirs = add_channel(stranger, linkedin_draft())
    with pytest.raises(NotFound, match=theirs.id):
        edit_item(ctx, item.id, replace(edit_of(item), channel_id=theirs.id))
