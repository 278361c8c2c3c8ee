"""What the calendar component is sent and what it answers: the wall clock of one zone, DST included."""

from datetime import UTC, date, datetime

import pytest
from posts_on_screen import a_channel, a_post

from core.services.context import Context
from core.services.preferences import ExceptionView
from core.ui.calendar_events import Clicked, Dragged, blackout_events, expected_events, item_events, read_answer
from core.ui.calendar_span import Span, View, span_of, step
from core.vocabulary import ExceptionKind

WINDOW = ExceptionView(
    "exception_1",
    None,
    ExceptionKind.BLACKOUT,
    datetime(2026, 12, 23, 23, tzinfo=UTC),
    datetime(2026, 12, 26, 23, tzinfo=UTC),
    "Holidays",
)


def answer(what: str, start: str = "2026-03-29T02:30:00Z", turn: int = 4) -> dict[str, object]:
    event = {"id": "item_1", "start": start, "extendedProps": {"turn": turn, "version": 7}}
    return {"callback": what, what: {"event": event}}


def test_an_item_is_sent_by_the_clock_of_the_zone_and_its_title_as_typed(ctx: Context) -> None:
    item = a_post(ctx, a_channel(ctx), "<b>Sale</b>")
    (event,) = item_events([item], "Asia/Kolkata", 4)
    assert event["title"] == "<b>Sale</b>"
    assert str(event["start"]).endswith("T17:30:00")
    assert str(event["end"]).endswith("T18:00:00")
    assert event["editable"] is True
    assert event["classNames"] == ["platform-linkedin", "state-scheduled"]


def test_a_drop_comes_back_as_the_wall_clock_that_was_dropped_on() -> None:
    assert read_answer(answer("eventChange"), 4) == Dragged("item_1", 7, datetime(2026, 3, 29, 2, 30))  # noqa: DTZ001 - a wall clock has no zone


def test_a_click_names_the_item_and_the_version_it_showed() -> None:
    assert read_answer(answer("eventClick"), 4) == Clicked("item_1", 7)


@pytest.mark.parametrize("old", [{}, answer("eventClick", turn=3), {"callback": "eventsSet", "eventsSet": {}}])
def test_an_answer_that_was_dealt_with_before_is_none(old: dict[str, object]) -> None:
    assert read_answer(old, 4) is None


def test_the_week_shades_a_blackout_by_the_hour_and_the_month_by_the_day() -> None:
    (week,) = blackout_events([WINDOW], "Europe/Berlin", View.WEEK)
    assert (week["start"], week["end"]) == ("2026-12-24T00:00:00", "2026-12-27T00:00:00")
    (month,) = blackout_events([WINDOW], "Europe/Berlin", View.MONTH)
    assert (month["start"], month["end"], month["allDay"]) == ("2026-12-24", "2026-12-27", True)


def test_the_week_shades_the_channels_good_hours_on_the_clocks_that_are_shown() -> None:
    scores = [0.5] * 168
    scores[9], scores[10] = 0.65, 0.95
    week = span_of(View.WEEK, date(2026, 11, 23))
    shaded = list(expected_events(scores, "Europe/London", week, "Europe/Berlin"))
    assert [(event["start"], event["classNames"]) for event in shaded] == [
        ("2026-11-23T10:00:00", ["expected-1"]),
        ("2026-11-23T11:00:00", ["expected-3"]),
    ]


@pytest.mark.parametrize(
    ("view", "day", "expected"),
    [
        (View.MONTH, date(2026, 11, 20), Span(date(2026, 10, 26), date(2026, 12, 7), "November 2026")),
        (View.WEEK, date(2026, 11, 22), Span(date(2026, 11, 16), date(2026, 11, 23), "16 Nov to 22 Nov 2026")),
        (View.WEEK, date(2027, 1, 1), Span(date(2026, 12, 28), date(2027, 1, 4), "28 Dec 2026 to 3 Jan 2027")),
    ],
)
def test_a_view_begins_on_the_monday_before_its_first_day(view: View, day: date, expected: Span) -> None:
    assert span_of(view, day) == expected


@pytest.mark.parametrize(
    ("view", "day", "by", "expected"),
    [
        (View.MONTH, date(2026, 1, 31), 1, date(2026, 2, 1)),
        (View.MONTH, date(2026, 1, 31), -1, date(2025, 12, 1)),
        (View.WEEK, date(2026, 12, 30), 1, date(2027, 1, 6)),
        (View.MONTH, date(1970, 1, 5), -1, date(1970, 1, 5)),
    ],
)
def test_steps_go_by_month_or_week_and_stay_within_the_years(view: View, day: date, by: int, expected: date) -> None:
    assert step(view, day, by) == expected


def test_a_span_knows_the_hour_that_its_first_night_lacks() -> None:
    starts, ends = Span(date(2026, 3, 23), date(2026, 3, 30), "").bounds("Europe/Berlin")
    assert (starts, ends) == (datetime(2026, 3, 22, 23, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC))
