"""A team's first week, as a person walks it: import, advice, fill, drag, publish, restart, back up, restore."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest
from playwright.sync_api import Locator, Page, expect
from standardwebhooks.webhooks import Webhook

if TYPE_CHECKING:
    from conftest import RunningApp

PATIENCE = 60_000
UI_SECONDS = 30
"""Left for typing between choosing a minute and that minute."""
POSTS = (("Monday mood", "Coffee first."), ("Behind the scenes", "How we roast."), ("Weekend special", "Two for one."))


@dataclass
class Arrivals:
    """What reached the receiver: body, headers and the moment, one for each call."""

    url: str = ""
    calls: list[tuple[bytes, dict[str, str], datetime]] = field(default_factory=list)


@contextmanager
def receiving() -> Iterator[Arrivals]:
    """Run a webhook receiver on this machine that takes everything and keeps count."""
    arrivals = Arrivals()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the name http.server calls
            body = self.rfile.read(int(self.headers["Content-Length"]))
            arrivals.calls.append((body, dict(self.headers), datetime.now(UTC)))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"url": "https://example.com/posts/1"}')

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    arrivals.url = f"http://127.0.0.1:{server.server_port}/posts"
    Thread(target=server.serve_forever, daemon=True).start()
    yield arrivals
    server.shutdown()
    server.server_close()


def keyed(page: Page, key: str) -> Locator:
    return page.locator(f".st-key-{key}")


def settle(page: Page) -> None:
    """Wait until no script runs any more."""
    page.wait_for_function("() => !document.querySelector('[data-testid=stStatusWidget], [data-testid=stSkeleton]')")
    page.wait_for_timeout(400)
    page.wait_for_function("() => !document.querySelector('[data-testid=stStatusWidget], [data-testid=stSkeleton]')")


def choose(page: Page, label: str, option: str) -> None:
    box = page.get_by_role("combobox", name=label)
    box.click()
    box.fill(option)
    box.press("Enter")
    settle(page)


def import_history(page: Page, app: "RunningApp", file: Path, platform: str, posts: str) -> None:
    page.goto(f"{app.url}/imports")
    expect(page.get_by_text("History file").first).to_be_visible(timeout=PATIENCE)
    page.locator("input[type=file]").set_input_files(file)
    start = keyed(page, "import_start").locator("button")
    expect(start).to_contain_text(f"Import {posts} posts", timeout=PATIENCE)
    choose(page, "Platform", platform)
    start.click()
    expect(page.get_by_text("See best times").first).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text(f"{posts} new posts").first).to_be_visible()


def write_cell(page: Page, x: float, y: float, words: str) -> None:
    """Type into a cell of the grid, which is drawn on a canvas."""
    page.mouse.click(x, y)
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    page.keyboard.type(words, delay=15)
    page.keyboard.press("Enter")
    settle(page)


def fill_week(page: Page, app: "RunningApp") -> None:
    page.goto(app.url)
    expect(page.get_by_text("Why?").first).to_be_visible(timeout=PATIENCE)
    settle(page)
    keyed(page, "fill_open").locator("button").click()
    expect(keyed(page, "fill_find")).to_be_visible(timeout=PATIENCE)
    settle(page)
    grid = page.locator("[role=dialog] [data-testid=stDataFrame]").bounding_box()
    assert grid
    for row, (title, text) in enumerate(POSTS):
        y = grid["y"] + 52 + 33 * row
        write_cell(page, grid["x"] + 120, y, title)
        write_cell(page, grid["x"] + 450, y, text)
    keyed(page, "fill_find").locator("button").click()
    expect(keyed(page, "fill_apply").locator("button")).to_contain_text("Schedule 3 posts", timeout=PATIENCE)
    keyed(page, "fill_apply").locator("button").click()
    expect(page.get_by_text(POSTS[0][0]).first).to_be_visible(timeout=PATIENCE)


def drag_one(page: Page, app: "RunningApp") -> str:
    """Drag the first planned post to the same hour ten days ahead, or to the last day shown; return its new date."""
    latest = (datetime.now(UTC) + timedelta(days=10)).date().isoformat()
    page.goto(f"{app.url}/calendar")
    frame = page.frame_locator("iframe")
    event = frame.locator(".fc-daygrid-event").first
    expect(event).to_be_visible(timeout=PATIENCE)
    settle(page)
    shown = frame.locator("[data-date]").evaluate_all("all => all.map(each => each.dataset.date)")
    day = max(each for each in shown if each <= latest)  # near its end a month shows few days of the next
    start, end = event.bounding_box(), frame.locator(f"[data-date='{day}']").first.bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + end["height"] / 2, steps=12)
    page.mouse.up()
    expect(frame.locator(f"[data-date='{day}'] .fc-daygrid-event")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("button", name="Undo")).to_be_visible(timeout=PATIENCE)
    return day


def connect_webhook(page: Page, app: "RunningApp", url: str) -> str:
    """Add a webhook channel and return its signing secret."""
    page.goto(f"{app.url}/channels")
    expect(page.get_by_role("button", name="Add channel").first).to_be_visible(timeout=PATIENCE)
    settle(page)
    page.get_by_role("button", name="Add channel").first.click()
    expect(keyed(page, "channel_save")).to_be_visible(timeout=PATIENCE)
    choose(page, "Platform", "LinkedIn")
    keyed(page, "channel_name").locator("input").fill("Company page")
    keyed(page, "channel_kind").locator("label").filter(has_text="ebhook").click()
    address = keyed(page, "channel_url").locator("input")
    address.fill(url)
    address.press("Enter")
    settle(page)
    keyed(page, "channel_save").locator("button").click()
    expect(keyed(page, "secret_done")).to_be_visible(timeout=PATIENCE)
    secret = page.locator("[role=dialog] [data-testid=stCode] code").filter(has_text="whsec_").first.inner_text()
    keyed(page, "secret_done").locator("button").click()
    return secret


def schedule_soon(page: Page, app: "RunningApp") -> datetime:
    """Write a post for the next full minute that leaves time to type; return that minute."""
    page.goto(app.url)
    expect(page.get_by_text("Why?").first).to_be_visible(timeout=PATIENCE)
    settle(page)
    keyed(page, "new_post").locator("button").first.click()
    dialog = page.locator("[role=dialog]")
    dialog.get_by_text("Company page").click()
    settle(page)
    dialog.get_by_role("textbox", name="Title").fill("Fresh from the roaster")
    dialog.get_by_role("textbox", name="Text").fill("Our new beans are here.")
    dialog.get_by_text("Pick a time").click()
    expect(keyed(page, "compose_at")).to_be_visible(timeout=PATIENCE)
    settle(page)
    due = (datetime.now(UTC) + timedelta(seconds=60 + UI_SECONDS)).replace(second=0, microsecond=0)
    parts = keyed(page, "compose_at").get_by_role("spinbutton")
    for part, value in enumerate((due.year, due.month, due.day, due.hour, due.minute)):
        parts.nth(part).click()
        page.keyboard.type(f"{value:02d}")
    page.keyboard.press("Enter")
    settle(page)
    keyed(page, "compose_save").locator("button").click()
    expect(dialog).to_be_hidden(timeout=PATIENCE)
    return due


def command(data_dir: Path, *words: str) -> None:
    slotwise = Path(sys.executable).with_name("slotwise")
    done = subprocess.run(  # noqa: S603 - our own command line
        [slotwise, *words], env=os.environ | {"SLOTWISE_DATA_DIR": str(data_dir)}, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()


def exported(data_dir: Path, target: Path) -> dict[str, bytes]:
    """Return every table of the installation as its export writes it."""
    command(data_dir, "export", str(target))
    with ZipFile(target) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name.endswith(".csv")}


@pytest.mark.timeout(600)
def test_a_team_walks_from_its_history_to_a_published_post_and_a_restored_back_up(
    page: Page, app: "RunningApp", shared_data: Path, tmp_path: Path
) -> None:
    page.goto(app.url)
    expect(page.get_by_text("Load sample history").first).to_be_visible(timeout=PATIENCE)
    import_history(page, app, shared_data / "facebook_page_metrics_en.csv", "Facebook", "500")
    import_history(page, app, shared_data / "youtube_channels.csv", "YouTube", "1,649")
    fill_week(page, app)
    moved_to = drag_one(page, app)
    with receiving() as arrivals:
        secret = connect_webhook(page, app, arrivals.url)
        due = schedule_soon(page, app)
        expect(page.get_by_text("Fresh from the roaster").first).to_be_visible(timeout=PATIENCE)
        expect(page.get_by_text("on time").first).to_be_visible(timeout=120_000)
    [(body, headers, arrived)] = arrivals.calls
    assert timedelta() <= arrived - due < timedelta(seconds=10)
    assert Webhook(secret).verify(body, headers)["data"]["title"] == "Fresh from the roaster"

    app.stop()
    before = exported(app.data_dir, tmp_path / "before.zip")
    app.start()
    page.goto(f"{app.url}/calendar")
    expect(page.frame_locator("iframe").locator(f"[data-date='{moved_to}'] .fc-daygrid-event")).to_be_visible(
        timeout=PATIENCE
    )
    assert exported(app.data_dir, tmp_path / "after.zip") == before

    command(app.data_dir, "backup", str(tmp_path / "all.slotwise"))
    elsewhere = tmp_path / "elsewhere"
    command(elsewhere, "restore", str(tmp_path / "all.slotwise"))
    assert exported(elsewhere, tmp_path / "restored.zip") == before
    assert len(arrivals.calls) == 1, "nothing was sent twice"
