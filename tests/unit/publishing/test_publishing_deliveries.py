"""What follows the sending of an event: only 2xx is delivered, all else is tried for about a day."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.publishing.deliveries import TRIES, judge, wait_after
from core.publishing.sending import Answered, NotSent, Sending, Unanswered

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def answered(status: int, **headers: str) -> Answered:
    return Answered(status, {name.replace("_", "-"): value for name, value in headers.items()}, b"")


@given(st.integers(200, 299), st.integers(1, TRIES))
def test_an_answer_of_2xx_is_a_delivery(status: int, tries: int) -> None:
    verdict = judge(answered(status), tries, NOW, Random(1))
    assert (verdict.is_delivered, verdict.status, verdict.error, verdict.again_at) == (True, status, None, None)


@given(
    st.one_of(
        st.integers(100, 599).filter(lambda status: not 200 <= status < 300 and status != 410).map(answered),
        st.just(NotSent("No way.")),
        st.just(Unanswered("timed out")),
    ),
    st.integers(1, TRIES - 1),
    st.integers(),
)
def test_anything_else_is_tried_again_around_its_wait(sending: Sending, tries: int, seed: int) -> None:
    verdict = judge(sending, tries, NOW, Random(seed))
    assert not verdict.is_delivered
    assert verdict.error
    assert verdict.again_at is not None
    assert wait_after(tries) * 0.75 <= verdict.again_at - NOW <= wait_after(tries) * 1.25
    assert judge(sending, TRIES, NOW, Random(seed)).again_at is None


def test_a_receiver_may_be_away_for_about_a_day() -> None:
    waits = [wait_after(tries) for tries in range(1, TRIES)]
    assert waits == sorted(waits)
    assert timedelta(hours=24) < sum(waits, timedelta()) < timedelta(hours=28)
    assert waits[0] == timedelta(seconds=5)


@pytest.mark.parametrize(("asked", "wait"), [("7200", 7200), ("0", None), ("nonsense", None), ("999999999", 86400)])
def test_a_receiver_that_asks_for_time_gets_it_for_up_to_a_day(asked: str, wait: int | None) -> None:
    verdict = judge(answered(429, retry_after=asked), 1, NOW, Random(1))
    assert verdict.again_at is not None
    waited = (verdict.again_at - NOW).total_seconds()
    assert waited == wait if wait else waited < 7


def test_gone_ends_it_at_once() -> None:
    verdict = judge(answered(410), 1, NOW, Random(1))
    assert (verdict.is_gone, verdict.again_at) == (True, None)


def test_the_answer_is_quoted_without_what_could_mislead() -> None:
    verdict = judge(Answered(500, {}, b"bro\x00ken\n\npipe" + "\u202e".encode()), 1, NOW, Random(1))
    assert verdict.error == "The receiver answered 500: broken pipe."
