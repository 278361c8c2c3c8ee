"""How tests open a screen and read what it says."""

from collections.abc import Callable

import streamlit as st
from streamlit.testing.v1 import AppTest

from core.bootstrap import running
from core.settings import ROOT, load_settings

Open = Callable[[str], AppTest]


def frame() -> AppTest:
    """Return the frame, not yet run."""
    return AppTest.from_file(ROOT / "pages" / "main.py", default_timeout=60)  # seconds, on a busy machine too


def forget() -> None:
    """Let the next call assemble the installation anew."""
    running.cache_clear()
    load_settings.cache_clear()
    st.cache_data.clear()


def words(test: AppTest) -> str:
    """Return everything a page says, one element a line."""
    kinds = (test.title, test.subheader, test.markdown, test.caption, test.error, test.warning, test.toast)
    return "\n".join(str(element.value) for kind in kinds for element in kind)
