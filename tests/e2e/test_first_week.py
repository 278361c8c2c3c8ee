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

from playwright.sync_api import Page, expect
from screen import PATIENCE, choose, click, keyed, press, see, settle, type_into
from standardwebhooks.webhooks import Webhook

if TYPE_CHECKING:
    from conftest import RunningApp

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


def import_history(page: Page, app: "RunningApp", file: Path, platform: str, posts: str) -> None:
    page.goto(f"{app.url}/imports")
    see(page, "History file")
    settle(page)
    page.locator("input[type=file]").first.set_input_files(file)
    expect(keyed(page, "import_start").locator("button")).to_contain_text(f"Import {posts} posts")
    choose(page, "Platform", platform)
    press(page, "import_start")
    see(page, "See best times")
    see(page, f"{posts} new posts")


def write_cell(page: Page, x: float, y: float, words: str) -> None:
    """Type into a cell of the grid, which is drawn on a canvas."""
    page.mouse.click(x, y)
    page.keyboard.press("Enter")
    cell = page.locator("textarea.gdg-input")
    expect(cell).to_be_visible()
    page.keyboard.type(words, delay=15)
    page.keyboard.press("Enter")
    expect(cell).to_have_count(0)
    settle(page)


def fill_week(page: Page, app: "RunningApp") -> None:
    page.goto(app.url)
    see(page, "Why?")
    press(page, "fill_open")
    expect(keyed(page, "fill_find")).to_be_visible()
    settle(page)
    grid = page.locator("[role=dialog] [data-testid=stDataFrame]").first.bounding_box()
    assert grid
    for row, (title, text) in enumerate(POSTS):
        y = grid["y"] + 52 + 33 * row
        write_cell(page, grid["x"] + 120, y, title)
        write_cell(page, grid["x"] + 450, y, text)
    press(page, "fill_find")
    expect(keyed(page, "fill_apply").locator("button")).to_contain_text("Schedule 3 posts")
    press(page, "fill_apply")
    see(page, POSTS[0][0])


def drag_one(page: Page, app: "RunningApp") -> str:
    """Drag the first planned post to the same hour ten days ahead, or to the last day shown; return its new date."""
    latest = (datetime.now(UTC) + timedelta(days=10)).date().isoformat()
    page.goto(f"{app.url}/calendar")
    frame = page.frame_locator("iframe")
    event = frame.locator(".fc-daygrid-event").first
    expect(event).to_be_visible()
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
    expect(frame.locator(f"[data-date='{day}'] .fc-daygrid-event").first).to_be_visible()
    expect(page.get_by_role("button", name="Undo").first).to_be_visible()
    return day


def connect_webhook(page: Page, app: "RunningApp", url: str) -> str:
    """Add a webhook channel and return its signing secret."""
    page.goto(f"{app.url}/channels")
    click(page.get_by_role("button", name="Add channel"))
    expect(keyed(page, "channel_save")).to_be_visible()
    choose(page, "Platform", "LinkedIn")
    keyed(page, "channel_name").locator("input").fill("Company page")
    click(keyed(page, "channel_kind").locator("label").filter(has_text="ebhook"))
    type_into(page, "channel_url", url)
    press(page, "channel_save")
    expect(keyed(page, "secret_done")).to_be_visible()
    secret = page.locator("[role=dialog] [data-testid=stCode] code").filter(has_text="whsec_").first.inner_text()
    press(page, "secret_done")
    return secret


def schedule_soon(page: Page, app: "RunningApp") -> datetime:
    """Write a post for the next full minute that leaves time to type; return that minute."""
    page.goto(app.url)
    see(page, "Why?")
    press(page, "new_post")
    dialog, began = page.locator("[role=dialog]").first, datetime.now(UTC)
    click(dialog.get_by_text("Company page"))
    dialog.get_by_role("textbox", name="Title").first.fill("Fresh from the roaster")
    dialog.get_by_role("textbox", name="Text").first.fill("Our new beans are here.")
    click(dialog.get_by_text("Pick a time"))
    expect(keyed(page, "compose_at")).to_be_visible()
    settle(page)
    rest = max(timedelta(seconds=UI_SECONDS), 2 * (datetime.now(UTC) - began))  # a busy machine is no faster now
    due = (datetime.now(UTC) + timedelta(seconds=60) + rest).replace(second=0, microsecond=0)
    parts = keyed(page, "compose_at").get_by_role("spinbutton")
    for part, value in enumerate((due.year, due.month, due.day, due.hour, due.minute)):
        parts.nth(part).click()
        page.keyboard.type(f"{value:02d}")
    page.keyboard.press("Enter")
    press(page, "compose_save")
    expect(dialog).to_be_hidden()
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


def test_a_team_walks_from_its_history_to_a_published_post_and_a_restored_back_up(
    page: Page, app: "RunningApp", shared_data: Path, tmp_path: Path
) -> None:
    page.goto(app.url)
    see(page, "Load sample history")
    import_history(page, app, shared_data / "facebook_page_metrics_en.csv", "Facebook", "500")
    import_history(page, app, shared_data / "youtube_channels.csv", "YouTube", "1,649")
    fill_week(page, app)
    moved_to = drag_one(page, app)
    with receiving() as arrivals:
        secret = connect_webhook(page, app, arrivals.url)
        due = schedule_soon(page, app)
        see(page, "Fresh from the roaster")
        until_due = max(due - datetime.now(UTC), timedelta()) / timedelta(milliseconds=1)
        expect(page.get_by_text("on time").first).to_be_visible(timeout=until_due + PATIENCE)
    [(body, headers, arrived)] = arrivals.calls
    assert timedelta() <= arrived - due < timedelta(seconds=10)
    assert Webhook(secret).verify(body, headers)["data"]["title"] == "Fresh from the roaster"

    app.stop()
    before = exported(app.data_dir, tmp_path / "before.zip")
    app.start()
    page.goto(f"{app.url}/calendar")
    expect(page.frame_locator("iframe").locator(f"[data-date='{moved_to}'] .fc-daygrid-event").first).to_be_visible()
    assert exported(app.data_dir, tmp_path / "after.zip") == before

    command(app.data_dir, "backup", str(tmp_path / "all.slotwise"))
    elsewhere = tmp_path / "elsewhere"
    command(elsewhere, "restore", str(tmp_path / "all.slotwise"))
    assert exported(elsewhere, tmp_path / "restored.zip") == before
    assert len(arrivals.calls) == 1, "nothing was sent twice"
