"""Imports asked for on a page: a file and a row wait for an engine, which carries them out whoever is looking."""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

from pydantic import TypeAdapter
from sqlmodel import col, select

from core.errors import SlotwiseError, UnwritableFile
from core.history.columns import refuse_useless
from core.services.context import Context
from core.services.history_files import open_history
from core.services.import_targets import check_target
from core.services.imports import CHECKED_SHARE, JOB, ImportRequest, carry_out
from core.services.job_runs import OPEN, Held, Interrupted, storable, watched
from core.services.new_files import new_file
from core.services.run_queue import MOST_TRIES, STEPS, RunTaker, Teller, find_waiting, give_back, give_up, take
from core.storage.ids import IdPrefix, new_id
from core.storage.tables import JobRun
from core.vocabulary import JobState

MISSED_AFTER = timedelta(hours=1)
"""How long an engine that does not have a queued file leaves it to the others, and a file without a row is kept."""

_GAVE_UP = f"The engine stopped {MOST_TRIES} times in the middle of this import. Look at its log, then import it again."
_MISSED = "No engine has the uploaded file. Import it again."


@dataclass(frozen=True)
class _Order:
    """What is stored of a request until an engine takes it up."""

    actor: str
    request: ImportRequest


_ORDER = TypeAdapter(_Order)


def queue_import(ctx: Context, upload: bytes | Path, name: str, request: ImportRequest) -> str:
    """Keep a file and have an engine import it; return the id of the run, which says how it goes.

    Raises Invalid, NotFound and UnwritableFile; then nothing is kept. What only reading finds ends up in the run.
    """
    refuse_useless(request.mapping)
    check_target(ctx, request.target)
    run = JobRun(
        id=new_id(IdPrefix.RUN),
        job=JOB,
        state=JobState.QUEUED,
        subject=storable(name),
        total=STEPS,
        payload=_ORDER.dump_python(_Order(ctx.actor, request), mode="json"),
        started_at=ctx.now(),
    )
    file = ctx.uploads / run.id
    _keep(upload, file)
    is_queued = False
    try:
        with ctx.write() as session:
            session.add(run)
        is_queued = True
    finally:
        if not is_queued:
            file.unlink(missing_ok=True)
    return str(run.id)


def _keep(upload: bytes | Path, file: Path) -> None:
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UnwritableFile(str(file.parent), error.strerror or str(error)) from error
    with (
        upload.open("rb") if isinstance(upload, Path) else BytesIO(upload) as source,
        new_file(file) as part,
        part.open("wb") as target,
    ):
        shutil.copyfileobj(source, target)


def import_queued(taker: RunTaker) -> None:
    """Carry out the oldest import that waits for an engine, and remove the files of those that are done.

    Without any it only reads. One whose engine died is begun again, up to three times: it is stored as a whole or not.
    """
    for run in find_waiting(taker, JOB):
        if reason := _why_hopeless(taker, run):
            give_up(taker, run, reason)
        elif _file(taker, run).is_file() and take(taker, run):
            _import(taker, run)
            break
    _clear(taker)


def _why_hopeless(taker: RunTaker, run: JobRun) -> str:
    if run.tries >= MOST_TRIES:
        return _GAVE_UP
    is_missed = taker.clock() - run.started_at > MISSED_AFTER and not _file(taker, run).is_file()
    return _MISSED if is_missed else ""


def _file(taker: RunTaker, run: JobRun) -> Path:
    return taker.uploads / run.id


def _import(taker: RunTaker, run: JobRun) -> None:
    """Import; a file that cannot be imported is its owner's news, anything else the engine's as well."""
    order, held = _ORDER.validate_python(run.payload), Held(run.id, taker.worker)
    ctx = taker.act(run.workspace_id, order.actor)
    try:
        with watched(ctx, held):
            file = open_history(_file(taker, run), run.subject)
            reader = _Progress(Teller(taker, run))
            carry_out(ctx, file, order.request, held, reader.tell, reader.begin_storing)
    except Interrupted:
        give_back(taker, run)
    except SlotwiseError as error:
        if error.status >= SlotwiseError.status:
            raise


@dataclass
class _Progress:
    """Tells how far an import is until storing begins: on SQLite storing keeps everybody else from writing."""

    teller: Teller
    done: int = 0

    def tell(self, share: float) -> None:
        self.teller.make_way()
        if self.done < STEPS and self.teller.is_time():
            self._write(min(round(share / CHECKED_SHARE * STEPS), STEPS - 1))

    def begin_storing(self) -> None:
        self.teller.make_way()
        self._write(STEPS)

    def _write(self, done: int) -> None:
        self.done = done
        self.teller.write(done=done)


def _clear(taker: RunTaker) -> None:
    """Remove files whose run is over, and those that never got a row because the process died in between."""
    files = {each.name: each for each in taker.uploads.glob("[!.]*")}
    if not files:
        return
    rows = select(JobRun.id, JobRun.state).where(col(JobRun.id).in_(files))
    with taker.db.system(writable=False) as session:
        states: dict[str, JobState] = {row.id: row.state for row in session.execute(rows)}
    for name, file in files.items():
        if states.get(name) not in OPEN if name in states else _is_old(taker, file):
            file.unlink(missing_ok=True)


def _is_old(taker: RunTaker, file: Path) -> bool:
    return taker.clock() - datetime.fromtimestamp(file.stat().st_mtime, UTC) > MISSED_AFTER
