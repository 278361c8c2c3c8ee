"""Imports asked for on a page: a file and a row wait for an engine, which carries them out whoever is looking."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from sqlmodel import and_, col, exists, or_, select, update

from core.clock import Clock
from core.errors import SlotwiseError, UnwritableFile
from core.history.columns import refuse_useless
from core.services.context import Context
from core.services.heartbeat import GONE_AFTER
from core.services.history_files import open_history
from core.services.import_targets import check_target
from core.services.imports import CHECKED_SHARE, JOB, ImportRequest, carry_out
from core.services.job_runs import Held, Interrupted, storable, watched
from core.services.new_files import new_file
from core.storage.doors import Database
from core.storage.ids import IdPrefix, new_id
from core.storage.tables import EngineHeartbeat, JobRun
from core.vocabulary import JobState

MOST_TRIES = 3
MISSED_AFTER = timedelta(hours=1)
"""How long an engine that does not have a queued file leaves it to the others, and a file without a row is kept."""
TELL_EVERY = timedelta(seconds=1)
STEPS = 100
"""`JobRun.total` of an import; when all of them are done its rows are checked and are being stored."""

_OPEN = (JobState.QUEUED, JobState.RUNNING)
_GAVE_UP = f"The engine stopped {MOST_TRIES} times in the middle of this import. Look at its log, then import it again."
_MISSED = "No engine has the uploaded file. Import it again."


@dataclass(frozen=True)
class Importer:
    """What one engine imports with; `act` gives the context of a workspace and an actor."""

    worker: str
    db: Database
    clock: Clock
    uploads: Path
    act: Callable[[str, str], Context]
    is_stopping: Callable[[], bool]


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


def import_queued(importer: Importer) -> None:
    """Carry out the oldest import that waits for an engine, and remove the files of those that are done.

    Without any it only reads. One whose engine died is begun again, up to three times: it is stored as a whole or not.
    """
    for run in _find_waiting(importer):
        if reason := _why_hopeless(importer, run):
            _move(importer, run, state=JobState.FAILED, error=reason, finished_at=importer.clock())
        elif _file(importer, run).is_file() and _take(importer, run):
            _import(importer, run)
            break
    _clear(importer)


def _find_waiting(importer: Importer) -> Sequence[JobRun]:
    """Return what this engine may take up: queued runs, and those begun by an engine that is gone."""
    silent = importer.clock() - GONE_AFTER
    is_alive = exists().where(
        col(EngineHeartbeat.worker) == col(JobRun.worker),
        col(EngineHeartbeat.stopped_at).is_(None),
        col(EngineHeartbeat.last_tick) > silent,
    )
    # This engine carries out one import at a time: if it holds one now, it could not write down how that ended.
    is_left = or_(col(JobRun.worker) == importer.worker, and_(col(JobRun.worker).is_not(None), ~is_alive))
    waiting = (
        select(JobRun)
        .where(JobRun.job == JOB, or_(JobRun.state == JobState.QUEUED, and_(JobRun.state == JobState.RUNNING, is_left)))
        .order_by(col(JobRun.started_at), col(JobRun.id))
    )
    with importer.db.system(writable=False) as session:
        return session.scalars(waiting).all()


def _why_hopeless(importer: Importer, run: JobRun) -> str:
    if run.tries >= MOST_TRIES:
        return _GAVE_UP
    is_missed = importer.clock() - run.started_at > MISSED_AFTER and not _file(importer, run).is_file()
    return _MISSED if is_missed else ""


def _file(importer: Importer, run: JobRun) -> Path:
    return importer.uploads / run.id


def _take(importer: Importer, run: JobRun) -> bool:
    return _move(importer, run, state=JobState.RUNNING, worker=importer.worker, tries=run.tries + 1, done=0)


def _move(importer: Importer, run: JobRun, **values: Any) -> bool:
    """Change a run unless another engine was first."""
    as_seen = and_(
        col(JobRun.id) == run.id,
        col(JobRun.state) == run.state,
        col(JobRun.worker) == run.worker,
        col(JobRun.tries) == run.tries,
    )
    move = update(JobRun).where(as_seen).values(**values).returning(col(JobRun.id))
    with importer.db.write(run.workspace_id) as session:
        is_mine = session.scalars(move.execution_options(synchronize_session=False)).first() is not None
    if is_mine:
        run.sqlmodel_update(values)
    return is_mine


def _import(importer: Importer, run: JobRun) -> None:
    """Import; a file that cannot be imported is its owner's news, anything else the engine's as well."""
    order, held = _ORDER.validate_python(run.payload), Held(run.id, importer.worker)
    ctx = importer.act(run.workspace_id, order.actor)
    try:
        with watched(ctx, held):
            file = open_history(_file(importer, run), run.subject)
            teller = _Teller(importer, run.id)
            carry_out(ctx, file, order.request, held, teller.tell, teller.begin_storing)
    except Interrupted:
        _move(importer, run, state=JobState.QUEUED, worker=None, tries=run.tries - 1, done=0)
    except SlotwiseError as error:
        if error.status >= SlotwiseError.status:
            raise


@dataclass
class _Teller:
    """Writes down how far a run is, and ends it when the engine stops.

    Through the system door: progress moves no revision. Only until storing begins: on SQLite the storing transaction
    keeps everybody else from writing.
    """

    importer: Importer
    run_id: str
    done: int = 0
    told_at: datetime = field(default=datetime.min.replace(tzinfo=UTC))

    def tell(self, share: float) -> None:
        self._make_way()
        now = self.importer.clock()
        if self.done < STEPS and now - self.told_at >= TELL_EVERY:
            self.told_at = now
            self._write(min(round(share / CHECKED_SHARE * STEPS), STEPS - 1))

    def begin_storing(self) -> None:
        self._make_way()
        self._write(STEPS)

    def _make_way(self) -> None:
        if self.importer.is_stopping():
            raise Interrupted

    def _write(self, done: int) -> None:
        self.done = done
        mine = update(JobRun).where(col(JobRun.id) == self.run_id, col(JobRun.worker) == self.importer.worker)
        with self.importer.db.system() as session:
            session.execute(mine.values(done=done).execution_options(synchronize_session=False))


def _clear(importer: Importer) -> None:
    """Remove files whose run is over, and those that never got a row because the process died in between."""
    files = {each.name: each for each in importer.uploads.glob("[!.]*")}
    if not files:
        return
    rows = select(JobRun.id, JobRun.state).where(col(JobRun.id).in_(files))
    with importer.db.system(writable=False) as session:
        states: dict[str, JobState] = {row.id: row.state for row in session.execute(rows)}
    for name, file in files.items():
        if states.get(name) not in _OPEN if name in states else _is_old(importer, file):
            file.unlink(missing_ok=True)


def _is_old(importer: Importer, file: Path) -> bool:
    return importer.clock() - datetime.fromtimestamp(file.stat().st_mtime, UTC) > MISSED_AFTER
