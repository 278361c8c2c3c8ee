"""The draw of a trial: times from arms, blocks by week and format, the same again from the record, never split."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from threading import Barrier

import pytest
from bulk_stage import work_off, worker_of
from planned_posts import StandingClock, linkedin_draft, post, put_in_state
from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError
from sqlmodel import select
from trial_stage import (
    EARLY,
    FIRST_MONDAY,
    LATE,
    WEEK,
    assign_all,
    habits,
    planned,
    registered,
    running,
)

from core.bootstrap import Slotwise
from core.bulk.words import Mode, Operation
from core.calendar.zones import hour_of_week, to_wall
from core.services.bulk_jobs import create_job, find_job
from core.services.bulk_placing import with_times
from core.services.bulk_views import NewJob, RowDraft, Schedule
from core.services.calendars import schedule_item, schedule_items
from core.services.channels import ChannelView, add_channel, edit_channel
from core.services.context import Context
from core.services.fill_views import FillDraft, FillRequest
from core.services.filling import apply_fill, propose_fill
from core.services.item_views import Leeway
from core.services.items import find_item
from core.services.moves import move_item
from core.services.open_slots import add_slots, propose_slots, remove_slots
from core.services.optimizing import propose_plan
from core.services.recommendations import RecommendationRequest, recommend
from core.services.slot_views import ChannelFrequency, HowOften
from core.services.trial_assigning import assign_items, audit_assignments, list_assignments
from core.services.trial_moves import stop_trial
from core.services.trial_views import ArmDraft, Deviation
from core.storage.doors import Database
from core.storage.tables import Trial, TrialAssignment
from core.trials.registration import Window
from core.trials.words import Strategy
from core.vocabulary import ContentFormat, ItemState, OptimizationLevel

BERLIN = "Europe/Berlin"


def test_every_post_stays_in_its_week_and_gets_a_time_of_its_arm(ctx: Context, linkedin: ChannelView) -> None:
    trial = running(ctx, linkedin)
    items = planned(ctx, linkedin, weeks=3, per_week=8)
    assign_all(ctx, trial, items)
    for unit in list_assignments(ctx, trial.id):
        planned_at, slot = to_wall(unit.planned_at, BERLIN), to_wall(unit.slot_at, BERLIN)
        assert slot.isocalendar()[:2] == planned_at.isocalendar()[:2]
        assert slot.weekday() < 5
        assert (7 <= slot.hour < 11) if unit.arm == "early" else (16 <= slot.hour < 22)
        assert find_item(ctx, unit.item_id).item.scheduled_at == unit.slot_at == unit.scheduled_at
        assert not unit.is_moved
    times = sorted(unit.slot_at for unit in list_assignments(ctx, trial.id))
    assert min(later - sooner for sooner, later in pairwise(times)) >= timedelta(hours=2)


def test_the_optimizer_leaves_drawn_posts_where_their_arm_put_them(ctx: Context, linkedin: ChannelView) -> None:
    trial = running(ctx, linkedin)
    items = planned(ctx, linkedin, weeks=1, per_week=6)
    assign_all(ctx, trial, items[:4])
    proposal = propose_plan(ctx, items[0].calendar_id, level=OptimizationLevel.SPEED, elapsed=lambda: 0.0)
    assert {one.item_id for one in proposal.items} <= {item.id for item in items[4:]}
    (line,) = (each for each in find_item(ctx, items[0].id).audit if "arm" in each.detail)
    assert line.detail["trial"] == trial.id


def test_a_smart_batch_lets_its_posts_join(house: Slotwise, ctx: Context, linkedin: ChannelView) -> None:
    trial = running(ctx, linkedin, takes_new=True)
    timed = {"linkedin": (FIRST_MONDAY + timedelta(hours=14)).isoformat()}
    rows = (RowDraft("Own time", "See.", ("linkedin",), timed), RowDraft("No time", "See.", ("linkedin",)))
    ends = FIRST_MONDAY + WEEK
    job = NewJob("Smart", Operation.SCHEDULE_CONTENT, rows, schedule=Schedule(mode=Mode.SMART, ends_at=ends))
    made = create_job(ctx, with_times(ctx, job))
    work_off(worker_of(house))
    assert find_job(ctx, made.id).progress.done == 2
    titles = {find_item(ctx, unit.item_id).item.title for unit in list_assignments(ctx, trial.id)}
    assert titles == {"No time"}


def test_each_week_and_format_is_balanced_by_itself(ctx: Context, linkedin: ChannelView) -> None:
    trial = running(ctx, linkedin, arms=(EARLY, replace(LATE, weight=2)))
    assign_all(ctx, trial, planned(ctx, linkedin, weeks=3, per_week=9))
    units = list_assignments(ctx, trial.id)
    blocks = Counter((unit.block, unit.arm) for unit in units)
    assert all(1 <= count <= 5 for (_, arm), count in blocks.items() if arm == "early")  # 3 of 9, or a cycle is open
    assert {unit.block for unit in units} == {f"{linkedin.id}/2026-W{week}/text" for week in (11, 12, 13)}


def test_the_same_seed_draws_the_same_and_another_one_another(ctx: Context, linkedin: ChannelView) -> None:
    first = running(ctx, linkedin)
    assign_all(ctx, first, planned(ctx, linkedin, 4, 7))
    drawn = [(unit.block, unit.number, unit.arm) for unit in list_assignments(ctx, first.id)]
    known = registered(ctx, first)
    again = [(block, number, known.line("anything", block, number).arm) for block, number, _ in drawn]
    assert again == drawn
    other = replace(known, seed="another")
    assert [other.line("anything", block, number).arm for block, number, _ in drawn] != [arm for *_, arm in drawn]


def test_two_who_assign_at_once_never_split_a_unit(house: Slotwise, ctx: Context, linkedin: ChannelView) -> None:
    trial = running(ctx, linkedin)
    ids = [item.id for item in planned(ctx, linkedin, weeks=2, per_week=10)]
    url = house.db.engine.url.render_as_string(hide_password=False)
    others = [Database(url, house.clock) for _ in range(3)]
    at_once = Barrier(len(others))

    def assign(database: Database) -> set[str]:
        mine = replace(ctx, db=database)
        at_once.wait()
        return {
            each.item_id for part in (ids[:12], ids[8:], ids) for each in assign_items(mine, trial.id, part).assigned
        }

    with ThreadPoolExecutor(len(others)) as pool:
        drawn = [key for found in pool.map(assign, others) for key in found]
    for database in others:
        database.close()
    assert sorted(drawn) == sorted(ids)  # each by exactly one of them
    units = list_assignments(ctx, trial.id)
    assert sorted((unit.block[-len("W11/text") :], unit.number) for unit in units) == [
        (week, number) for week in ("W11/text", "W12/text") for number in range(10)
    ]
    assert audit_assignments(ctx, trial.id).deviations == ()
    assert len({unit.slot_at for unit in units}) == len(ids)


def test_an_audit_finds_nothing_where_nothing_was_touched(ctx: Context, linkedin: ChannelView) -> None:
    trial = running(ctx, linkedin)
    assign_all(ctx, trial, planned(ctx, linkedin, 2, 5))
    audit = audit_assignments(ctx, trial.id)
    assert (audit.lines, audit.deviations, audit.fingerprint_holds) == (10, (), True)
    assert audit.sentence == "All 10 posts have the arm that the registered seed gives."


def test_an_audit_finds_a_line_that_the_seed_does_not_give(ctx: Context, linkedin: ChannelView) -> None:
    trial = running(ctx, linkedin)
    (item,) = planned(ctx, linkedin, 1, 1)
    block = f"{linkedin.id}/2026-W11/text"
    right = registered(ctx, trial).line(item.id, block, 0).arm
    wrong = "late" if right == "early" else "early"
    forged = {"trial_id": trial.id, "item_id": item.id, "channel_id": linkedin.id, "number": 0, "arm": wrong}
    moments = dict.fromkeys(("planned_at", "slot_at", "assigned_at"), item.scheduled_at)
    with ctx.write() as session:
        session.execute(
            insert(TrialAssignment),
            [{**forged, **moments, "block": block, "content_format": ContentFormat.TEXT, "assigned_by": "somebody"}],
        )
    audit = audit_assignments(ctx, trial.id)
    assert audit.deviations == (Deviation(item.id, "arm", wrong, right),)
    assert "1 entries of the 1 drawn posts" in audit.sentence


def test_an_audit_finds_a_registration_that_was_changed(ctx: Context, linkedin: ChannelView) -> None:
    trial = running(ctx, linkedin)
    with ctx.write() as session:
        row = session.get_one(Trial, trial.id)
        said = dict(row.registration)
        said["arms"] = [{**said["arms"][0], "weight": 9}, said["arms"][1]]
        row.registration = said
    audit = audit_assignments(ctx, trial.id)
    assert not audit.fingerprint_holds
    assert "its fingerprint differs" in audit.sentence


def forge(ctx: Context) -> None:
    """Try to give the first drawn post the other arm."""
    with ctx.write() as session:
        row = session.scalars(select(TrialAssignment)).first()
        assert row is not None
        row.arm = "early" if row.arm == "late" else "late"


def test_the_ledger_of_the_draw_is_never_edited(ctx: Context, linkedin: ChannelView) -> None:
    trial = running(ctx, linkedin)
    drawn = assign_all(ctx, trial, planned(ctx, linkedin, 1, 2))
    with pytest.raises(DBAPIError, match=r"never edited|permission denied"):
        forge(ctx)
    assert {unit.item_id: unit.arm for unit in list_assignments(ctx, trial.id)} == drawn


def test_what_cannot_join_stays_as_it_is_and_says_why(
    ctx: Context, linkedin: ChannelView, clock: StandingClock
) -> None:
    other = add_channel(ctx, replace(linkedin_draft(), name="Another page"))
    trial = running(ctx, linkedin, weeks=3)
    at = FIRST_MONDAY + timedelta(hours=14)
    soon = schedule_item(ctx, post(linkedin, clock.moment + timedelta(minutes=5), "Soon"))
    fixed = schedule_item(ctx, replace(post(linkedin, at, "Fixed"), leeway=Leeway(fixed=True)))
    elsewhere = schedule_item(ctx, post(other, at, "Elsewhere"))
    far = schedule_item(ctx, post(linkedin, at + 4 * WEEK, "Far"))
    gone = schedule_item(ctx, post(linkedin, at + timedelta(days=1), "Gone"))
    put_in_state(ctx, gone.id, ItemState.PUBLISHED, published_at=clock.moment)
    narrow = Leeway(not_before=at, not_after=at + timedelta(hours=1))
    bound = schedule_item(ctx, replace(post(linkedin, at + timedelta(days=2), "Bound"), leeway=narrow))
    twice = schedule_item(ctx, post(linkedin, at + timedelta(days=3), "Twice"))
    asked = [each.id for each in (soon, fixed, elsewhere, far, gone, bound, twice)]
    before = [find_item(ctx, key).item.scheduled_at for key in asked[:-1]]
    found = assign_items(ctx, trial.id, [*asked, "item_none"])
    assert [each.item_id for each in found.assigned] == [twice.id]
    reasons = {each.item_id: each.reason for each in found.refused}
    assert reasons == {
        soon.id: "it goes out too soon",
        fixed.id: "it is fixed at its time",
        elsewhere.id: "Another page is no channel of this trial",
        far.id: "it is planned for after the trial's horizon, 2026-03-23 12:00 UTC",
        gone.id: "it is published, so its time cannot be changed",
        bound.id: "in the week it is planned for, 'early' has no free time left; plan it for another week",
        "item_none": "there is no such item in this workspace",
    }
    assert [find_item(ctx, key).item.scheduled_at for key in asked[:-1]] == before
    again = assign_items(ctx, trial.id, [twice.id])
    assert again.refused[0].reason == "it was drawn before, for this trial or another"


def test_a_post_is_not_drawn_when_only_some_arms_have_room_for_it(
    ctx: Context, linkedin: ChannelView, clock: StandingClock
) -> None:
    only_monday = ArmDraft("monday", Strategy.WINDOWS, windows=(Window((0,), time(9), time(10)),))
    trial = running(ctx, linkedin, arms=(only_monday, LATE))
    items = planned(ctx, linkedin, weeks=1, per_week=6)
    found = assign_items(ctx, trial.id, [item.id for item in items])
    drawn = Counter(each.arm for each in found.assigned)
    assert drawn["monday"] == 1  # two hours between posts leave room for one
    assert len(found.assigned) + len(found.refused) == 6
    assert all("'monday' has no free time left" in each.reason for each in found.refused)
    assert drawn["late"] <= 3  # those of a cycle of six before monday was full, none after it


def test_hours_leave_a_post_on_its_own_day_where_no_day_is_emptier(ctx: Context, linkedin: ChannelView) -> None:
    trial = running(ctx, linkedin, arms=(EARLY, LATE))
    items = planned(ctx, linkedin, weeks=3, per_week=1)
    for item in items:
        move_item(ctx, item.id, item.scheduled_at + timedelta(days=4))
    assign_all(ctx, trial, items)
    friday = 4
    assert [to_wall(unit.slot_at, BERLIN).weekday() for unit in list_assignments(ctx, trial.id)] == [friday] * 3


def test_a_calendar_that_is_not_of_the_trial_keeps_its_posts(ctx: Context, linkedin: ChannelView) -> None:
    mine, other = planned(ctx, linkedin, 1, 1), planned(ctx, linkedin, 1, 1)
    trial = running(ctx, linkedin, calendar_ids=(mine[0].calendar_id,))
    found = assign_items(ctx, trial.id, [mine[0].id, other[0].id])
    assert [each.item_id for each in found.assigned] == [mine[0].id]
    assert found.refused[0].reason == "its calendar is none of this trial's"


def test_usual_hours_are_those_the_channel_had_before_and_stay_so(ctx: Context, linkedin: ChannelView) -> None:
    habits(ctx, linkedin)
    trial = running(ctx, linkedin, arms=(ArmDraft("usual", Strategy.USUAL), LATE))
    assert trial.registration is not None
    hours = trial.registration.arm("usual").usual[linkedin.id]
    assert {hour % 24 for hour in hours} <= {11, 12}  # 10:00 UTC by Berlin's clock, in winter and in summer
    assign_all(ctx, trial, planned(ctx, linkedin, 4, 3))
    usual = [unit for unit in list_assignments(ctx, trial.id) if unit.arm == "usual"]
    assert usual
    assert {hour_of_week(unit.slot_at, BERLIN) for unit in usual} <= set(hours)


def test_advised_posts_get_what_the_planner_recommends(ctx: Context, linkedin: ChannelView) -> None:
    habits(ctx, linkedin)
    trial = running(
        ctx, linkedin, arms=(ArmDraft("advised", Strategy.RECOMMENDED), ArmDraft("as is", Strategy.AS_PLANNED))
    )
    (item,) = planned(ctx, linkedin, 1, 1)
    monday = datetime(2026, 3, 8, 23, tzinfo=UTC)
    move_item(ctx, item.id, item.scheduled_at + 8 * WEEK)  # out of the way, to see what is advised without it
    asked = RecommendationRequest((linkedin.id,), (), ContentFormat.TEXT, monday, monday + WEEK, 1)
    best = recommend(ctx, asked)[0].slots[0].window_start
    move_item(ctx, item.id, item.scheduled_at)
    arm = assign_all(ctx, trial, [item])[item.id]
    (unit,) = list_assignments(ctx, trial.id)
    assert unit.slot_at == {"advised": best, "as is": item.scheduled_at}[arm]


def test_posts_whose_time_the_planner_chooses_join_by_themselves(ctx: Context, linkedin: ChannelView) -> None:
    trial = running(ctx, linkedin, takes_new=True)
    drafts = tuple(FillDraft(f"Draft {n}", "Come and see.", channel_ids=(linkedin.id,)) for n in range(4))
    asked = FillRequest(drafts, FIRST_MONDAY, FIRST_MONDAY + 2 * WEEK)
    placed = apply_fill(ctx, propose_fill(ctx, asked, lambda *_: 0.5))
    slots = HowOften(
        (ChannelFrequency(linkedin.id, 2),), FIRST_MONDAY.date() + 2 * WEEK, FIRST_MONDAY.date() + 3 * WEEK
    )
    added = add_slots(ctx, propose_slots(ctx, slots, lambda: 0.0))
    by_hand = schedule_items(ctx, [post(linkedin, FIRST_MONDAY + timedelta(hours=14), "By hand")])
    units = {unit.item_id: unit for unit in list_assignments(ctx, trial.id)}
    assert set(units) == {each.id for each in (*placed, *added)}
    assert by_hand[0].id not in units
    assert [each.scheduled_at for each in (*placed, *added)] == [units[each.id].slot_at for each in (*placed, *added)]
    assert audit_assignments(ctx, trial.id).deviations == ()


def test_nothing_joins_a_trial_that_does_not_take_new_posts_or_has_stopped(ctx: Context, linkedin: ChannelView) -> None:
    asked = FillRequest((FillDraft("A draft", "See.", channel_ids=(linkedin.id,)),), FIRST_MONDAY, FIRST_MONDAY + WEEK)
    quiet, stopped = running(ctx, linkedin), running(ctx, linkedin, takes_new=True)
    stop_trial(ctx, stopped.id)
    apply_fill(ctx, propose_fill(ctx, asked, lambda *_: 0.5))
    assert list_assignments(ctx, quiet.id) == list_assignments(ctx, stopped.id) == ()


def test_the_record_of_an_open_slot_that_was_removed_stays(ctx: Context, linkedin: ChannelView) -> None:
    trial = running(ctx, linkedin, takes_new=True)
    slots = HowOften((ChannelFrequency(linkedin.id, 2),), FIRST_MONDAY.date(), FIRST_MONDAY.date() + timedelta(days=6))
    added = add_slots(ctx, propose_slots(ctx, slots, lambda: 0.0))
    remove_slots(ctx, [added[0].id])
    units = {unit.item_id: unit for unit in list_assignments(ctx, trial.id)}
    assert (units[added[0].id].item_state, units[added[0].id].scheduled_at) == (None, None)
    assert audit_assignments(ctx, trial.id).deviations == ()


@pytest.mark.parametrize("monday", [datetime(2026, 3, 23, tzinfo=UTC), datetime(2026, 10, 19, tzinfo=UTC)])
def test_weeks_in_which_clocks_change_are_weeks_like_others(
    ctx: Context, linkedin: ChannelView, clock: StandingClock, monday: datetime
) -> None:
    clock.moment = monday - WEEK
    trial = running(ctx, linkedin)
    hours = [0, *(day * 24 + 12 for day in range(7)), 6 * 24]  # from its first hour to the day of the change
    times = [monday + timedelta(hours=each) for each in hours]
    items = schedule_items(ctx, [post(linkedin, at, f"Post {number}") for number, at in enumerate(times)])
    found = assign_items(ctx, trial.id, [item.id for item in items])
    assert len({unit.block for unit in found.assigned}) == 1
    assert not found.refused
    for unit in found.assigned:
        wall = to_wall(unit.slot_at, BERLIN)
        assert (7 <= wall.hour < 11) if unit.arm == "early" else (16 <= wall.hour < 22)
    assert audit_assignments(ctx, trial.id).deviations == ()


def test_a_channel_that_moves_to_another_zone_leaves_the_draw_as_it_was(ctx: Context, linkedin: ChannelView) -> None:
    trial = running(ctx, linkedin)
    assign_all(ctx, trial, planned(ctx, linkedin, 1, 4))
    edit_channel(ctx, linkedin.id, replace(linkedin_draft(), timezone="Pacific/Auckland"))
    assign_all(ctx, trial, planned(ctx, linkedin, 2, 3)[3:])
    audit = audit_assignments(ctx, trial.id)
    assert (audit.lines, audit.deviations) == (7, ())
