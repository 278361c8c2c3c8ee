"""What only a connection shows: sizes, slowness, hostile bytes, and what the log keeps of it."""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import pytest
from api_bodies import CALENDAR, CALENDARS, a_calendar, an_item, count_calendars, create, refusal
from api_server import Served, front_door, serving

from core.api.bodies import MOST_BYTES
from core.bootstrap import Slotwise
from core.logs import set_up_logs

SECRETS = ("sk-bearer-1", "sk-query-2", "sk-body-3", "sk-key-4", "sk-signature-5", "sk-cookie-6", "sk-field-7")


@pytest.fixture
def house_url(sqlite_url: str) -> str:
    """Give a SQLite database: nothing here depends on its kind."""
    return sqlite_url


def head(served: Served, *lines: str, method: str = "POST", path: str = CALENDAR) -> bytes:
    """Give the head of a request as it goes over the wire."""
    first = [f"{method} {path} HTTP/1.1", f"Host: {served.host}", "Content-Type: application/json", "Connection: close"]
    return "\r\n".join([*first, *lines, "", ""]).encode("latin-1")


def answer_on(line: socket.socket) -> tuple[int, bytes, bytes]:
    """Read one answer to its end: status, head and body."""
    got = b""
    while piece := line.recv(65536):
        got += piece
    top, _, body = got.partition(b"\r\n\r\n")
    return int(top.split(b" ")[1]), top, body


def test_a_body_that_is_declared_too_large_is_refused_before_it_is_sent(served: Served) -> None:
    with served.connect() as line:
        line.sendall(head(served, f"Content-Length: {MOST_BYTES + 1}"))
        status, _, body = answer_on(line)
    assert (status, json.loads(body)["error_code"]) == (413, "payload_too_large")


def test_a_body_without_a_length_is_cut_off_where_it_becomes_too_large(served: Served) -> None:
    chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    with served.connect() as line:
        line.sendall(head(served, "Transfer-Encoding: chunked"))
        for _ in range(10):
            line.sendall(chunk)
        line.sendall(b"1\r\n \r\n")
        status, _, body = answer_on(line)
    assert (status, json.loads(body)["error_code"]) == (413, "payload_too_large")


def test_the_largest_body_is_read(served: Served) -> None:
    body = json.dumps(a_calendar()).encode()
    with served.client() as client:
        headers = {"content-type": "application/json"}
        assert client.post(CALENDAR, content=body.ljust(MOST_BYTES), headers=headers).status_code == 201
        assert client.post(CALENDAR, content=body.ljust(MOST_BYTES + 1), headers=headers).status_code == 413


def test_a_large_value_is_not_sent_back(served: Served) -> None:
    with served.client() as client:
        answer = client.post(CALENDAR, json=a_calendar(title="x" * 5_000_000))
    assert refusal(answer)[:2] == (422, "validation_error")
    assert len(answer.content) < 2_000


@pytest.mark.slow
def test_a_body_that_does_not_arrive_is_given_up(served: Served) -> None:
    with served.connect() as line:
        line.settimeout(60)
        line.sendall(head(served, "Content-Length: 100") + b'{"title"')
        status, _, body = answer_on(line)
    assert (status, json.loads(body)["error_code"]) == (408, "request_timeout")


def test_hundreds_of_requests_that_never_end_keep_nobody_waiting(served: Served) -> None:
    with ExitStack() as lines, served.client() as client:
        for number in range(300):
            line = lines.enter_context(served.connect())
            if number % 2:
                line.sendall(head(served, "Content-Length: 100") + b'{"title"')
            else:
                line.sendall(f"POST {CALENDAR} HTTP/1.1\r\nHost: {served.host}\r\nX-Slow".encode())
        assert client.get(CALENDARS, timeout=5).status_code == 200
        assert client.post(CALENDAR, json=a_calendar(), timeout=5).status_code == 201


def sends_at_once(line: socket.socket) -> bool:
    """Tell whether the server's end of a connection, which is in this process, sends without being acknowledged."""
    for descriptor in filter(Path.is_socket, Path("/proc/self/fd").iterdir()):
        with suppress(OSError), socket.socket(fileno=os.dup(int(descriptor.name))) as end:
            if end.getpeername() == line.getsockname():
                return bool(end.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
    raise AssertionError


def test_the_body_of_an_answer_does_not_wait_until_its_head_is_acknowledged(served: Served) -> None:
    with served.connect() as line:
        line.sendall(f"GET {CALENDAR} HTTP/1.1\r\nHost: {served.host}\r\n\r\n".encode())
        assert line.recv(65536).startswith(b"HTTP/1.1 200")
        assert sends_at_once(line)


def test_a_client_that_leaves_before_its_body_is_there_has_done_nothing(served: Served) -> None:
    body = json.dumps(a_calendar()).encode()
    for cut in (0, 1, len(body) - 1):
        with served.connect() as line:
            line.sendall(head(served, f"Content-Length: {len(body)}") + body[:cut])
    with served.client() as client:
        assert count_calendars(client) == 0


@pytest.mark.parametrize(
    "line",
    [
        "X-Request-Id: abc\r\n Set-Cookie: stolen=1",
        "X-Request-Id: abc%0d%0aSet-Cookie: stolen=1",
        "X-Request-Id: abc\x00",
        "X-Request-Id: abc\x85Set-Cookie: stolen=1",
        "Idempotency-Key: k%0d%0aSet-Cookie: stolen=1",
        "If-Match: \x0bSet-Cookie: stolen=1",
    ],
)
def test_nothing_a_client_sends_becomes_a_header_of_the_answer(served: Served, line: str) -> None:
    with served.connect() as connection:
        connection.sendall(head(served, line, method="GET", path=f"{CALENDAR}?q=%0d%0aSet-Cookie:x"))
        status, top, _ = answer_on(connection)
    assert status in {200, 400}
    assert b"set-cookie" not in top.lower()
    assert b"stolen" not in top


def test_a_path_with_line_breaks_forges_neither_header_nor_log_line(
    house: Slotwise, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logs("INFO", as_json=False)
    with serving(front_door(house)) as served, served.client() as client:  # to its end: the line comes after the answer
        answer = client.get("/api/v1/x%0d%0aSet-Cookie:%20stolen=1%0a2026-01-01T00:00:00Z%20[info]%20forged")
    set_up_logs("ERROR", as_json=True)
    assert refusal(answer)[0] == 404
    assert "set-cookie" not in answer.headers
    (line,) = capsys.readouterr().err.splitlines()
    assert "forged" in line


@pytest.fixture(params=[True, False], ids=["json", "text"])
def told(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Iterator[pytest.CaptureFixture[str]]:
    """Log everything from INFO on, as an operator has chosen it."""
    set_up_logs("INFO", as_json=request.param)
    yield capsys
    set_up_logs("ERROR", as_json=True)


def test_no_secret_gets_into_the_log_or_the_answer(api: httpx.Client, told: pytest.CaptureFixture[str]) -> None:
    bearer, query, body, key, signature, cookie, field = SECRETS
    headers = {"idempotency-key": key, "cookie": f"session={cookie}"}
    item = an_item(metadata={"password": body}, content={"text": body})
    assert api.post(CALENDAR, json=a_calendar(item), headers=headers).status_code == 201
    assert api.post(f"{CALENDAR}?token={query}", json=a_calendar(item), headers=headers).status_code == 422
    assert api.get(CALENDARS, headers={"authorization": f"Bearer {bearer}", **headers}).status_code == 401
    assert api.get(CALENDARS, headers={"x-signature": signature, "x-timestamp": "0"}).status_code == 401
    assert api.get(CALENDARS, params={"cursor": query}, headers=headers).status_code == 422
    assert api.post(CALENDAR, json={field: body}, headers=headers).status_code == 422
    log = told.readouterr().err
    assert log.count("request_id") == 6
    assert not [secret for secret in SECRETS if secret in log]


def test_the_log_has_one_line_a_request_with_what_an_operator_needs(
    api: httpx.Client, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logs("INFO", as_json=True)
    calendar = create(api)["id"]
    answer = api.get(f"{CALENDAR}/{calendar}", headers={"x-request-id": "mine"})
    set_up_logs("ERROR", as_json=True)
    line = json.loads(capsys.readouterr().err.splitlines()[-1])
    assert (line["request_id"], line["method"], line["status"]) == ("mine", "GET", 200)
    assert (line["path"], line["route"]) == (f"{CALENDAR}/{calendar}", "/v1/scheduling/calendar/{calendar_id}")
    assert line["size"] == len(answer.content)
    assert line["ms"] > 0
    assert line["workspace"]
