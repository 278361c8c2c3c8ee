"""Filling: the best free times within every rule, reasons for the rest, and one step from proposal to schedule."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from planned_posts import MONDAY_NOON, TUESDAY, StandingClock, linkedin_draft, post, put_in_state

from core.errors import Invalid, NotFound, StateConflict, TimeInPast
from core.services.calendars import cancel_calendar, find_calendar, schedule_item
from core.services.channels import ChannelDraft, ChannelView, add_channel, edit_channel
from core.services.conflicts import find_item_conflicts, list_conflicts
from core.services.context import Context
from core.services.fill_views import FillDraft, FillProposal, FillRequest, Score
from core.services.filling import apply_fill, propose_fill
from core.services.items import count_items, find_item, list_items
from core.services.moves import cancel_item
from core.services.preferences import PreferenceView, add_blackout, save_preference
from core.vocabulary import ChannelKind, ContentFormat, ItemState

DAY = timedelta(days=1)
TUESDAY_MIDNIGHT = datetime(2026, 3, 2, 23, tzinfo=UTC)  # 3 March, 00:00 in Berlin


def flat(channel_id: str, content_format: ContentFormat, when: datetime) -> float:
    return 0.5


def best_at(*hours: int) -> Score:
    """Give a score that likes these UTC hours, the first most."""

    def score(channel_id: str, content_format: ContentFormat, when: datetime) -> float:
        return 1 - hours.index(when.hour) / 10 if when.minute == 0 and when.hour in hours else 0.0

    return score


def drafts(channel: ChannelView, count: int) -> tuple[FillDraft, ...]:
    return tuple(FillDraft(f"Draft {n}", f"Text {n}", channel_ids=(channel.id,)) for n in range(count))


def times(proposal: FillProposal) -> list[str]:
    return [f"{placement.local:%a %H:%M}" for placement in proposal.placements]


def test_drafts_get_the_best_times_of_the_channels_clock_with_a_reason(ctx: Context, linkedin: ChannelView) -> None:
    request = FillRequest(drafts(linkedin, 2), TUESDAY_MIDNIGHT, TUESDAY_MIDNIGHT + DAY)
    proposal = propose_fill(ctx, request, best_at(9, 14))
    assert times(proposal) == ["Tue 10:00", "Tue 15:00"]
    first, second = proposal.placements
    assert (first.scheduled_at, first.score, first.draft.title) == (
        datetime(2026, 3, 3, 9, tzinfo=UTC), 1.0, "Draft 0",
    )  # fmt: skip
    assert first.reason == "scores 1.00, better than 47 of the 48 half hours in which Our page may post"
    assert second.reason == "scores 0.90, better than 46 of the 48 half hours in which Our page may post"
    assert (proposal.unplaced, proposal.value) == ((), 2.0 + 1.9)
    assert list_items(ctx).total == 0


def test_spacing_and_the_days_cap_hold_and_what_is_left_says_why(ctx: Context, linkedin: ChannelView) -> None:
    request = FillRequest(drafts(linkedin, 5), TUESDAY_MIDNIGHT, TUESDAY_MIDNIGHT + DAY)
    proposal = propose_fill(ctx, request, best_at(9, 10, 11, 12, 13))
    assert times(proposal) == ["Tue 10:00", "Tue 12:00", "Tue 14:00"]
    assert [one.number for one in proposal.unplaced] == [3, 4]
    assert "on days that already have the most posts allowed, 3" in proposal.unplaced[0].reason


def test_what_is_already_scheduled_keeps_its_place_and_what_was_canceled_does_not(
    ctx: Context, linkedin: ChannelView
) -> None:
    nine = datetime(2026, 3, 3, 9, tzinfo=UTC)
    standing = schedule_item(ctx, post(linkedin, nine))
    request = FillRequest(drafts(linkedin, 1), TUESDAY_MIDNIGHT, TUESDAY_MIDNIGHT + DAY)
    assert times(propose_fill(ctx, request, best_at(9, 10, 11))) == ["Tue 12:00"]
    cancel_item(ctx, standing.id)
    assert times(propose_fill(ctx, request, best_at(9, 10, 11))) == ["Tue 10:00"]


def test_a_weeks_cap_counts_what_went_out_earlier_in_the_week(ctx: Context, linkedin: ChannelView) -> None:
    edit_channel(ctx, linkedin.id, replace(linkedin_draft(), max_per_week=2))
    sent = schedule_item(ctx, post(linkedin, MONDAY_NOON))
    put_in_state(ctx, sent.id, ItemState.PUBLISHED)
    request = FillRequest(drafts(linkedin, 2), TUESDAY_MIDNIGHT, TUESDAY_MIDNIGHT + DAY)
    proposal = propose_fill(ctx, request, flat)
    assert (len(proposal.placements), len(proposal.unplaced)) == (1, 1)
    assert "in weeks that already have the most posts allowed, 2" in proposal.unplaced[0].reason


def test_quiet_hours_weekends_and_blackouts_stay_free(ctx: Context, linkedin: ChannelView) -> None:
    save_preference(
        ctx,
        PreferenceView(
            "linkedin", "Asia/Tokyo", quiet_from=time(9), quiet_to=time(8), working_days_only=True,
            posting_frequency_max=2,
        ),
    )  # fmt: skip
    add_blackout(ctx, datetime(2026, 3, 3, tzinfo=UTC), datetime(2026, 3, 6, tzinfo=UTC), "Fair")
    start = datetime(2026, 3, 2, 15, tzinfo=UTC)  # midnight in Tokyo
    proposal = propose_fill(ctx, FillRequest(drafts(linkedin, 5), start, start + 14 * DAY), flat)
    # Open from 8:00 to 9:00 in Tokyo, Monday to Friday; at most two in a week of Berlin, where that is midnight.
    assert [placement.scheduled_at for placement in proposal.placements] == [
        datetime(2026, 3, 2, 23, tzinfo=UTC),
        datetime(2026, 3, 8, 23, tzinfo=UTC),
        datetime(2026, 3, 9, 23, tzinfo=UTC),
        datetime(2026, 3, 15, 23, tzinfo=UTC),
    ]
    assert len(proposal.unplaced) == 1


def test_a_range_that_is_closed_throughout_says_so(ctx: Context, linkedin: ChannelView) -> None:
    save_preference(ctx, PreferenceView("linkedin", "UTC", quiet_from=time(0), quiet_to=time(6)))
    add_blackout(ctx, TUESDAY.replace(hour=6), TUESDAY.replace(hour=12), "Fair", linkedin.id)
    noon = TUESDAY.replace(hour=12)
    proposal = propose_fill(ctx, FillRequest(drafts(linkedin, 1), noon - DAY / 2, noon), flat)
    assert [one.reason for one in proposal.unplaced] == [
        (
            "Our page may not post in any of the 24 half hours it could take: 12 are in a blackout and 12 are in quiet "
            "hours."
        )
    ]
    short = FillRequest(drafts(linkedin, 1), noon + timedelta(minutes=1), noon + timedelta(minutes=20))
    assert [one.reason for one in propose_fill(ctx, short, flat).unplaced] == [
        "the range is too short: no half hour begins in it"
    ]


def test_higher_priorities_choose_first_and_formats_are_scored_on_their_own(
    ctx: Context, linkedin: ChannelView
) -> None:
    def score(channel_id: str, content_format: ContentFormat, when: datetime) -> float:
        wanted = 9 if content_format is ContentFormat.TEXT else 18
        return float(when.hour == wanted and when.minute == 0)

    low = FillDraft("Low", "a", channel_ids=(linkedin.id,))
    high = FillDraft("High", "b", channel_ids=(linkedin.id,), priority=5)
    article = FillDraft("Article", "c", ContentFormat.ARTICLE, (linkedin.id,), priority=5)
    proposal = propose_fill(ctx, FillRequest((low, high, article), TUESDAY_MIDNIGHT, TUESDAY_MIDNIGHT + DAY), score)
    placed = {one.draft.title: one.scheduled_at.hour for one in proposal.placements}
    assert (placed["High"], placed["Article"]) == (9, 18)
    assert placed["Low"] not in {9, 18}


def test_the_past_part_of_a_range_is_not_used(ctx: Context, linkedin: ChannelView) -> None:
    proposal = propose_fill(ctx, FillRequest(drafts(linkedin, 1), MONDAY_NOON - DAY, MONDAY_NOON + DAY), flat)
    assert [one.scheduled_at for one in proposal.placements] == [MONDAY_NOON]
    with pytest.raises(TimeInPast):
        propose_fill(ctx, FillRequest(drafts(linkedin, 1), MONDAY_NOON - DAY, MONDAY_NOON), flat)


def test_a_platform_stands_for_its_active_channels_and_what_cannot_go_out_says_why(
    ctx: Context, linkedin: ChannelView
) -> None:
    second = add_channel(ctx, replace(linkedin_draft(), name="Second page"))
    off = add_channel(ctx, replace(linkedin_draft(), name="Old page", active=False))
    everywhere = FillDraft("News", "n", platforms=("LinkedIn", "x"), channel_ids=(linkedin.id, off.id))
    story = FillDraft("Story", "s", ContentFormat.STORY, channel_ids=(linkedin.id,))
    proposal = propose_fill(ctx, FillRequest((everywhere, story), TUESDAY, TUESDAY + DAY), flat)
    assert {one.channel_id for one in proposal.placements} == {linkedin.id, second.id}
    reasons = {one.channel_name: one.reason for one in proposal.unplaced if one.number == 0}
    assert reasons == {
        "Old page": "this channel is switched off; switch it on or choose another",
        "X (Twitter)": "there is no active X (Twitter) channel; connect one first",
    }
    (refused,) = [one for one in proposal.unplaced if one.number == 1]
    assert refused.reason.startswith("LinkedIn does not take story")


def test_a_request_that_makes_no_sense_is_refused_with_every_problem(ctx: Context, linkedin: ChannelView) -> None:
    with pytest.raises(Invalid) as refused:
        propose_fill(ctx, FillRequest((FillDraft("Nowhere", "x"),), TUESDAY, TUESDAY + timedelta(days=93)), flat)
    assert [problem.place for problem in refused.value.problems] == ["ends", "drafts[0].channel_ids"]
    with pytest.raises(Invalid, match="starts: say in which time zone"):
        propose_fill(ctx, FillRequest(drafts(linkedin, 1), TUESDAY.replace(tzinfo=None), TUESDAY), flat)
    with pytest.raises(Invalid, match="drafts: send 1 to 1000 drafts"):
        propose_fill(ctx, FillRequest((), TUESDAY, TUESDAY + DAY), flat)


def test_an_applied_proposal_is_scheduled_and_a_draft_on_two_channels_is_one_content(
    ctx: Context, linkedin: ChannelView
) -> None:
    second = add_channel(ctx, ChannelDraft("x", "Short news", ChannelKind.OUTBOX, "UTC"))
    both = FillDraft("News", "n", channel_ids=(linkedin.id, second.id), tags=("a",), metadata={"k": 1}, priority=3)
    proposal = propose_fill(ctx, FillRequest((both, *drafts(second, 1)), TUESDAY, TUESDAY + DAY), flat)
    items = apply_fill(ctx, proposal)
    assert [(one.channel_id, one.scheduled_at) for one in items] == [
        (one.channel_id, one.scheduled_at) for one in proposal.placements
    ]
    news = [one for one in items if one.title == "News"]
    assert len({one.content_id for one in news}) == 1
    assert {(one.tags, one.priority, one.metadata["k"]) for one in news} == {(("a",), 3, 1)}
    assert find_calendar(ctx, items[0].calendar_id).counts == {ItemState.SCHEDULED: 3}


def test_an_existing_content_can_be_placed_again(ctx: Context, linkedin: ChannelView) -> None:
    first = schedule_item(ctx, post(linkedin, TUESDAY))
    again = FillDraft(content_id=first.content_id, channel_ids=(linkedin.id,))
    (item,) = apply_fill(ctx, propose_fill(ctx, FillRequest((again,), TUESDAY + DAY, TUESDAY + 2 * DAY), flat))
    assert (item.content_id, item.title) == (first.content_id, first.title)


def test_a_proposal_is_refused_whole_once_one_of_its_times_is_taken(ctx: Context, linkedin: ChannelView) -> None:
    request = FillRequest(drafts(linkedin, 2), TUESDAY_MIDNIGHT, TUESDAY_MIDNIGHT + DAY)
    proposal = propose_fill(ctx, request, best_at(9, 14))
    schedule_item(ctx, post(linkedin, datetime(2026, 3, 3, 15, tzinfo=UTC)))
    with pytest.raises(StateConflict, match=r"out of date \(2026-03-03 15:00 on Our page is no longer free\)"):
        apply_fill(ctx, proposal)
    assert count_items(ctx) == {ItemState.SCHEDULED: 1}


def test_a_proposal_is_refused_once_a_blackout_covers_it(ctx: Context, linkedin: ChannelView) -> None:
    request = FillRequest(drafts(linkedin, 1), TUESDAY_MIDNIGHT, TUESDAY_MIDNIGHT + DAY)
    proposal = propose_fill(ctx, request, best_at(9))
    add_blackout(ctx, TUESDAY_MIDNIGHT, TUESDAY_MIDNIGHT + DAY, "Fair")
    with pytest.raises(StateConflict, match="no longer free"):
        apply_fill(ctx, proposal)


def test_a_proposal_whose_times_have_passed_or_whose_calendar_is_canceled_is_refused(
    ctx: Context, linkedin: ChannelView, clock: StandingClock
) -> None:
    proposal = propose_fill(ctx, FillRequest(drafts(linkedin, 1), TUESDAY, TUESDAY + DAY), flat)
    closed = schedule_item(ctx, post(linkedin, TUESDAY + 7 * DAY)).calendar_id
    cancel_calendar(ctx, closed)
    with pytest.raises(StateConflict, match="This calendar is canceled"):
        apply_fill(ctx, proposal, closed)
    clock.move(2 * DAY)
    with pytest.raises(Invalid, match=r"items\[0\]\.scheduled_at: has already passed"):
        apply_fill(ctx, proposal)


def test_of_two_that_apply_the_same_proposal_at_once_one_wins(ctx: Context, linkedin: ChannelView) -> None:
    proposal = propose_fill(ctx, FillRequest(drafts(linkedin, 3), TUESDAY, TUESDAY + 3 * DAY), flat)

    def apply(_: int) -> bool:
        try:
            return len(apply_fill(ctx, proposal)) == 3
        except StateConflict:
            return False

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(apply, range(4))) == [False, False, False, True]
    assert list_items(ctx).total == 3


def test_nothing_of_another_workspace_is_filled(ctx: Context, stranger: Context, linkedin: ChannelView) -> None:
    proposal = propose_fill(ctx, FillRequest(drafts(linkedin, 1), TUESDAY, TUESDAY + DAY), flat)
    content = schedule_item(ctx, post(linkedin, TUESDAY + 7 * DAY)).content_id
    theirs = add_channel(stranger, linkedin_draft())
    with pytest.raises(NotFound, match=linkedin.id):
        propose_fill(stranger, FillRequest(drafts(linkedin, 1), TUESDAY, TUESDAY + DAY), flat)
    again = FillDraft(content_id=content, channel_ids=(theirs.id,))
    with pytest.raises(NotFound, match=content):
        propose_fill(stranger, FillRequest((again,), TUESDAY, TUESDAY + DAY), flat)
    with pytest.raises(Invalid, match="no such channel in this workspace"):
        apply_fill(stranger, proposal)
    with pytest.raises(NotFound, match="calendar"):
        apply_fill(ctx, proposal, "cal_none")


# --- Conflicts ---------------------------------------------------------------------------------------------------


def messages(ctx: Context, channel: ChannelView, when: datetime, text: str = "Something new") -> list[str]:
    return [one.message for one in find_item_conflicts(ctx, channel.id, when, "New", text)]


def test_a_free_time_has_no_conflicts(ctx: Context, linkedin: ChannelView) -> None:
    assert messages(ctx, linkedin, TUESDAY) == []


def test_conflicts_name_spacing_repeated_words_and_blackouts(ctx: Context, linkedin: ChannelView) -> None:
    standing = schedule_item(ctx, post(linkedin, TUESDAY))
    add_blackout(ctx, TUESDAY - DAY / 24, TUESDAY + DAY / 24, "Fair")
    start = "“New” at 2026-03-03 13:30 (Europe/Berlin)"
    assert messages(ctx, linkedin, TUESDAY + timedelta(minutes=30), " spring IS here:  come and see.") == [
        f"{start} is less than 120 minutes from “Spring is here” at 2026-03-03 13:00.",
        f"{start} is the same content within 30 days as “Spring is here” at 2026-03-03 13:00.",
        f"{start} falls in the blackout “Fair”, 2026-03-03 12:00 to 2026-03-03 14:00.",
    ]
    (own,) = find_item(ctx, standing.id).conflicts
    assert own.message.endswith("falls in the blackout “Fair”, 2026-03-03 12:00 to 2026-03-03 14:00.")


def test_quiet_hours_go_by_the_clock_of_the_preference(ctx: Context, linkedin: ChannelView) -> None:
    save_preference(ctx, PreferenceView("linkedin", "Asia/Tokyo", quiet_from=time(20), quiet_to=time(22)))
    assert messages(ctx, linkedin, TUESDAY) == [
        "“New” at 2026-03-03 21:00 (Asia/Tokyo) falls in the quiet hours, 20:00 to 22:00."
    ]


def test_an_item_that_is_edited_does_not_conflict_with_itself(ctx: Context, linkedin: ChannelView) -> None:
    item = schedule_item(ctx, post(linkedin, TUESDAY))
    assert find_item_conflicts(ctx, linkedin.id, TUESDAY, item.title, item.text, item.id) == ()


def test_the_calendar_hears_of_all_conflicts_of_its_range_at_once(ctx: Context, linkedin: ChannelView) -> None:
    one = schedule_item(ctx, post(linkedin, TUESDAY, "One"))
    two = schedule_item(ctx, post(linkedin, TUESDAY + timedelta(hours=1), "Two"))
    schedule_item(ctx, post(linkedin, TUESDAY + 3 * DAY, "Alone"))
    found = list_conflicts(ctx, TUESDAY, TUESDAY + 7 * DAY)
    assert {item_id: [conflict.other_id for conflict in own] for item_id, own in found.items()} == {
        one.id: [two.id],
        two.id: [one.id],
    }
    put_in_state(ctx, two.id, ItemState.PUBLISHED)
    assert set(list_conflicts(ctx, TUESDAY, TUESDAY + 7 * DAY)) == {one.id}
    assert find_item(ctx, two.id).conflicts == ()


def test_conflicts_stay_within_the_workspace(ctx: Context, stranger: Context, linkedin: ChannelView) -> None:
    schedule_item(ctx, post(linkedin, TUESDAY, "One"))
    schedule_item(ctx, post(linkedin, TUESDAY, "Two"))
    assert list_conflicts(stranger, TUESDAY - DAY, TUESDAY + DAY) == {}
    with pytest.raises(NotFound, match=linkedin.id):
        find_item_conflicts(stranger, linkedin.id, TUESDAY)
