"""Running a call that cannot be interrupted aside, so that a cancel need not wait for its end."""

from collections.abc import Callable
from threading import Event, Thread
from typing import TypeVar

Answer = TypeVar("Answer")

_PATIENCE = 0.1
"""Seconds between two looks at whether anybody still waits."""


def run_aside(call: Callable[[], Answer], is_over: Callable[[], bool]) -> Answer | None:
    """Return what a call returns, or None once `is_over`: the call then ends by itself and nobody looks at it."""
    answers: list[Answer] = []
    is_done = Event()

    def work() -> None:
        try:
            answers.append(call())
        finally:
            is_done.set()

    Thread(target=work, daemon=True).start()
    while not is_done.wait(_PATIENCE):
        if is_over():
            return None
    (answer,) = answers  # none after an error, which the thread has told
    return answer
