"""One item's way out, step by step, on both kinds of database."""

# ruff: noqa: ARG002  # every publisher takes the contract's arguments, needed or not

from dataclasses import replace
from datetime import timedelta
from threading import Thread

import pytest
from dead_engines import die_here
from planned_posts import StandingClock
from publishing_stage import MINUTE, NOON, Dies, DiesAt, InLine, add_items, revision, run, tell, worker_of

from core.bootstrap import Slotwise
from core.errors import DatabaseUnavailable
from core.publishing.contract import (
    Absent,
    CannotTell,
    ChannelAccess,
    Firing,
    LookUp,
    Post,
    Preparation,
    Ready,
    Refused,
    StepState,
    Waiting,
)
from core.publishing.recorder import Fault, Recorder
from core.services.attempts import Attempts, release
from core.services.channels import ChannelDraft, edit_channel, find_channel
from core.services.claims import Claim, claim_items, find_due
from core.services.context import Context
from core.services.moves import resolve_item, retry_item
from core.services.publishing import publish_due, publish_item
from core.services.workers import LedgerPoint, Worker
from core.services.workspaces import WorkspaceEdit, edit_workspace, find_workspace
from core.storage.tables import ContentCalendar
from core.vocabulary import CalendarState, ItemState, LatenessPolicy, Refusal

GONE = Refused(Refusal.UNKNOWN_OUTCOME, "The receiver may have taken the item: read timeout.")
BUSY = Refused(Refusal.TRANSIENT, "The receiver cannot be reached.")


def set_policy(ctx: Context, policy: LatenessPolicy, grace: int = 60, tries: int = 5) -> None:
    home = find_workspace(ctx)
    edit_workspace(ctx, WorkspaceEdit(home.name, home.timezone, policy, grace, tries))


def add_one(house: Slotwise, after: timedelta = timedelta(0)) -> str:
    return add_items(house.db, house.home, [NOON + after])[0]


def publish(worker: Worker, claim: Claim) -> None:
    publish_item(worker, claim, Attempts(worker))


def take(worker: Worker, house: Slotwise, item: str) -> None:
    for claim in claim_items(worker, house.home, [item]):
        publish(worker, claim)


# --- The straight way ---


def test_a_due_item_is_published_once_with_every_step_in_the_ledger(house: Slotwise) -> None:
    item, recorder = add_one(house), Recorder()
    run(worker_of(house, recorder))
    told = tell(house.db, house.home, item)
    assert told.steps == ["claimed", "armed", "published"]
    assert (told.item.state, told.item.attempt, told.item.published_at) == (ItemState.PUBLISHED, 1, NOON)
    assert (told.item.remote_id, told.item.error, told.claims) == (item, None, 0)
    assert [post.text for post in recorder.posts.values()] == ["It is here."]


def test_an_item_is_left_alone_until_its_minute(house: Slotwise) -> None:
    item, recorder = add_one(house, after=timedelta(microseconds=1)), Recorder()
    run(worker_of(house, recorder))
    assert recorder.posts == {}
    assert tell(house.db, house.home, item).item.state is ItemState.SCHEDULED


def test_a_calendar_whose_last_item_is_out_is_completed(house: Slotwise) -> None:
    add_one(house)
    run(worker_of(house))
    with house.db.read(house.home) as session:
        assert session.get_one(ContentCalendar, "cal_first").state is CalendarState.COMPLETED


def test_looking_for_due_items_writes_nothing(house: Slotwise) -> None:
    add_one(house, after=MINUTE)
    before = revision(house.db, house.home)
    run(worker_of(house))
    assert revision(house.db, house.home) == before


def test_the_longest_due_item_is_taken_first_and_of_two_at_once_the_more_urgent(house: Slotwise) -> None:
    late, now = add_items(house.db, house.home, [NOON - MINUTE, NOON], priority=1)
    (urgent,) = add_items(house.db, house.home, [NOON], name="urgent", priority=9)
    assert find_due(worker_of(house), 10) == {house.home: [late, urgent, now]}


def test_an_item_keeps_its_delivery_id_over_all_its_tries(house: Slotwise, clock: StandingClock) -> None:
    item = add_one(house)
    first = claim_items(worker_of(house), house.home, [item])[0]
    assert first.parcel.post().delivery_id == item


def test_an_item_that_somebody_else_took_is_not_claimed_again(house: Slotwise) -> None:
    item = add_one(house)
    assert len(claim_items(worker_of(house, name="one"), house.home, [item])) == 1
    assert claim_items(worker_of(house, name="two"), house.home, [item]) == ()


def test_items_of_two_workspaces_go_out_from_one_worker(house: Slotwise, stranger: Context) -> None:
    mine = add_one(house)
    (theirs,) = add_items(house.db, stranger.workspace, [NOON], name="strangers")
    run(worker_of(house))
    assert tell(house.db, house.home, mine).item.state is ItemState.PUBLISHED
    assert tell(house.db, stranger.workspace, theirs).item.state is ItemState.PUBLISHED


def test_a_workspace_that_fails_does_not_stop_another(house: Slotwise, stranger: Context) -> None:
    (bad,) = add_items(house.db, house.home, [NOON - MINUTE], name="not allowed!")
    (good,) = add_items(house.db, stranger.workspace, [NOON], name="strangers")
    worker = worker_of(house)
    crew = InLine(worker)
    publish_due(worker, crew)
    assert tell(house.db, stranger.workspace, good).item.state is ItemState.PUBLISHED
    assert "may hold only letters" in (crew.runner.last_error() or "")
    assert tell(house.db, house.home, bad).steps == ["claimed"]


# --- Refusals ---


def test_a_post_that_was_not_taken_is_tried_again_within_the_first_window(
    house: Slotwise, clock: StandingClock
) -> None:
    item, recorder = add_one(house), Recorder([Fault(BUSY)])
    run(worker_of(house, recorder))
    told = tell(house.db, house.home, item)
    assert told.steps == ["claimed", "armed", "refused"]
    assert (told.item.state, told.item.error) == (ItemState.SCHEDULED, "The receiver cannot be reached.")
    assert NOON < told.item.due_at < NOON + timedelta(seconds=30)
    clock.move(MINUTE)
    run(worker_of(house, recorder))
    told = tell(house.db, house.home, item)
    assert (told.item.state, told.item.attempt, told.item.error) == (ItemState.PUBLISHED, 2, None)
    assert list(recorder.posts) == [item]


def test_after_the_workspaces_last_try_the_item_has_failed(house: Slotwise, ctx: Context, clock: StandingClock) -> None:
    set_policy(ctx, LatenessPolicy.PUBLISH_LATE, tries=2)
    item, recorder = add_one(house), Recorder([Fault(BUSY)] * 2)
    for _ in range(3):
        run(worker_of(house, recorder))
        clock.move(MINUTE)
    told = tell(house.db, house.home, item)
    assert (told.item.state, told.item.attempt) == (ItemState.FAILED, 2)


def test_a_person_who_retries_a_failed_item_gives_it_all_its_tries_again(
    house: Slotwise, ctx: Context, clock: StandingClock
) -> None:
    set_policy(ctx, LatenessPolicy.PUBLISH_LATE, tries=2)
    item, recorder = add_one(house), Recorder([Fault(BUSY)] * 3)
    for _ in range(2):
        run(worker_of(house, recorder))
        clock.move(MINUTE)
    retry_item(ctx, item)
    for _ in range(2):
        run(worker_of(house, recorder))
        clock.move(MINUTE)
    told = tell(house.db, house.home, item)
    assert (told.item.state, told.item.attempt) == (ItemState.PUBLISHED, 4)


def test_a_refusal_for_good_fails_at_once(house: Slotwise) -> None:
    item = add_one(house)
    run(worker_of(house, Recorder([Fault(Refused(Refusal.INVALID, "The title is too long."))])))
    told = tell(house.db, house.home, item)
    assert (told.item.state, told.item.error) == (ItemState.FAILED, "The title is too long.")
    assert told.details[-1] == {"refusal": "invalid", "then": "failed", "reason": "The title is too long."}


def test_a_channel_that_is_switched_off_sends_nothing_and_says_so(house: Slotwise, ctx: Context) -> None:
    item, recorder = add_one(house), Recorder()
    channel = find_channel(ctx, "chan_first")
    fields = {name: getattr(channel, name) for name in ChannelDraft.__dataclass_fields__ if name != "secret"}
    edit_channel(ctx, channel.id, replace(ChannelDraft(**fields), active=False))
    run(worker_of(house, recorder))
    told = tell(house.db, house.home, item)
    assert told.item.state is ItemState.FAILED
    assert told.item.error == "The channel first is switched off. Switch it on, then try again."
    assert recorder.posts == {}


# --- Unknown outcomes ---


class Silent(Recorder):
    """A platform that cannot be asked afterwards."""

    def look_up(self, post: Post, access: ChannelAccess, state: StepState, now: object) -> LookUp:
        return CannotTell("Look there for the post.")


def test_an_unknown_outcome_is_never_sent_again_and_waits_for_a_person(house: Slotwise, clock: StandingClock) -> None:
    item, recorder = add_one(house), Silent([Fault(GONE, taken=True)])
    for _ in range(5):
        run(worker_of(house, recorder))
        clock.move(MINUTE)
    told = tell(house.db, house.home, item)
    assert told.steps == ["claimed", "armed", "unknown", "reconciled"]
    assert (told.item.state, told.item.error) == (ItemState.UNCONFIRMED, "Look there for the post.")


def test_an_unknown_outcome_that_is_found_is_published(house: Slotwise, clock: StandingClock) -> None:
    item, recorder = add_one(house), Recorder([Fault(GONE, taken=True)])
    run(worker_of(house, recorder))
    assert tell(house.db, house.home, item).item.state is ItemState.UNCONFIRMED
    clock.move(MINUTE)
    run(worker_of(house, recorder))
    told = tell(house.db, house.home, item)
    assert told.steps == ["claimed", "armed", "unknown", "reconciled"]
    assert (told.item.state, told.item.published_at, told.item.error) == (ItemState.PUBLISHED, NOON, None)


def test_an_unknown_outcome_that_is_not_there_is_sent_again(house: Slotwise, clock: StandingClock) -> None:
    item, recorder = add_one(house), Recorder([Fault(GONE, taken=False)])
    run(worker_of(house, recorder))
    clock.move(MINUTE)
    run(worker_of(house, recorder))
    told = tell(house.db, house.home, item)
    assert told.steps == ["claimed", "armed", "unknown", "reconciled", "claimed", "armed", "published"]
    assert list(recorder.posts) == [item]


def test_what_a_person_settled_is_not_looked_up(house: Slotwise, ctx: Context, clock: StandingClock) -> None:
    item, recorder = add_one(house), Recorder([Fault(GONE, taken=False)])
    run(worker_of(house, recorder))
    resolve_item(ctx, item, published=True)
    clock.move(MINUTE)
    run(worker_of(house, recorder))
    told = tell(house.db, house.home, item)
    assert told.steps[-1] == "resolved"
    assert told.item.state is ItemState.PUBLISHED


def test_what_a_person_settles_during_a_look_up_stands(house: Slotwise, ctx: Context, clock: StandingClock) -> None:
    class Asked(Recorder):
        def look_up(self, post: Post, access: ChannelAccess, state: StepState, now: object) -> LookUp:
            resolve_item(ctx, post.item_id, published=True)
            return Absent()

    item, asked = add_one(house), Asked([Fault(GONE, taken=False)])
    run(worker_of(house, asked))
    clock.move(MINUTE)
    run(worker_of(house, asked))
    told = tell(house.db, house.home, item)
    assert (told.steps[-1], told.item.state) == ("resolved", ItemState.PUBLISHED)


def test_two_workers_that_look_up_at_once_note_it_once(house: Slotwise, clock: StandingClock) -> None:
    class AskedTwice(Silent):
        def look_up(self, post: Post, access: ChannelAccess, state: StepState, now: object) -> LookUp:
            run(worker_of(house, Silent(), name="other"))
            return CannotTell("Look there for the post.")

    item, asked = add_one(house), AskedTwice([Fault(GONE)])
    run(worker_of(house, asked))
    clock.move(MINUTE)
    run(worker_of(house, asked))
    assert tell(house.db, house.home, item).steps == ["claimed", "armed", "unknown", "reconciled"]


# --- A platform that takes its time ---


class Slow(Recorder):
    """Processes an upload for two minutes before it can be fired; counts the uploads."""

    uploads = 0

    def prepare(self, post: Post, access: ChannelAccess, now: object) -> Preparation:
        self.uploads += 1
        return Ready({"upload": "u1"})

    def check(self, post: Post, access: ChannelAccess, state: StepState, now: object) -> Preparation:
        assert state == {"upload": "u1"}
        return Ready(state) if now >= NOON + 2 * MINUTE else Waiting(state, NOON + 2 * MINUTE)  # type: ignore[operator]


def test_a_platform_at_work_is_asked_again_without_a_second_upload(house: Slotwise, clock: StandingClock) -> None:
    item, slow = add_one(house), Slow()
    for _ in range(3):
        run(worker_of(house, slow))
        clock.move(MINUTE)
    told = tell(house.db, house.home, item)
    assert told.steps == ["claimed", "deferred", "claimed", "armed", "published"]
    assert slow.uploads == 1
    assert list(slow.posts) == [item]


# --- Late items ---


@pytest.mark.parametrize(
    ("policy", "minutes", "state", "error"),
    [
        (LatenessPolicy.PUBLISH_LATE, 60, ItemState.PUBLISHED, None),
        (
            LatenessPolicy.PUBLISH_LATE,
            61,
            ItemState.FAILED,
            "It was not sent: 61 minutes late. Publish it late or skip it?",
        ),
        (LatenessPolicy.ASK, 2, ItemState.FAILED, "It was not sent: 2 minutes late. Publish it late or skip it?"),
        (LatenessPolicy.SKIP, 119, ItemState.SKIPPED, "It was skipped: 119 minutes late."),
        (LatenessPolicy.SKIP, 120, ItemState.SKIPPED, "It was skipped: 2 hours late."),
        (LatenessPolicy.SKIP, 3 * 24 * 60, ItemState.SKIPPED, "It was skipped: 3 days late."),
        (LatenessPolicy.SKIP, 2, ItemState.SKIPPED, "It was skipped: 2 minutes late."),
        (LatenessPolicy.SKIP, 1, ItemState.PUBLISHED, None),
    ],
)
def test_a_late_item_follows_the_policy_of_its_workspace(
    house: Slotwise, ctx: Context, policy: LatenessPolicy, minutes: int, state: ItemState, error: str | None
) -> None:
    set_policy(ctx, policy)
    item = add_one(house, after=-minutes * MINUTE)
    run(worker_of(house))
    told = tell(house.db, house.home, item)
    assert (told.item.state, told.item.error, told.claims) == (state, error, 0)


def test_an_items_own_policy_comes_before_the_workspaces(house: Slotwise, ctx: Context) -> None:
    set_policy(ctx, LatenessPolicy.SKIP)
    (item,) = add_items(house.db, house.home, [NOON - 2 * MINUTE], lateness_policy=LatenessPolicy.PUBLISH_LATE)
    run(worker_of(house))
    assert tell(house.db, house.home, item).item.state is ItemState.PUBLISHED


def test_after_three_days_of_sleep_every_item_follows_its_policy_at_once(house: Slotwise, clock: StandingClock) -> None:
    items = add_items(house.db, house.home, [NOON + hour * 60 * MINUTE for hour in range(60)])
    recorder = Recorder()
    clock.move(timedelta(hours=59, minutes=30))
    run(worker_of(house, recorder))
    states = [tell(house.db, house.home, item).item.state for item in items]
    assert states == [ItemState.FAILED] * 59 + [ItemState.PUBLISHED]
    assert list(recorder.posts) == items[-1:]


def test_a_late_item_that_a_person_retries_goes_out(house: Slotwise, ctx: Context) -> None:
    set_policy(ctx, LatenessPolicy.ASK)
    item, recorder = add_one(house, after=-9 * MINUTE), Recorder()
    run(worker_of(house, recorder))
    retry_item(ctx, item)
    run(worker_of(house, recorder))
    assert list(recorder.posts) == [item]


def test_an_item_asked_for_again_is_late_only_from_then_on(house: Slotwise, ctx: Context, clock: StandingClock) -> None:
    set_policy(ctx, LatenessPolicy.ASK)
    item, recorder = add_one(house, after=-9 * MINUTE), Recorder([Fault(BUSY)])
    run(worker_of(house, recorder))
    retry_item(ctx, item)
    run(worker_of(house, recorder))
    clock.move(timedelta(seconds=45))
    run(worker_of(house, recorder))
    assert list(recorder.posts) == [item]


def test_what_kept_a_late_item_from_going_out_is_said(house: Slotwise, ctx: Context, clock: StandingClock) -> None:
    set_policy(ctx, LatenessPolicy.ASK)
    item = add_one(house)
    run(worker_of(house, Recorder([Fault(BUSY)])))
    clock.move(3 * MINUTE)
    run(worker_of(house))
    error = "It was not sent: 3 minutes late (The receiver cannot be reached). Publish it late or skip it?"
    assert tell(house.db, house.home, item).item.error == error


# --- Claims that end ---


def dies_at(house: Slotwise, point: LedgerPoint, recorder: Recorder) -> None:
    worker = worker_of(house, recorder, at=DiesAt(point))
    with pytest.raises(Dies):
        publish_due(worker, InLine(worker))


@pytest.mark.parametrize("point", [LedgerPoint.CLAIMED, LedgerPoint.PREPARED, LedgerPoint.CHECKED, LedgerPoint.ARMING])
def test_what_died_before_it_was_armed_goes_out_once_the_lease_has_ended(
    house: Slotwise, clock: StandingClock, point: LedgerPoint
) -> None:
    item, recorder = add_one(house), Recorder()
    dies_at(house, point, recorder)
    clock.move(4 * MINUTE)
    run(worker_of(house, recorder))
    assert recorder.posts == {}, "the lease still held"
    clock.move(MINUTE)
    run(worker_of(house, recorder))
    told = tell(house.db, house.home, item)
    assert told.steps == ["claimed", "abandoned", "claimed", "armed", "published"]
    assert list(recorder.posts) == [item]


def survivor_of(house: Slotwise, recorder: Recorder) -> Worker:
    """Give a worker that knows who died on this machine."""
    return replace(worker_of(house, recorder, name="survivor"), is_gone=house.presence.is_gone)


def test_what_died_here_before_it_was_armed_is_taken_up_at_once_but_only_the_first_time(
    house: Slotwise,
) -> None:
    item, recorder = add_one(house), Recorder()
    dies_at(house, LedgerPoint.CHECKED, recorder)
    run(survivor_of(house, recorder))
    assert recorder.posts == {}, "nothing is known of its engine"
    die_here(house, "worker_1")
    dies = replace(survivor_of(house, recorder), name="second", at=DiesAt(LedgerPoint.CHECKED))
    with pytest.raises(Dies):
        run(dies)
    die_here(house, "second")
    run(survivor_of(house, recorder))
    assert recorder.posts == {}, "perhaps engines die of it"
    assert tell(house.db, house.home, item).steps == ["claimed", "abandoned", "claimed"]


def test_what_died_on_this_machine_and_was_armed_keeps_its_lease(house: Slotwise, clock: StandingClock) -> None:
    item, recorder = add_one(house), Recorder()
    dies_at(house, LedgerPoint.ARMED, recorder)
    die_here(house, "worker_1")
    run(survivor_of(house, recorder))
    assert tell(house.db, house.home, item).steps == ["claimed", "armed"]
    clock.move(5 * MINUTE)
    run(survivor_of(house, recorder))
    assert tell(house.db, house.home, item).steps[:4] == ["claimed", "armed", "unknown", "reconciled"]


@pytest.mark.parametrize("point", [LedgerPoint.ARMED, LedgerPoint.FIRED, LedgerPoint.RECORDING])
def test_what_died_armed_is_unconfirmed_where_nobody_can_tell(
    house: Slotwise, clock: StandingClock, point: LedgerPoint
) -> None:
    item, silent = add_one(house), Silent()
    dies_at(house, point, silent)
    clock.move(5 * MINUTE)
    run(worker_of(house, silent))
    told = tell(house.db, house.home, item)
    assert told.steps == ["claimed", "armed", "unknown", "reconciled"]
    assert told.item.state is ItemState.UNCONFIRMED


def test_a_slow_worker_whose_lease_ended_does_not_fire(house: Slotwise, clock: StandingClock) -> None:
    item, recorder = add_one(house), Recorder()
    (claim,) = claim_items(worker_of(house, recorder, name="slow"), house.home, [item])
    clock.move(5 * MINUTE)
    publish(worker_of(house, recorder, name="slow"), claim)
    assert recorder.posts == {}
    run(worker_of(house, recorder, name="quick"))
    publish(worker_of(house, recorder, name="slow"), claim)
    assert list(recorder.posts) == [item]
    assert tell(house.db, house.home, item).steps == ["claimed", "abandoned", "claimed", "armed", "published"]


class LosesItsLease(Recorder):
    """While it fires, so much time passes that another worker gives the claim up."""

    def __init__(self, house: Slotwise, clock: StandingClock, faults: list[Fault], *, elsewhere: Recorder) -> None:
        super().__init__(faults)
        self.house, self.clock, self.elsewhere = house, clock, elsewhere

    def fire(self, post: Post, access: ChannelAccess, state: StepState, now: object) -> Firing:
        answer = super().fire(post, access, state, now)  # type: ignore[arg-type]
        self.clock.move(6 * MINUTE)
        run(worker_of(self.house, self.elsewhere, name="other"))
        return answer


@pytest.mark.parametrize(
    ("faults", "steps", "state"),
    [
        ([], ["claimed", "armed", "unknown", "reconciled", "published"], ItemState.PUBLISHED),
        ([Fault(BUSY)], ["claimed", "armed", "unknown", "reconciled", "refused"], ItemState.SCHEDULED),
        ([Fault(GONE)], ["claimed", "armed", "unknown", "reconciled"], ItemState.UNCONFIRMED),
    ],
)
def test_an_answer_that_comes_after_its_claim_was_given_up_still_counts(
    house: Slotwise, clock: StandingClock, faults: list[Fault], steps: list[str], state: ItemState
) -> None:
    item = add_one(house)
    late = LosesItsLease(house, clock, faults, elsewhere=Silent())
    take(worker_of(house, late), house, item)
    told = tell(house.db, house.home, item)
    assert (told.steps, told.item.state, told.claims) == (steps, state, 0)


def test_a_late_success_stops_the_retry_that_a_wrong_look_up_began(house: Slotwise, clock: StandingClock) -> None:
    class Forgetful(Recorder):
        def look_up(self, post: Post, access: ChannelAccess, state: StepState, now: object) -> LookUp:
            return Absent()

    item = add_one(house)
    refusing = Forgetful([Fault(BUSY)])
    take(worker_of(house, LosesItsLease(house, clock, [], elsewhere=refusing)), house, item)
    told = tell(house.db, house.home, item)
    assert told.details[-1]["then"] == "published"
    assert told.item.attempt == 2


def test_a_released_claim_is_back_in_the_plan_unless_it_was_armed(house: Slotwise) -> None:
    first, second = add_items(house.db, house.home, [NOON, NOON])
    worker = worker_of(house)
    one, two = claim_items(worker, house.home, [first, second])
    with pytest.raises(Dies):
        publish(replace(worker, at=DiesAt(LedgerPoint.ARMED)), two)
    release(worker, one)
    release(worker, two)
    assert tell(house.db, house.home, one.item_id).item.state is ItemState.SCHEDULED
    assert tell(house.db, house.home, two.item_id).item.state is ItemState.PUBLISHING


def test_a_claim_released_while_its_item_is_being_armed_is_left_alone(house: Slotwise) -> None:
    item, recorder, releases = add_one(house), Recorder(), []

    def stop_now(point: LedgerPoint) -> None:
        if point is LedgerPoint.ARMING:
            releases.append(Thread(target=release, args=(worker_of(house), claim)))
            releases[0].start()
        if point is LedgerPoint.ARMED:
            releases[0].join()

    (claim,) = claim_items(worker_of(house), house.home, [item])
    publish(worker_of(house, recorder, at=stop_now), claim)
    assert tell(house.db, house.home, item).steps == ["claimed", "armed", "published"]


# --- A database that fails ---


class Stubborn:
    """Refuses the first few writes at a point, as a locked database does."""

    def __init__(self, point: LedgerPoint, times: int) -> None:
        self.point, self.left = point, times

    def __call__(self, point: LedgerPoint) -> None:
        if point is self.point and self.left:
            self.left -= 1
            raise DatabaseUnavailable(where="here", reason="database is locked", fix="Wait.")


@pytest.mark.parametrize("point", [LedgerPoint.ARMING, LedgerPoint.RECORDING])
def test_a_locked_database_makes_the_ledger_wait_and_the_post_is_sent_once(house: Slotwise, point: LedgerPoint) -> None:
    sent: list[str] = []

    class Counting(Recorder):
        def fire(self, post: Post, access: ChannelAccess, state: StepState, now: object) -> Firing:
            sent.append(post.delivery_id)
            return super().fire(post, access, state, now)  # type: ignore[arg-type]

    item = add_one(house)
    run(worker_of(house, Counting(), at=Stubborn(point, times=5)))
    assert sent == [item]
    assert tell(house.db, house.home, item).steps == ["claimed", "armed", "published"]


def test_a_database_that_stays_locked_leaves_the_item_to_recovery(house: Slotwise, clock: StandingClock) -> None:
    item, recorder = add_one(house), Recorder()
    worker = worker_of(house, recorder, at=Stubborn(LedgerPoint.RECORDING, times=99))
    crew = InLine(worker)
    publish_due(worker, crew)
    assert "database is locked" in (crew.runner.last_error() or "")
    clock.move(6 * MINUTE)
    run(worker_of(house, recorder))
    told = tell(house.db, house.home, item)
    assert told.steps == ["claimed", "armed", "unknown", "reconciled"]
    assert told.item.state is ItemState.PUBLISHED
