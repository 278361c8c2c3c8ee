"""Answers that are kept: the same until something is written, and never somebody else's."""

import httpx

from core.api.kept import Store
from core.services.calendars import NewCalendar, create_calendar
from core.services.context import Context


def test_a_list_shows_what_was_written_since_it_was_asked_for_last(api: httpx.Client, ctx: Context) -> None:
    assert api.get("/api/v1/scheduling/calendars").json()["data"] == []
    made = create_calendar(ctx, NewCalendar("Spring", "UTC"))
    listed = [api.get("/api/v1/scheduling/calendars") for _ in range(2)]
    assert [each.json()["data"][0]["id"] for each in listed] == [made.calendar.id] * 2
    assert listed[0].content == listed[1].content


def test_another_question_is_not_answered_with_the_same(api: httpx.Client, ctx: Context) -> None:
    for title in ("Spring", "Summer"):
        for number in range(6):
            create_calendar(ctx, NewCalendar(f"{title} {number}", "UTC"))
    first = api.get("/api/v1/scheduling/calendars", params={"limit": 10}).json()
    second = api.get("/api/v1/scheduling/calendars", params={"limit": 11}).json()
    assert (first["meta"]["count"], second["meta"]["count"]) == (10, 11)


def test_the_store_drops_what_was_not_asked_for_longest_when_a_bound_is_reached() -> None:
    store = Store(most_answers=2, most_bytes=10)
    store.keep("a", b"1")
    store.keep("b", b"22")
    assert store.find("a") == b"1"
    store.keep("c", b"333")
    assert [store.find(key) for key in "abc"] == [b"1", None, b"333"]
    store.keep("d", b"4" * 9)
    assert [store.find(key) for key in "acd"] == [None, None, b"4" * 9]
    store.keep("e", b"5" * 11)
    assert [store.find(key) for key in "de"] == [None, None]
