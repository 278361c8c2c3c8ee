"""Items and blackout windows as events of the calendar component, and what it reports back; pure.

The component knows no zones: it is sent the wall clock of one zone as if it were UTC and answers in the same clock.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from core.calendar.zones import hour_of_week, slot_starts, to_wall
from core.services.item_views import ItemView
from core.services.moves import MOVABLE
from core.services.preferences import ExceptionView
from core.ui.calendar_span import Span, View
from core.ui.wording import shortened

LENGTH = timedelta(minutes=30)
"""How long a post looks in the week; it has no length of its own."""

TITLE_LENGTH = 80

OPEN = "open"
"""How the stylesheet knows an open slot; posts go by their state."""

DEPTHS = (0.6, 0.7, 0.8)
"""From these scores on an hour is shaded, each time deeper; a score is the share of the week's hours it beats."""

Event = dict[str, Any]


@dataclass(frozen=True)
class Clicked:
    """Somebody opened an item."""

    item_id: str
    version: int


@dataclass(frozen=True)
class Dragged:
    """Somebody dropped an item at another wall-clock time (naive)."""

    item_id: str
    version: int
    wall: datetime


def item_events(items: Sequence[ItemView], zone: str, turn: int) -> Iterator[Event]:
    """Yield an event per item; `turn` comes back with what is done to it, so that an old answer is known as such."""
    for item in items:
        wall = to_wall(item.scheduled_at, zone)
        yield {
            "id": item.id,
            "title": shortened(item.name, TITLE_LENGTH),
            "start": wall.isoformat(),
            "end": (wall + LENGTH).isoformat(),
            "editable": item.state in MOVABLE,
            "classNames": [f"platform-{item.platform}", f"state-{OPEN if item.is_open_slot else item.state}"],
            "extendedProps": {"version": item.version, "turn": turn},
        }


def blackout_events(windows: Sequence[ExceptionView], zone: str, view: View) -> Iterator[Event]:
    """Yield a background per window; the month shades every day that a window touches."""
    for window in windows:
        starts, ends = to_wall(window.starts_at, zone), to_wall(window.ends_at, zone)
        event = {"title": window.reason or "Blackout", "display": "background", "classNames": ["blackout"]}
        if view is View.MONTH:
            last: date = (ends - timedelta(microseconds=1)).date()
            yield {**event, "start": str(starts.date()), "end": str(last + timedelta(days=1)), "allDay": True}
        else:
            yield {**event, "start": starts.isoformat(), "end": ends.isoformat()}


def expected_events(scores: Sequence[float], channel_zone: str, span: Span, zone: str) -> Iterator[Event]:
    """Yield a background per hour that is better than most, in three depths; `scores` are by hour of the week."""
    starts, ends = span.bounds(zone)
    for hour in slot_starts(starts, ends, channel_zone, 60):
        depth = sum(scores[hour_of_week(hour, channel_zone)] >= least for least in DEPTHS)
        if depth:
            wall = to_wall(hour, zone)
            yield {
                "start": wall.isoformat(),
                "end": (wall + timedelta(hours=1)).isoformat(),
                "display": "background",
                "classNames": [f"expected-{depth}"],
            }


def read_answer(answer: Mapping[str, Any], turn: int) -> Clicked | Dragged | None:
    """Return what somebody did since `turn`; None for nothing, or for what was dealt with before."""
    what = answer.get("callback")
    if what not in {"eventClick", "eventChange"}:
        return None
    event = answer[what]["event"]
    told = event.get("extendedProps", {})
    if told.get("turn") != turn:
        return None
    if what == "eventClick":
        return Clicked(event["id"], told["version"])
    return Dragged(event["id"], told["version"], datetime.fromisoformat(event["start"]).replace(tzinfo=None))
