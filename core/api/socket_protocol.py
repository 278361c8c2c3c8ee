"""The WebSocket protocol in values: what a client's message asks, which events a socket hears, what is sent."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.calendar.zones import in_utc
from core.services.event_catalog import EVENTS
from core.services.events import EventView
from core.vocabulary import ErrorCode, EventTopic, EventType

LONGEST_MESSAGE = 64 * 1024
"""Characters of a client's message; a longer one closes the socket."""

MOST_JOBS = 100
"""Jobs one socket can follow by their ids."""

EVERY_TOPIC = frozenset(EventTopic)
_LONGEST_ID = 64
_MOST_DIGITS = 18
_JOBS = EventTopic.JOB_PROGRESS
_NO_OBJECT = 'send a JSON object such as {"type": "subscribe", "channels": ["items"]}'


@dataclass(frozen=True)
class Wish:
    """What a client's message asks for; what it does not mention is None."""

    pong: bool = False
    topics: frozenset[EventTopic] | None = None
    schedule: str | None = None
    job: str | None = None
    resume_after: int | None = None


@dataclass(frozen=True)
class Fault:
    """A message that cannot be followed: where and why, in words for the client."""

    place: str
    reason: str


@dataclass(frozen=True)
class Subscription:
    """What a socket hears. Nothing chosen: everything; a job alone: that job alone.

    `schedule` restricts the topics to one calendar. `jobs` are followed whatever the topics are, each from the event
    after which its standing was sent.
    """

    schedule: str | None = None
    topics: frozenset[EventTopic] | None = None
    jobs: Mapping[str, int] = field(default_factory=dict)

    def hears(self, topic: EventTopic, event: EventView) -> bool:
        """Tell whether an event is heard as part of a topic."""
        if topic is _JOBS and event.subject_id in self.jobs:
            return event.id > self.jobs[event.subject_id]
        chosen = self.topics if self.topics is not None else frozenset() if self.jobs else EVERY_TOPIC
        return topic in chosen and self.schedule in (None, event.calendar_id)


def read_message(text: str) -> Wish | Fault:
    """Return what a message asks for, or why nobody can tell."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return Fault("message", f"it is not JSON; {_NO_OBJECT}")
    if not isinstance(said, dict):
        return Fault("message", _NO_OBJECT)
    match said.get("type", "subscribe"):
        case "ping":
            return Wish(pong=True)
        case "pong":
            return Wish()  # some libraries answer a heartbeat
        case "subscribe":
            return _read_subscription(said)
    return Fault("type", "use subscribe or ping")


def _read_subscription(said: Mapping[str, Any]) -> Wish | Fault:
    if not {"channels", "schedule_id", "job_id", "last_event_id"} & set(said):
        return Fault("channels", f"name some of {', '.join(EventTopic)}, or a job_id")
    topics = said.get("channels")
    if topics is not None and (
        not isinstance(topics, list) or not topics or any(each not in list(EventTopic) for each in topics)
    ):
        return Fault("channels", f"send a list of {', '.join(EventTopic)}")
    for name in ("schedule_id", "job_id"):
        if not isinstance(said.get(name, ""), str) or len(said.get(name, "")) > _LONGEST_ID:
            return Fault(name, "send an id as text")
    resume = said.get("last_event_id")
    resume_after = None if resume is None else read_event_id(resume)
    if resume is not None and resume_after is None:
        return Fault("last_event_id", "send the id of the last message you have seen")
    chosen = None if topics is None else frozenset(EventTopic(each) for each in topics)
    return Wish(False, chosen, said.get("schedule_id"), said.get("job_id"), resume_after)


def read_event_id(given: object) -> int | None:
    """Return the number behind an event's id, None where it is none."""
    text = str(given) if isinstance(given, str | int) and not isinstance(given, bool) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None


# --- What is sent --------------------------------------------------------------------------------------------------


@dataclass
class Shipment:
    """An event on its way to many sockets: what it is heard as is found, and written, once for all who ask alike."""

    event: EventView
    _frames: dict[str, str] = field(default_factory=dict)
    _known: dict[Any, tuple[str, ...]] = field(default_factory=dict)

    def heard_by(self, subscription: Subscription) -> tuple[str, ...]:
        """Return the messages that a socket is sent of the event."""
        if subscription.jobs:
            return self._write(subscription)
        alike = (subscription.schedule, subscription.topics)
        if alike not in self._known:
            self._known[alike] = self._write(subscription)
        return self._known[alike]

    def _write(self, subscription: Subscription) -> tuple[str, ...]:
        kind = EVENTS.get(self.event.type)
        heard = {name for topic, name in (kind.messages if kind else ()) if subscription.hears(topic, self.event)}
        return tuple(map(self._frame, sorted(heard)))

    def _frame(self, name: str) -> str:
        if name not in self._frames:
            self._frames[name] = frame(name, self.event.data, self.event.id, self.event.at)
        return self._frames[name]


def standing_name(kind: EventType) -> str:
    """Return the message that says how a job or a calendar stands."""
    return EVENTS[kind].messages[0][1]


def frame(name: str, data: Mapping[str, Any], event_id: int, at: datetime) -> str:
    """Write a message; the end of a job repeats its error at the top, where some clients read it."""
    message = {"type": name, "data": data, "id": str(event_id) if event_id else None, "at": in_utc(at)}
    if name in ("job_completed", "job_failed"):
        message["error"] = data.get("error")
    return json.dumps(message, separators=(",", ":"))


def error_frame(code: ErrorCode, place: str, reason: str, at: datetime) -> str:
    """Write what a client is told of a message that cannot be followed."""
    return frame("error", {"error_code": code.value, "error_message": f"{place}: {reason}"}, 0, at)


def resumed_frame(after: int, at: datetime, *, complete: bool) -> str:
    """Write whether everything since an event follows, or something is missing and has to be read anew."""
    data: dict[str, Any] = {"last_event_id": str(after), "complete": complete}
    if not complete:
        data["reason"] = "This event is unknown or no longer kept. Read what you show anew; what follows is new."
    return frame("resumed", data, 0, at)
