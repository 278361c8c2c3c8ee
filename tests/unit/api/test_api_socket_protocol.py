"""The WebSocket protocol: any message is understood or explained, and a socket hears exactly what it asked for."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.api.socket_protocol import (
    EVERY_TOPIC,
    Fault,
    Shipment,
    Subscription,
    Wish,
    error_frame,
    frame,
    read_event_id,
    read_message,
    resumed_frame,
)
from core.services.event_catalog import EVENTS
from core.services.events import EventView
from core.vocabulary import ErrorCode, EventTopic, EventType

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
JOB, ITEMS, SCHEDULE = EventTopic.JOB_PROGRESS, EventTopic.ITEMS, EventTopic.SCHEDULE


def event(kind: EventType, subject: str = "s", calendar: str | None = None, number: int = 7) -> EventView:
    return EventView(number, kind, subject, calendar, {"job_id": subject}, NOW)


def heard(subscription: Subscription, told: EventView) -> list[str]:
    return [json.loads(text)["type"] for text in Shipment(told).heard_by(subscription)]


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ('{"type":"ping"}', Wish(pong=True)),
        ('{"type":"pong"}', Wish()),
        ('{"job_id":"run_1"}', Wish(job="run_1")),
        ('{"type":"subscribe","job_id":"run_1"}', Wish(job="run_1")),
        ('{"type":"subscribe","channels":["job_progress"]}', Wish(topics=frozenset({JOB}))),
        (
            '{"type":"subscribe","channels":["items","schedule","items"],"schedule_id":"cal_1"}',
            Wish(topics=frozenset({ITEMS, SCHEDULE}), schedule="cal_1"),
        ),
        ('{"type":"subscribe","last_event_id":"42"}', Wish(resume_after=42)),
        ('{"type":"subscribe","last_event_id":42}', Wish(resume_after=42)),
    ],
)
def test_a_message_is_read_as_the_contract_says(text: str, wish: Wish) -> None:
    assert read_message(text) == wish


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "message"),
        ("nonsense", "message"),
        ("[]", "message"),
        ("[" * 50_000, "message"),
        ('"ping"', "message"),
        ("NaN", "message"),
        ("{}", "channels"),
        ('{"type":"subscribe"}', "channels"),
        ('{"type":"publish"}', "type"),
        ('{"type":["ping"]}', "type"),
        ('{"type":null}', "type"),
        ('{"channels":"items"}', "channels"),
        ('{"channels":[]}', "channels"),
        ('{"channels":["items","secrets"]}', "channels"),
        ('{"channels":[["items"]]}', "channels"),
        ('{"channels":[{}]}', "channels"),
        ('{"job_id":7}', "job_id"),
        ('{"job_id":null}', "job_id"),
        ('{"job_id":"' + "x" * 65 + '"}', "job_id"),
        ('{"schedule_id":{}}', "schedule_id"),
        ('{"last_event_id":"-1"}', "last_event_id"),
        ('{"last_event_id":true}', "last_event_id"),
        ('{"last_event_id":1.5}', "last_event_id"),
        ('{"last_event_id":"' + "9" * 19 + '"}', "last_event_id"),
        ('{"last_event_id":"\u0664"}', "last_event_id"),
    ],
)
def test_a_message_that_makes_no_sense_is_explained_by_its_place(text: str, place: str) -> None:
    fault = read_message(text)
    assert isinstance(fault, Fault)
    assert fault.place == place
    assert fault.reason


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
_ALMOST = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["subscribe", "ping", "x"]) | _JSON,
        "channels": st.lists(st.sampled_from([*EventTopic, "x"])) | _JSON,
        "job_id": _JSON,
        "schedule_id": _JSON,
        "last_event_id": _JSON,
    },
)


@given(st.one_of(st.text(), _JSON.map(json.dumps), _ALMOST.map(json.dumps)))
def test_no_message_breaks_the_reader(text: str) -> None:
    assert isinstance(read_message(text), Wish | Fault)


@pytest.mark.parametrize("given_id", ["", "x", "1 ", "+1", None, 1.0, [], "1e3", -1])
def test_what_is_no_event_id_is_none(given_id: object) -> None:
    assert read_event_id(given_id) is None


# --- What is heard ---


def test_who_asks_for_nothing_hears_everything() -> None:
    for kind, described in EVENTS.items():
        assert heard(Subscription(), event(kind)) == sorted({name for _, name in described.messages})


def test_who_chooses_topics_hears_those() -> None:
    items = Subscription(topics=frozenset({ITEMS}))
    assert heard(items, event(EventType.ITEM_PUBLISHED)) == ["item_updated"]
    assert heard(items, event(EventType.SCHEDULE_UPDATED)) == []
    assert heard(items, event(EventType.JOB_COMPLETED)) == []


def test_a_plan_that_is_done_is_a_job_to_some_and_news_of_the_calendar_to_others() -> None:
    done = event(EventType.OPTIMIZATION_COMPLETED, "run_1", "cal_1")
    assert heard(Subscription(topics=frozenset({JOB})), done) == ["job_completed"]
    assert heard(Subscription(topics=frozenset({SCHEDULE})), done) == ["optimization_completed"]
    assert heard(Subscription(topics=frozenset({JOB, SCHEDULE})), done) == ["job_completed", "optimization_completed"]


def test_who_looks_at_one_calendar_hears_of_no_other() -> None:
    one = Subscription(schedule="cal_1")
    assert heard(one, event(EventType.ITEM_PUBLISHED, calendar="cal_1")) == ["item_updated"]
    assert heard(one, event(EventType.ITEM_PUBLISHED, calendar="cal_2")) == []
    assert heard(one, event(EventType.JOB_PROGRESS)) == []


def test_who_follows_a_job_hears_it_alone_and_from_where_its_standing_was_told() -> None:
    follows = Subscription(jobs={"run_1": 7})
    assert heard(follows, event(EventType.JOB_PROGRESS, "run_1", number=7)) == []
    assert heard(follows, event(EventType.JOB_PROGRESS, "run_1", number=8)) == ["job_progress"]
    assert heard(follows, event(EventType.OPTIMIZATION_COMPLETED, "run_1", "cal_1", 9)) == ["job_completed"]
    assert heard(follows, event(EventType.JOB_PROGRESS, "run_2", number=9)) == []
    assert heard(follows, event(EventType.ITEM_PUBLISHED, number=9)) == []


def test_a_job_is_followed_beside_topics_whatever_calendar_is_looked_at() -> None:
    both = Subscription("cal_1", frozenset({ITEMS}), {"run_1": 0})
    assert heard(both, event(EventType.JOB_FAILED, "run_1")) == ["job_failed"]
    assert heard(both, event(EventType.ITEM_FAILED, calendar="cal_1")) == ["item_updated"]


def test_an_event_is_written_once_for_all_sockets() -> None:
    shipment = Shipment(event(EventType.ITEM_PUBLISHED))
    (first,), (second,) = shipment.heard_by(Subscription()), shipment.heard_by(Subscription(topics=EVERY_TOPIC))
    assert first is second


# --- What is sent ---


def test_a_message_is_type_data_id_and_time() -> None:
    sent = json.loads(frame("item_updated", {"item_id": "item_1"}, 7, NOW))
    assert sent == {"type": "item_updated", "data": {"item_id": "item_1"}, "id": "7", "at": "2026-03-02T12:00:00Z"}
    assert json.loads(frame("heartbeat", {}, 0, NOW))["id"] is None


def test_the_end_of_a_job_repeats_its_error_at_the_top() -> None:
    assert json.loads(frame("job_failed", {"job_id": "r", "error": "No."}, 7, NOW))["error"] == "No."
    assert json.loads(frame("job_completed", {"job_id": "r"}, 7, NOW))["error"] is None


def test_what_is_missing_is_said_plainly() -> None:
    assert json.loads(resumed_frame(7, NOW, complete=True))["data"] == {"last_event_id": "7", "complete": True}
    assert "Read what you show anew" in json.loads(resumed_frame(7, NOW, complete=False))["data"]["reason"]
    told = json.loads(error_frame(ErrorCode.NOT_FOUND, "job_id", "There is none.", NOW))
    assert told["data"] == {"error_code": "not_found", "error_message": "job_id: There is none."}
