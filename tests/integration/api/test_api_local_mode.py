"""Without any key only this machine is answered, and no page of another site can act in its name."""

from collections.abc import Iterator

import httpx
import pytest
from api_bodies import CALENDAR, CALENDARS, a_calendar, count_calendars, refusal
from api_server import Served, front_door, serving

from core.bootstrap import Slotwise

FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
def house_url(sqlite_url: str) -> str:
    """Give a SQLite database: nothing here depends on its kind."""
    return sqlite_url


@pytest.mark.parametrize("host", ["localhost", "localhost:8501", "127.0.0.1:9", "127.8.9.1", "[::1]:8501", "LOCALHOST"])
def test_this_machine_is_answered_by_every_name_it_has(api: httpx.Client, host: str) -> None:
    assert api.get(CALENDARS, headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "evil.example:80",
        "localhost@evil.example",
        "evil.example#localhost",
        "evil.example/localhost",
        "localhost, evil.example",
        "0.0.0.0",  # noqa: S104 - what an attacker sends
        "10.0.0.1",
        "169.254.169.254",
        "[fe80::1]",
        "",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
def test_a_name_that_was_bound_to_this_machine_is_refused(api: httpx.Client, host: str, method: str) -> None:
    answer = api.request(method, CALENDARS, headers={"host": host})
    assert answer.status_code == 403
    if method != "HEAD":
        assert refusal(answer)[1] == "forbidden"
        assert repr(host) in answer.json()["error_message"]


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost:3000"},
        {"origin": "http://localhost.evil.example"},
        {"origin": "file://"},
        {"origin": "http://localhost@evil.example"},
        {"origin": ""},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://localhost", "sec-fetch-site": "cross-site"},
    ],
)
@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE", "PUT"])
def test_a_page_of_another_site_cannot_write(api: httpx.Client, headers: dict[str, str], method: str) -> None:
    answer = api.request(method, CALENDAR, json=a_calendar(), headers=headers)
    assert refusal(answer)[:2] == (403, "forbidden")
    assert count_calendars(api) == 0


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://localhost"},
        {"origin": "http://localhost", "sec-fetch-site": "same-origin"},
        {"origin": "http://localhost:8501", "host": "localhost:8501"},
        {"sec-fetch-site": "none"},
    ],
)
def test_a_program_and_a_page_of_slotwises_own_can_write(api: httpx.Client, headers: dict[str, str]) -> None:
    assert api.post(CALENDAR, json=a_calendar(), headers=headers).status_code == 201


def test_a_form_another_site_submits_does_nothing(api: httpx.Client) -> None:
    body = b'{"title": "Launch", "items": []}'
    for media_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"):
        told = api.post(CALENDAR, content=body, headers={"content-type": media_type, "origin": "https://evil.example"})
        assert told.status_code == 403
        old_browser = api.post(CALENDAR, content=body, headers={"content-type": media_type})  # names no origin
        assert old_browser.status_code == 415


def test_no_other_site_is_told_that_it_may_read(api: httpx.Client) -> None:
    answer = api.get(CALENDARS, headers={"origin": "https://evil.example"})
    preflight = api.options(
        CALENDAR, headers={"origin": "https://evil.example", "access-control-request-method": "POST"}
    )
    for each in (answer, preflight):
        assert not [name for name in each.headers if name.startswith("access-control-")]


@pytest.mark.parametrize("name", ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via"])
def test_whoever_comes_through_a_proxy_needs_a_key(api: httpx.Client, name: str) -> None:
    assert refusal(api.get(CALENDARS, headers={name: "127.0.0.1"}))[:2] == (401, "unauthenticated")


@pytest.mark.parametrize("value", ["Basic b3duZXI6", "Bearer", "Bearer ", "Token x", "Bearer nobody-knows-this-one"])
def test_a_key_that_is_none_is_refused_though_none_is_needed(api: httpx.Client, value: str) -> None:
    answer = api.get(CALENDARS, headers={"authorization": value})
    assert refusal(answer)[:2] == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_two_hosts_or_two_keys_are_none(served: Served) -> None:
    for twice, status in (("Host: localhost\r\nHost: localhost", b"400"), ("Host: localhost", b"200")):
        with served.connect() as line:
            line.sendall(f"GET {CALENDARS} HTTP/1.1\r\n{twice}\r\nConnection: close\r\n\r\n".encode())
            assert line.recv(4096).split(b" ")[1] == status
    two = [("authorization", "Bearer a"), ("authorization", "Bearer b")]
    with served.client() as client:
        assert refusal(client.get(CALENDARS, headers=two))[0] == 401


@pytest.fixture
def exposed(house: Slotwise) -> Iterator[httpx.Client]:
    """Give a client of a server that listens beyond this machine."""
    with serving(front_door(house, exposed=True)) as server, server.client() as client:
        yield client


def test_an_exposed_server_answers_nothing_without_a_key_but_its_documents(exposed: httpx.Client) -> None:
    paths = exposed.get("/api/openapi.json").json()["paths"]
    calls = [(method.upper(), path) for path, methods in paths.items() for method in methods]
    assert len(calls) > 15
    for number, (method, path) in enumerate(calls):
        if path.endswith(("/health", "/auth/token")):
            continue
        # Each from another key, so that the brake on guessing does not answer instead.
        answer = exposed.request(method, f"/api{path}", headers={"authorization": f"Bearer {number:012d}"})
        assert refusal(answer)[:2] == (401, "unauthenticated"), (method, path)
    assert {exposed.get(f"/api/{path}").status_code for path in ("docs", "redoc", "openapi.json")} == {200}


def test_an_exposed_server_does_not_tell_which_paths_there_are(exposed: httpx.Client) -> None:
    for path in ("/api/v1/nothing", "/api/openapi.jso", "/api/docsx", "/api/docs/x", "/api/", "/api/%0Adocs"):
        assert exposed.get(path).status_code == 401
