"""Threads that write at once share a transaction, and none of them pays for another's mistake."""

from collections.abc import Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from threading import Event

import pytest

from core.errors import DatabaseUnavailable, NotFound
from core.services.sharing import Shared

LONG = 60.0


class Writer:
    """Doubles numbers; the first call waits until it is let go, so that others queue up behind it."""

    def __init__(self, queued: int = 0) -> None:
        self.batches: list[list[int]] = []
        self.shared: Shared[int, int] = Shared(self.write)
        self.queued, self.begun = queued, Event()

    def write(self, numbers: Sequence[int]) -> list[int]:
        self.batches.append(list(numbers))
        if len(self.batches) == 1:
            self.begun.set()
            while len(self.shared._waiting) < self.queued:
                pass
        if 13 in numbers:
            raise NotFound(kind="number", id="13")
        if 99 in numbers:
            raise DatabaseUnavailable(where="here", reason="database is locked", fix="Wait.")
        if 7 in numbers:
            raise ZeroDivisionError
        return [2 * number for number in numbers]


def ask_at_once(first: int, others: Sequence[int]) -> tuple[Writer, list[int | str]]:
    """Ask for the others while the first is being written; give each answer, or the name of what was raised."""
    writer = Writer(queued=len(others))

    def ask(number: int) -> int | str:
        try:
            return writer.shared(number)
        except (NotFound, DatabaseUnavailable, ZeroDivisionError, CancelledError) as error:
            return type(error).__name__

    with ThreadPoolExecutor(len(others) + 1) as pool:
        began = pool.submit(ask, first)
        assert writer.begun.wait(LONG)
        answers = pool.map(ask, others)
        return writer, [began.result(LONG), *answers]


def test_one_request_alone_is_written_alone() -> None:
    writer = Writer()
    assert writer.shared(21) == 42
    assert writer.batches == [[21]]


def test_requests_that_wait_for_the_same_write_go_together_and_each_gets_its_own_answer() -> None:
    writer, answers = ask_at_once(1, [2, 3, 4])
    assert answers == [2, 4, 6, 8]
    assert [sorted(batch) for batch in writer.batches] == [[1], [2, 3, 4]]


def test_a_request_that_cannot_be_written_fails_alone() -> None:
    writer, answers = ask_at_once(1, [2, 13, 4])
    assert answers == [2, 4, "NotFound", 8]
    assert [len(batch) for batch in writer.batches] == [1, 3, 1, 1, 1]


def test_a_locked_database_is_said_to_all_who_waited() -> None:
    writer, answers = ask_at_once(1, [2, 99])
    assert answers == [2, "DatabaseUnavailable", "DatabaseUnavailable"]
    assert [len(batch) for batch in writer.batches] == [1, 2]


def test_a_failure_that_nobody_expects_leaves_nobody_waiting() -> None:
    _, answers = ask_at_once(1, [2, 7])
    assert sorted(map(str, answers)) == ["2", "CancelledError", "ZeroDivisionError"]


def test_after_a_failure_the_next_request_is_written() -> None:
    writer = Writer()
    with pytest.raises(ZeroDivisionError):
        writer.shared(7)
    assert writer.shared(8) == 16
