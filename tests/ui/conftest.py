"""What tests of the screens use: the frame on a fresh data folder, driven without a browser."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from screens import Open, forget, frame
from streamlit.testing.v1 import AppTest

from core.bootstrap import running
from core.services.context import Context


@pytest.fixture
def data_dir(tmp_path: Path, migrated_file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Run the installation of this process on a folder of its own, with an empty database."""
    (tmp_path / "data").mkdir()
    shutil.copy(migrated_file, tmp_path / "data")
    monkeypatch.setenv("SLOTWISE_DATA_DIR", str(tmp_path / "data"))
    forget()
    yield tmp_path / "data"
    if running.cache_info().currsize:
        running().close()
    forget()


@pytest.fixture
def ctx(data_dir: Path) -> Context:
    """Give the context of the workspace a new installation has."""
    return running().context()


@pytest.fixture
def open_page(data_dir: Path) -> Open:
    """Give `open_page("settings.py")`: the page as a visitor sees it first."""

    def opened(file: str) -> AppTest:
        return frame().run().switch_page(file).run()

    return opened
