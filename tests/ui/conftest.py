"""What tests of the screens use: the frame on a fresh data folder, driven without a browser."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.bootstrap import running
from core.services.context import Context
from core.settings import ROOT, load_settings

Open = Callable[[str], AppTest]


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Run the installation of this process on an empty folder."""
    monkeypatch.setenv("SLOTWISE_DATA_DIR", str(tmp_path / "data"))
    forget()
    yield tmp_path / "data"
    if running.cache_info().currsize:
        running().close()
    forget()


def forget() -> None:
    """Let the next call assemble the installation anew."""
    running.cache_clear()
    load_settings.cache_clear()
    st.cache_data.clear()


@pytest.fixture
def ctx(data_dir: Path) -> Context:
    """Give the context of the workspace a new installation has."""
    return running().context()


@pytest.fixture
def open_page(data_dir: Path) -> Open:
    """Give `open_page("settings.py")`: the page as a visitor sees it first."""

    def opened(file: str) -> AppTest:
        test = AppTest.from_file(ROOT / "pages" / "main.py", default_timeout=20).run()
        return test.switch_page(file).run()

    return opened


def words(test: AppTest) -> str:
    """Return everything a page says, one element a line."""
    kinds = (test.title, test.subheader, test.markdown, test.caption, test.error, test.warning, test.toast)
    return "\n".join(str(element.value) for kind in kinds for element in kind)
