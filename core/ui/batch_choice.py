"""Asking for one of a few named choices in the batch scheduler."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

import streamlit as st

from core.ui.batch_draft import seeded

Choice = TypeVar("Choice", bound=StrEnum)


def choose(label: str, words: Mapping[Choice, str], name: str, kept: Choice) -> Choice:
    """Draw the choices side by side in the field of this name and return the chosen one, `kept` until there is one."""
    chosen = st.segmented_control(
        label, list(words), required=True, format_func=words.__getitem__, key=seeded(name, kept)
    )
    return type(kept)(chosen or kept)
