"""A progress bar for work that says how far it is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st


@contextmanager
def progress_bar(text: str) -> Iterator[Callable[[float], None]]:
    """Draw a bar that is gone afterwards; yields what to tell the share done (0 to 1)."""
    bar = st.progress(0.0, text)

    def tell(share: float) -> None:
        bar.progress(min(share, 1.0), text)

    try:
        yield tell
    finally:
        bar.empty()
