"""How pages read: every answer is kept until the workspace's next write."""

from collections.abc import Callable
from types import FunctionType
from typing import Any, Concatenate, ParamSpec, TypeVar

import streamlit as st

from core.services.context import Context
from core.ui.state import house, revision, workspace_id

P = ParamSpec("P")
R = TypeVar("R")

MOST_ANSWERS = 256
"""Kept for all visitors together; the least recently asked goes first."""


def ask(read: Callable[Concatenate[Context, P], R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """Return `read(context, *args, **kwargs)` for the chosen workspace, from memory while nothing was written since.

    `read` is a service function that changes nothing and reads no clock: pass a moment that matters as an argument,
    rounded to how fresh the answer must be. The errors of `read` pass through and are not remembered.
    """
    answer: R = _answer(read, workspace_id(), revision(), args, kwargs)
    return answer


def _name(function: FunctionType) -> str:
    return f"{function.__module__}.{function.__qualname__}"


@st.cache_data(max_entries=MOST_ANSWERS, show_spinner=False, hash_funcs={FunctionType: _name})
def _answer(
    read: Callable[..., Any],
    workspace: str,
    at_revision: int,  # noqa: ARG001 - part of the key: a write makes the old answer unreachable
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    return read(house().context(workspace), *args, **kwargs)
