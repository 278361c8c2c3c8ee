"""What end-to-end tests drive: the real app in a process of its own, and a real Chromium looking at it."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, sync_playwright
from ports import free_port
from screen import be_patient

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
READY_SECONDS = 120
POLL_SECONDS = 0.1
GRACE_SECONDS = 60
MOST_SECONDS = 900
PICTURE_MILLISECONDS = 20_000
CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",  # root has no sandbox
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",  # the browser knows this machine only
]
DEEP_LINK_PROBE = re.compile(r"/_stcore/(?:health|host-config)\b")
"""After a deep link Streamlit's page tries the address below it first, and is told 404."""


@pytest.hookimpl(tryfirst=True)  # before pytest deselects by marker
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder as one that needs a browser, and lets it take minutes on a busy machine."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(MOST_SECONDS), append=False)  # before one that a test has


# --- The app -----------------------------------------------------------------------------------------------------


@dataclass
class RunningApp:
    """Slotwise as a user starts it; the same data folder and port across stops and starts."""

    data_dir: Path
    folder: Path = ROOT
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    was_interrupted: bool = False

    @property
    def url(self) -> str:
        """The address of the dashboard."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """Everything the app has printed so far, over all its starts."""
        return self._log_file.read_text(encoding="utf-8")

    @property
    def _log_file(self) -> Path:
        return self.data_dir.with_name("app.log")

    def start(self) -> None:
        """Start the app and return once it answers."""
        command = [sys.executable, "-m", "streamlit", "run", "Home.py", "--server.port", str(self.port)]
        own = {"SLOTWISE_DATA_DIR": str(self.data_dir), "SLOTWISE_WEBHOOK_ALLOW_PRIVATE": "1"}
        with self._log_file.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - the README's own command
                command,
                cwd=self.folder,
                env=os.environ | own | self.settings,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        for _ in range(int(READY_SECONDS / POLL_SECONDS)):
            if self._answers():
                return
            self._expect_alive(self.process)
        raise AssertionError(f"the app did not answer within {READY_SECONDS} s; its log:\n{self.log}")

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/_stcore/health", trust_env=False).is_success
        except httpx.TransportError:
            return False

    def _expect_alive(self, process: subprocess.Popen[bytes]) -> None:
        """Pass one poll interval; fail at once when the app ends in it."""
        try:
            code = process.wait(POLL_SECONDS)
        except subprocess.TimeoutExpired:
            return
        raise AssertionError(f"the app ended with exit code {code} while starting; its log:\n{self.log}")

    def stop(self) -> int:
        """Ask the app to end, as a service manager does, and return its exit code."""
        return self._end(signal.SIGTERM)

    def kill(self) -> int:
        """End the app like a power cut (kill -9, with everything it started)."""
        return self._end(signal.SIGKILL)

    def _end(self, sign: signal.Signals) -> int:
        process, self.process, self.was_interrupted = self.process, None, True
        assert process is not None, "the app is not running"
        if process.poll() is None:
            os.killpg(process.pid, sign)
        try:
            return process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise AssertionError(f"the app did not end within {GRACE_SECONDS} s; its log:\n{self.log}") from None


@pytest.fixture
def settings() -> dict[str, str]:
    """Give what the environment says to the app beyond its data folder; a file of tests may say more."""
    return {}


@pytest.fixture
def app(tmp_path: Path, settings: dict[str, str]) -> Iterator[RunningApp]:
    """Run the real app on an empty data folder; a test may `kill`, `stop` and `start` it."""
    running = RunningApp(tmp_path / "data", settings=settings)
    running.start()
    yield running
    if running.process:
        running.stop()


# --- The browser -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Open the machine's Chromium once for this folder."""
    if CHROMIUM is None:
        missing = "Chromium is not installed (`apt-get install -y chromium`)"
        if os.environ.get("SLOTWISE_REQUIRE_BROWSER") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@dataclass
class Watched:
    """The windows a test has open, and what went wrong in them."""

    folder: Path
    pages: list[Page] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def add(self, page: Page) -> None:
        """Watch a window for errors and for requests that leave this machine."""
        self.pages.append(page)
        page.on("pageerror", lambda error: self.errors.append(f"page error: {error}"))
        page.on("console", self._hear)
        page.on("request", lambda request: self._look(request.url))
        page.on("websocket", lambda websocket: self._look(websocket.url))

    def _hear(self, message: ConsoleMessage) -> None:
        said = f"{message.text} ({message.location.get('url', '')})"
        if message.type == "error" and not DEEP_LINK_PROBE.search(said):
            self.errors.append(f"console error: {said}")

    def _look(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname != "127.0.0.1":
            self.outside.append(url)

    def pictures(self) -> Iterator[str]:
        """Save what each window shows and say where; a window that is gone must not hide the failure itself."""
        for number, page in enumerate(self.pages, 1):
            file = self.folder / f"window-{number}.png"
            try:
                page.screenshot(path=file, full_page=True, timeout=PICTURE_MILLISECONDS)
                yield f"{page.url}: {file}"
            except Error as error:
                yield f"{page.url}: no screenshot ({error.message})"


OpenPage = Callable[..., Page]
WATCHED = pytest.StashKey[Watched]()


@pytest.fixture
def open_page(browser: Browser, app: RunningApp, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenPage]:
    """Give `open_page(width=1440, height=900, scheme="light")`: a new window of its own, not yet at any address."""
    watched = request.node.stash[WATCHED] = Watched(tmp_path)

    def open_window(width: int = 1440, height: int = 900, scheme: str = "light") -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            timezone_id="Europe/Berlin",
            locale="en-GB",
        )
        be_patient(context)
        watched.add(page := context.new_page())
        return page

    yield open_window
    for page in watched.pages:
        page.context.close()
    assert not watched.outside, f"requests to another machine: {', '.join(watched.outside)}"
    # A window that lost its app complains in as many ways as it was loading files.
    assert app.was_interrupted or not watched.errors, "\n".join(watched.errors)


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """Give one light window of 1440 by 900 pixels."""
    return open_page()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to a failed test what its windows showed and what the app printed."""
    report = yield
    if report.when == "call" and report.failed:
        if watched := item.stash.get(WATCHED, None):
            report.sections.extend(("window", picture) for picture in watched.pictures())
        if isinstance(running := getattr(item, "funcargs", {}).get("app"), RunningApp):
            report.sections.append(("app log", running.log))
    return report
