"""Measures bulk jobs: rows per second against the inserts they must do, and the queue at 100,000 rows.

Run it with the number of rows: `uv run python benchmarks/bulk.py 10000`.
"""

import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from core.bootstrap import Slotwise, assemble, open_bulk_worker
from core.bulk.pace import Eta
from core.bulk.words import Operation
from core.services.bulk_claims import claim_row, jobs_in_turn
from core.services.bulk_jobs import create_job, find_job
from core.services.bulk_moves import cancel_job, pause_job, resume_job
from core.services.bulk_views import NewJob, RowDraft, Schedule
from core.services.bulk_work import do_next, do_row
from core.services.bulk_worker import POSTS_A_TURN
from core.services.calendars import schedule_item
from core.services.channels import ChannelDraft, add_channel
from core.services.context import Context
from core.services.new_items import NewItem
from core.settings import Settings
from core.vocabulary import ChannelKind

DAY = timedelta(days=1)
BLOCK = 500
"""Rows a job does before the two ways it is compared with have their turn."""
NAIVE = 50
"""Posts scheduled one by one for each block: enough to time them."""


def main(rows: int) -> None:
    """Print every figure of a fresh installation on SQLite."""
    with TemporaryDirectory() as folder:
        house = assemble(Settings(data_dir=Path(folder)))
        ctx = house.context()
        channel = add_channel(ctx, ChannelDraft("linkedin", "Our page", ChannelKind.OUTBOX, "UTC"))
        schedule_all(house, ctx, channel.id, rows)
        queue_at(house, ctx, 100_000)
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


def schedule_all(house: Slotwise, ctx: Context, channel: str, rows: int) -> None:
    """Do a whole job on one thread, block by block; between them the same rows are written in two other ways."""
    new, made = NewJob("Benchmark", Operation.SCHEDULE_CONTENT, drafts(ctx, rows)), list[str]()
    print(f"create a job of {rows:,} rows, all checked: {timed(lambda: made.append(create_job(ctx, new).id)):.2f} s")
    worker, spent, half = open_bulk_worker(house, "one"), list[tuple[float, float, float]](), None
    for number in range(0, rows, BLOCK):
        job = timed(lambda: [do_next(worker) for _ in range(BLOCK // POSTS_A_TURN)]) / BLOCK
        if number == rows // 2:
            half = find_job(ctx, made[0]).progress.eta, house.now(), number
        naive = timed(lambda: one_by_one(ctx, channel, NAIVE)) / NAIVE
        spent.append((job, naive, bare_inserts(house, BLOCK) / BLOCK))
    job, naive, bare = (median(ways) for ways in zip(*spent, strict=True))
    print(f"schedule_content: {1 / job:,.0f} rows/s; a post at a time: {1 / naive:,.0f}/s ({naive / job:.1f} times)")
    print(f"bare inserts of what it leaves, as many rows a commit: {1 / bare:,.0f} rows/s ({job / bare:.1f} times)")
    if half and isinstance(half[0], Eta):
        told, took = (half[0].at - half[1]).total_seconds(), sum(block[0] * BLOCK for block in spent[len(spent) // 2 :])
        print(f"ETA half way: {told:.1f} s said, {took:.1f} s of work, error {told / took - 1:+.1%}")


def one_by_one(ctx: Context, channel: str, posts: int) -> None:
    """Schedule posts as a loop over a sheet does, each by itself."""
    for number in range(posts):
        schedule_item(ctx, NewItem(channel, ctx.now() + DAY + number * DAY / 1440, f"Post {number}", "Text"))


KEPT = {
    "contents": ("id",),
    "content_schedule_items": ("id", "content_id"),
    "audit_entries": ("pk",),
    "events": ("pk",),
}
"""What a row leaves behind, with the keys that a copy has to change."""


def bare_inserts(house: Slotwise, rows: int) -> float:
    """Write the rows once more that the newest `rows` left behind, by the driver alone; return the seconds."""
    with closing(sqlite3.connect(house.settings.sqlite_path, isolation_level=None)) as connection:
        connection.executescript("PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL")
        tables = {table: copies(connection, table, keys, rows) for table, keys in KEPT.items()}
        return timed(lambda: insert(connection, tables, rows))


def copies(
    connection: sqlite3.Connection, table: str, keys: tuple[str, ...], rows: int
) -> tuple[str, list[tuple[Any, ...]]]:
    """Return the statement that inserts into a table, and its newest rows under other keys."""
    found = connection.execute(f"SELECT * FROM {table} ORDER BY rowid DESC LIMIT {rows}")
    names = [column[0] for column in found.description]

    def other(name: str, value: Any) -> Any:
        return (None if name == "pk" else f"{value}x") if name in keys else value

    marks = ", ".join("?" * len(names))
    statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"
    return statement, [tuple(map(other, names, row)) for row in found.fetchall()]


def insert(connection: sqlite3.Connection, tables: dict[str, tuple[str, list[tuple[Any, ...]]]], rows: int) -> None:
    """Insert as many rows in one transaction as a turn does."""
    for start in range(0, rows, POSTS_A_TURN):
        connection.execute("BEGIN IMMEDIATE")
        for statement, values in tables.values():
            connection.executemany(statement, values[start : start + POSTS_A_TURN])
        connection.execute("COMMIT")


def queue_at(house: Slotwise, ctx: Context, rows: int) -> None:
    """Look into the queue, begin rows of a large job in both ways, pause it, resume it and cancel it."""
    schedule = Schedule(max_concurrent=50)
    job = create_job(ctx, NewJob("Large", Operation.SCHEDULE_CONTENT, drafts(ctx, rows), schedule=schedule))
    worker = open_bulk_worker(house, "two")
    claims = [timed(lambda: claim_and_do(house)) for _ in range(50)]
    times = {
        "whose turn it is": median(timed(lambda: jobs_in_turn(worker)) for _ in range(50)),
        f"a turn of {POSTS_A_TURN} rows": median(timed(lambda: do_next(worker)) for _ in range(50)),
        "a row by itself": median(claims),
        "pause": timed(lambda: pause_job(ctx, job.id)),
        "resume": timed(lambda: resume_job(ctx, job.id)),
        "cancel": timed(lambda: cancel_job(ctx, job.id)),
    }
    print(f"of {rows:,} rows: {', '.join(f'{what} {spent * 1000:,.1f} ms' for what, spent in times.items())}")


def claim_and_do(house: Slotwise) -> None:
    """Do one row in the way of rows that take long: claimed, then ended."""
    worker = open_bulk_worker(house, "three")
    claim = claim_row(worker, jobs_in_turn(worker)[0])
    if claim is not None:
        do_row(worker, claim)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
