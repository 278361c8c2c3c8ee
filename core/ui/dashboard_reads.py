"""Reads whose answer depends on the clock, kept all the same for as long as the clock they are given stands."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Concatenate, ParamSpec, TypeVar

from core.services.context import Context
from core.ui.queries import ask
from core.ui.state import house

P = ParamSpec("P")
R = TypeVar("R")

_HALF_HOUR = timedelta(minutes=30)


def ask_at(at: datetime, read: Callable[Concatenate[Context, P], R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """Return what `read` answers when it is `at`; kept until the next write or another `at`."""
    answer: R = ask(_read_at, at, read, *args, **kwargs)
    return answer


def this_minute() -> datetime:
    """Return the minute that is passing: fresh enough for figures, and one answer for everybody who looks in it."""
    return house().now().replace(second=0, microsecond=0)


def next_slot() -> datetime:
    """Return when the next half-hour begins: the first moment that is worth recommending."""
    minute = this_minute()
    return minute + _HALF_HOUR - timedelta(minutes=minute.minute % 30)


def _read_at(ctx: Context, at: datetime, read: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    return read(replace(ctx, clock=lambda: at), *args, **kwargs)
