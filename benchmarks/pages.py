"""Times the script run of every page with 50,000 items and 100,000 outcomes: the first visit and a warm one.

Run `python benchmarks/pages.py` (about two minutes); medians of the runs on this machine. AppTest runs the scripts that
the server runs and then reads their result, so the figures are an upper bound.
"""

import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

ITEMS, OUTCOMES, RUNS, BATCH = 50_000, 100_000, 7, 10_000
SEED = 20261120

from sqlalchemy import insert
from streamlit.testing.v1 import AppTest

from core.bootstrap import running
from core.services.calendars import NewCalendar, create_calendar
from core.services.channels import ChannelDraft, add_channel
from core.services.context import Context
from core.services.timing import refresh_timing
from core.storage.tables import Channel, Content, ContentScheduleItem, PostOutcome
from core.ui.pages import PAGES
from core.vocabulary import ChannelKind, ContentFormat, ItemState


def fill(ctx: Context) -> None:
    """Store the items, spread over a year around now, and the outcomes of two years, on one channel."""
    channel = add_channel(ctx, ChannelDraft("instagram", "Benchmark", ChannelKind.OUTBOX, "Europe/Berlin"))
    calendar = create_calendar(ctx, NewCalendar("Benchmark", "Europe/Berlin")).calendar
    rng, now = random.Random(SEED), ctx.now()
    tables = (
        (Content, contents(now)),
        (ContentScheduleItem, items(rng, now, channel.id, calendar.id)),
        (PostOutcome, outcomes(rng, now, channel.id)),
    )
    with ctx.write() as session:
        for table, rows in tables:
            while batch := list(islice(rows, BATCH)):
                session.execute(insert(table), batch)
        refresh_timing(session, session.get_one(Channel, channel.id))


def contents(now: datetime) -> Iterator[dict[str, object]]:
    for number in range(ITEMS):
        yield {
            "id": f"cont_{number}",
            "title": f"Post {number}",
            "text": f"Post {number}: come and see.",
            "content_format": ContentFormat.IMAGE,
            "created_at": now,
            "updated_at": now,
        }


def items(rng: random.Random, now: datetime, channel: str, calendar: str) -> Iterator[dict[str, object]]:
    for number in range(ITEMS):
        at = now + timedelta(minutes=rng.randrange(-182 * 1440, 182 * 1440))
        is_past = at < now
        yield {
            "id": f"item_{number}",
            "calendar_id": calendar,
            "content_id": f"cont_{number}",
            "channel_id": channel,
            "scheduled_at": at,
            "due_at": at,
            "state": ItemState.PUBLISHED if is_past else ItemState.SCHEDULED,
            "published_at": at if is_past else None,
            "created_at": now,
            "updated_at": now,
        }


def outcomes(rng: random.Random, now: datetime, channel: str) -> Iterator[dict[str, object]]:
    for number in range(OUTCOMES):
        yield {
            "channel_id": channel,
            "post_id": str(number),
            "published_at": now - timedelta(minutes=rng.randrange(10 * 1440, 730 * 1440)),
            "content_format": rng.choice((ContentFormat.IMAGE, ContentFormat.CAROUSEL)),
            "title": f"Post {number}",
            "engagement": float(round(rng.lognormvariate(4, 1))),
            "measured_at": now,
            "fingerprint": number,
        }


def timed(test: AppTest, file: str) -> tuple[float, float]:
    """Return the seconds of the first visit to a page, and the median of those that follow."""
    began = time.perf_counter()
    test.switch_page(file).run()
    first = time.perf_counter() - began
    assert not test.exception, f"{file}: {test.exception}"
    later = []
    for _ in range(RUNS):
        began = time.perf_counter()
        test.run()
        later.append(time.perf_counter() - began)
    return first, median(later)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SLOTWISE_DATA_DIR"] = folder
        fill(running().context())
        test = AppTest.from_file(ROOT / "pages" / "main.py", default_timeout=120).run()
        print(f"{ITEMS:,} items, {OUTCOMES:,} outcomes, {datetime.now(UTC):%Y-%m-%d}\n")
        print("| page | first visit, ms | warm, ms (median) |\n|---|---|---|")
        for page in PAGES:
            first, warm = timed(test, page.file)
            print(f"| {page.title} | {first * 1000:,.0f} | {warm * 1000:,.0f} |")
        running().close()


if __name__ == "__main__":
    main()
