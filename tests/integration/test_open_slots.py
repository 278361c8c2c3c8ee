"""Open slots: places in the plan that wait for their post, from a frequency or a rule, until written or passed."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from planned_posts import MONDAY_NOON, StandingClock, linkedin_draft, post, put_in_state
from publishing_stage import worker_of

from core.bootstrap import Slotwise
from core.calendar.recurrence import Recurrence
from core.errors import Invalid, NotFound, StateConflict, TimeInPast
from core.services.calendars import cancel_calendar, find_calendar, list_calendars, schedule_item
from core.services.channels import ChannelDraft, ChannelView, add_channel, edit_channel
from core.services.conflicts import list_conflicts
from core.services.context import Context
from core.services.dashboard import attention, figures
from core.services.item_edits import edit_item
from core.services.item_views import ItemView, edit_of
from core.services.items import find_item, list_items
from core.services.moves import cancel_item, duplicate_item, move_item, publish_now
from core.services.open_slots import add_slots, propose_slots, put_back, remove_slots, soon_unwritten
from core.services.preferences import PreferenceView, add_blackout, save_preference
from core.services.recommendations import RecommendationRequest, recommend
from core.services.slot_passing import skip_passed
from core.services.slot_suggestions import FrequencySource, suggest_frequencies
from core.services.slot_views import ChannelFrequency, FixedTimes, HowOften, SlotsProposal
from core.vocabulary import CalendarState, ChannelKind, ContentFormat, ItemState

BERLIN = ZoneInfo("Europe/Berlin")
TODAY = date(2026, 3, 2)  # a Monday
WEEKDAYS = frozenset(range(5))
DAY = timedelta(days=1)


def a_week(channel: ChannelView, number: int, first: date = TODAY + 7 * DAY, days: int = 7) -> HowOften:
    return HowOften((ChannelFrequency(channel.id, number),), first, first + (days - 1) * DAY)


def at_ten(channel: ChannelView, *weekdays: int, until: date = TODAY + 13 * DAY) -> FixedTimes:
    return FixedTimes((channel.id,), Recurrence(frozenset(weekdays), time(10), TODAY, until=until))


def one_slot(ctx: Context, channel: ChannelView) -> ItemView:
    """Add an open slot on Tuesday 3 March, 10:00 in Berlin."""
    (item,) = add_slots(ctx, propose_slots(ctx, at_ten(channel, 1, until=TODAY + DAY)))
    return item


def local_days(proposal: SlotsProposal) -> list[date]:
    return [offer.scheduled_at.astimezone(ZoneInfo(offer.timezone)).date() for offer in proposal.offers]


# --- From a frequency --------------------------------------------------------------------------------------------


def test_three_a_week_are_three_in_every_whole_week_on_different_days(ctx: Context, linkedin: ChannelView) -> None:
    proposal = propose_slots(ctx, a_week(linkedin, 3, days=28))
    days = local_days(proposal)
    assert Counter(day.isocalendar().week for day in days) == {11: 3, 12: 3, 13: 3, 14: 3}
    assert len(set(days)) == 12
    assert [week.added for week in proposal.weeks] == [3, 3, 3, 3]
    assert all(offer.reason and 0 <= offer.score <= 1 for offer in proposal.offers)
    assert list_items(ctx).total == 0


def test_the_best_hours_of_the_platforms_research_come_first(ctx: Context, linkedin: ChannelView) -> None:
    best = recommend(ctx, RecommendationRequest((linkedin.id,), count=1))[0].slots[0]
    proposal = propose_slots(ctx, a_week(linkedin, 1))
    assert [offer.expected_lift for offer in proposal.offers] == [best.expected_lift]


def test_what_stands_in_a_week_counts_towards_its_number(ctx: Context, linkedin: ChannelView) -> None:
    monday = datetime(2026, 3, 9, 10, tzinfo=UTC)
    for day in range(2):
        schedule_item(ctx, post(linkedin, monday + day * DAY, f"Post {day}"))
    proposal = propose_slots(ctx, a_week(linkedin, 3, days=14))
    assert [(week.standing, week.wanted, week.added) for week in proposal.weeks] == [(2, 3, 1), (0, 3, 3)]
    assert local_days(proposal)[0] not in {date(2026, 3, 9), date(2026, 3, 10)}


def test_a_part_of_a_week_gets_its_share_and_no_more_than_the_week_has_left(
    ctx: Context, linkedin: ChannelView
) -> None:
    wednesday = date(2026, 3, 11)
    (part,) = propose_slots(ctx, a_week(linkedin, 3, wednesday, 5)).weeks
    assert (part.days, part.wanted, part.added, part.elsewhere) == (5, 2, 2, 0)
    for hour in (9, 12):
        schedule_item(ctx, post(linkedin, datetime(2026, 3, 9, hour, tzinfo=UTC), f"At {hour}"))
    (part,) = propose_slots(ctx, a_week(linkedin, 3, wednesday, 5)).weeks
    assert (part.days, part.wanted, part.added, part.elsewhere) == (5, 1, 1, 2)


def test_a_day_gets_a_second_post_only_when_every_other_is_full(ctx: Context, linkedin: ChannelView) -> None:
    proposal = propose_slots(ctx, a_week(linkedin, 10))
    assert sorted(Counter(local_days(proposal)).values()) == [1, 1, 1, 1, 2, 2, 2]


def test_a_week_that_cannot_hold_its_number_says_what_would_make_room(ctx: Context, linkedin: ChannelView) -> None:
    edit_channel(ctx, linkedin.id, replace(linkedin_draft(), max_per_day=1))
    (week,) = propose_slots(ctx, a_week(linkedin, 9)).weeks
    assert (week.added, week.missing) == (7, 2)
    assert "on days that already have the most posts allowed" in week.reason
    assert "if that day's cap becomes 2" in week.reason


def test_a_week_that_is_closed_says_by_what(ctx: Context, linkedin: ChannelView) -> None:
    save_preference(ctx, PreferenceView("linkedin", "Europe/Berlin", working_days_only=True))
    add_blackout(ctx, datetime(2026, 3, 8, 23, tzinfo=UTC), datetime(2026, 3, 13, 23, tzinfo=UTC), "Fair")
    proposal = propose_slots(ctx, a_week(linkedin, 2))
    assert proposal.offers == ()
    assert proposal.weeks[0].reason == (
        "Our page may not post in any of the 336 half hours: 240 are in a blackout and 96 are on weekends."
    )


def test_several_channels_get_their_own_numbers_and_formats(ctx: Context, linkedin: ChannelView) -> None:
    films = add_channel(ctx, ChannelDraft("youtube", "Films", ChannelKind.OUTBOX, "Asia/Tokyo"))
    none = add_channel(ctx, ChannelDraft("twitter", "News", ChannelKind.OUTBOX, "UTC"))
    wanted = (
        ChannelFrequency(linkedin.id, 3),
        ChannelFrequency(films.id, 2, ContentFormat.VIDEO_SHORT),
        ChannelFrequency(none.id, 0),
    )
    proposal = propose_slots(ctx, HowOften(wanted, TODAY + 7 * DAY, TODAY + 13 * DAY))
    assert Counter(offer.channel_name for offer in proposal.offers) == {"Our page": 3, "Films": 2}
    assert {offer.content_format for offer in proposal.offers if offer.channel_name == "Films"} == {
        ContentFormat.VIDEO_SHORT
    }
    items = add_slots(ctx, proposal)
    assert {item.content_format for item in items} == {ContentFormat.TEXT, ContentFormat.VIDEO_SHORT}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda wanted: replace(wanted, last_day=wanted.first_day - DAY), "last_day"),
        (lambda wanted: replace(wanted, last_day=wanted.first_day + 92 * DAY), "last_day"),
        (lambda wanted: replace(wanted, first_day=TODAY - DAY), "first_day"),
        (lambda wanted: replace(wanted, channels=()), "channels"),
        (lambda wanted: replace(wanted, channels=(replace(wanted.channels[0], posts_per_week=101),)), "posts_per_week"),
        (
            lambda wanted: replace(wanted, channels=(replace(wanted.channels[0], content_format=ContentFormat.STORY),)),
            "content_format",
        ),
    ],
)
def test_a_request_that_cannot_be_meant_is_refused_by_its_place(
    change: Callable[[HowOften], HowOften], place: str, ctx: Context, linkedin: ChannelView
) -> None:
    with pytest.raises(Invalid) as refused:
        propose_slots(ctx, change(a_week(linkedin, 3)))
    assert [problem.place.rpartition(".")[2] for problem in refused.value.problems] == [place]


def test_a_channel_that_is_switched_off_gets_no_slots(ctx: Context, linkedin: ChannelView) -> None:
    edit_channel(ctx, linkedin.id, replace(linkedin_draft(), active=False))
    with pytest.raises(Invalid, match="switched off"):
        propose_slots(ctx, a_week(linkedin, 3))


# --- From a rule -------------------------------------------------------------------------------------------------


def test_a_rule_keeps_its_local_time_when_the_clocks_change(ctx: Context, linkedin: ChannelView) -> None:
    proposal = propose_slots(ctx, at_ten(linkedin, 0, until=date(2026, 4, 6)))
    assert [offer.scheduled_at for offer in proposal.offers] == [
        datetime(2026, 3, 2 + 7, 9, tzinfo=UTC),  # today's 10:00 has passed
        datetime(2026, 3, 16, 9, tzinfo=UTC),
        datetime(2026, 3, 23, 9, tzinfo=UTC),
        datetime(2026, 3, 30, 8, tzinfo=UTC),
        datetime(2026, 4, 6, 8, tzinfo=UTC),
    ]


def test_times_without_room_are_offered_with_the_reason_and_left_out_unless_kept(
    ctx: Context, linkedin: ChannelView
) -> None:
    schedule_item(ctx, post(linkedin, datetime(2026, 3, 3, 8, tzinfo=UTC), "Coffee"))
    add_blackout(ctx, datetime(2026, 3, 4, tzinfo=UTC), datetime(2026, 3, 5, tzinfo=UTC), "Fair")
    save_preference(ctx, PreferenceView("linkedin", "Europe/Berlin", working_days_only=True))
    proposal = propose_slots(ctx, at_ten(linkedin, 1, 2, 3, 5, until=TODAY + 5 * DAY))
    near, closed, free, weekend = proposal.offers
    assert "less than 120 minutes from “Coffee”" in near.against
    assert "falls in the blackout “Fair”" in closed.against
    assert (free.against, free.keep) == ("", True)
    assert weekend.against == "Our page does not post on weekends."
    assert proposal.kept == (free,)
    kept = replace(proposal, offers=(replace(closed, keep=True), free, near))
    assert len(add_slots(ctx, kept)) == 2


def test_a_rules_own_times_count_against_the_caps(ctx: Context, linkedin: ChannelView) -> None:
    edit_channel(ctx, linkedin.id, replace(linkedin_draft(), max_per_week=2))
    proposal = propose_slots(ctx, at_ten(linkedin, 1, 2, 3, until=TODAY + 6 * DAY))
    assert [offer.keep for offer in proposal.offers] == [True, True, False]
    assert "would be post 3 in the week from 2026-03-02" in proposal.offers[2].against


def test_a_rule_of_the_past_or_without_a_time_left_is_refused(ctx: Context, linkedin: ChannelView) -> None:
    past = Recurrence(frozenset({0}), time(10), TODAY - DAY, until=TODAY)
    with pytest.raises(Invalid, match="choose 2026-03-02 or later"):
        propose_slots(ctx, FixedTimes((linkedin.id,), past))
    with pytest.raises(Invalid, match="10:00 has already passed today"):
        propose_slots(ctx, at_ten(linkedin, 0, until=TODAY))


def test_a_rule_that_never_meets_its_days_offers_nothing(ctx: Context, linkedin: ChannelView) -> None:
    proposal = propose_slots(ctx, at_ten(linkedin, 6, until=TODAY + 2 * DAY))
    assert proposal.offers == ()
    with pytest.raises(Invalid, match="keep at least one time"):
        add_slots(ctx, proposal)


# --- Added and removed -------------------------------------------------------------------------------------------


def test_slots_wait_in_their_calendar_as_pending_items_without_words(ctx: Context, linkedin: ChannelView) -> None:
    items = add_slots(ctx, propose_slots(ctx, a_week(linkedin, 2)), new_title="Spring")
    calendar = find_calendar(ctx, items[0].calendar_id)
    assert (calendar.title, calendar.state, calendar.counts) == (
        "Spring",
        CalendarState.PENDING,
        {ItemState.PENDING: 2},
    )
    assert all(item.is_open_slot and item.state is ItemState.PENDING for item in items)
    assert {item.calendar_id for item in add_slots(ctx, propose_slots(ctx, at_ten(linkedin, 1)), calendar.id)} == {
        calendar.id
    }


def test_a_proposal_whose_time_was_taken_meanwhile_adds_nothing(ctx: Context, linkedin: ChannelView) -> None:
    proposal = propose_slots(ctx, a_week(linkedin, 3))
    schedule_item(ctx, post(linkedin, proposal.offers[1].scheduled_at + timedelta(minutes=30)))
    with pytest.raises(StateConflict, match=r"out of date .*less than 120 minutes"):
        add_slots(ctx, proposal, new_title="Spring")
    assert (list_items(ctx).total, [each.title for each in list_calendars(ctx)]) == (1, ["Posts"])


def test_a_proposal_cannot_be_added_twice_late_or_to_a_canceled_calendar(
    ctx: Context, linkedin: ChannelView, clock: StandingClock
) -> None:
    proposal = propose_slots(ctx, a_week(linkedin, 3))
    calendar = add_slots(ctx, proposal)[0].calendar_id
    with pytest.raises(StateConflict):
        add_slots(ctx, proposal)
    cancel_calendar(ctx, calendar)
    with pytest.raises(StateConflict, match="canceled"):
        add_slots(ctx, proposal, calendar)
    with pytest.raises(NotFound):
        add_slots(ctx, proposal, "cal_none")
    with pytest.raises(Invalid, match="not both"):
        add_slots(ctx, proposal, calendar, "Spring")
    clock.move(30 * DAY)
    with pytest.raises(Invalid, match=r"offers\[0\].scheduled_at.*already passed"):
        add_slots(ctx, proposal)


def test_removing_is_the_undo_and_can_itself_be_undone(ctx: Context, linkedin: ChannelView) -> None:
    items = add_slots(ctx, propose_slots(ctx, a_week(linkedin, 3)))
    remove_slots(ctx, [item.id for item in items])
    assert list_items(ctx).total == 0
    again = put_back(ctx, items)
    assert [(each.scheduled_at, each.channel_id) for each in again] == [
        (each.scheduled_at, each.channel_id) for each in items
    ]
    assert all(each.is_open_slot for each in again)


def test_what_was_written_meanwhile_is_never_removed(ctx: Context, linkedin: ChannelView) -> None:
    first, second = add_slots(ctx, propose_slots(ctx, a_week(linkedin, 2)))
    edit_item(ctx, second.id, replace(edit_of(second), text="Hello"))
    with pytest.raises(StateConflict, match="cancel it instead"):
        remove_slots(ctx, [first.id, second.id])
    assert list_items(ctx).total == 2


# --- What an open slot is ----------------------------------------------------------------------------------------


def test_words_make_a_slot_a_post(ctx: Context, linkedin: ChannelView) -> None:
    slot = one_slot(ctx, linkedin)
    written = edit_item(ctx, slot.id, replace(edit_of(slot), title="Spring", text="Come and see."), slot.version)
    assert (written.state, written.is_open_slot, written.text) == (ItemState.SCHEDULED, False, "Come and see.")
    assert find_calendar(ctx, slot.calendar_id).state is CalendarState.RUNNING


def test_a_slot_that_is_written_is_checked_like_a_new_post(
    ctx: Context, linkedin: ChannelView, clock: StandingClock
) -> None:
    slot = one_slot(ctx, linkedin)
    with pytest.raises(Invalid, match="takes at most 3000 characters"):
        edit_item(ctx, slot.id, replace(edit_of(slot), text="x" * 3001))
    clock.move(2 * DAY)
    with pytest.raises(TimeInPast):
        edit_item(ctx, slot.id, replace(edit_of(slot), text="Too late"))
    assert find_item(ctx, slot.id).item.is_open_slot


def test_a_slot_stays_open_while_only_its_plan_is_edited(ctx: Context, linkedin: ChannelView) -> None:
    slot = one_slot(ctx, linkedin)
    later = slot.scheduled_at + DAY
    kept = edit_item(ctx, slot.id, replace(edit_of(slot), text="  ", priority=7, scheduled_at=later))
    assert (kept.is_open_slot, kept.priority, kept.scheduled_at) == (True, 7, later)
    with pytest.raises(Invalid, match="does not take story"):
        edit_item(ctx, slot.id, replace(edit_of(slot), content_format=ContentFormat.STORY))


def test_a_slot_is_moved_and_canceled_like_a_post_but_never_published(ctx: Context, linkedin: ChannelView) -> None:
    slot = one_slot(ctx, linkedin)
    moved = move_item(ctx, slot.id, slot.scheduled_at + DAY).item
    assert moved.is_open_slot
    with pytest.raises(Invalid, match="write a title or a text"):
        publish_now(ctx, slot.id)
    assert cancel_item(ctx, slot.id).state is ItemState.CANCELED


def test_a_copy_of_a_slot_is_another_slot(ctx: Context, linkedin: ChannelView) -> None:
    slot = one_slot(ctx, linkedin)
    copy = duplicate_item(ctx, slot.id, slot.scheduled_at + DAY)
    assert (copy.is_open_slot, copy.content_id == slot.content_id) == (True, False)
    cancel_item(ctx, slot.id)
    assert duplicate_item(ctx, slot.id, slot.scheduled_at + 2 * DAY).is_open_slot


def test_slots_take_up_their_time_but_are_no_duplicates_of_each_other(ctx: Context, linkedin: ChannelView) -> None:
    slot = one_slot(ctx, linkedin)
    add_slots(ctx, propose_slots(ctx, at_ten(linkedin, 2, until=TODAY + 2 * DAY)))
    assert list_conflicts(ctx, MONDAY_NOON, MONDAY_NOON + 7 * DAY) == {}
    near = schedule_item(ctx, post(linkedin, slot.scheduled_at + timedelta(minutes=30)))
    (conflict,) = find_item(ctx, near.id).conflicts
    assert "less than 120 minutes from “Open slot”" in conflict.message
    starts = slot.scheduled_at - timedelta(hours=1)
    (advice,) = recommend(ctx, RecommendationRequest((linkedin.id,), starts=starts, ends=starts + timedelta(hours=2)))
    assert advice.slots == ()


def test_slots_are_not_going_out_and_those_of_two_days_need_a_person(ctx: Context, linkedin: ChannelView) -> None:
    slot = one_slot(ctx, linkedin)
    add_slots(ctx, propose_slots(ctx, at_ten(linkedin, 4, until=TODAY + 4 * DAY)))
    found = figures(ctx)
    assert (found.today, found.next_at, found.week_planned, found.waiting) == (0, None, 0, 1)
    assert [each.id for each in soon_unwritten(ctx)] == [slot.id]
    assert attention(ctx) == ()


# --- Passed ------------------------------------------------------------------------------------------------------


def run(name: str, subject: str, call: Callable[[], object]) -> bool:
    call()
    return True


def test_a_slot_whose_time_passes_unwritten_is_skipped_and_its_calendar_completes(
    house: Slotwise, ctx: Context, linkedin: ChannelView, clock: StandingClock
) -> None:
    slot = one_slot(ctx, linkedin)
    skip_passed(worker_of(house), run)
    assert find_item(ctx, slot.id).item.is_open_slot
    clock.move(DAY)
    skip_passed(worker_of(house), run)
    detail = find_item(ctx, slot.id)
    assert (detail.item.state, detail.item.error) == (ItemState.SKIPPED, "Nobody wrote a post for this slot.")
    assert detail.item.version == slot.version + 1
    assert [(line.actor, line.action) for line in detail.audit][-1] == ("worker_1", "skipped")
    assert find_calendar(ctx, slot.calendar_id).state is CalendarState.COMPLETED


def test_posts_and_drafts_with_words_are_never_skipped_as_slots(
    house: Slotwise, ctx: Context, linkedin: ChannelView, clock: StandingClock
) -> None:
    scheduled = schedule_item(ctx, post(linkedin, MONDAY_NOON + DAY))
    draft = schedule_item(ctx, post(linkedin, MONDAY_NOON + 2 * DAY, "Draft"))
    put_in_state(ctx, draft.id, ItemState.PENDING)
    clock.move(3 * DAY)
    skip_passed(worker_of(house), run)
    assert find_item(ctx, scheduled.id).item.state is ItemState.SCHEDULED
    assert find_item(ctx, draft.id).item.state is ItemState.PENDING


# --- How often to start from -------------------------------------------------------------------------------------


def test_a_frequency_starts_from_the_preference_then_research_within_the_caps(
    ctx: Context, linkedin: ChannelView
) -> None:
    (research,) = suggest_frequencies(ctx)
    assert (research.source, research.posts_per_week) == (FrequencySource.RESEARCH, research.least)
    save_preference(ctx, PreferenceView("linkedin", "UTC", 4, 6))
    (wanted,) = suggest_frequencies(ctx)
    assert (wanted.source, wanted.posts_per_week, wanted.least, wanted.most) == (FrequencySource.PREFERENCE, 4, 4, 6)
    edit_channel(ctx, linkedin.id, replace(linkedin_draft(), max_per_week=2))
    (capped,) = suggest_frequencies(ctx)
    assert (capped.posts_per_week, capped.cap) == (2, 2)
    edit_channel(ctx, linkedin.id, replace(linkedin_draft(), active=False))
    assert suggest_frequencies(ctx) == ()
