"""Measures a connected sheet: requests and seconds of its import and its write-back, beside bare gspread calls.

Google is the stub of the tests, so that nothing but Slotwise and gspread takes time. Run it with the number of rows:
`uv run python benchmarks/sheets.py 10000`.
"""

import sys
import time
from collections.abc import Callable
from datetime import timedelta
from math import ceil
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "contract"), str(ROOT / "tests" / "integration")]  # run as a file

from google_client import ROBOT, robot
from google_server import running_google
from google_world import Google
from planned_posts import MONDAY_NOON, StandingClock
from sqlmodel import select
from walk_stage import SheetStage, open_stage

from core.bootstrap import assemble
from core.logs import set_up_logs
from core.settings import Settings
from core.storage.tables import ContentScheduleItem
from core.vocabulary import ItemState

HEADERS = ["Title", "Content", "Platform", "Scheduled Time", "Status", "Published Time", "Generated Content URL"]
PAYLOAD = 2_000_000
"""Bytes of a body or an answer that Google recommends at most."""
TRIES = 5


def main(rows: int) -> None:
    """Print the figures of a fresh installation on SQLite."""
    set_up_logs("ERROR", as_json=False)
    clock = StandingClock()
    with TemporaryDirectory() as folder, running_google() as google:
        house = assemble(Settings(data_dir=Path(folder)), clock)
        hand = google.sheet("Plan", size=(rows + 1, 10), **{ROBOT: "writer"})
        hand.type_rows("A1", [HEADERS, *plan(rows)])
        stage = open_stage(house, clock, google, hand)
        measure(stage, "import", 2)
        publish_all(stage)
        measure(stage, "write-back", 3)
        clock.move(timedelta(minutes=1))
        measure(stage, "nothing new", 0)
        house.close()


def plan(rows: int) -> list[list[object]]:
    """Give rows of about 170 bytes, a minute apart."""
    start, words = MONDAY_NOON + timedelta(days=30), "as long as such words are. " * 4
    times = (f"{start + timedelta(minutes=n):%Y-%m-%d %H:%M}" for n in range(rows))
    return [[f"Post {n}", f"Words of post {n}, {words}", "linkedin", when] for n, when in enumerate(times)]


def publish_all(stage: SheetStage) -> None:
    """Let every post be out, each at an address of its own."""
    stage.clock.move(timedelta(minutes=1))
    with stage.ctx.write() as session:
        for row in session.scalars(select(ContentScheduleItem)):
            url = f"https://example.com/posts/{row.id}"
            row.sqlmodel_update({"state": ItemState.PUBLISHED, "published_at": stage.clock(), "url": url})


def measure(stage: SheetStage, name: str, columns: int) -> None:
    """Sync once; then read all cells and write as many with bare gspread, into the same sheet."""
    google, rows = stage.google, len(stage.sheet.rows()) - 1
    google.calls.clear()
    seconds = timed(stage.synced)
    requests = sum(call.method != "token" for call in google.calls)
    written = sum(call.asked for call in google.calls if call.method.endswith("batchUpdate"))
    pages, passes = google.count("values.batchGet"), google.count(r"spreadsheets\.get$")
    print(f"{name}, {rows:,} rows: {requests} requests ({passes} looks, {pages} pages), {seconds:.1f} s")
    if columns:
        read, bare = bare_seconds(google, stage, rows, columns)
        least = ceil(read / PAYLOAD) + ceil(written / PAYLOAD)
        print(f"  least: {least} requests of 2 MB ({requests / least:.1f} times as many)")
        print(f"  bare gspread, one read and one write: {bare:.2f} s ({seconds / bare:.0f} times as long)")


def bare_seconds(google: Google, stage: SheetStage, rows: int, columns: int) -> tuple[int, float]:
    """Return the bytes of the whole sheet, and the median seconds of reading it and writing some columns back."""
    google.quota = 10**6
    sheet = robot(google).open_by_key(stage.sheet.id).sheet1
    first = "E" if columns == 3 else "D"
    area = f"{first}2:{chr(ord(first) + columns - 1)}{rows + 1}"

    def once() -> None:
        cells = sheet.get_all_values(value_render_option="UNFORMATTED_VALUE")
        start = ord(first) - ord("A")
        sheet.batch_update([{"range": area, "values": [row[start : start + columns] for row in cells[1:]]}])

    seconds = median(timed(once) for _ in range(TRIES))
    return next(call.answered for call in reversed(google.calls) if call.method.endswith("values.get")), seconds


def timed(call: Callable[[], object]) -> float:
    """Return how many seconds a call takes."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
