"""The minute's requests that Google grants, shared by threads."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.google.budget import Quota, QuotaBudget


def times_of(budget: QuotaBudget, count: int) -> list[float]:
    return [budget.take(Quota.READ, patience=1000) for _ in range(count)]


def test_the_first_requests_of_a_minute_leave_at_once_and_the_next_when_it_is_over() -> None:
    assert times_of(QuotaBudget(lambda: 5.0, most=3, window=60), 8) == [0, 0, 0, 60, 60, 60, 120, 120]


def test_no_window_holds_more_than_the_quota_however_requests_come() -> None:
    now, draws, sent = [0.0], random.Random(3), []
    budget = QuotaBudget(lambda: now[0])
    for _ in range(2000):
        now[0] += draws.choice([0, 0, 0, 0.2, 1, 30])
        sent.append(now[0] + budget.take(Quota.WRITE, patience=1000))
    sent.sort()
    assert all(later - earlier >= 61 for earlier, later in zip(sent, sent[60:], strict=False))


def test_threads_share_one_budget() -> None:
    budget = QuotaBudget(lambda: 0.0, most=60, window=61)
    with ThreadPoolExecutor(8) as threads:
        waits = sorted(wait for many in threads.map(lambda _: times_of(budget, 30), range(8)) for wait in many)
    assert waits == [wait for wait in (0.0, 61.0, 122.0, 183.0) for _ in range(60)]


def test_who_has_no_patience_takes_nobodys_place() -> None:
    budget = QuotaBudget(lambda: 0.0, most=1, window=60)
    budget.take(Quota.READ, patience=0)
    assert [budget.take(Quota.READ, patience=59) for _ in range(3)] == [60, 60, 60]
    assert [budget.take(Quota.READ, patience=1000) for _ in range(2)] == [60, 120]


def test_reads_and_writes_are_counted_apart() -> None:
    budget = QuotaBudget(lambda: 0.0, most=1, window=60)
    assert [budget.take(quota, patience=0) for quota in Quota] == [pytest.approx(0)] * 2
