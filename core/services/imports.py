"""Import of a history file: everything good in it, in one transaction, or nothing."""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from core.errors import Invalid, Problem
from core.history.columns import ColumnMapping, refuse_useless
from core.history.engagement import engagement
from core.history.fields import COUNTS, Field
from core.history.reading import Reading
from core.history.results import HOUR_OF_WEEK
from core.services.audit import Action, record
from core.services.context import Context
from core.services.history_dry_run import Progress, checked, read_meaning
from core.services.history_files import HistoryFile
from core.services.import_targets import ImportTarget, resolve_channels
from core.services.job_runs import finish_run, start_run, watched
from core.services.timing import refresh_timing
from core.storage.queries.history_load import STAGED, Stored, store_posts
from core.storage.tables import Channel, JobRun
from core.storage.tenancy import ScopedSession
from core.vocabulary import JobState

JOB = "import_history"
TITLE_LENGTH = 200
NO_ACCOUNT = ""


@dataclass(frozen=True)
class ImportRequest:
    """What to import and as what; `skip_rejected`: import the good rows although there are bad ones."""

    mapping: ColumnMapping
    reading: Reading
    target: ImportTarget
    skip_rejected: bool = False


@dataclass(frozen=True)
class ImportReport:
    """What an import did: posts created, updated and unchanged, rows left out, and the channels it filled."""

    run_id: str
    channel_ids: tuple[str, ...]
    created: int
    updated: int
    unchanged: int
    rejected: int


@dataclass(frozen=True)
class _Staging:
    """Checked rows on disk: one file per batch, and what was seen on the way."""

    files: tuple[Path, ...]
    accounts: tuple[str, ...]
    rejected: int
    first_error: str


def import_history(
    ctx: Context, file: HistoryFile, request: ImportRequest, progress: Progress = lambda _: None
) -> ImportReport:
    """Store the posts of a file; a second import of the same file changes nothing, a newer export updates.

    Raises Invalid (unanswered questions, bad rows without `skip_rejected`), NotFound, UnreadableFile; then nothing is
    stored but the failed run. Memory is bounded by a batch; writers wait while the checked rows are stored.
    """
    refuse_useless(request.mapping)
    run_id = start_run(ctx, JOB, file.name)
    with watched(ctx, run_id), tempfile.TemporaryDirectory(prefix="slotwise-import-") as folder:
        staging = _stage(ctx, file, request, Path(folder), lambda share: progress(share / 2))
        _refuse_rejected(request, staging)
        return _store(ctx, file, request, staging, run_id, lambda share: progress((1 + share) / 2))


def _stage(ctx: Context, file: HistoryFile, request: ImportRequest, folder: Path, progress: Progress) -> _Staging:
    """Check every row before the first is stored, so that reading holds up no writer."""
    reading, questions = read_meaning(file, request.mapping, request.reading)
    if questions:
        raise Invalid(tuple(Problem(file.name, question.example, str(question)) for question in questions))
    files: list[Path] = []
    accounts: dict[str, None] = {}
    staging = _Staging((), (), 0, "")
    with closing(checked(file, request.mapping, reading, ctx.now())) as batches:
        for batch, done in batches:
            files.append(folder / f"{len(files)}.arrow")
            batch.accepted.write_ipc(files[-1])
            accounts.update(
                dict.fromkeys(batch.accepted[Field.ACCOUNT].fill_null(NO_ACCOUNT).unique(maintain_order=True))
            )
            error = staging.first_error or next(map(str, batch.errors), "")
            staging = replace(staging, rejected=staging.rejected + batch.rejected, first_error=error)
            progress(done)
    return replace(staging, files=tuple(files), accounts=tuple(accounts))


def _refuse_rejected(request: ImportRequest, staging: _Staging) -> None:
    if staging.rejected and not request.skip_rejected:
        fix = "correct the rows the dry run lists, or choose to import the good rows only"
        raise Invalid((Problem(f"{staging.rejected:,} rows", staging.first_error, fix),))


def _store(
    ctx: Context, file: HistoryFile, request: ImportRequest, staging: _Staging, run_id: str, progress: Progress
) -> ImportReport:
    stored = Stored()
    with ctx.write() as session:
        channels = resolve_channels(session, ctx, request.target, staging.accounts)
        keys = {account: channel.id for account, channel in channels.items()}
        for done, posts in _posts(ctx, request, staging, keys):
            stored = stored.plus(store_posts(session, posts))
            progress(done)
        _learn(session, ctx, channels.values())
        report = ImportReport(run_id, tuple(dict.fromkeys(keys.values())), *_counts(stored), staging.rejected)
        record(session, ctx, Action.IMPORTED, "history", run_id, {"file": file.name, **vars(stored)})
        run = session.get_one(JobRun, run_id)
        finish_run(run, ctx, JobState.COMPLETED, vars(report))
    return report


def _counts(stored: Stored) -> tuple[int, int, int]:
    return stored.created, stored.updated, stored.unchanged


def _posts(
    ctx: Context, request: ImportRequest, staging: _Staging, channels: dict[str, str]
) -> Iterator[tuple[float, pl.DataFrame]]:
    """Yield the share done and each batch as rows to store; of a post that stands twice the last counts."""
    for number, path in enumerate(staging.files, start=1):
        rows = pl.read_ipc(path)
        posts = rows.select(
            channel_id=pl.col(Field.ACCOUNT).fill_null(NO_ACCOUNT).replace_strict(channels),
            post_id=Field.POST_ID,
            published_at=Field.PUBLISHED_AT,
            hour_of_week=HOUR_OF_WEEK,
            content_format=Field.CONTENT_FORMAT,
            title=pl.coalesce(Field.TITLE, Field.TEXT).fill_null("").str.slice(0, TITLE_LENGTH),
            url=Field.URL,
            engagement=engagement(request.mapping),
            measured_at=pl.col(Field.MEASURED_AT).fill_null(pl.lit(ctx.now())),
            fingerprint=_fingerprint(),
            **{count: pl.col(count) for count in COUNTS},
        )
        yield number / len(staging.files), posts.select(list(STAGED)).unique(["channel_id", "post_id"], keep="last")


def _fingerprint() -> pl.Expr:
    """Return a hash of what a row says; another hash function in a later Polars only means one needless update."""
    return pl.struct(*COUNTS, *_SAID).hash().reinterpret(signed=True)


_SAID = (
    Field.PUBLISHED_AT,
    HOUR_OF_WEEK,
    Field.CONTENT_FORMAT,
    Field.TITLE,
    Field.TEXT,
    Field.URL,
    Field.MEASURED_AT,
)


def _learn(session: ScopedSession, ctx: Context, channels: Iterable[Channel]) -> None:
    for channel in {channel.id: channel for channel in channels}.values():
        refresh_timing(session, ctx, channel)
