"""The same POST with the same key has one effect and one answer, whoever sends it when and how often."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from api_bodies import CALENDAR, a_calendar, an_item, count_calendars, create, refusal
from api_server import Served, front_door, serving, victims
from planned_posts import StandingClock
from sqlalchemy import text

from core.bootstrap import Slotwise, assemble
from core.services.context import Context

KEY = {"Idempotency-Key": "key_1762437600000_k3j9x"}


def test_a_repetition_gets_the_same_bytes_and_says_so(api: httpx.Client) -> None:
    first = api.post(CALENDAR, json=a_calendar(), headers=KEY)
    again = api.post(CALENDAR, json=a_calendar(), headers=KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert count_calendars(api) == 1


def test_spacing_and_order_of_the_json_do_not_make_another_request(api: httpx.Client) -> None:
    body = b'{"title": "Launch", "items": [{"platform": "youtube", "scheduled_time": "2027-01-01T10:00:00Z"}]}'
    same = b'{"items":[{"scheduled_time":"2027-01-01T10:00:00Z","platform":"youtube"}],"title":"Launch"}'
    first, again = (
        api.post(CALENDAR, content=sent, headers={**KEY, "content-type": "application/json"}) for sent in (body, same)
    )
    assert (again.status_code, again.content) == (201, first.content)


def test_the_same_key_with_another_body_is_a_conflict(api: httpx.Client) -> None:
    api.post(CALENDAR, json=a_calendar(), headers=KEY)
    other = api.post(CALENDAR, json=a_calendar(title="Another week"), headers=KEY)
    assert refusal(other) == (409, "idempotency_conflict", {"Idempotency-Key": KEY["Idempotency-Key"]})
    assert count_calendars(api) == 1


def test_without_a_key_every_request_counts(api: httpx.Client) -> None:
    assert create(api)["id"] != create(api)["id"]
    assert count_calendars(api) == 2


def test_a_key_belongs_to_one_endpoint(api: httpx.Client) -> None:
    first, second = create(api)["id"], create(api)["id"]
    for calendar in (first, second, first):
        added = api.post(f"{CALENDAR}/{calendar}/items", json={"items": [an_item()]}, headers=KEY)
        assert added.json()["data"][0]["calendar_id"] == calendar
    counts = [len(api.get(f"{CALENDAR}/{each}?expand=items").json()["data"]["items"]) for each in (first, second)]
    assert counts == [2, 2]


def test_a_key_belongs_to_one_workspace(api: httpx.Client, house: Slotwise, stranger: Context) -> None:
    ours = api.post(CALENDAR, json=a_calendar(), headers=KEY)
    with serving(front_door(replace(house, home=stranger.workspace))) as server, server.client() as other:
        theirs = other.post(CALENDAR, json=a_calendar(title="Theirs"), headers=KEY)
    assert theirs.status_code == 201
    assert theirs.json()["id"] != ours.json()["id"]


def test_a_key_is_forgotten_after_a_day(api: httpx.Client, clock: StandingClock) -> None:
    first = api.post(CALENDAR, json=a_calendar(), headers=KEY).json()["id"]
    clock.move(timedelta(hours=23, minutes=59))
    assert api.post(CALENDAR, json=a_calendar(), headers=KEY).json()["id"] == first
    clock.move(timedelta(minutes=1))
    assert api.post(CALENDAR, json=a_calendar(), headers=KEY).json()["id"] != first


def test_a_key_is_known_after_a_restart(api: httpx.Client, house: Slotwise, clock: StandingClock) -> None:
    first = api.post(CALENDAR, json=a_calendar(), headers=KEY)
    restarted = assemble(house.settings, clock)
    with serving(front_door(restarted)) as server, server.client() as client:
        again = client.post(CALENDAR, json=a_calendar(), headers=KEY)
    restarted.close()
    assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")


def test_a_refusal_is_remembered_as_well(api: httpx.Client, clock: StandingClock) -> None:
    late = a_calendar(an_item(scheduled_time="2026-03-02T11:00:00Z"))
    first = api.post(CALENDAR, json=late, headers=KEY)
    assert refusal(first)[:2] == (422, "time_in_past")
    clock.move(timedelta(hours=-2))  # now it would be accepted
    again = api.post(CALENDAR, json=late, headers=KEY)
    assert (again.status_code, again.content) == (422, first.content)
    assert count_calendars(api) == 0


def test_what_slotwise_failed_at_may_go_better_the_next_time(api: httpx.Client, house: Slotwise) -> None:
    path = f"{CALENDAR}/{create(api)['id']}/items"
    _state_of_calendars(house, "spilt")
    assert api.post(path, json={"items": [an_item()]}, headers=KEY).status_code == 500
    _state_of_calendars(house, "running")
    again = api.post(path, json={"items": [an_item()]}, headers=KEY)
    assert (again.status_code, again.headers.get("idempotency-replayed")) == (201, None)


def _state_of_calendars(house: Slotwise, state: str) -> None:
    with house.db.system() as session:
        session.execute(text("UPDATE content_calendars SET state = :state"), {"state": state})


@pytest.mark.parametrize("key", ["a b", "x" * 256, "ü".encode(), ""])
def test_a_key_that_cannot_be_kept_is_refused(api: httpx.Client, key: str | bytes) -> None:
    answer = api.post(CALENDAR, json=a_calendar(), headers={"Idempotency-Key": key})
    assert refusal(answer)[:2] == (422, "validation_error")
    assert count_calendars(api) == 0


def test_a_key_may_be_as_long_as_the_contract_says(api: httpx.Client) -> None:
    assert api.post(CALENDAR, json=a_calendar(), headers={"Idempotency-Key": "~" * 255}).status_code == 201


@contextmanager
def the_door_held(house: Slotwise) -> Iterator[None]:
    """Let every writer of the workspace wait for the block."""
    with house.context().write():
        yield


def post_once(server: Served, body: dict[str, Any], key: str) -> httpx.Response:
    """Send one POST over a connection of its own."""
    with server.client() as client:
        return client.post(CALENDAR, json=body, headers={"Idempotency-Key": key})


def test_while_the_first_is_running_its_repetition_is_told_so(served: Served, house: Slotwise) -> None:
    with ThreadPoolExecutor(2) as pool:
        with the_door_held(house):
            both = [pool.submit(post_once, served, a_calendar(), "k") for _ in range(2)]
            answered, waiting = wait(both, return_when=FIRST_COMPLETED)
            assert (len(answered), len(waiting)) == (1, 1)
        (told,), (first,) = ([each.result() for each in some] for some in (answered, waiting))
    assert refusal(told) == (409, "idempotency_in_progress", {"Idempotency-Key": "k"})
    assert first.status_code == 201
    assert post_once(served, a_calendar(), "k").content == first.content


def test_twenty_identical_requests_at_once_create_one_calendar(served: Served) -> None:
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: post_once(served, a_calendar(), "k"), range(20)))
    made = {answer.content for answer in answers if answer.status_code == 201}
    others = Counter(refusal(answer)[1] for answer in answers if answer.status_code != 201)
    assert len(made) == 1
    assert set(others) <= {"idempotency_in_progress"}
    with served.client() as client:
        assert count_calendars(client) == 1


@pytest.mark.slow
def test_identical_requests_to_two_processes_create_one_calendar(database_url: str, tmp_path: Path) -> None:
    rounds = [f"key-{number}" for number in range(10)]
    # Far off, for these servers have the machine's clock.
    body = a_calendar(an_item(scheduled_time="2030-01-01T10:00:00Z"))
    with victims(tmp_path / "data", database_url, count=2) as pair, ThreadPoolExecutor(4) as pool:
        sent = [(victim.served, key) for key in rounds for victim in pair * 2]
        answers = list(pool.map(lambda each: post_once(each[0], body, each[1]), sent))
        with pair[0].served.client() as client:
            assert count_calendars(client) == len(rounds)
    by_key = {key: {answer.content for (_, k), answer in zip(sent, answers, strict=True) if k == key} for key in rounds}
    assert {answer.status_code for answer in answers} <= {201, 409}
    for contents in by_key.values():
        assert len([content for content in contents if b"error_code" not in content]) == 1
