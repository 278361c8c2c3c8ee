"""Optimizing a calendar: better times within every rule, what stands left alone, and reasons people understand."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import pytest
from plan_stage import calendar, channel, piece, proposed, standing_still, times
from planned_posts import MONDAY_NOON, TUESDAY, StandingClock, linkedin_draft
from told_posts import Told, evenings, tell

from core.bootstrap import Slotwise
from core.errors import Invalid, NotFound, StateConflict
from core.planning.grid_plan import Ending
from core.services.calendars import cancel_calendar
from core.services.channels import edit_channel
from core.services.context import Context
from core.services.item_views import Leeway
from core.services.items import list_items
from core.services.optimizing import propose_plan
from core.services.plan_views import PlanOptions
from core.services.preferences import PreferenceView, add_blackout, save_preference
from core.vocabulary import CalendarState, ContentFormat, Reach

HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
MORNING = TUESDAY.replace(hour=9)
DAILY = PlanOptions(reach=Reach.DAY)


# --- What is better ---


def test_a_post_goes_to_the_hour_that_earned_most_and_says_why(ctx: Context) -> None:
    page = channel(ctx)
    tell(ctx, page.id, evenings(20))
    proposal = proposed(ctx, calendar(ctx, [piece(page, MORNING)]), DAILY)
    item = proposal.items[0]
    assert times(proposal) == ["Tue 03 18:00"]
    assert item.lift_before < 0
    assert item.lift_after > 1
    assert item.score_before < 0.5 < item.score_after
    assert item.reasons == (
        "No time open to it earns more.",
        "Your Tuesday 18:00 posts earned 135 % more than your average (20 posts).",
    )
    assert proposal.expected_before == pytest.approx(1 + item.lift_before)
    assert proposal.expected_after == proposal.value == proposal.bound == pytest.approx(1 + item.lift_after)
    assert (proposal.ending, proposal.gap, proposal.left) == (Ending.OPTIMAL, 0.0, ())
    assert list_items(ctx).items[0].scheduled_at == MORNING


def test_the_more_important_post_gets_the_better_hour_and_the_other_says_who_has_it(ctx: Context) -> None:
    page = channel(ctx)
    tell(ctx, page.id, evenings(20))
    made = calendar(ctx, [piece(page, MORNING, "Usual"), piece(page, MORNING + 3 * HOUR, "Launch", priority=5)])
    proposal = proposed(ctx, made, DAILY)
    assert times(proposal)[1] == "Tue 03 18:00"
    assert times(proposal)[0] != "Tue 03 18:00"
    assert "but is worth more to “Launch”" in proposal.items[0].reasons[0]
    assert page.name in proposal.items[0].reasons[0]


def test_each_format_goes_to_its_own_hour(ctx: Context) -> None:
    page = channel(ctx)
    early = [
        Told(one.published_at.replace(hour=27 - one.published_at.hour), one.engagement, ContentFormat.TEXT)
        for one in evenings(20)
        if one.published_at
    ]
    tell(ctx, page.id, [*evenings(20), *early])
    image = replace(piece(page, MORNING + 4 * HOUR), content_format=ContentFormat.IMAGE, media=PICTURE)
    proposal = proposed(ctx, calendar(ctx, [piece(page, MORNING + 3 * HOUR), image]), DAILY)
    assert times(proposal) == ["Tue 03 09:00", "Tue 03 18:00"]


PICTURE = ({"media_type": "image/png", "url": "https://example.com/a.png"},)


def test_caution_prefers_the_hour_that_is_known_to_the_one_that_may_be_better(ctx: Context) -> None:
    page = channel(ctx)
    tell(ctx, page.id, evenings(20))
    made = calendar(ctx, [piece(page, MORNING)])
    hopeful, expected, careful = (
        proposed(ctx, made, replace(DAILY, caution=share)).items[0].lift_after for share in (0.9, 0.5, 0.1)
    )
    assert careful < expected < hopeful


# --- What is left alone ---


def test_a_calendar_that_cannot_be_better_is_left_alone_to_the_minute(ctx: Context) -> None:
    page = channel(ctx)
    posts = [piece(page, MORNING + 7 * MINUTE + number * 2 * HOUR) for number in range(4)]
    proposal = proposed(ctx, calendar(ctx, posts), PlanOptions(stability=0.5))
    assert [item.after for item in proposal.items] == [item.before for item in proposal.items]
    assert proposal.items[1].reasons[0] == "No time open to it earns at least 50 % more."


def test_a_post_that_fits_only_between_two_slots_stays_there(ctx: Context) -> None:
    page = channel(ctx)
    for hours in (0, 4):  # two hours from each is 11:07, and no half hour
        calendar(ctx, [piece(page, MORNING + 7 * MINUTE + hours * HOUR)])
    made = calendar(ctx, [piece(page, MORNING + 7 * MINUTE + 2 * HOUR)])
    assert times(proposed(ctx, made)) == ["Tue 03 11:07"]


def test_a_gap_of_an_odd_length_moves_nothing_that_keeps_it(ctx: Context) -> None:
    page = channel(ctx, min_gap_minutes=45)
    made = calendar(ctx, [piece(page, MORNING + 20 * MINUTE), piece(page, MORNING + 65 * MINUTE)])
    assert times(proposed(ctx, made)) == ["Tue 03 09:20", "Tue 03 10:05"]


def test_a_post_moves_only_for_more_than_staying_is_worth(ctx: Context) -> None:
    page = channel(ctx)
    tell(ctx, page.id, evenings(20))
    made = calendar(ctx, [piece(page, MORNING)])
    assert times(proposed(ctx, made, replace(DAILY, stability=3.0))) == ["Tue 03 09:00"]
    assert times(proposed(ctx, made, replace(DAILY, stability=1.0))) == ["Tue 03 18:00"]


def test_fixed_posts_other_calendars_and_idle_channels_stand_and_take_up_their_time(ctx: Context) -> None:
    page, idle = channel(ctx), channel(ctx)
    tell(ctx, page.id, evenings(20))
    calendar(ctx, [piece(page, TUESDAY.replace(hour=19))])
    made = calendar(
        ctx,
        [piece(page, MORNING), piece(page, TUESDAY.replace(hour=16), leeway=Leeway(fixed=True)), piece(idle, MORNING)],
    )
    edit_channel(ctx, idle.id, replace(linkedin_draft(), name=idle.name, active=False))
    proposal = proposed(ctx, made, DAILY)
    assert len(proposal.items) == 1
    assert times(proposal) == ["Tue 03 21:00"]


def test_a_post_stays_in_its_window_and_in_reach_of_its_day_or_week(ctx: Context) -> None:
    page = channel(ctx)
    tell(ctx, page.id, evenings(20))
    thursday = MORNING + 2 * DAY
    window = Leeway(not_before=thursday - HOUR, not_after=thursday + 8 * HOUR)
    made = calendar(ctx, [piece(page, thursday, leeway=window)])
    assert times(proposed(ctx, made, PlanOptions(reach=Reach.RANGE))) == ["Thu 05 17:00"]
    free = calendar(ctx, [piece(page, MORNING + 7 * DAY, priority=3)])
    add_blackout(ctx, MORNING + 7 * DAY + HOUR, MORNING + 7 * DAY + 15 * HOUR, "Fair")
    assert times(proposed(ctx, free, DAILY))[0] < "Tue 10 10:00"
    week = proposed(ctx, free, PlanOptions(ends=MORNING + 14 * DAY))
    assert week.items[0].after.isocalendar()[:2] == (2026, 11)
    assert week.items[0].after.hour == 18


# --- Every rule ---


def test_quiet_hours_across_midnight_and_working_days_are_kept(ctx: Context) -> None:
    page = channel(ctx)
    save_preference(
        ctx, PreferenceView("linkedin", "UTC", quiet_from=time(20), quiet_to=time(8), working_days_only=True)
    )
    saturday = MONDAY_NOON + 5 * DAY
    made = calendar(ctx, [piece(page, saturday), piece(page, MORNING.replace(hour=23)), piece(page, MORNING)])
    afters = [item.after for item in proposed(ctx, made).items]
    assert all(at.weekday() < 5 and 8 <= at.hour < 20 for at in afters)
    assert afters[0] == MORNING


def test_wishes_of_a_plan_are_kept(ctx: Context) -> None:
    page = channel(ctx)
    posts = [piece(page, MORNING + number * 2 * HOUR) for number in range(4)]
    wishes = PlanOptions(
        max_per_day=1, min_gap=20 * HOUR, allowed_weekdays=frozenset({2, 3, 4, 6}), allowed_from=time(10),
        allowed_to=time(12), ends=TUESDAY + 6 * DAY,
    )  # fmt: skip
    assert sorted(times(proposed(ctx, calendar(ctx, posts), wishes))) == [
        "Fri 06 10:00", "Sun 08 10:00", "Thu 05 10:00", "Wed 04 10:00",
    ]  # fmt: skip


def test_no_more_posts_than_allowed_go_out_at_once_over_the_workspace(ctx: Context) -> None:
    pages = [channel(ctx) for _ in range(4)]
    calendar(ctx, [piece(pages[3], MORNING + 10 * MINUTE)])
    made = calendar(ctx, [piece(page, MORNING) for page in pages[:3]])
    afters = [item.after for item in proposed(ctx, made, PlanOptions(max_at_once=2)).items]
    assert sorted(afters.count(at) for at in set(afters)) in ([1, 1, 1], [1, 2])
    assert afters.count(MORNING) == 1


def test_the_same_words_keep_their_distance_on_other_channels(ctx: Context) -> None:
    pages = [channel(ctx) for _ in range(3)]
    calendar(ctx, [piece(pages[2], MORNING + 7 * MINUTE, "Same")])
    made = calendar(ctx, [piece(pages[0], MORNING, "Same"), piece(pages[1], MORNING, "Same")])
    proposal = proposed(ctx, made, PlanOptions(cross_platform_gap=3 * HOUR))
    afters = sorted([*(item.after for item in proposal.items), MORNING + 7 * MINUTE])
    assert min(late - early for early, late in pairwise(afters)) >= 3 * HOUR


def test_no_platform_goes_before_the_one_that_leads(ctx: Context) -> None:
    page, other = channel(ctx), channel(ctx, platform="facebook")
    tell(ctx, page.id, evenings(20))
    tell(ctx, other.id, [replace(one, published_at=(one.published_at or MORNING) - 8 * HOUR) for one in evenings(20)])
    made = calendar(ctx, [piece(page, MORNING, "Same"), piece(other, MORNING + HOUR, "Same")])
    first, second = proposed(ctx, made, DAILY).items
    assert second.after < first.after
    first, second = proposed(ctx, made, replace(DAILY, leads="LinkedIn")).items
    assert first.after <= second.after


def test_a_post_that_stands_already_leads_too(ctx: Context) -> None:
    page, other = channel(ctx), channel(ctx, platform="facebook")
    calendar(ctx, [piece(page, MORNING + 100 * MINUTE, "Same")])
    made = calendar(ctx, [piece(other, MORNING, "Same")])
    assert times(proposed(ctx, made, replace(DAILY, leads="linkedin"))) == ["Tue 03 11:00"]


def test_a_clock_at_a_quarter_hour_is_planned_on_its_own_half_hours(ctx: Context) -> None:
    nepal = channel(ctx, timezone="Asia/Kathmandu")
    save_preference(ctx, PreferenceView("linkedin", "Asia/Kathmandu", quiet_from=time(0), quiet_to=time(15)))
    proposal = proposed(ctx, calendar(ctx, [piece(nepal, TUESDAY.replace(hour=4))]), DAILY)
    assert times(proposal) == ["Tue 03 09:15"]  # 15:00 there


def test_the_week_the_clocks_change_is_planned_by_the_clock(ctx: Context) -> None:
    page = channel(ctx, timezone="Europe/Berlin")
    save_preference(ctx, PreferenceView("linkedin", "Europe/Berlin", quiet_from=time(4), quiet_to=time(2)))
    sunday = datetime(2026, 3, 29, 12, tzinfo=UTC)  # 2:00 to 3:00 does not exist on this day
    proposal = proposed(ctx, calendar(ctx, [piece(page, sunday)]), replace(DAILY, starts=sunday - DAY))
    assert times(proposal)[0] in {"Sun 29 01:00", "Sun 29 01:30"}  # 3:00 and 3:30 there


# --- What finds no place ---


def test_a_post_without_an_allowed_time_stays_and_the_others_keep_clear_of_it(ctx: Context) -> None:
    page = channel(ctx)
    narrow = Leeway(not_before=MORNING, not_after=MORNING + HOUR)
    add_blackout(ctx, MORNING - HOUR, MORNING + HOUR + 5 * MINUTE, "Fair")
    made = calendar(ctx, [piece(page, MORNING, leeway=narrow), piece(page, MORNING + HOUR)])
    proposal = proposed(ctx, made, DAILY)
    assert [(one.item_id, one.at) for one in proposal.left] == [(made.items[0].id, MORNING)]
    assert proposal.left[0].reason == (
        f"{page.name} may not post in any of the 3 half hours it could take: 3 are in a blackout."
    )
    assert proposal.left[0].relaxation == "Fits Tue 3 Mar 07:30 if it may be moved that far."
    assert times(proposal) == ["Tue 03 11:00"]
    assert proposal.expected_before == proposal.expected_after == pytest.approx(2.0, abs=0.2)


def test_a_full_day_says_what_would_make_room(ctx: Context) -> None:
    page = channel(ctx, max_per_day=1)
    calendar(ctx, [piece(page, MORNING)])
    proposal = proposed(ctx, calendar(ctx, [piece(page, MORNING + 3 * HOUR)]), DAILY)
    assert proposal.items == ()
    assert "are on days that already have the most posts allowed" in proposal.left[0].reason
    assert (proposal.left[0].relaxation or "").endswith("if the cap of Tuesday becomes 2.")


# --- What is refused ---


@pytest.mark.parametrize(
    ("options", "place"),
    [
        (PlanOptions(ends=MONDAY_NOON - HOUR), "ends"),
        (PlanOptions(starts=TUESDAY, ends=TUESDAY), "ends"),
        (PlanOptions(ends=MONDAY_NOON + 400 * DAY), "ends"),
        (PlanOptions(starts=datetime(2026, 3, 3)), "starts"),  # noqa: DTZ001 - what is refused
        (PlanOptions(caution=0.0), "caution"),
        (PlanOptions(caution=float("nan")), "caution"),
        (PlanOptions(stability=-0.1), "stability"),
        (PlanOptions(stability=float("inf")), "stability"),
        (PlanOptions(min_gap=-MINUTE), "min_gap"),
        (PlanOptions(cross_platform_gap=-MINUTE), "cross_platform_gap"),
        (PlanOptions(max_per_day=0), "max_per_day"),
        (PlanOptions(max_per_week=-1), "max_per_week"),
        (PlanOptions(max_at_once=0), "max_at_once"),
        (PlanOptions(allowed_weekdays=frozenset()), "allowed_weekdays"),
        (PlanOptions(allowed_weekdays=frozenset({7})), "allowed_weekdays"),
        (PlanOptions(allowed_from=time(9), allowed_to=time(9)), "allowed_to"),
        (PlanOptions(leads="myspace"), "leads"),
    ],
)
def test_senseless_options_are_refused_by_name(ctx: Context, options: PlanOptions, place: str) -> None:
    made = calendar(ctx, [piece(channel(ctx), MORNING)])
    with pytest.raises(Invalid) as refused:
        proposed(ctx, made, options)
    assert [problem.place for problem in refused.value.problems] == [place]


def test_a_canceled_calendar_and_one_that_is_not_there_are_refused(ctx: Context) -> None:
    made = calendar(ctx, [piece(channel(ctx), MORNING)])
    cancel_calendar(ctx, made.calendar.id)
    with pytest.raises(StateConflict, match="is canceled; it cannot become optimizing"):
        proposed(ctx, made)
    with pytest.raises(NotFound):
        propose_plan(ctx, "cal_nobody", elapsed=standing_still)


def test_a_calendar_of_which_nothing_can_move_says_so(ctx: Context, clock: StandingClock) -> None:
    page = channel(ctx)
    posts = [piece(page, MORNING, leeway=Leeway(fixed=True)), piece(page, MONDAY_NOON + HOUR)]
    made = calendar(ctx, posts)
    clock.move(2 * HOUR)
    with pytest.raises(Invalid, match="nothing in this calendar can be moved") as refused:
        proposed(ctx, made)
    assert refused.value.problems[0].value == "1 outside the dates, or due by now, 1 fixed"


def test_a_plan_that_is_called_off_at_once_is_no_worse_than_the_calendar(house: Slotwise, ctx: Context) -> None:
    page = channel(ctx, max_per_day=3)
    tell(ctx, page.id, evenings(20))
    made = calendar(ctx, [piece(page, MORNING + number * DAY, priority=number % 4) for number in range(20)])
    shares: list[float] = []
    proposal = propose_plan(
        ctx,
        made.calendar.id,
        elapsed=standing_still,
        canceled=lambda: True,
        progress=lambda one: shares.append(one.share),
    )
    assert proposal.ending is Ending.CANCELED
    assert proposal.expected_after >= proposal.expected_before
    assert shares
    assert made.calendar.state is CalendarState.RUNNING
