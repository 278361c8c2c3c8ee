"""Outgoing webhooks: every event to every endpoint, signed, tried for a day, never lost and never made twice."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event as Signal
from threading import Thread

import pytest
from planned_posts import MONDAY_NOON, TUESDAY, StandingClock, post
from publishing_stage import Dies, run, worker_of
from receivers import Conversation, Receiver, refuse, running_receiver, take_and_answer, take_then_drop, take_then_hang
from sqlmodel import select
from webhook_stage import courier_of, endpoint, here, tell_all

from core.bootstrap import Slotwise, assemble
from core.engine.couriers import CourierCrew
from core.engine.runner import Runner
from core.errors import Invalid, NotFound, StaleEdit, StateConflict
from core.publishing.contract import Refused
from core.publishing.deliveries import TRIES
from core.publishing.recorder import Recorder
from core.services.calendars import cancel_calendar, schedule_item, schedule_items
from core.services.channels import ChannelView
from core.services.context import Context
from core.services.courier import LEASE, DeliveryPoint
from core.services.events import newest_event_id
from core.services.item_views import ItemView
from core.services.moves import cancel_item, move_item, skip_item
from core.services.pruning import prune
from core.services.webhook_deliveries import find_delivery, list_deliveries, replay_delivery
from core.services.webhook_fanout import fan_out
from core.services.webhook_outlets import reveal_callback_secret, rotate_callback_secret
from core.services.webhook_sending import send_due
from core.services.webhook_views import DeliveryView, EndpointDraft, EndpointView
from core.services.webhooks import (
    add_endpoint,
    edit_endpoint,
    find_endpoint,
    list_endpoints,
    ping_endpoint,
    remove_endpoint,
    reveal_secret,
    rotate_secret,
)
from core.settings import Settings
from core.storage.tables import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from core.vocabulary import DeliveryState, Refusal

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
WEDNESDAY = TUESDAY + timedelta(days=1)
PUBLIC = "https://example.com/hook"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver() as running:
        yield running


@pytest.fixture
def second() -> Iterator[Receiver]:
    with running_receiver() as running:
        yield running


@pytest.fixture
def item(ctx: Context, linkedin: ChannelView) -> ItemView:
    return schedule_item(ctx, post(linkedin, TUESDAY))


def deliveries(ctx: Context) -> list[DeliveryView]:
    return list(reversed(list_deliveries(ctx, limit=200).deliveries))


def types(receiver: Receiver) -> list[str]:
    return [body["type"] for body in receiver.visible.values()]


# --- Endpoints ---


def test_an_endpoint_is_kept_with_a_secret_nobody_else_sees(house: Slotwise, ctx: Context, stranger: Context) -> None:
    made = add_endpoint(ctx, EndpointDraft(PUBLIC, "Our CRM", ("item.published", "item.published")))
    assert (made.url, made.description, made.types, made.active) == (PUBLIC, "Our CRM", ("item.published",), True)
    assert list_endpoints(ctx) == (made,) == (find_endpoint(ctx, made.id),)
    assert reveal_secret(ctx, made.id).startswith("whsec_")
    with house.db.system(writable=False) as session:
        assert "whsec_" not in session.scalars(select(WebhookEndpoint.secret)).one()
    assert list_endpoints(stranger) == ()
    for call in (find_endpoint, remove_endpoint, reveal_secret, rotate_secret, ping_endpoint):
        with pytest.raises(NotFound):
            call(stranger, made.id)


@pytest.mark.parametrize(
    ("draft", "place", "fix"),
    [
        (EndpointDraft("http://example.com"), "url", "must start with https://"),
        (EndpointDraft("https://127.0.0.1/x"), "url", "not on the public internet"),
        (EndpointDraft("https://[::1]/x"), "url", "not on the public internet"),
        (EndpointDraft("https://[::ffff:10.0.0.1]/x"), "url", "not on the public internet"),
        (EndpointDraft("https://169.254.169.254/latest"), "url", "not on the public internet"),
        (EndpointDraft("https://localhost/x"), "url", "not on the public internet"),
        (EndpointDraft("https://api.localhost./x"), "url", "not on the public internet"),
        (EndpointDraft("https://example.com:99999/"), "url", "port"),
        (EndpointDraft("ftp://example.com"), "url", "must start with"),
        (EndpointDraft(""), "url", "must start with"),
        (EndpointDraft("https://exa\nmple.com/\r\nX-Evil: 1"), "url", "not a URL"),
        (EndpointDraft("https://example.com/" + "x" * 2000), "url", "at most 2000"),
        (EndpointDraft(PUBLIC, types=("item.published", "item.lost")), "types[1]", "choose from"),
        (EndpointDraft(PUBLIC, types=("job_progress",)), "types[0]", "choose from"),
        (EndpointDraft(PUBLIC, description="x" * 201), "description", "at most 200"),
    ],
)
def test_an_endpoint_that_makes_no_sense_is_refused_by_its_field(
    ctx: Context, draft: EndpointDraft, place: str, fix: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        add_endpoint(ctx, draft)
    (problem,) = refusal.value.problems
    assert problem.place == place
    assert fix in problem.message
    assert list_endpoints(ctx) == ()


def test_an_edit_of_an_older_version_is_refused(ctx: Context) -> None:
    made = add_endpoint(ctx, EndpointDraft(PUBLIC))
    edited = edit_endpoint(ctx, made.id, EndpointDraft(PUBLIC, "New", active=False), made.version)
    assert (edited.description, edited.active, edited.disabled_reason) == ("New", False, "")
    with pytest.raises(StaleEdit):
        edit_endpoint(ctx, made.id, EndpointDraft(PUBLIC), made.version)
    with pytest.raises(StateConflict, match="switched off"):
        ping_endpoint(ctx, made.id)


def test_there_can_be_fifty_endpoints(ctx: Context) -> None:
    for _ in range(50):
        add_endpoint(ctx, EndpointDraft(PUBLIC))
    with pytest.raises(Invalid, match="there can be 50"):
        add_endpoint(ctx, EndpointDraft(PUBLIC))


# --- Deliveries ---


def test_an_event_arrives_signed_at_every_endpoint_that_wants_it(
    house: Slotwise, ctx: Context, item: ItemView, receiver: Receiver, second: Receiver
) -> None:
    endpoint(ctx, receiver)
    endpoint(ctx, second, "item.canceled")
    move_item(ctx, item.id, WEDNESDAY)
    cancel_item(ctx, item.id)
    tell_all(courier_of(house))
    assert types(receiver) == ["item_updated", "item.canceled", "calendar.completed"]
    assert types(second) == ["item.canceled"]
    (body,) = second.visible.values()
    assert body["workspace_id"] == ctx.workspace
    assert body["timestamp"] == "2026-03-02T12:00:00Z"
    assert (body["data"]["item_id"], body["data"]["status"]) == (item.id, "canceled")
    assert {each.state for each in deliveries(ctx)} == {DeliveryState.DELIVERED}
    assert set(receiver.ids) == {each.id for each in deliveries(ctx) if each.url == receiver.url}


def test_an_endpoint_is_not_told_of_what_happened_before_it_or_while_it_was_off(
    house: Slotwise, ctx: Context, item: ItemView, receiver: Receiver, second: Receiver
) -> None:
    endpoint(ctx, second)
    move_item(ctx, item.id, WEDNESDAY)
    made = endpoint(ctx, receiver)
    tell_all(courier_of(house))
    assert receiver.calls == 0
    draft = EndpointDraft(receiver.url)
    edit_endpoint(here(ctx), made.id, replace(draft, active=False))
    move_item(ctx, item.id, TUESDAY)
    edit_endpoint(here(ctx), made.id, draft)
    cancel_item(ctx, item.id)
    tell_all(courier_of(house))
    assert types(receiver) == ["item.canceled", "calendar.completed"]


def test_a_workspace_is_told_of_its_own_events_only(
    house: Slotwise, ctx: Context, stranger: Context, item: ItemView, receiver: Receiver
) -> None:
    endpoint(stranger, receiver)
    cancel_item(ctx, item.id)
    tell_all(courier_of(house))
    assert receiver.calls == 0
    assert deliveries(stranger) == []


def test_a_test_sends_a_ping(house: Slotwise, ctx: Context, receiver: Receiver) -> None:
    made = endpoint(ctx, receiver)
    ping = ping_endpoint(ctx, made.id)
    assert find_endpoint(ctx, made.id).waiting == 1
    tell_all(courier_of(house))
    assert types(receiver) == ["ping"]
    detail = find_delivery(ctx, ping.id)
    assert detail.delivery.state is DeliveryState.DELIVERED
    assert detail.payload["data"]["endpoint_id"] == made.id
    assert [(one.attempt, one.status, one.error) for one in detail.attempts] == [(1, 200, None)]


def test_a_rotated_secret_signs_what_is_sent_from_then_on(house: Slotwise, ctx: Context, receiver: Receiver) -> None:
    made = endpoint(ctx, receiver)
    receiver.secret = rotate_secret(ctx, made.id, made.version)
    assert receiver.secret == reveal_secret(ctx, made.id)
    ping_endpoint(ctx, made.id)
    tell_all(courier_of(house))
    assert types(receiver) == ["ping"]


@pytest.mark.parametrize(
    ("fault", "status", "said"),
    [
        (refuse(500, b"broken"), 500, "answered 500: broken"),
        (refuse(404), 404, "answered 404"),
        (refuse(302, Location="http://localhost/"), 302, "answered 302"),
        (take_then_drop, None, "did not answer"),
        (take_then_hang, None, "did not answer"),
    ],
)
def test_what_does_not_arrive_is_sent_again_later_with_the_same_id(
    house: Slotwise, ctx: Context, receiver: Receiver, clock: StandingClock, fault: object, status: int, said: str
) -> None:
    ping = ping_endpoint(ctx, endpoint(ctx, receiver).id)
    receiver.faults.append(fault)  # type: ignore[arg-type]
    tell_all(courier_of(house))
    waiting = find_delivery(ctx, ping.id).delivery
    assert (waiting.state, waiting.last_status) == (DeliveryState.PENDING, status)
    assert said in (waiting.last_error or "")
    tell_all(courier_of(house))
    assert receiver.calls == 1, "not before its time"
    clock.move(timedelta(seconds=7))
    tell_all(courier_of(house))
    assert receiver.ids == [ping.id, ping.id]
    assert find_delivery(ctx, ping.id).delivery.state is DeliveryState.DELIVERED
    assert [one.attempt for one in find_delivery(ctx, ping.id).attempts] == [1, 2]


def test_a_receiver_is_left_alone_for_as_long_as_it_asks(
    house: Slotwise, ctx: Context, receiver: Receiver, clock: StandingClock
) -> None:
    ping = ping_endpoint(ctx, endpoint(ctx, receiver).id)
    receiver.faults.append(refuse(429, Retry_After="3600"))
    tell_all(courier_of(house))
    assert find_delivery(ctx, ping.id).delivery.next_attempt_at == MONDAY_NOON + HOUR
    clock.move(HOUR)
    tell_all(courier_of(house))
    assert find_delivery(ctx, ping.id).delivery.state is DeliveryState.DELIVERED


def test_an_endpoint_that_is_gone_is_switched_off_with_the_reason(
    house: Slotwise, ctx: Context, item: ItemView, receiver: Receiver
) -> None:
    made = endpoint(ctx, receiver)
    ping = ping_endpoint(ctx, made.id)
    receiver.faults.append(refuse(410))
    tell_all(courier_of(house))
    assert find_delivery(ctx, ping.id).delivery.state is DeliveryState.FAILED
    gone = find_endpoint(ctx, made.id)
    assert not gone.active
    assert "410" in gone.disabled_reason
    cancel_item(ctx, item.id)
    tell_all(courier_of(house))
    assert receiver.calls == 1
    assert len(deliveries(ctx)) == 1
    assert edit_endpoint(here(ctx), made.id, EndpointDraft(receiver.url)).disabled_reason == ""


def test_an_endpoint_that_takes_nothing_for_a_day_is_switched_off_and_says_so(
    house: Slotwise, ctx: Context, receiver: Receiver, clock: StandingClock
) -> None:
    made = endpoint(ctx, receiver)
    ping = ping_endpoint(ctx, made.id)
    receiver.faults.extend([refuse(503)] * TRIES)
    for _ in range(TRIES):
        assert find_endpoint(ctx, made.id).active
        tell_all(courier_of(house))
        clock.move(timedelta(hours=8))
    assert receiver.calls == TRIES
    failed = find_delivery(ctx, ping.id)
    assert (failed.delivery.state, len(failed.attempts)) == (DeliveryState.FAILED, TRIES)
    off = find_endpoint(ctx, made.id)
    assert not off.active
    assert off.disabled_reason.startswith("Nothing arrived there for a day")
    assert "503" in off.disabled_reason


def test_a_delivery_that_fails_leaves_an_endpoint_on_that_takes_others(
    house: Slotwise, ctx: Context, receiver: Receiver, clock: StandingClock
) -> None:
    made = endpoint(ctx, receiver)
    failing = ping_endpoint(ctx, made.id)

    def choosy(call: Conversation) -> None:
        (refuse(500) if call.headers["webhook-id"] == failing.id else take_and_answer)(call)

    receiver.faults.extend([choosy] * TRIES * 3)
    for number in range(TRIES):
        if number == 5:
            ping_endpoint(ctx, made.id)
        tell_all(courier_of(house))
        tell_all(courier_of(house))
        clock.move(timedelta(hours=8))
    assert find_delivery(ctx, failing.id).delivery.state is DeliveryState.FAILED
    assert find_endpoint(ctx, made.id).active


def test_a_replay_sends_the_same_id_and_body_again(house: Slotwise, ctx: Context, receiver: Receiver) -> None:
    made = endpoint(ctx, receiver)
    ping = ping_endpoint(ctx, made.id)
    with pytest.raises(StateConflict, match="under way"):
        replay_delivery(ctx, ping.id)
    tell_all(courier_of(house))
    assert replay_delivery(ctx, ping.id).state is DeliveryState.PENDING
    tell_all(courier_of(house))
    assert receiver.ids == [ping.id, ping.id]
    assert [one.attempt for one in find_delivery(ctx, ping.id).attempts] == [1, 2]
    edit_endpoint(here(ctx), made.id, EndpointDraft(receiver.url, active=False))
    with pytest.raises(StateConflict, match="switched off"):
        replay_delivery(ctx, ping.id)


def test_an_address_that_has_become_private_is_not_called(house: Slotwise, ctx: Context, receiver: Receiver) -> None:
    ping = ping_endpoint(ctx, endpoint(ctx, receiver).id)
    tell_all(courier_of(house, allow_private=False))
    assert receiver.calls == 0
    assert "must start with https://" in (find_delivery(ctx, ping.id).delivery.last_error or "")


def test_a_removed_endpoint_takes_its_deliveries_with_it(house: Slotwise, ctx: Context, receiver: Receiver) -> None:
    made = endpoint(ctx, receiver)
    ping_endpoint(ctx, made.id)
    tell_all(courier_of(house))
    ping_endpoint(ctx, made.id)
    remove_endpoint(ctx, made.id)
    assert (list_endpoints(ctx), deliveries(ctx)) == ((), [])
    tell_all(courier_of(house))
    assert receiver.calls == 1


def test_the_log_is_paged_and_filtered(ctx: Context, receiver: Receiver, house: Slotwise, clock: StandingClock) -> None:
    made = endpoint(ctx, receiver)
    sent = []
    for _ in range(7):
        sent.append(ping_endpoint(ctx, made.id).id)
        clock.move(MINUTE)
    first = list_deliveries(ctx, made.id, limit=3)
    second = list_deliveries(ctx, made.id, limit=3, cursor=first.next_cursor)
    third = list_deliveries(ctx, made.id, DeliveryState.PENDING, limit=3, cursor=second.next_cursor)
    pages = (*first.deliveries, *second.deliveries, *third.deliveries)
    assert [one.id for one in pages] == sent[::-1]
    assert third.next_cursor is None
    assert list_deliveries(ctx, made.id, DeliveryState.DELIVERED).deliveries == ()
    for limit, cursor in ((0, None), (201, None), (5, "nonsense")):
        with pytest.raises(Invalid):
            list_deliveries(ctx, limit=limit, cursor=cursor)
    with pytest.raises(NotFound):
        list_deliveries(ctx, "hook_unknown")


def test_a_receiver_verifies_with_the_library_as_it_is(house_url: str, tmp_path: Path, receiver: Receiver) -> None:
    house = assemble(Settings(data_dir=tmp_path / "now", database_url=house_url))
    ctx = house.context()
    made = endpoint(ctx, receiver)
    receiver.minds_the_time = True
    ping_endpoint(ctx, made.id)
    tell_all(courier_of(house))
    assert types(receiver) == ["ping"]
    assert {"webhook-id", "webhook-timestamp", "webhook-signature"} <= set(receiver.headers)
    house.close()


# --- Others ---


def test_a_hanging_receiver_holds_up_no_other(
    house: Slotwise, ctx: Context, receiver: Receiver, second: Receiver
) -> None:
    slow, quick = endpoint(ctx, receiver), endpoint(ctx, second)
    ping_endpoint(ctx, slow.id)
    receiver.faults.append(take_then_hang)
    courier = courier_of(house, timeout=30)
    crew = CourierCrew(courier, Runner(house.clock), threads=2)
    arrived = Signal()
    send_due(courier, crew)
    for _ in range(3):
        ping_endpoint(ctx, quick.id)
    watcher = Thread(target=lambda: [arrived.wait(0.01) for _ in range(6000) if second.calls < 3])
    watcher.start()
    while second.calls < 3 and watcher.is_alive():
        send_due(courier, crew)
        arrived.wait(0.05)
    assert second.calls == 3
    assert [address.key for address in crew.busy() if address.key == slow.id] == [slow.id]
    receiver.closing.set()
    crew.stop(10)
    assert crew.room() == 0


def test_failing_deliveries_disturb_no_publishing(
    house: Slotwise, ctx: Context, item: ItemView, receiver: Receiver, clock: StandingClock
) -> None:
    endpoint(ctx, receiver)
    receiver.faults.extend([refuse(500)] * 10)
    clock.move(TUESDAY - MONDAY_NOON)
    recorder = Recorder()
    run(worker_of(house, recorder))
    tell_all(courier_of(house))
    assert len(recorder.posts) == 1
    assert {each.type.value for each in deliveries(ctx)} >= {"item.published", "calendar.completed"}


# --- Never twice, never lost ---


def test_fan_out_of_two_engines_makes_each_delivery_once(
    house: Slotwise, ctx: Context, linkedin: ChannelView, receiver: Receiver
) -> None:
    endpoint(ctx, receiver, "item.scheduled")
    schedule_items(ctx, [post(linkedin, TUESDAY + HOUR * 2 * n, f"Post {n}") for n in range(600)])
    threads = [Thread(target=fan_out, args=(courier_of(house), _attempt)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with ctx.read() as session:
        made = session.scalars(select(WebhookDelivery.event_pk)).all()
    assert len(made) == len(set(made)) == 600


def _attempt(name: str, subject: str, call: object) -> bool:
    call()  # type: ignore[operator]
    return True


@pytest.mark.parametrize("point", list(DeliveryPoint))
def test_a_courier_that_dies_anywhere_loses_nothing_and_makes_nothing_twice(
    house: Slotwise, ctx: Context, item: ItemView, receiver: Receiver, clock: StandingClock, point: DeliveryPoint
) -> None:
    endpoint(ctx, receiver, "item.canceled")
    cancel_item(ctx, item.id)
    died = []

    def die(here_: DeliveryPoint) -> None:
        if here_ is point and not died:
            died.append(here_)
            raise Dies

    with pytest.raises(Dies):
        tell_all(courier_of(house, die))
    clock.move(LEASE)
    tell_all(courier_of(house))
    (delivery,) = deliveries(ctx)
    assert delivery.state is DeliveryState.DELIVERED
    assert set(receiver.ids) == {delivery.id}
    was_sent_before = point in (DeliveryPoint.SENT, DeliveryPoint.SETTLING)
    assert receiver.calls == (2 if was_sent_before else 1)


def test_a_late_answer_after_the_lease_changes_nothing_but_the_log(
    house: Slotwise, ctx: Context, receiver: Receiver, clock: StandingClock
) -> None:
    ping = ping_endpoint(ctx, endpoint(ctx, receiver).id)
    others = []

    def overtaken(here_: DeliveryPoint) -> None:
        if here_ is DeliveryPoint.SENT and not others:
            others.append(here_)
            clock.move(LEASE)
            receiver.faults.append(refuse(500))
            tell_all(courier_of(house))

    tell_all(courier_of(house, overtaken))
    detail = find_delivery(ctx, ping.id)
    assert (detail.delivery.state, detail.delivery.attempts) == (DeliveryState.PENDING, 2)
    assert sorted((one.attempt, one.status) for one in detail.attempts) == [(1, 200), (2, 500)]


def test_events_that_webhooks_wait_for_are_not_pruned(
    house: Slotwise, ctx: Context, item: ItemView, receiver: Receiver, clock: StandingClock
) -> None:
    endpoint(ctx, receiver, "item.canceled")
    cancel_item(ctx, item.id)
    newest = newest_event_id(ctx)
    clock.move(timedelta(days=8))
    prune(house.db, clock())
    assert newest_event_id(ctx) == newest
    tell_all(courier_of(house))
    prune(house.db, clock())
    assert newest_event_id(ctx) == 0
    assert types(receiver) == ["item.canceled"]
    clock.move(timedelta(days=31))
    prune(house.db, clock())
    assert deliveries(ctx) == []
    with ctx.read() as session:
        assert session.scalars(select(WebhookAttempt)).all() == []


# --- Callbacks of items ---


@pytest.fixture
def called(ctx: Context, linkedin: ChannelView, receiver: Receiver) -> ItemView:
    """Give an item whose outcomes are told to the receiver, one address each."""
    names = ("on_published", "on_failed", "on_skipped", "on_canceled", "on_unconfirmed")
    callbacks = {name: f"{receiver.url}/{name}" for name in names}
    made = schedule_item(here(ctx), replace(post(linkedin, TUESDAY), callbacks=callbacks))
    receiver.secret, receiver.minds_the_time = reveal_callback_secret(ctx), False
    return made


def outcome(ctx: Context, receiver: Receiver) -> list[tuple[str, str]]:
    return [(each.type.value, each.url.rpartition("/")[2]) for each in deliveries(ctx)]


def test_an_item_tells_its_own_address_that_it_is_out(
    house: Slotwise, ctx: Context, called: ItemView, receiver: Receiver, clock: StandingClock
) -> None:
    clock.move(TUESDAY - MONDAY_NOON)
    run(worker_of(house))
    tell_all(courier_of(house))
    assert outcome(ctx, receiver) == [("item.published", "on_published")]
    (body,) = receiver.visible.values()
    assert (body["type"], body["data"]["item_id"]) == ("item.published", called.id)
    tell_all(courier_of(house))
    assert receiver.calls == 1


@pytest.mark.parametrize(
    ("refusal", "wanted"),
    [
        (Refusal.INVALID, ("item.failed", "on_failed")),
        (Refusal.UNKNOWN_OUTCOME, ("item.unconfirmed", "on_unconfirmed")),
    ],
)
def test_an_item_tells_of_what_went_wrong(
    house: Slotwise, ctx: Context, called: ItemView, receiver: Receiver, clock: StandingClock,
    refusal: Refusal, wanted: tuple[str, str],
) -> None:  # fmt: skip
    clock.move(TUESDAY - MONDAY_NOON)
    publisher = Recorder()
    publisher.fire = lambda *_: Refused(refusal, "No.")  # type: ignore[method-assign]
    run(worker_of(house, publisher))
    tell_all(courier_of(house))
    assert outcome(ctx, receiver) == [wanted]


def test_an_item_tells_of_what_a_person_does(
    house: Slotwise, ctx: Context, called: ItemView, receiver: Receiver, linkedin: ChannelView
) -> None:
    other = schedule_item(
        here(ctx), replace(post(linkedin, WEDNESDAY), callbacks={"on_skipped": f"{receiver.url}/on_skipped"})
    )
    skip_item(ctx, other.id)
    cancel_calendar(ctx, called.calendar_id)
    tell_all(courier_of(house))
    assert sorted(outcome(ctx, receiver)) == [("item.canceled", "on_canceled"), ("item.skipped", "on_skipped")]


def test_callbacks_that_make_no_sense_are_refused_by_their_place(ctx: Context, linkedin: ChannelView) -> None:
    wrong = {"on_published": "https://127.0.0.1/", "on_birthday": PUBLIC}
    with pytest.raises(Invalid) as refusal:
        schedule_items(ctx, [post(linkedin, TUESDAY), replace(post(linkedin, WEDNESDAY), callbacks=wrong)])
    assert [problem.place for problem in refusal.value.problems] == [
        "items[1].callbacks.on_published",
        "items[1].callbacks.on_birthday",
    ]


def test_the_secret_of_callbacks_is_drawn_once_and_rotated_by_a_person(ctx: Context, house: Slotwise) -> None:
    secret = reveal_callback_secret(ctx)
    assert reveal_callback_secret(ctx) == secret
    assert rotate_callback_secret(ctx) == reveal_callback_secret(ctx) != secret


def test_a_body_is_json_that_says_what_happened(house: Slotwise, ctx: Context, receiver: Receiver) -> None:
    ping = ping_endpoint(ctx, endpoint(ctx, receiver).id)
    tell_all(courier_of(house))
    assert receiver.visible[ping.id] == json.loads(json.dumps(find_delivery(ctx, ping.id).payload))


def test_two_views_of_an_endpoint_are_equal(ctx: Context) -> None:
    made: EndpointView = add_endpoint(ctx, EndpointDraft(PUBLIC))
    assert find_endpoint(ctx, made.id) == made
