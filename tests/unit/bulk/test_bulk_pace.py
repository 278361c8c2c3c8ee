"""How fast a job goes, and how sure one can be of when it ends."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from core.bulk.pace import DRIFT, FEWEST, LONGEST_GAP, Eta, Pace, eta
from core.undefined import Undefined

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def after(*gaps: float) -> Pace:
    """Give the pace after rows that took so many seconds."""
    pace, now = Pace().after(NOON), NOON
    for gap in gaps:
        now += timedelta(seconds=gap)
        pace = pace.after(now)
    return pace


def test_nothing_is_said_until_there_is_something_to_go_by() -> None:
    pace = after(*[2] * (FEWEST - 1))
    assert isinstance(pace.rate(), Undefined)
    assert isinstance(eta(pace, 10, NOON), Undefined)


def test_rows_that_took_the_same_time_may_still_change_their_pace() -> None:
    pace = after(*[2] * 20)
    assert pace.rate() == pytest.approx(30)
    found = eta(pace, 10, NOON)
    assert isinstance(found, Eta)
    assert [(at - NOON).total_seconds() for at in (found.at, found.earliest, found.latest)] == pytest.approx(
        [20, 20 - 1.96 * 0.3 * 20, 20 + 1.96 * 0.3 * 20]
    )


def test_mean_and_variance_are_those_of_the_rows_while_they_are_few() -> None:
    pace = after(1, 2, 3, 4, 5, 6)
    assert (pace.mean, pace.variance) == (pytest.approx(3.5), pytest.approx(35 / 12))


def test_rows_that_end_together_count_each_and_vary_together() -> None:
    pace, now = Pace().after(NOON, 25), NOON
    for seconds in (40, 60, 40, 60, 40, 60):
        now += timedelta(seconds=seconds)
        pace = pace.after(now, 25)
    assert (pace.rows, pace.turns, pace.rate()) == (150, 6, pytest.approx(30))
    assert pace.variance == pytest.approx(25 * 0.4**2)
    found = eta(pace, 100, NOON)
    assert isinstance(found, Eta)
    assert found.at == NOON + timedelta(seconds=200)
    # Four turns to come vary by 20 s together, a sixth of a turn's variance is in the mean of each, and it may drift.
    assert (found.latest - found.at).total_seconds() == pytest.approx(1.96 * (4 * 100 + 16 * 100 / 6 + 60**2) ** 0.5)


def test_a_pause_says_nothing_about_the_speed() -> None:
    long = LONGEST_GAP.total_seconds() + 1
    assert after(2, 2, 2, long, 2, 2).mean == pytest.approx(2)
    assert after(2, 2).interrupted().after(NOON + timedelta(days=1)).mean == pytest.approx(2)


def test_nothing_left_ends_now() -> None:
    assert eta(after(*[1, 2] * 5), 0, NOON) == Eta(NOON, NOON, NOON)


def test_the_interval_holds_the_true_end_about_as_often_as_it_says() -> None:
    rng, hits = Random(7), 0
    for _ in range(400):
        pace = after(*(rng.expovariate(1.0) for _ in range(40)))
        found = eta(pace, 60, NOON)
        assert isinstance(found, Eta)
        now_takes = max(rng.gauss(1, DRIFT), 0.0)
        end = NOON + timedelta(seconds=sum(now_takes * rng.expovariate(1.0) for _ in range(60)))
        hits += found.earliest <= end <= found.latest
    assert 0.90 <= hits / 400 <= 0.99
