"""What tests of the screens use: the frame on a fresh data folder, driven without a browser."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from screens import Open, forget, frame
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from core.bootstrap import running
from core.services.context import Context

if TYPE_CHECKING:
    from google_world import Google


@pytest.fixture(scope="session", autouse=True)
def _components_are_looked_for_once() -> Iterator[None]:
    """Keep what Streamlit finds in the installed packages: every AppTest run reads all of their metadata anew."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture
def data_dir(tmp_path: Path, new_data_dir: Callable[[Path], Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Run the installation of this process on a folder of its own, with an empty database."""
    folder = new_data_dir(tmp_path / "data")
    monkeypatch.setenv("SLOTWISE_DATA_DIR", str(folder))
    forget()
    yield folder
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


@pytest.fixture
def team(data_dir: Path, google: "Google", monkeypatch: pytest.MonkeyPatch) -> Context:
    """Give the workspace of an installation whose Google is on this machine."""
    hosts = {"SHEETS_API_URL": google.url, "DRIVE_API_URL": google.url, "GOOGLE_TOKEN_URL": f"{google.url}/token"}
    for name, url in hosts.items():
        monkeypatch.setenv(f"SLOTWISE_{name}", url)
    forget()
    return running().context()
