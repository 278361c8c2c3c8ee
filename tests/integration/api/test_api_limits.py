"""A workspace may send a burst and then so many a second; nobody gets more by asking at once."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from time import monotonic, time

import httpx
import pytest
from api_bodies import CALENDAR, CALENDARS, a_calendar, an_item, count_calendars, refusal
from api_server import OFTEN, Served, front_door, serving

from core.api.limits import GUESSES_PER_MINUTE
from core.bootstrap import Slotwise
from core.clock import system_clock
from core.errors import Invalid
from core.services.context import Context


@pytest.fixture
def house_url(sqlite_url: str) -> str:
    """Give a SQLite database: nothing here depends on its kind."""
    return sqlite_url


@contextmanager
def limited(house: Slotwise, per_second: int, burst: int, *, exposed: bool = False) -> Iterator[Served]:
    """Serve the API with these limits, by the machine's clock."""
    ticking = replace(house, clock=system_clock)
    with serving(front_door(ticking, exposed=exposed, per_second=per_second, burst=burst)) as server:
        yield server


def test_a_burst_is_admitted_and_the_next_request_is_told_how_long_to_wait(house: Slotwise) -> None:
    with limited(house, 1, 20) as server, server.client() as client:
        answers = [client.get(CALENDARS) for _ in range(21)]
    assert [int(answer.headers["x-ratelimit-remaining"]) for answer in answers] == [*range(19, -1, -1), 0]
    assert {answer.headers["x-ratelimit-limit"] for answer in answers} == {"20"}
    assert {answer.status_code for answer in answers[:20]} == {200}
    assert refusal(answers[20])[:2] == (429, "rate_limited")
    assert 1 <= int(answers[20].headers["retry-after"]) <= 20
    assert all(time() - 25 <= int(answer.headers["x-ratelimit-reset"]) <= time() + 21 for answer in answers)


def test_of_a_hundred_requests_at_once_exactly_the_burst_is_admitted(house: Slotwise) -> None:
    with limited(house, 1, 60) as server, ThreadPoolExecutor(50) as pool:

        def ask(_: int) -> int:
            with server.client() as client:
                return client.get(CALENDARS).status_code

        assert Counter(pool.map(ask, range(100))) == {200: 60, 429: 40}


def test_who_goes_on_asking_is_admitted_again_at_the_rate(house: Slotwise) -> None:
    with limited(house, 5, 5) as server, server.client() as client:
        began, statuses = monotonic(), [client.get(CALENDARS).status_code for _ in range(5)]
        while statuses.count(200) < 15:
            statuses.append(client.get(CALENDARS).status_code)
        took = monotonic() - began
    assert set(statuses) == {200, 429}
    assert took >= 2  # 15 at five a second, the first five of them at once


def test_a_refused_post_leaves_nothing_and_its_key_is_free(house: Slotwise) -> None:
    body, key = a_calendar(an_item(scheduled_time="2030-01-01T10:00:00Z")), {"Idempotency-Key": "k"}
    with limited(house, 2, 2) as server, server.client() as client:
        while (answer := client.post(CALENDAR, json=body, headers=key)).status_code == 429 or not answer.is_success:
            assert answer.status_code in {201, 429}
        while (again := client.post(CALENDAR, json=body, headers=key)).status_code == 429:
            assert again.headers["retry-after"]
        assert again.content == answer.content


def test_each_workspace_has_its_own_allowance(house: Slotwise, stranger: Context) -> None:
    settings = replace(house, clock=system_clock)
    for home in (house.home, stranger.workspace):
        with limited(replace(settings, home=home), 1, 3) as server, server.client() as client:
            assert [client.get(CALENDARS).status_code for _ in range(4)] == [200, 200, 200, 429]


def test_documents_and_health_do_not_use_up_the_allowance(house: Slotwise) -> None:
    with limited(house, 1, 2) as server, server.client() as client:
        assert {client.get(f"/api/{path}").status_code for path in ("openapi.json", "docs", "redoc") * 3} == {200}
        assert client.get(CALENDARS).headers["x-ratelimit-remaining"] == "1"


def test_refused_requests_count_as_well_as_those_that_succeed(house: Slotwise) -> None:
    with limited(house, 1, 2) as server, server.client() as client:
        assert client.get(f"{CALENDAR}/x").status_code == 404
        assert client.post(CALENDAR, json={}).status_code == 422
        assert client.get(CALENDARS).status_code == 429


def test_guessing_at_keys_is_slowed_down_from_one_address(house: Slotwise) -> None:
    with limited(house, OFTEN, OFTEN, exposed=True) as server, server.client() as client:
        guesses = [client.get(CALENDARS, headers={"authorization": "Bearer sw_guess_0000"}) for _ in range(40)]
    assert Counter(each.status_code for each in guesses) == {401: GUESSES_PER_MINUTE, 429: 40 - GUESSES_PER_MINUTE}
    assert guesses[0].headers["www-authenticate"] == "Bearer"
    assert 1 <= int(guesses[-1].headers["retry-after"]) <= 60


@pytest.mark.parametrize(("per_second", "burst"), [(10, 15), (10, 5)])
def test_limits_that_make_no_window_are_refused_at_the_start(house: Slotwise, per_second: int, burst: int) -> None:
    with pytest.raises(Invalid, match=f"SLOTWISE_API_BURST.*{burst}"):
        front_door(house, per_second=per_second, burst=burst)


def test_a_write_that_was_refused_for_its_rate_is_not_done(house: Slotwise) -> None:
    body = a_calendar(an_item(scheduled_time="2030-01-01T10:00:00Z"))
    with limited(house, 1, 30) as server, ThreadPoolExecutor(20) as pool:

        def send(_: int) -> int:
            with server.client() as client:
                return client.post(CALENDAR, json=body).status_code

        statuses = Counter(pool.map(send, range(60)))
    assert set(statuses) == {201, 429}
    with serving(front_door(house)) as server, server.client() as client:
        assert count_calendars(client) == statuses[201]


def test_an_answer_is_never_kept_by_a_cache_in_between(api: httpx.Client) -> None:
    for answer in (api.get(CALENDARS), api.get(f"{CALENDAR}/x"), api.put(CALENDAR)):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
