"""Recommendations: open slots only, honest about what they rest on, the same on both databases."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from planned_posts import MONDAY_NOON, TUESDAY, StandingClock, linkedin_draft, post, put_in_state
from told_posts import evenings, tell

from core.errors import Invalid, NotFound
from core.services.calendars import schedule_item
from core.services.channels import ChannelDraft, ChannelView, add_channel, edit_channel
from core.services.context import Context
from core.services.openings import open_slots
from core.services.preferences import PreferenceView, add_blackout, save_preference
from core.services.recommendations import (
    ChannelAdvice,
    RecommendationRequest,
    RecommendationView,
    recommend,
)
from core.services.week_scores import score_time
from core.storage.tables import Channel
from core.vocabulary import Basis, ChannelKind, ContentFormat, ItemState

BERLIN = ZoneInfo("Europe/Berlin")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MIDNIGHT = datetime(2026, 3, 2, 23, tzinfo=UTC)
"""Tuesday 3 March begins in Berlin."""


def advice(ctx: Context, channel: ChannelView, **wanted: object) -> ChannelAdvice:
    (only,) = recommend(ctx, replace(RecommendationRequest((channel.id,)), **wanted))  # type: ignore[arg-type]
    return only


def opened(ctx: Context, channel: ChannelView, starts: datetime, ends: datetime) -> list[str]:
    """Give the open slots as Berlin's clocks show them."""
    with ctx.read() as session:
        slots = open_slots(session, ctx, [session.get_one(Channel, channel.id)], starts, ends)[channel.id]
    return [f"{slot.start.astimezone(BERLIN):%a %H:%M}" for slot in slots]


def local(slots: Sequence[RecommendationView]) -> list[datetime]:
    return [slot.window_start.astimezone(BERLIN) for slot in slots]


# --- What it rests on --------------------------------------------------------------------------------------------


def test_without_history_published_research_advises_and_says_that_it_is_not_your_audience(
    ctx: Context, linkedin: ChannelView
) -> None:
    """The research for LinkedIn: Tuesday to Thursday, 8 to 14."""
    found = advice(ctx, linkedin, count=3, ends=MONDAY_NOON + 7 * DAY)
    assert (found.posts, found.basis, found.timing_matters) == (0, Basis.BASELINE, False)
    assert {(slot.basis, slot.own_posts, slot.confidence) for slot in found.slots} == {(Basis.BASELINE, 0, 0)}
    assert found.slots[0].reasons == ("Published research, not your audience: you have no history here yet.",)
    assert all(start.weekday() in {1, 2, 3} and 8 <= start.hour < 14 for start in local(found.slots))
    assert [slot.score for slot in found.slots] == sorted((slot.score for slot in found.slots), reverse=True)


def test_with_history_the_planted_evenings_come_first_with_their_posts(ctx: Context, linkedin: ChannelView) -> None:
    tell(ctx, linkedin.id, evenings(20))
    found = advice(ctx, linkedin, count=5, ends=MONDAY_NOON + 7 * DAY)
    assert (found.posts, found.basis, found.timing_matters) == (279, Basis.HISTORY, True)
    assert {start.hour for start in local(found.slots)} <= {18, 19, 20}
    best = found.slots[0]
    assert best.low < best.expected_lift < best.high
    assert best.low > 0.3
    assert best.level == 0.9
    assert best.sample_size >= best.own_posts > 0
    assert best.window_end - best.window_start == timedelta(minutes=30)


def test_a_format_with_few_posts_borrows_those_of_others(ctx: Context, linkedin: ChannelView) -> None:
    tell(ctx, linkedin.id, [*evenings(10), *evenings(1, ContentFormat.TEXT)])
    assert advice(ctx, linkedin).posts == 153
    assert advice(ctx, linkedin, content_format=ContentFormat.TEXT).posts == 153
    assert advice(ctx, linkedin, content_format=ContentFormat.TEXT).slots[0].content_format is ContentFormat.TEXT


def test_a_slot_keeps_its_id_until_something_new_is_learned(
    ctx: Context, linkedin: ChannelView, clock: StandingClock
) -> None:
    ends = MONDAY_NOON + 7 * DAY
    before = {slot.window_start: slot.id for slot in advice(ctx, linkedin, ends=ends).slots}
    clock.move(HOUR)
    after = {slot.window_start: slot.id for slot in advice(ctx, linkedin, ends=ends).slots}
    shared = before.keys() & after.keys()
    assert len(shared) > 5
    assert all(before[start] == after[start] for start in shared)
    assert len(set(before.values())) == len(before)
    tell(ctx, linkedin.id, evenings(4))
    learned = {slot.id for slot in advice(ctx, linkedin, ends=ends).slots}
    assert learned.isdisjoint(before.values())


def test_a_time_somebody_picks_is_scored_like_a_recommendation(ctx: Context, linkedin: ChannelView) -> None:
    best = advice(ctx, linkedin, count=1).slots[0]
    assert score_time(ctx, linkedin.id, best.window_start) == best.score
    assert score_time(ctx, linkedin.id, best.window_start + timedelta(minutes=29)) == best.score
    assert score_time(ctx, linkedin.id, datetime(2026, 3, 8, 3, tzinfo=UTC)) < best.score


# --- What is open ------------------------------------------------------------------------------------------------


def test_nothing_in_the_past_is_recommended_and_the_present_slot_is_open(ctx: Context, linkedin: ChannelView) -> None:
    assert opened(ctx, linkedin, MONDAY_NOON - DAY, MONDAY_NOON + HOUR) == ["Mon 13:00", "Mon 13:30"]
    assert opened(ctx, linkedin, MONDAY_NOON - DAY, MONDAY_NOON - HOUR) == []
    found = advice(ctx, linkedin, starts=MONDAY_NOON - DAY, ends=MONDAY_NOON + DAY, count=50)
    assert min(slot.window_start for slot in found.slots) >= MONDAY_NOON


def test_quiet_hours_are_left_out_by_the_clock_of_the_preference(ctx: Context, linkedin: ChannelView) -> None:
    save_preference(ctx, PreferenceView("linkedin", "Europe/Berlin", quiet_from=time(1), quiet_to=time(22, 30)))
    assert opened(ctx, linkedin, MIDNIGHT, MIDNIGHT + DAY) == [
        "Tue 00:00", "Tue 00:30", "Tue 22:30", "Tue 23:00", "Tue 23:30",
    ]  # fmt: skip


def test_quiet_hours_across_midnight_are_left_out(ctx: Context, linkedin: ChannelView) -> None:
    save_preference(ctx, PreferenceView("linkedin", "Europe/Berlin", quiet_from=time(2), quiet_to=time(1)))
    assert opened(ctx, linkedin, MIDNIGHT, MIDNIGHT + DAY) == ["Tue 01:00", "Tue 01:30"]


def test_working_days_only_closes_the_weekend(ctx: Context, linkedin: ChannelView) -> None:
    save_preference(ctx, PreferenceView("linkedin", "Europe/Berlin", working_days_only=True))
    found = advice(ctx, linkedin, count=40)
    assert {start.weekday() for start in local(found.slots)} == {0, 1, 2, 3, 4}


def test_a_blackout_closes_its_window_to_the_minute_on_its_channel_alone(ctx: Context, linkedin: ChannelView) -> None:
    other = add_channel(ctx, replace(linkedin_draft(), name="Another page"))
    add_blackout(ctx, MIDNIGHT + HOUR, MIDNIGHT + 2 * HOUR, "Quarter's end", linkedin.id)
    expected = ["Tue 00:00", "Tue 00:30", "Tue 02:00", "Tue 02:30"]
    assert opened(ctx, linkedin, MIDNIGHT, MIDNIGHT + 3 * HOUR) == expected
    assert len(opened(ctx, other, MIDNIGHT, MIDNIGHT + 3 * HOUR)) == 6


def test_two_hours_around_a_planned_post_are_closed_also_across_the_edge_of_the_range(
    ctx: Context, linkedin: ChannelView
) -> None:
    schedule_item(ctx, post(linkedin, TUESDAY))  # 13:00 in Berlin
    assert opened(ctx, linkedin, TUESDAY - 3 * HOUR, TUESDAY + 3 * HOUR) == [
        "Tue 10:00", "Tue 10:30", "Tue 11:00", "Tue 15:00", "Tue 15:30",
    ]  # fmt: skip
    assert opened(ctx, linkedin, TUESDAY + HOUR, TUESDAY + 3 * HOUR) == ["Tue 15:00", "Tue 15:30"]


@pytest.mark.parametrize(
    ("state", "is_open"), [(ItemState.CANCELED, True), (ItemState.FAILED, True), (ItemState.UNCONFIRMED, False)]
)
def test_a_post_that_will_not_go_out_leaves_its_time_free_and_an_unconfirmed_one_does_not(
    ctx: Context, linkedin: ChannelView, state: ItemState, is_open: bool
) -> None:
    item = schedule_item(ctx, post(linkedin, TUESDAY))
    put_in_state(ctx, item.id, state)
    assert bool(opened(ctx, linkedin, TUESDAY, TUESDAY + HOUR)) is is_open


def test_a_day_that_is_full_is_closed(ctx: Context, linkedin: ChannelView) -> None:
    for hour in (8, 12, 16):
        schedule_item(ctx, post(linkedin, MIDNIGHT + hour * HOUR, f"Post at {hour}"))
    assert opened(ctx, linkedin, MIDNIGHT, MIDNIGHT + DAY) == []


def test_the_week_the_clocks_change_keeps_the_hours_on_the_wall(ctx: Context, linkedin: ChannelView) -> None:
    """Berlin skips Sunday 29 March 2026, 02:00 to 03:00."""
    sunday = datetime(2026, 3, 29, tzinfo=UTC)
    expected = ["Sun 01:00", "Sun 01:30", "Sun 03:00", "Sun 03:30"]
    assert opened(ctx, linkedin, sunday, sunday + 2 * HOUR) == expected
    found = advice(ctx, linkedin, starts=sunday - 5 * DAY, ends=sunday + 5 * DAY, count=6)
    assert {start.utcoffset() for start in local(found.slots)} == {HOUR, 2 * HOUR}
    assert all(8 <= start.hour < 14 and start.weekday() in {1, 2, 3} for start in local(found.slots))


def test_an_hour_the_clocks_repeat_is_open_twice_and_recommended_once(ctx: Context, linkedin: ChannelView) -> None:
    """Berlin shows Sunday 25 October 2026, 02:00 to 03:00, at 00:00 and again at 01:00 UTC."""
    sunday = datetime(2026, 10, 25, tzinfo=UTC)
    assert opened(ctx, linkedin, sunday, sunday + 2 * HOUR) == ["Sun 02:00", "Sun 02:30"] * 2
    found = advice(ctx, linkedin, starts=sunday, ends=sunday + 2 * HOUR, count=10)
    assert [slot.window_start for slot in found.slots] == [sunday]


def test_a_full_week_is_closed_and_the_next_one_is_open(ctx: Context, linkedin: ChannelView) -> None:
    edit_channel(ctx, linkedin.id, replace(linkedin_draft(), max_per_week=2))
    for day in (1, 2):
        schedule_item(ctx, post(linkedin, MIDNIGHT + day * DAY + 9 * HOUR, f"Post of day {day}"))
    found = advice(ctx, linkedin, count=50, ends=MIDNIGHT + 12 * DAY)
    assert {start.isocalendar().week for start in local(found.slots)} == {11}  # week 10 is full


def test_suggestions_keep_the_channels_own_distance_where_it_is_longer_than_ours(
    ctx: Context, linkedin: ChannelView
) -> None:
    edit_channel(ctx, linkedin.id, replace(linkedin_draft(), min_gap_minutes=30 * 60))
    starts = sorted(local(advice(ctx, linkedin, count=50).slots))
    assert len(starts) > 5
    assert all(later - earlier >= 30 * HOUR for earlier, later in pairwise(starts))


def test_channels_of_one_zone_and_of_several_are_each_given_their_own_open_slots(
    ctx: Context, linkedin: ChannelView
) -> None:
    """What is looked at once for channels alike must not leak into channels that differ."""
    tokyo = add_channel(ctx, ChannelDraft("linkedin", "Tokyo", ChannelKind.OUTBOX, "Asia/Tokyo"))
    booked = add_channel(ctx, replace(linkedin_draft(), name="Booked"))
    schedule_item(ctx, post(booked, TUESDAY))
    with ctx.read() as session:
        rows = [session.get_one(Channel, channel.id) for channel in (linkedin, tokyo, booked)]
        together = open_slots(session, ctx, rows, MIDNIGHT, MIDNIGHT + DAY)
        alone = {row.id: open_slots(session, ctx, [row], MIDNIGHT, MIDNIGHT + DAY)[row.id] for row in rows}
    assert together == alone
    assert [slot.hour_of_week for slot in together[linkedin.id]] == [24 + half // 2 for half in range(48)]
    assert [slot.hour_of_week for slot in together[tokyo.id][:3]] == [32, 32, 33]  # Tuesday 08:00
    assert len(together[booked.id]) == 48 - 7


# --- Tries -------------------------------------------------------------------------------------------------------


def test_a_channels_budget_is_kept_and_said_and_another_may_be_asked_for(ctx: Context, linkedin: ChannelView) -> None:
    tell(ctx, linkedin.id, evenings(4))
    assert advice(ctx, linkedin).exploration is None
    edit_channel(ctx, linkedin.id, replace(linkedin_draft(), exploration_percent=10))
    found = advice(ctx, linkedin)
    assert sum(slot.is_exploration for slot in found.slots) == 1
    assert found.exploration == (
        "1 of your 10 suggestions tries an hour you rarely use: only posting there tells what it is worth."
    )
    assert sum(slot.is_exploration for slot in advice(ctx, linkedin, explore_share=0.3).slots) == 3
    assert not any(slot.is_exploration for slot in advice(ctx, linkedin, explore_share=0.0).slots)
    with pytest.raises(Invalid, match="explore_share"):
        advice(ctx, linkedin, explore_share=0.6)


def test_quiet_hours_are_never_tried(ctx: Context, linkedin: ChannelView) -> None:
    tell(ctx, linkedin.id, evenings(4))
    save_preference(ctx, PreferenceView("linkedin", "Europe/Berlin", quiet_from=time(22), quiet_to=time(7)))
    found = advice(ctx, linkedin, explore_share=0.5, count=20)
    assert any(slot.is_exploration for slot in found.slots)
    assert all(7 <= start.hour < 22 for start in local(found.slots))


def test_the_same_tries_are_suggested_until_something_new_is_learned(ctx: Context, linkedin: ChannelView) -> None:
    tell(ctx, linkedin.id, evenings(4))
    first, second = (advice(ctx, linkedin, explore_share=0.3) for _ in range(2))
    assert first == second


# --- What changes nothing ----------------------------------------------------------------------------------------


def figures(ctx: Context, channel: ChannelView) -> list[tuple[object, ...]]:
    """What is advised, without the id, to a millionth."""
    slots = advice(ctx, channel, count=20).slots
    return [
        (slot.window_start, slot.reasons, *(round(x, 6) for x in (slot.score, slot.expected_lift, slot.low, slot.high)))
        for slot in slots
    ]


def test_the_order_of_posts_the_name_of_a_zone_and_the_scale_of_engagement_change_no_advice(
    ctx: Context, linkedin: ChannelView
) -> None:
    """Vienna keeps Berlin's time; engagement is large enough for its logarithm to shift by a constant."""
    posts = [replace(told, engagement=told.engagement * 1e6) for told in evenings(12) if told.engagement]
    tell(ctx, linkedin.id, posts)
    vienna = add_channel(ctx, replace(linkedin_draft(), name="Vienna", timezone="Europe/Vienna"))
    tell(ctx, vienna.id, posts[::-1])
    louder = add_channel(ctx, replace(linkedin_draft(), name="Louder"))
    tell(ctx, louder.id, [replace(told, engagement=told.engagement * 10) for told in posts if told.engagement])
    expected = figures(ctx, linkedin)  # each is expected to be like the other two
    assert figures(ctx, vienna) == expected
    assert figures(ctx, louder) == expected


# --- What may be asked -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, -1, 201])
def test_a_count_out_of_bounds_is_refused(ctx: Context, linkedin: ChannelView, count: int) -> None:
    with pytest.raises(Invalid, match="ask for 1 to 200 slots"):
        advice(ctx, linkedin, count=count)


@pytest.mark.parametrize("span", [timedelta(), -DAY, 367 * DAY])
def test_a_range_that_is_empty_backwards_or_longer_than_a_year_is_refused(
    ctx: Context, linkedin: ChannelView, span: timedelta
) -> None:
    with pytest.raises(Invalid, match="choose an end within 366 days after the start"):
        advice(ctx, linkedin, starts=MONDAY_NOON, ends=MONDAY_NOON + span)


def test_two_hundred_are_found_where_there_is_room(ctx: Context, linkedin: ChannelView) -> None:
    found = advice(ctx, linkedin, count=200, ends=MONDAY_NOON + 60 * DAY)
    assert len(found.slots) == 200


def test_a_channel_of_another_workspace_is_not_there(linkedin: ChannelView, stranger: Context) -> None:
    with pytest.raises(NotFound):
        advice(stranger, linkedin)
    with pytest.raises(NotFound):
        score_time(stranger, linkedin.id, TUESDAY)
    assert recommend(stranger, RecommendationRequest()) == ()


def test_platforms_choose_among_the_active_channels_and_an_unknown_one_is_refused(
    ctx: Context, linkedin: ChannelView
) -> None:
    youtube = add_channel(ctx, ChannelDraft("youtube", "Our films", ChannelKind.OUTBOX, "UTC"))
    edit_channel(ctx, linkedin.id, replace(linkedin_draft(), active=False))
    assert [each.channel_id for each in recommend(ctx, RecommendationRequest())] == [youtube.id]
    assert recommend(ctx, RecommendationRequest(platforms=("linkedin",))) == ()
    with pytest.raises(Invalid):
        recommend(ctx, RecommendationRequest(platforms=("myspace",)))


def test_a_wish_for_confidence_leaves_out_what_is_a_guess(ctx: Context, linkedin: ChannelView) -> None:
    assert advice(ctx, linkedin, min_confidence=0.01).slots == ()
    tell(ctx, linkedin.id, evenings(20))
    confident = advice(ctx, linkedin, min_confidence=0.5).slots
    assert confident
    assert all(slot.confidence >= 0.5 for slot in confident)
