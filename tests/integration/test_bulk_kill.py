"""Kill -9 on the way of a bulk job: each row is done once, progress never goes backwards, its end is foretold."""

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median
from threading import Event as Flag

import pytest
from bulk_stage import row_states, told
from sqlmodel import select

from core.bootstrap import Slotwise, assemble
from core.bulk.pace import Eta
from core.bulk.words import BulkState, Operation, RowState
from core.services.bulk_jobs import create_job, find_job, page_rows
from core.services.bulk_views import JobView, NewJob, RowDraft
from core.services.bulk_worker import GAVE_UP, MOST_TRIES, POSTS_A_TURN
from core.services.context import Context
from core.storage.tables import Content, ContentScheduleItem
from core.vocabulary import EventType

HERE = Path(__file__).resolve()
KILLED = -signal.SIGKILL
POINTS_A_TURN = 4


@dataclass(frozen=True)
class Poll:
    """What somebody who looked at a job saw."""

    at: datetime
    done: int
    eta: Eta | None


def draws(turns: int, kills: int, seed: int) -> list[int]:
    """Draw when each engine dies, so that all of them together have not done all rows by then."""
    rng = Random(seed)
    return [rng.randint(1, turns * POINTS_A_TURN // kills) for _ in range(kills)]


def watched(house: Slotwise, job_id: str, dies_at: Sequence[int], posts: int, *fatal: str) -> list[Poll]:
    """Let engines live and die on this installation while somebody polls the job; all but the last one are killed."""
    settings = house.settings
    command = [sys.executable, str(HERE.parent / "bulk_victim.py"), str(settings.data_dir), settings.database_url]
    ctx, seen, pause = house.context(), [], Flag()
    with subprocess.Popen(  # noqa: S603 - ours
        [*command, str(posts), *fatal], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as engines:
        assert engines.stdin
        engines.stdin.write("".join(f"{each}\n" for each in [*dies_at, 0]))
        engines.stdin.close()
        while engines.poll() is None:
            progress = find_job(ctx, job_id).progress
            seen.append(Poll(house.now(), progress.done, progress.eta if isinstance(progress.eta, Eta) else None))
            pause.wait(0.2)
        assert engines.stdout
        assert engines.stderr
        assert not (failure := engines.stderr.read()), failure
        assert [int(line) for line in engines.stdout] == [*[KILLED] * len(dies_at), 0]
    return seen


def rows_of(house: Slotwise, rows: int) -> tuple[RowDraft, ...]:
    """Give rows that schedule a text each, a minute apart from tomorrow on."""
    start = house.now() + timedelta(days=1)
    return tuple(
        RowDraft(f"Post {n}", "Text", ("linkedin",), {"linkedin": (start + timedelta(minutes=n)).isoformat()})
        for n in range(rows)
    )


def killed_and_finished(house: Slotwise, rows: int, kills: int, posts: int, seed: int) -> tuple[JobView, list[Poll]]:
    ctx = house.context()
    job_id = create_job(ctx, NewJob("Campaign", Operation.SCHEDULE_CONTENT, rows_of(house, rows))).id
    seen = watched(house, job_id, draws(rows // posts, kills, seed), posts)
    job = find_job(ctx, job_id)
    assert (job.state, job.progress.done, job.progress.failed) == (BulkState.COMPLETED, rows, 0)
    each_row_made_one_item(ctx, job_id, rows)
    done, shares = [poll.done for poll in seen], [share for _, share in told(ctx, job_id)]
    assert done == sorted(done)
    assert (shares, shares[-1]) == (sorted(shares), 100)
    assert [kind for kind, _ in told(ctx, job_id)].count(EventType.JOB_COMPLETED) == 1
    return job, seen


def each_row_made_one_item(ctx: Context, job_id: str, rows: int) -> None:
    assert row_states(ctx, job_id) == {RowState.DONE: rows}
    made = Counter(item for row in page_rows(ctx, job_id, rows)[0] for item in row.result["item_ids"])
    with ctx.read() as session:
        items = session.execute(
            select(ContentScheduleItem.id, Content.title).join(Content, Content.id == ContentScheduleItem.content_id)  # type: ignore[arg-type]
        ).all()
        contents = len(session.scalars(select(Content.id)).all())
    assert (set(made), set(made.values()), contents) == ({item.id for item in items}, {1}, rows)
    assert Counter(item.title for item in items) == Counter(f"Post {n}" for n in range(rows))


def foretold(job: JobView, seen: Sequence[Poll]) -> tuple[float, float]:
    """Give how often the interval held the end, and the median error of the rest of the time."""
    assert job.finished_at is not None
    end, polls = job.finished_at, [(poll.at, poll.eta) for poll in seen if poll.eta is not None]
    held = [eta.earliest <= end <= eta.latest for _, eta in polls]
    off = [abs((eta.at - end) / (end - at)) for at, eta in polls if at < end]
    return sum(held) / len(held), median(off)


@pytest.mark.slow
def test_60_rows_survive_20_kills(house: Slotwise) -> None:
    living = assemble(house.settings)
    killed_and_finished(living, 60, 20, posts=1, seed=1)
    living.close()


def test_a_row_that_three_engines_died_of_fails_and_its_job_goes_on(house: Slotwise) -> None:
    living = assemble(house.settings)
    ctx = living.context()
    job_id = create_job(ctx, NewJob("Campaign", Operation.SCHEDULE_CONTENT, rows_of(living, 40))).id
    watched(living, job_id, [0] * MOST_TRIES, POSTS_A_TURN, "Post 7")  # the fourth engine lives
    job = find_job(ctx, job_id)
    assert (job.state, job.progress.done, job.progress.failed) == (BulkState.COMPLETED, 39, 1)
    (row,) = page_rows(ctx, job_id, 9, states=(RowState.FAILED,))[0]
    assert (row.draft.title, row.error, row.tries) == ("Post 7", GAVE_UP, MOST_TRIES)
    living.close()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_thousands_of_rows_survive_kills_and_their_end_is_foretold(house: Slotwise) -> None:
    living = assemble(house.settings)
    is_large = living.settings.database_url.startswith("sqlite")
    rows, kills = (10_000, 20) if is_large else (1_000, 5)
    job, seen = killed_and_finished(living, rows, kills, POSTS_A_TURN, seed=2)
    held, off = foretold(job, seen)
    took = (job.finished_at or job.created_at) - (job.started_at or job.created_at)
    print(  # noqa: T201 - figures for whoever looks
        f"{rows} rows, {kills} kills: {took}; the interval held the end {held:.0%} of the time, median error {off:.0%}"
    )
    # A 95 % interval, on machines where processes die and others work: less is asked of one run. Seconds of work with
    # as many deaths foretell nothing.
    assert not is_large or (held >= 0.6 and off <= 0.5)
    living.close()
