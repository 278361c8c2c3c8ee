"""The queue of bulk jobs: urgent first, fair among equals, and nobody starves."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.bulk.queue import AGING, Waiting, queue_order, rank
from core.vocabulary import Priority

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def waiting(name: str, priority: Priority, seconds: float = 0) -> Waiting:
    """Give a job that has waited for so many seconds."""
    return Waiting(name, "ws", priority, NOON - timedelta(seconds=seconds))


def test_higher_priorities_come_first() -> None:
    jobs = [waiting(priority, priority) for priority in Priority]
    assert [job.id for job in queue_order(jobs, NOON)] == ["urgent", "high", "normal", "low"]


def test_who_waits_longer_comes_first_among_equals() -> None:
    jobs = [waiting("a", Priority.NORMAL, 1), waiting("b", Priority.NORMAL, 2), waiting("c", Priority.NORMAL, 2)]
    assert [job.id for job in queue_order(jobs, NOON)] == ["b", "c", "a"]


def test_a_step_of_aging_is_a_step_of_priority() -> None:
    young, old = waiting("young", Priority.NORMAL), waiting("old", Priority.LOW, AGING.total_seconds() + 1)
    assert queue_order([young, old], NOON)[0] is old


def test_a_clock_that_is_behind_makes_nobody_worth_less_than_its_priority() -> None:
    jobs = [waiting("future", Priority.HIGH, -500), waiting("now", Priority.NORMAL)]
    assert queue_order(jobs, NOON)[0].id == "future"


@given(
    st.lists(st.sampled_from(Priority), min_size=2, max_size=12),
    st.floats(min_value=0.05, max_value=5),
)
def test_no_job_starves_however_the_others_are(priorities: list[Priority], row_seconds: float) -> None:
    """Every job is served within three steps of aging and two rows for each job, though all always have rows."""
    served = dict.fromkeys(range(len(priorities)), NOON)
    bound = 3 * AGING + 2 * len(priorities) * row_seconds * SECOND
    now = NOON
    for _ in range(400):
        jobs = [Waiting(str(key), "ws", priorities[key], since) for key, since in served.items()]
        first = int(queue_order(jobs, now)[0].id)
        assert all(now - since <= bound for since in served.values())
        served[first] = now
        now += row_seconds * SECOND


@given(st.lists(st.tuples(st.sampled_from(Priority), st.integers(0, 500)), max_size=20))
def test_the_order_is_the_same_whatever_order_the_jobs_come_in(given_jobs: list[tuple[Priority, int]]) -> None:
    jobs = [waiting(str(key), priority, seconds) for key, (priority, seconds) in enumerate(given_jobs)]
    assert queue_order(jobs, NOON) == queue_order(reversed(jobs), NOON)


def test_ranks_grow_with_priority() -> None:
    assert [rank(priority) for priority in Priority] == [0, 1, 2, 3]
