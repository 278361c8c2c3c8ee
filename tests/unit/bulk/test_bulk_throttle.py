"""How many rows of a smart job run at once: up by steps, down by halves, never out of bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.bulk.throttle import Throttle, adapt


def after(seconds: list[float], most: int = 8, *, failed: bool = False, start: Throttle | None = None) -> Throttle:
    """Give the throttle after rows that took so long."""
    throttle = start or Throttle()
    for each in seconds:
        throttle = adapt(throttle, each, most, failed=failed)
    return throttle


def test_it_grows_to_the_limit_while_all_goes_well() -> None:
    assert after([1.0]).rows == 2
    assert after([1.0] * 60).rows == 8


def test_an_error_halves_it() -> None:
    assert after([1.0], failed=True, start=Throttle(8.0, 1.0)).rows == 4


def test_slow_rows_take_it_down_step_by_step() -> None:
    assert after([2.5], start=Throttle(8.0, 1.0)).limit == pytest.approx(6.4)


def test_a_lasting_load_keeps_it_low_before_it_becomes_usual() -> None:
    assert after([10.0] * 8, start=Throttle(8.0, 1.0)).rows <= 2


@given(
    st.lists(st.tuples(st.floats(0, 100), st.booleans()), max_size=60),
    st.integers(1, 50),
)
def test_it_stays_between_one_and_the_limit(rows: list[tuple[float, bool]], most: int) -> None:
    throttle = Throttle()
    for seconds, failed in rows:
        throttle = adapt(throttle, seconds, most, failed=failed)
        assert 1 <= throttle.rows <= most
