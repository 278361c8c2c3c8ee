"""Times one refresh of the progress page against the bare queries it must do: many jobs, and one job of many rows.

Run `uv run python benchmarks/progress.py` (under a minute); medians on SQLite. A refresh is what the live parts of the
page read each second while jobs run.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from sqlalchemy import event, insert, text

from core.bootstrap import Slotwise, assemble
from core.bulk.words import BulkState, Operation, RowState
from core.services.bulk_board import JobSort, board_job, job_board, summarize_jobs
from core.services.bulk_jobs import page_rows
from core.services.bulk_views import JobFilter
from core.services.context import Context
from core.services.heartbeat import engine_status
from core.settings import Settings
from core.storage.tables import BulkJob, BulkRow

RUNS, PER_PAGE, ROWS_SHOWN = 100, 12, 20
BIG = "job_big"
BARE_BOARD = (
    "SELECT state, count(*), sum(done), sum(failed) FROM bulk_jobs WHERE workspace_id = :workspace GROUP BY state",
    "SELECT * FROM bulk_jobs WHERE workspace_id = :workspace ORDER BY created_at DESC LIMIT 12",
)
BARE_ROWS = (
    "SELECT * FROM bulk_jobs WHERE id = :job",
    "SELECT * FROM bulk_rows WHERE job_id = :job ORDER BY number LIMIT 20",
)
STATES = (
    *[BulkState.RUNNING] * 4,
    *[BulkState.QUEUED] * 20,
    *[BulkState.PAUSED] * 6,
    *[BulkState.FAILED] * 70,
    *[BulkState.COMPLETED] * 900,
)
"""Of each 1,000 jobs."""


def fill(ctx: Context, jobs: int, rows: int) -> None:
    """Store so many jobs, and one that runs and has so many rows."""
    with ctx.write() as session:
        session.add_all(BulkJob(**a_job(ctx, number, f"job_{number}")) for number in range(jobs))
        session.add(BulkJob(**a_job(ctx, 0, BIG) | {"total": rows}))
        session.flush()
        session.execute(insert(BulkRow), [a_row(number, rows) for number in range(1, rows + 1)])


def a_job(ctx: Context, number: int, key: str) -> dict[str, Any]:
    """Give a job of 100 rows as it is kept."""
    state = STATES[number % len(STATES)]
    is_over = state in {BulkState.FAILED, BulkState.COMPLETED}
    at = ctx.now() - timedelta(minutes=number)
    return {
        "id": key, "name": f"Campaign {number}", "operation": Operation.SCHEDULE_CONTENT, "state": state,
        "timezone": "UTC", "total": 100, "done": 97 if is_over else 40, "failed": 3 if is_over else 1,
        "pace": {"rows": 40, "mean": 0.5, "variance": 0.1}, "throttle": {"limit": 4.0}, "created_at": at,
        "queued_at": at, "started_at": at, "finished_at": at if is_over else None, "step": "scheduling rows",
    }  # fmt: skip


def a_row(number: int, rows: int) -> dict[str, object]:
    """Give a row of the large job: half of them done, four in hand."""
    half = rows // 2
    state = RowState.DONE if number <= half else RowState.RUNNING if number <= half + 4 else RowState.PENDING
    payload = {"title": f"Post {number}", "text": "Come and see. " * 10, "platforms": ["linkedin"]}
    return {"job_id": BIG, "number": number, "turn": number, "state": state, "payload": payload}


def refresh_board(ctx: Context, sort: JobSort = JobSort.NEWEST) -> None:
    """Read what a refresh of all jobs reads."""
    summarize_jobs(ctx)
    engine_status(ctx)
    job_board(ctx, JobFilter(), sort, 1, PER_PAGE)


def refresh_job(ctx: Context) -> None:
    """Read what a refresh of one job and a page of its rows reads."""
    summarize_jobs(ctx)
    engine_status(ctx)
    board_job(ctx, BIG)
    page_rows(ctx, BIG, ROWS_SHOWN)


def bare(ctx: Context, statements: tuple[str, ...]) -> Callable[[], None]:
    """Give the same rows read without anything around them."""
    found = [text(each) for each in statements]

    def read() -> None:
        with ctx.db.engine.connect() as connection:
            for statement in found:
                connection.execute(statement, {"workspace": ctx.workspace, "job": BIG}).fetchall()

    return read


def timed(call: Callable[[], object]) -> float:
    """Return the median milliseconds of a call."""
    times = []
    for _ in range(RUNS):
        began = time.perf_counter()
        call()
        times.append((time.perf_counter() - began) * 1000)
    return median(times)


@contextmanager
def counted(house: Slotwise) -> Iterator[list[str]]:
    """Give the statements that are sent meanwhile."""
    sent: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        sent.append(statement)

    event.listen(house.db.engine, "before_cursor_execute", note)
    yield sent
    event.remove(house.db.engine, "before_cursor_execute", note)


def measure(jobs: int, rows: int) -> None:
    """Print the cost of both refreshes at one size, and of the first one by the order of the jobs."""
    with tempfile.TemporaryDirectory() as folder:
        house = assemble(Settings(data_dir=Path(folder)))
        ctx = house.context()
        fill(ctx, jobs, rows)
        kinds = {
            f"board, {jobs:,} jobs": (partial(refresh_board, ctx), BARE_BOARD),
            f"one job, {rows:,} rows": (partial(refresh_job, ctx), BARE_ROWS),
        }
        for name, (refresh, statements) in kinds.items():
            with counted(house) as sent:
                refresh()
            cost, least = timed(refresh), timed(bare(ctx, statements))
            print(f"| {name} | {len(sent)} | {cost:.2f} | {least:.2f} | {cost / least:.1f} |")
        for sort in JobSort:
            print(f"| board, {jobs:,} jobs by {sort} | | {timed(partial(refresh_board, ctx, sort)):.2f} | | |")
        house.close()


if __name__ == "__main__":
    print("| refresh | statements | ms (median) | bare, ms | ratio |\n|---|---|---|---|---|")
    measure(100, 100)
    measure(1_000, 10_000)
    measure(10_000, 100_000)
