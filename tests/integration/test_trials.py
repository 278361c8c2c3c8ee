"""Trials of timing from draft to decision: registered, drawn, published, ripened, judged, on both databases."""

import math
from dataclasses import replace
from datetime import time, timedelta
from statistics import fmean

import pytest
from planned_posts import StandingClock, linkedin_draft, put_in_state
from trial_stage import (
    DAY,
    EARLY,
    ENGAGED,
    FIXED,
    LATE,
    WEEK,
    assign_all,
    draft_of,
    earn,
    planned,
    publish_all,
    running,
)

from core.errors import Invalid, NotFound, StaleEdit, StateConflict
from core.services.audit import AuditFilter, page_audit
from core.services.channels import ChannelView, add_channel
from core.services.context import Context
from core.services.moves import cancel_item, move_item
from core.services.preferences import list_preferences
from core.services.trial_assigning import assign_items, list_assignments
from core.services.trial_decisions import decide_trial
from core.services.trial_drafts import create_trial, delete_trial, edit_trial, find_trial, page_trials
from core.services.trial_moves import start_trial, stop_trial
from core.services.trial_result_views import LiftView, TrialResults
from core.services.trial_results import trial_results
from core.services.trial_views import ArmDraft, DecisionRequest, TrialDraft, UnitState
from core.storage.tables import Trial
from core.trials.comparison import Comparison
from core.trials.registration import Window, read_registration
from core.trials.sequential import Always
from core.trials.verdict import Verdict
from core.trials.words import Strategy, TrialState
from core.undefined import Undefined
from core.vocabulary import ItemState

# --- The whole way ------------------------------------------------------------------------------------------------


def test_a_trial_goes_from_draft_to_decision(ctx: Context, linkedin: ChannelView, clock: StandingClock) -> None:
    trial = running(ctx, linkedin, planned_posts=70, **ENGAGED)
    drawn = assign_all(ctx, trial, planned(ctx, linkedin, weeks=7, per_week=10))
    assert 28 <= list(drawn.values()).count("late") <= 42  # four to six of the ten of a week
    publish_all(ctx, clock, trial, {"early": 5.0, "late": 5.5})
    found = trial_results(ctx, trial.id)
    (late,) = found.effects
    assert isinstance(late.by_draw, LiftView)
    reach = late.by_draw.interval.high - late.by_draw.lift
    assert (
        abs(late.by_draw.lift - 0.6487) < 2 * reach
    )  # e^0.5 - 1, within four standard errors: the draw is another each time
    assert (found.verdict, late.verdict) == (Verdict.WON, Verdict.WON)
    assert found.sentence.startswith("late beats early by about ")
    stop_trial(ctx, trial.id, "Clear enough.")
    decided = decide_trial(ctx, trial.id, DecisionRequest("late", "Later it is.", applies=True))
    assert decided.decision is not None
    assert (decided.state, decided.decision.winner, decided.decision.verdict) == ("decided", "late", "won")
    assert decided.decision.applied == ("LinkedIn posts on working days, 16:00 to 22:00 Europe/Berlin.",)
    (preference,) = list_preferences(ctx)
    assert (preference.quiet_from, preference.quiet_to, preference.working_days_only) == (time(22), time(16), True)
    assert preference.timezone == "Europe/Berlin"


def test_what_a_trial_showed_over_time_ends_where_its_result_is(
    ctx: Context, linkedin: ChannelView, clock: StandingClock
) -> None:
    trial = running(ctx, linkedin, planned_posts=70, **ENGAGED)
    assign_all(ctx, trial, planned(ctx, linkedin, weeks=7, per_week=10))
    publish_all(ctx, clock, trial, {"early": 5.0, "late": 5.5})
    found = trial_results(ctx, trial.id)
    assert [look.posts for look in found.over_time] == [10, 20, 30, 40, 50, 60, 70]
    undefined = [isinstance(look.effect, Undefined) for look in found.over_time]
    assert (undefined[0], undefined[3:]) == (True, [False] * 4)  # before 15 posts of an arm there is nothing to see
    assert found.over_time[-1].effect == found.effects[0].always_valid
    assert [look.week_ends.isoweekday() for look in found.over_time] == [7] * 7  # Monday in Berlin is Sunday in UTC


def test_arms_that_earn_the_same_are_called_so_by_no_verdict(
    ctx: Context, linkedin: ChannelView, clock: StandingClock
) -> None:
    trial = running(ctx, linkedin, **ENGAGED)
    assign_all(ctx, trial, planned(ctx, linkedin, weeks=4, per_week=10))
    publish_all(ctx, clock, trial, {"early": 5.0, "late": 5.0}, sd=0.8)
    found = trial_results(ctx, trial.id)
    assert found.verdict is Verdict.TOO_LITTLE_DATA
    assert "needs about" in found.sentence
    assert "more posts" in found.sentence


def test_several_arms_are_each_compared_and_corrected(
    ctx: Context, linkedin: ChannelView, clock: StandingClock
) -> None:
    noon = ArmDraft("noon", Strategy.WINDOWS, windows=(Window((0, 1, 2, 3, 4), time(11), time(16)),))
    trial = running(ctx, linkedin, arms=(EARLY, noon, LATE), planned_posts=80, **ENGAGED)
    assign_all(ctx, trial, planned(ctx, linkedin, weeks=9, per_week=9))
    publish_all(ctx, clock, trial, {"early": 5.0, "noon": 5.0, "late": 6.0})
    found = trial_results(ctx, trial.id)
    by_arm = {each.arm: each for each in found.effects}
    assert set(by_arm) == {"noon", "late"}
    assert by_arm["late"].verdict is Verdict.WON
    assert found.sentence == by_arm["late"].sentence
    ps = [(each.p, each.p_holm) for each in found.effects]
    assert all(not isinstance(p, Undefined) and not isinstance(holm, Undefined) and p <= holm for p, holm in ps)
    assert min(float(p) for p, _ in ps) * 2 == pytest.approx(min(float(holm) for _, holm in ps))  # type: ignore[arg-type]


# --- Registration -------------------------------------------------------------------------------------------------


def test_what_is_registered_can_be_read_again_and_has_the_same_fingerprint(ctx: Context, linkedin: ChannelView) -> None:
    trial = running(ctx, linkedin, hypothesis="Späte Stunden bringen mehr.")
    with ctx.read() as session:
        stored = session.get_one(Trial, trial.id).registration
    again = read_registration(stored)
    assert trial.registration == replace(again, seed=None)
    assert again.fingerprint == trial.fingerprint
    assert stop_trial(ctx, trial.id).registration == again
    assert (again.hypothesis, again.seed, again.control) == ("Späte Stunden bringen mehr.", "known", "early")
    assert again.ends_at - again.started_at == timedelta(weeks=10)


@pytest.mark.parametrize("change", [{"weeks": 3}, {"alpha": 0.1}, {"seed": "another"}, {"control": "late"}])
def test_a_plan_cannot_be_edited_once_it_has_started(
    ctx: Context, linkedin: ChannelView, change: dict[str, object]
) -> None:
    trial = running(ctx, linkedin)
    with pytest.raises(StateConflict, match=r"This trial is running.*its plan was registered when it started"):
        edit_trial(ctx, trial.id, replace(trial.draft, **change))  # type: ignore[arg-type]
    assert find_trial(ctx, trial.id) == trial


def test_the_weights_of_a_running_trial_cannot_be_changed(ctx: Context, linkedin: ChannelView) -> None:
    trial = running(ctx, linkedin)
    heavy = (EARLY, replace(LATE, weight=9))
    with pytest.raises(StateConflict, match="registered"):
        edit_trial(ctx, trial.id, replace(trial.draft, arms=heavy))
    with pytest.raises(StateConflict, match="registered"):
        delete_trial(ctx, trial.id)


def test_a_draft_can_be_edited_and_thrown_away(ctx: Context, linkedin: ChannelView) -> None:
    trial = create_trial(ctx, draft_of(linkedin))
    edited = edit_trial(ctx, trial.id, replace(trial.draft, weeks=4, arms=(LATE, EARLY), control="late"), trial.version)
    assert (edited.draft.weeks, edited.draft.control, edited.draft.arms) == (4, "late", (LATE, EARLY))
    with pytest.raises(StaleEdit):
        edit_trial(ctx, trial.id, trial.draft, trial.version)
    delete_trial(ctx, trial.id)
    with pytest.raises(NotFound):
        find_trial(ctx, trial.id)


def test_a_seed_is_drawn_where_nobody_gives_one(ctx: Context, linkedin: ChannelView) -> None:
    trials = [running(ctx, linkedin, seed=None) for _ in range(3)]
    seeds = {stop_trial(ctx, trial.id).draft.seed for trial in trials}
    assert len(seeds) == 3
    assert all(seed is not None and len(seed) == 32 for seed in seeds)


def test_only_the_next_step_is_legal(ctx: Context, linkedin: ChannelView) -> None:
    trial = create_trial(ctx, draft_of(linkedin))
    with pytest.raises(StateConflict, match="draft"):
        stop_trial(ctx, trial.id)
    with pytest.raises(StateConflict, match="start it first"):
        trial_results(ctx, trial.id)
    start_trial(ctx, trial.id)
    with pytest.raises(StateConflict, match="running"):
        start_trial(ctx, trial.id)
    with pytest.raises(StateConflict, match="running"):
        decide_trial(ctx, trial.id, DecisionRequest(None))
    stop_trial(ctx, trial.id)
    assert decide_trial(ctx, trial.id, DecisionRequest(None)).state is TrialState.DECIDED
    with pytest.raises(StateConflict, match="decided"):
        decide_trial(ctx, trial.id, DecisionRequest("late"))


def test_every_step_leaves_a_line_in_the_audit_log(ctx: Context, linkedin: ChannelView) -> None:
    trial = running(ctx, linkedin)
    assign_all(ctx, trial, planned(ctx, linkedin, 1, 2))
    stop_trial(ctx, trial.id, "Enough")
    decide_trial(ctx, trial.id, DecisionRequest(None))
    lines, _ = page_audit(ctx, AuditFilter(subject=trial.id), 20)
    assert [line.action for line in lines] == ["resolved", "edited", "planned", "edited", "created"]
    assert lines[3].detail == {"state": "running", "fingerprint": trial.fingerprint}


def test_trials_are_listed_newest_first_and_by_state(ctx: Context, linkedin: ChannelView, clock: StandingClock) -> None:
    first = running(ctx, linkedin)
    clock.move(DAY)
    second = create_trial(ctx, draft_of(linkedin, name="The second"))
    assert [each.id for each in page_trials(ctx, 10)[0]] == [second.id, first.id]
    assert [each.id for each in page_trials(ctx, 10, states=(TrialState.RUNNING,))[0]] == [first.id]
    page, cursor = page_trials(ctx, 1)
    assert [each.id for each in (*page, *page_trials(ctx, 1, cursor)[0])] == [second.id, first.id]


# --- Ripeness and judging -----------------------------------------------------------------------------------------


def counts(found: TrialResults) -> list[tuple[int, int, int]]:
    return [(arm.counted, arm.waiting, arm.missing) for arm in found.arms]


def test_no_post_counts_before_the_posts_of_every_arm_of_its_week_are_ripe(
    ctx: Context, linkedin: ChannelView, clock: StandingClock
) -> None:
    trial = running(ctx, linkedin, **ENGAGED)
    assign_all(ctx, trial, planned(ctx, linkedin, weeks=2, per_week=10))
    publish_all(ctx, clock, trial, {"early": 5.0, "late": 5.5})
    ripe = clock.moment
    clock.moment = ripe - WEEK
    half = trial_results(ctx, trial.id)
    assert [sum(each) for each in zip(*counts(half), strict=True)] == [10, 10, 0]
    clock.moment = ripe - WEEK - timedelta(seconds=1)
    none = trial_results(ctx, trial.id)
    assert [sum(each) for each in zip(*counts(none), strict=True)] == [0, 20, 0]
    assert isinstance(none.effects[0].by_draw, Undefined)


def test_a_trial_of_one_look_says_nothing_before_its_end(
    ctx: Context, linkedin: ChannelView, clock: StandingClock
) -> None:
    trial = running(ctx, linkedin, weeks=7, **ENGAGED, **FIXED)
    assign_all(ctx, trial, planned(ctx, linkedin, weeks=6, per_week=10))
    publish_all(ctx, clock, trial, {"early": 5.0, "late": 6.5})
    ripe = clock.moment
    clock.moment = ripe - WEEK
    early = trial_results(ctx, trial.id)
    assert not early.may_judge
    assert early.verdict is Verdict.TOO_LITTLE_DATA
    assert early.sentence.startswith("This trial is judged once: after 20 April 2026")
    stop_trial(ctx, trial.id)
    with pytest.raises(StateConflict, match="judged once"):
        decide_trial(ctx, trial.id, DecisionRequest("late"))
    clock.moment = ripe
    final = trial_results(ctx, trial.id)
    assert final.may_judge
    assert final.verdict is Verdict.WON
    assert decide_trial(ctx, trial.id, DecisionRequest("late")).state is TrialState.DECIDED


@pytest.mark.parametrize("looks", [0, 1])
def test_who_looks_and_then_stops_a_trial_of_one_look_is_judged_by_what_holds_at_every_look(
    ctx: Context, linkedin: ChannelView, clock: StandingClock, looks: int
) -> None:
    trial = running(ctx, linkedin, planned_posts=60, **ENGAGED, **FIXED)
    assign_all(ctx, trial, planned(ctx, linkedin, weeks=6, per_week=10))
    publish_all(ctx, clock, trial, {"early": 5.0, "late": 5.1})
    ripe = clock.moment
    clock.moment = ripe - 2 * WEEK
    for _ in range(looks):
        trial_results(ctx, trial.id)
    stop_trial(ctx, trial.id)
    clock.moment = ripe
    (effect,) = trial_results(ctx, trial.id).effects
    found = trial_results(ctx, trial.id).analysis.comparisons[0].contrast
    assert isinstance(found.always, Always)
    assert isinstance(found.primary, Comparison)
    assert effect.p == (found.always.p if looks else found.primary.p)
    assert ("judged by the interval that holds at every look" in effect.sentence) is (looks > 0)


def test_looks_at_a_running_trial_are_counted_once_a_day_and_found(
    ctx: Context, linkedin: ChannelView, clock: StandingClock
) -> None:
    trial = running(ctx, linkedin, weeks=7, **ENGAGED, **FIXED)
    assign_all(ctx, trial, planned(ctx, linkedin, weeks=6, per_week=10))
    publish_all(ctx, clock, trial, {"early": 5.0, "late": 5.0})
    ripe = clock.moment
    for days in (5, 5, 4, 0):
        clock.moment = ripe - days * DAY
        found = trial_results(ctx, trial.id)
    assert found.trial.looks == 3
    assert "looked at 3 times" in found.findings["peeking"].sentence
    stop_trial(ctx, trial.id)
    clock.move(DAY)
    assert trial_results(ctx, trial.id).trial.looks == 3


def test_moved_posts_are_kept_counted_and_left_out_of_what_was_followed(
    ctx: Context, linkedin: ChannelView, clock: StandingClock
) -> None:
    trial = running(ctx, linkedin, planned_posts=40, **ENGAGED)
    assign_all(ctx, trial, planned(ctx, linkedin, weeks=4, per_week=10))
    late = [each for each in list_assignments(ctx, trial.id) if each.arm == "late"]
    for unit in late[:8]:
        move_item(ctx, unit.item_id, unit.slot_at.replace(hour=1))
    publish_all(ctx, clock, trial, {"early": 5.0, "late": 5.5})
    found = trial_results(ctx, trial.id)
    arms = {arm.name: arm for arm in found.arms}
    assert (arms["early"].moved, arms["late"].moved, arms["late"].counted) == (0, 8, len(late))
    assert "8 of 40 posts" in found.findings["contamination"].sentence
    by_draw, followed = found.effects[0].by_draw, found.effects[0].as_followed
    assert isinstance(by_draw, LiftView)
    assert isinstance(followed, LiftView)
    logs: dict[str, list[float]] = {"early": [], "late": []}
    for unit in list_assignments(ctx, trial.id):
        if unit.value is not None and not unit.is_moved:
            logs[unit.arm].append(math.log1p(unit.value))
    assert len(logs["late"]) == len(late) - 8
    assert followed.lift == pytest.approx(math.expm1(fmean(logs["late"]) - fmean(logs["early"])))
    assert by_draw.lift != followed.lift


# --- Deciding -----------------------------------------------------------------------------------------------------


def test_hours_that_preferences_cannot_say_are_refused_and_decided_without(ctx: Context, linkedin: ChannelView) -> None:
    odd = ArmDraft("odd", Strategy.WINDOWS, windows=(Window((1, 3), time(9), time(11)),))
    trial = running(ctx, linkedin, arms=(EARLY, odd))
    stop_trial(ctx, trial.id)
    with pytest.raises(Invalid, match="Monday to Friday"):
        decide_trial(ctx, trial.id, DecisionRequest("odd", applies=True))
    assert find_trial(ctx, trial.id).state is TrialState.STOPPED
    assert list_preferences(ctx) == ()
    assert decide_trial(ctx, trial.id, DecisionRequest("odd")).state is TrialState.DECIDED


def test_the_planners_own_hours_need_no_preference(ctx: Context, linkedin: ChannelView) -> None:
    trial = running(ctx, linkedin, arms=(EARLY, ArmDraft("advised", Strategy.RECOMMENDED)))
    stop_trial(ctx, trial.id)
    decided = decide_trial(ctx, trial.id, DecisionRequest("advised", applies=True)).decision
    assert decided is not None
    assert decided.applied[0].startswith("The planner recommends by itself")
    assert list_preferences(ctx) == ()


def test_an_arm_nobody_has_cannot_win(ctx: Context, linkedin: ChannelView) -> None:
    trial = running(ctx, linkedin)
    stop_trial(ctx, trial.id)
    with pytest.raises(Invalid, match="early, late"):
        decide_trial(ctx, trial.id, DecisionRequest("noon"))
    with pytest.raises(Invalid, match="name the arm"):
        decide_trial(ctx, trial.id, DecisionRequest(None, applies=True))


# --- What cannot be planned ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ({"name": "x"}, "name"),
        ({"arms": (EARLY,)}, "arms"),
        ({"arms": (EARLY, EARLY)}, "arms"),
        ({"arms": (EARLY, replace(LATE, weight=0))}, r"arms\[1\].weight"),
        ({"arms": (EARLY, replace(LATE, name=""))}, r"arms\[1\].name"),
        ({"arms": (EARLY, replace(LATE, windows=()))}, r"arms\[1\].windows"),
        ({"arms": (EARLY, replace(LATE, strategy=Strategy.USUAL))}, r"arms\[1\].windows"),
        (
            {"arms": (EARLY, replace(LATE, windows=(Window((0,), time(22), time(2)),)))},
            r"arms\[1\].windows\[0\].ends",
        ),
        (
            {"arms": (EARLY, replace(LATE, windows=(Window((7,), time(2), time(3)),)))},
            r"arms\[1\].windows\[0\].weekdays",
        ),
        ({"control": "noon"}, "control"),
        ({"weeks": 0}, "weeks"),
        ({"alpha": 0.9}, "alpha"),
        ({"detect": 0.0}, "detect"),
        ({"planned_posts": 1}, "planned_posts"),
        ({"planned_posts": 10**12}, "planned_posts"),
        ({"calendar_ids": ("cal_none",)}, r"calendar_ids\[0\]"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_its_place(
    ctx: Context, linkedin: ChannelView, said: dict[str, object], place: str
) -> None:
    with pytest.raises(Invalid, match=rf"(^|; ){place}: "):
        create_trial(ctx, draft_of(linkedin, **said))
    assert page_trials(ctx, 10)[0] == ()


def test_a_trial_needs_channels_of_ones_own(ctx: Context, linkedin: ChannelView) -> None:
    peer = add_channel(ctx, replace(linkedin_draft(), name="A peer", is_peer=True))
    with pytest.raises(Invalid, match="peer"):
        create_trial(ctx, draft_of(peer))
    with pytest.raises(NotFound, match="chan_none"):
        create_trial(ctx, TrialDraft("A trial", ("chan_none",), (EARLY, LATE)))
    with pytest.raises(Invalid, match="channel_ids"):
        create_trial(ctx, TrialDraft("A trial", (), (EARLY, LATE)))


def test_a_channel_without_habits_has_no_usual_hours_to_start_with(ctx: Context, linkedin: ChannelView) -> None:
    trial = create_trial(ctx, draft_of(linkedin, arms=(ArmDraft("usual", Strategy.USUAL), LATE)))
    with pytest.raises(Invalid, match="Our page has fewer than 20 past posts"):
        start_trial(ctx, trial.id)
    assert find_trial(ctx, trial.id).state is TrialState.DRAFT


def test_posts_cannot_join_what_is_not_running(ctx: Context, linkedin: ChannelView, clock: StandingClock) -> None:
    items = planned(ctx, linkedin, 1, 2)
    draft = create_trial(ctx, draft_of(linkedin))
    with pytest.raises(StateConflict, match="start it first"):
        assign_items(ctx, draft.id, [items[0].id])
    stopped = stop_trial(ctx, running(ctx, linkedin).id)
    with pytest.raises(StateConflict, match="only a running trial"):
        assign_items(ctx, stopped.id, [items[0].id])
    over = running(ctx, linkedin, weeks=1)
    clock.move(WEEK)
    with pytest.raises(StateConflict, match="horizon has passed"):
        assign_items(ctx, over.id, [items[0].id])


def test_posts_that_are_canceled_once_their_arm_is_known_are_not_forgotten(
    ctx: Context, linkedin: ChannelView, clock: StandingClock
) -> None:
    trial = running(ctx, linkedin, planned_posts=40, **ENGAGED)
    drawn = assign_all(ctx, trial, planned(ctx, linkedin, weeks=4, per_week=10))
    spared = [key for key, arm in drawn.items() if arm == "late"][:14]
    for key in spared:
        cancel_item(ctx, key)
    rest = [unit for unit in list_assignments(ctx, trial.id) if unit.item_id not in spared]
    for unit in rest:
        put_in_state(ctx, unit.item_id, ItemState.PUBLISHED, published_at=unit.slot_at)
    clock.moment = max(unit.ripe_at for unit in rest)
    earn(ctx, trial, {unit.item_id: 50 + 5 * (number % 7) for number, unit in enumerate(rest)})
    found = trial_results(ctx, trial.id)
    late = next(arm for arm in found.arms if arm.name == "late")
    assert (late.missing, late.counted) == (14, late.assigned - 14)
    assert found.verdict is Verdict.INVALID
    assert found.sentence.startswith("late cannot be judged. Outcomes are missing more often in one arm")


def test_a_post_that_never_goes_out_is_missing_once_it_should_be_ripe(
    ctx: Context, linkedin: ChannelView, clock: StandingClock
) -> None:
    trial = running(ctx, linkedin, **ENGAGED)
    assign_all(ctx, trial, planned(ctx, linkedin, weeks=1, per_week=4))
    units = list_assignments(ctx, trial.id)
    assert {unit.state for unit in units} == {UnitState.WAITING}
    clock.moment = units[0].ripe_at
    assert {unit.state for unit in list_assignments(ctx, trial.id)} == {UnitState.MISSING}
    found = trial_results(ctx, trial.id)
    assert "4 of 4 posts have no outcome" in found.findings["censoring"].sentence
