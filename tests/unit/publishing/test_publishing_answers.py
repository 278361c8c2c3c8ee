"""What a receiver's answer means, down to the ones that are meant to confuse."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.publishing.answers import read_answer
from core.publishing.contract import Published, Refused
from core.vocabulary import Refusal

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
KINDS = {
    **dict.fromkeys((101, 301, 302, 307, 400, 401, 403, 404, 409, 410, 413, 422), Refusal.INVALID),
    **dict.fromkeys((408, 500, 501, 502, 504), Refusal.UNKNOWN_OUTCOME),
    **dict.fromkeys((429, 503), Refusal.RATE_LIMITED),
}


@pytest.mark.parametrize("status", KINDS)
def test_every_status_has_one_meaning(status: int) -> None:
    answer = read_answer(status, {}, b"", NOW)
    assert isinstance(answer, Refused)
    assert (answer.refusal, answer.retry_at) == (KINDS[status], None)
    assert str(status) in answer.reason


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_every_2xx_is_published(status: int) -> None:
    assert read_answer(status, {}, b"", NOW) == Published(at=NOW)


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("0", timedelta(0)),
        ("90", timedelta(seconds=90)),
        ("999999999", timedelta(days=1)),
        ("Sun, 01 Mar 2026 09:05:00 GMT", timedelta(minutes=5)),
        ("Sun, 01 Mar 2026 09:05:00 -0000", timedelta(minutes=5)),
        ("Sun, 01 Mar 2026 08:00:00 GMT", timedelta(0)),
        ("Fri, 01 Jan 2100 00:00:00 GMT", timedelta(days=1)),
    ],
)
def test_retry_after_is_read_as_seconds_or_date_and_kept_within_a_day(value: str, wait: timedelta) -> None:
    answer = read_answer(429, {"retry-after": value}, b"", NOW)
    assert isinstance(answer, Refused)
    assert answer.retry_at == NOW + wait


@pytest.mark.parametrize("value", ["", "soon", "-5", "1.5", "²", "Sun, 99 Foo 2026", "9" * 5000])
def test_a_retry_after_without_sense_is_ignored(value: str) -> None:
    answer = read_answer(503, {"retry-after": value}, b"", NOW)
    assert isinstance(answer, Refused)
    assert answer.retry_at is None


@given(status=st.integers(100, 599), value=st.text(), body=st.binary())
def test_no_answer_whatever_breaks_the_reader(status: int, value: str, body: bytes) -> None:
    assert isinstance(read_answer(status, {"retry-after": value}, body, NOW), Published | Refused)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//example.com",
        "https://",
        "https://[broken",
        "https://a b",
        "https://a\nb",
        "https://" + "x" * 2000,
        7,
        None,
        {"href": "https://example.com"},
    ],
)
def test_a_link_that_is_not_a_plain_web_address_is_dropped(url: object) -> None:
    assert read_answer(200, {}, json.dumps({"id": "1", "url": url}).encode(), NOW) == Published(NOW, remote_id="1")


@pytest.mark.parametrize("value", ["", "x" * 201, "a\nb", "\u202egnp", 12, None, ["a"]])
def test_an_identifier_that_cannot_be_shown_is_dropped(value: object) -> None:
    assert read_answer(200, {}, json.dumps({"id": value}).encode(), NOW) == Published(NOW)


@pytest.mark.parametrize("body", [b"<html>ok</html>", b"[1]", b"\xff\xfe", b"[" * 60_000, b'{"id": "cut'])
def test_a_success_is_a_success_whatever_the_body(body: bytes) -> None:
    assert read_answer(200, {}, body, NOW) == Published(NOW)
