"""Kill -9 twenty times on the way of a bulk job: every row is done exactly once, and progress never goes backwards."""

import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from bulk_stage import content_row, row_states, told
from sqlmodel import select

from core.bootstrap import Slotwise
from core.bulk.words import BulkState, Operation, RowState
from core.services.bulk_jobs import create_job, find_job, page_rows
from core.services.bulk_views import NewJob, Schedule
from core.services.bulk_worker import RowPoint
from core.services.context import Context
from core.storage.tables import Content, ContentScheduleItem
from core.vocabulary import EventType

HERE = Path(__file__).resolve()
KILLS = 20
KILLED = -signal.SIGKILL


def points(rows: int, seed: int) -> list[int]:
    """Draw when each engine dies, so that all of them together have not done all rows by then."""
    most = rows * len(RowPoint) // KILLS
    rng = Random(seed)
    return [rng.randint(1, most) for _ in range(KILLS)]


def run(house: Slotwise, dies_at: list[int]) -> list[int]:
    """Let engines live and die on this installation, and give how each ended."""
    command = [sys.executable, str(HERE.parent / "bulk_victim.py"), str(house.settings.data_dir)]
    orders = "".join(f"{each}\n" for each in [*dies_at, 0])
    url = house.settings.database_url
    done = subprocess.run([*command, url], input=orders, capture_output=True, text=True, check=True)  # noqa: S603 - ours
    assert not done.stderr, done.stderr
    return [int(line) for line in done.stdout.split()]


def killed_and_finished(house: Slotwise, ctx: Context, rows: int, seed: int) -> None:
    drafts = tuple(content_row(number % 5000) for number in range(rows))
    job_id = create_job(ctx, NewJob("Campaign", Operation.SCHEDULE_CONTENT, drafts, schedule=Schedule())).id
    endings = run(house, points(rows, seed))
    assert endings == [*[KILLED] * KILLS, 0]
    job = find_job(ctx, job_id)
    assert (job.state, job.progress.done, job.progress.failed) == (BulkState.COMPLETED, rows, 0)
    assert row_states(ctx, job_id) == {RowState.DONE: rows}
    made = Counter(item for row in page_rows(ctx, job_id, rows)[0] for item in row.result["item_ids"])
    with ctx.read() as session:
        items, contents = (session.scalars(select(table.id)).all() for table in (ContentScheduleItem, Content))
    assert (set(made), set(made.values()), len(contents)) == (set(items), {1}, rows)
    shares = [share for _, share in told(ctx, job_id)]
    assert (shares, shares[-1]) == (sorted(shares), 100)
    assert [kind for kind, _ in told(ctx, job_id)].count(EventType.JOB_COMPLETED) == 1


def test_300_rows_survive_20_kills(house: Slotwise, ctx: Context) -> None:
    killed_and_finished(house, ctx, 300, seed=1)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_10000_rows_survive_20_kills(house: Slotwise, ctx: Context) -> None:
    killed_and_finished(house, ctx, 10_000, seed=2)
