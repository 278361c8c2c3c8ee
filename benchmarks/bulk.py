"""Measures bulk jobs: rows per second against the bare inserts, the queue at 100,000 rows, a page of 1,000 jobs.

Run it with the number of rows: `uv run python benchmarks/bulk.py 10000`.
"""

import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from core.bootstrap import Slotwise, assemble, open_bulk_worker
from core.bulk.pace import Eta
from core.bulk.words import Operation
from core.services.bulk_jobs import create_job, find_job, page_jobs
from core.services.bulk_views import JobFilter, NewJob, RowDraft, Schedule
from core.services.bulk_work import do_next
from core.services.calendars import open_calendar
from core.services.channels import ChannelDraft, add_channel
from core.services.context import Context
from core.services.new_items import NewItem, add_items
from core.settings import Settings
from core.vocabulary import ChannelKind

DAY = timedelta(days=1)


def main(rows: int) -> None:
    """Print every figure of a fresh installation on SQLite."""
    with TemporaryDirectory() as folder:
        house = assemble(Settings(data_dir=Path(folder)))
        ctx = house.context()
        channel = add_channel(ctx, ChannelDraft("linkedin", "Our page", ChannelKind.OUTBOX, "UTC"))
        bare = timed(lambda: bare_inserts(ctx, channel.id, rows))
        print(f"bare inserts, a transaction a row: {rows / bare:,.0f} rows/s")
        schedule_all(house, ctx, rows, bare)
        queue_at(house, ctx, 100_000)
        pages(ctx)
        house.close()


def timed(call: Callable[[], object]) -> float:
    """Return how many seconds a call takes."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def drafts(ctx: Context, rows: int) -> tuple[RowDraft, ...]:
    """Give rows that schedule a text, a minute apart."""
    return tuple(
        RowDraft(f"Post {n}", "Text", ("linkedin",), {"linkedin": (ctx.now() + DAY + n * DAY / 1440).isoformat()})
        for n in range(rows)
    )


def bare_inserts(ctx: Context, channel_id: str, rows: int) -> None:
    """Write the same contents, items and audit lines without any job, one transaction a row."""
    with ctx.write() as session:
        calendar = open_calendar(session, ctx, "Bare")
    for number in range(rows):
        with ctx.write() as session:
            new = NewItem(channel_id, ctx.now() + DAY + number * DAY / 1440, f"Post {number}", "Text")
            add_items(session, ctx, calendar, [new])


def schedule_all(house: Slotwise, ctx: Context, rows: int, bare: float) -> None:
    """Do a whole job on one thread, with what it says of its end half way."""
    new = NewJob("Benchmark", Operation.SCHEDULE_CONTENT, drafts(ctx, rows))
    made: list[str] = []
    seconds = timed(lambda: made.append(create_job(ctx, new).id))
    print(f"create a job of {rows:,} rows, all checked: {seconds:.2f} s")
    worker, began, half = open_bulk_worker(house, "one"), time.perf_counter(), None
    for number in range(rows):
        do_next(worker)
        if number == rows // 2:
            half = (time.perf_counter(), find_job(ctx, made[0]).progress.eta, house.now())
    ended = time.perf_counter()
    print(
        f"schedule_content: {rows / (ended - began):,.0f} rows/s, {(ended - began) / bare:.2f} times the bare inserts"
    )
    if half and isinstance(half[1], Eta):
        told, took = (half[1].at - half[2]).total_seconds(), ended - half[0]
        print(f"ETA half way: {told:.1f} s said, {took:.1f} s taken, error {told / took - 1:+.1%}")


def queue_at(house: Slotwise, ctx: Context, rows: int) -> None:
    """Claim and finish rows of a job of many."""
    create_job(
        ctx, NewJob("Large", Operation.SCHEDULE_CONTENT, drafts(ctx, rows), schedule=Schedule(max_concurrent=50))
    )
    worker = open_bulk_worker(house, "two")
    claims, claiming = 200, 0.0
    for _ in range(claims):
        began = time.perf_counter()
        claim = claim_next(worker)
        claiming += time.perf_counter() - began
        if claim is not None:
            do_row(worker, claim)
    print(f"claim a row of {rows:,}: {claiming / claims * 1000:.2f} ms")


def pages(ctx: Context) -> None:
    """Read the first page of 1,000 jobs, as the progress page does at each refresh."""
    for number in range(1_000):
        create_job(ctx, NewJob(f"Job {number}", Operation.SCHEDULE_CONTENT, drafts(ctx, 1)))
    times = sorted(timed(lambda: page_jobs(ctx, JobFilter(), 50)) for _ in range(20))
    print(f"page of 50 among 1,000 jobs: {times[10] * 1000:.1f} ms (median), {times[-1] * 1000:.1f} ms (worst)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
