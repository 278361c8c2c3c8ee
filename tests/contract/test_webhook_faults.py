"""What the webhook channel makes of receivers that refuse, fail, stall or lie."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from receivers import (
    SECRET,
    Fault,
    Receiver,
    refuse,
    running_receiver,
    take_then_break_off,
    take_then_drop,
    take_then_hang,
)

from core.publishing.contract import ChannelAccess, Firing, Post, Published, Refused
from core.publishing.registry import PUBLISHERS
from core.publishing.sending import webhook_client
from core.publishing.webhook import WebhookPublisher
from core.settings import Settings
from core.vocabulary import ChannelKind, ContentFormat, Refusal

POST = Post(
    item_id="item_1",
    delivery_id="delivery_1",
    workspace_id="ws_1",
    channel_id="chan_1",
    platform="instagram",
    content_format=ContentFormat.TEXT,
    title="Spring",
    text="It is here.",
    scheduled_at=datetime(2026, 3, 1, 9, tzinfo=UTC),
)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver() as running:
        yield running


def fire(url: str, secret: str | None = SECRET, *, at: datetime | None = None, allow_private: bool = True) -> Firing:
    publisher = WebhookPublisher(webhook_client(0.5), allow_private=allow_private)
    return publisher.fire(POST, ChannelAccess("chan_1", {"url": url}, secret), {}, at or datetime.now(UTC))


def refused(receiver: Receiver, fault: Fault) -> Refused:
    receiver.faults.append(fault)
    answer = fire(receiver.url)
    assert isinstance(answer, Refused)
    assert receiver.calls == 1
    return answer


@pytest.mark.parametrize("fault", [take_then_drop, take_then_hang], ids=["dropped", "hanging"])
def test_a_receiver_that_takes_the_item_and_never_answers_leaves_the_outcome_unknown(
    receiver: Receiver, fault: Fault
) -> None:
    assert refused(receiver, fault).refusal is Refusal.UNKNOWN_OUTCOME
    assert list(receiver.visible) == ["delivery_1"]


@pytest.mark.parametrize("status", [408, 500, 502, 504, 599])
def test_a_receiver_that_fails_leaves_the_outcome_unknown(receiver: Receiver, status: int) -> None:
    assert refused(receiver, refuse(status)).refusal is Refusal.UNKNOWN_OUTCOME


def test_an_answer_that_breaks_off_after_its_status_is_a_success_without_a_link(receiver: Receiver) -> None:
    receiver.faults.append(take_then_break_off)
    answer = fire(receiver.url)
    assert isinstance(answer, Published)
    assert (answer.remote_id, answer.url) == (None, None)


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_receiver_is_asked_again_when_it_says(receiver: Receiver, status: int) -> None:
    before = datetime.now(UTC)
    answer = refused(receiver, refuse(status, Retry_After="120"))
    assert answer.refusal is Refusal.RATE_LIMITED
    assert answer.retry_at is not None
    assert timedelta(seconds=120) <= answer.retry_at - before < timedelta(seconds=130)


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    answer = refused(receiver, refuse(302, Location=receiver.url))
    assert answer.refusal is Refusal.INVALID
    assert "302" in answer.reason


def test_a_refusal_shows_the_start_of_what_the_receiver_said(receiver: Receiver) -> None:
    answer = refused(receiver, refuse(422, b"<h1>No\x1b[31m title\n\xff</h1>" + b"x" * 5000))
    assert answer.refusal is Refusal.INVALID
    assert "422: <h1>No[31m title �</h1>xxx" in answer.reason
    assert len(answer.reason) < 350


def test_of_a_huge_answer_only_the_beginning_is_read(receiver: Receiver) -> None:
    receiver.answer = b'{"id": "' + b"x" * 10_000_000 + b'"}'
    answer = fire(receiver.url)
    assert isinstance(answer, Published)
    assert answer.remote_id is None


def test_the_receivers_id_and_link_are_kept(receiver: Receiver) -> None:
    answer = fire(receiver.url)
    assert isinstance(answer, Published)
    assert (answer.remote_id, answer.url) == ("post-1", "https://example.com/posts/1")


def test_the_call_is_signed_json_that_says_what_is_due(receiver: Receiver) -> None:
    fire(receiver.url)
    assert receiver.visible["delivery_1"]["type"] == "item.due"
    assert receiver.visible["delivery_1"]["data"]["scheduled_at"] == "2026-03-01T09:00:00Z"
    assert receiver.headers["webhook-id"] == "delivery_1"
    assert receiver.headers["content-type"] == "application/json"
    assert receiver.headers["host"] == receiver.url.removeprefix("http://").removesuffix("/hook")


def test_a_receiver_with_another_secret_shows_nothing(receiver: Receiver) -> None:
    answer = fire(receiver.url, "whsec_c29tZSBvdGhlciBzZWNyZXQgYWx0b2dldGhlcg==")
    assert isinstance(answer, Refused)
    assert (answer.refusal, receiver.visible) == (Refusal.INVALID, {})


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_nobody_listening_is_worth_another_try() -> None:
    answer = fire(f"http://127.0.0.1:{free_port()}/")
    assert isinstance(answer, Refused)
    assert answer.refusal is Refusal.TRANSIENT


def test_a_receiver_without_tls_is_worth_another_try_because_nothing_left(receiver: Receiver) -> None:
    answer = fire(receiver.url.replace("http://", "https://"))
    assert isinstance(answer, Refused)
    assert (answer.refusal, receiver.calls) == (Refusal.TRANSIENT, 0)


def test_a_private_receiver_is_refused_unless_the_operator_allows_it(receiver: Receiver) -> None:
    answer = fire(receiver.url.replace("http://", "https://"), allow_private=False)
    assert isinstance(answer, Refused)
    assert (answer.refusal, receiver.calls) == (Refusal.INVALID, 0)
    assert "SLOTWISE_WEBHOOK_ALLOW_PRIVATE" in answer.reason


@pytest.mark.parametrize(
    ("settings", "secret", "named"),
    [
        ({}, SECRET, "https://"),
        ({"url": "ftp://example.com/"}, SECRET, "https://"),
        ({"url": "http://example.com/"}, SECRET, "https://"),
        ({"url": "https://example.com:70000/"}, SECRET, "70000"),
        ({"url": "https://example.com/"}, None, "whsec_"),
        ({"url": "https://example.com/"}, "plain words", "whsec_"),
        ({"url": "https://example.com/"}, "whsec_", "whsec_"),
    ],
)
def test_a_channel_with_unusable_settings_is_refused_before_anything_is_armed(
    tmp_path: Path, settings: dict[str, str], secret: str | None, named: str
) -> None:
    publisher = PUBLISHERS[ChannelKind.WEBHOOK](Settings(data_dir=tmp_path))
    answer = publisher.prepare(POST, ChannelAccess("chan_1", settings, secret), datetime.now(UTC))
    assert isinstance(answer, Refused)
    assert answer.refusal is Refusal.INVALID
    assert named in answer.reason


def test_every_try_keeps_the_id_and_is_signed_afresh(receiver: Receiver) -> None:
    fire(receiver.url)
    first = receiver.headers
    fire(receiver.url, at=datetime.now(UTC) + timedelta(seconds=60))
    assert receiver.headers["webhook-id"] == first["webhook-id"]
    assert receiver.headers["webhook-signature"] != first["webhook-signature"]
    assert list(receiver.visible) == ["delivery_1"]


def test_an_identifier_that_could_break_out_of_a_header_or_path_is_refused() -> None:
    for hostile in ("../../etc", "a\r\nX-Evil: 1", "", "é", "x" * 101):
        with pytest.raises(ValueError, match="delivery_id"):
            replace(POST, delivery_id=hostile)
