"""Import of a history file: everything good in it, in one transaction, or nothing."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from hashlib import blake2b
from pathlib import Path

import polars as pl

from core.errors import Invalid, Problem, UnreadableFile, UnwritableFile
from core.history.columns import ColumnMapping, refuse_useless
from core.history.engagement import at_two_days, count_of, kind_counted
from core.history.fields import COUNTS, Field
from core.history.reading import Reading
from core.history.results import HOUR_OF_WEEK, RowError
from core.services.audit import Action, record
from core.services.context import Context
from core.services.history_dry_run import Progress, checked, read_meaning
from core.services.history_files import HistoryFile
from core.services.import_targets import ImportTarget, check_target, resolve_channels
from core.services.job_runs import Held, finish_run, hold_run, start_run, watched
from core.services.timing import refresh_timing
from core.storage.queries.history_load import Stored, store_posts
from core.storage.tables import Channel
from core.storage.tenancy import ScopedSession
from core.vocabulary import JobState, LongJob

JOB = LongJob.IMPORT_HISTORY.value
TITLE_LENGTH = 200
ID_LENGTH = 500
"""Characters of a post id; PostgreSQL indexes no text of more than 2,700 bytes."""
NO_ACCOUNT = ""
CHECKED_SHARE = 0.5
"""What progress says when all rows are checked and storing them begins."""
_DIGEST_BYTES = 12


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

    files: tuple[Path, ...] = ()
    accounts: tuple[str, ...] = ()
    rejected: int = 0
    first_error: RowError | None = None


def import_history(
    ctx: Context, file: HistoryFile, request: ImportRequest, progress: Progress = lambda _: None
) -> ImportReport:
    """Store the posts of a file; a second import of the same file changes nothing, a newer export updates.

    Of a post that stands in the file twice, the last row counts. Raises Invalid (unanswered questions, bad rows without
    `skip_rejected`), NotFound, UnreadableFile, UnwritableFile (no room to check the rows); then nothing is stored but
    the failed run. Writers of this workspace (SQLite: all writers) wait while the checked rows are stored.
    """
    refuse_useless(request.mapping)
    held = Held(start_run(ctx, JOB, file.name))
    with watched(ctx, held):
        return carry_out(ctx, file, request, held, progress)


def carry_out(
    ctx: Context,
    file: HistoryFile,
    request: ImportRequest,
    held: Held,
    progress: Progress,
    begin_storing: Callable[[], None] = lambda: None,
) -> ImportReport:
    """Do what `import_history` says for a run that has begun; its caller writes down that it failed.

    `begin_storing` is called between the last check and the transaction that stores.
    Raises StateConflict, too, where another engine has taken up the run; then nothing is stored.
    """
    with _scratch() as folder:
        check_target(ctx, request.target)
        staging = _stage(ctx, file, request, folder, lambda share: progress(share * CHECKED_SHARE))
        _refuse(file, request, staging)
        begin_storing()
        return _store(ctx, file, request, staging, held, lambda share: progress((1 + share) * CHECKED_SHARE))


# --- Check: before the first row is stored, so that reading holds up no writer ------------------------------------


@contextmanager
def _scratch() -> Iterator[Path]:
    """Yield a folder that is gone afterwards."""
    with ExitStack() as stack:
        with _written():
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="slotwise-import-"))
        yield Path(folder)


@contextmanager
def _written() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UnwritableFile("The folder for temporary files", error.strerror or str(error)) from error


def _stage(ctx: Context, file: HistoryFile, request: ImportRequest, folder: Path, progress: Progress) -> _Staging:
    reading, questions = read_meaning(file, request.mapping, request.reading)
    if questions:
        raise Invalid(tuple(Problem(file.name, question.example, str(question)) for question in questions))
    staging = _Staging()
    with closing(checked(file, request.mapping, reading, ctx.now())) as batches:
        for number, (batch, done) in enumerate(batches):
            path = folder / f"{number}.arrow"
            rows = batch.accepted.with_columns(_short(batch.accepted[Field.POST_ID]), _account())
            with _written():
                rows.write_ipc(path)
            staging = replace(
                staging,
                files=(*staging.files, path),
                accounts=tuple(dict.fromkeys((*staging.accounts, *rows[Field.ACCOUNT].unique(maintain_order=True)))),
                rejected=staging.rejected + batch.rejected,
                first_error=staging.first_error or next(iter(batch.errors), None),
            )
            progress(done)
    return staging


def _account() -> pl.Expr:
    return pl.col(Field.ACCOUNT).fill_null(NO_ACCOUNT)


def _short(ids: pl.Series) -> pl.Series:
    """Return post ids (addresses, where a file has no ids) with a digest in place of those too long for an index."""
    long = (ids.str.len_chars() > ID_LENGTH).arg_true()
    if not len(long):
        return ids
    digests = (blake2b(text.encode(), digest_size=_DIGEST_BYTES).hexdigest() for text in ids.gather(long))
    return ids.scatter(long, [f"long-{digest}" for digest in digests])


def _refuse(file: HistoryFile, request: ImportRequest, staging: _Staging) -> None:
    """Refuse rows with errors, unless they may be skipped, and a file with nothing else."""
    if (error := staging.first_error) and not request.skip_rejected:
        fix = "Correct those the dry run lists, or choose to import the good rows only"
        message = f"{error.reason}. Rows with errors: {staging.rejected:,}. {fix}"
        raise Invalid((Problem(f"line {error.line}, {error.column}", error.value, message),))
    if not staging.accounts:
        raise UnreadableFile(file.name, "it has no row to import", "Choose a file with at least one good post.")


# --- Store: one transaction ---------------------------------------------------------------------------------------


def _store(
    ctx: Context, file: HistoryFile, request: ImportRequest, staging: _Staging, held: Held, progress: Progress
) -> ImportReport:
    stored, now = Stored(), ctx.now()
    with ctx.write() as session:
        run = hold_run(session, held)
        channels = resolve_channels(session, ctx, request.target, staging.accounts)
        keys = {account: channel.id for account, channel in channels.items()}
        for done, rows in _latest_rows(staging, keys):
            stored = stored.plus(store_posts(session, _posts(rows, now)))
            progress(done)
        _learn(session, channels.values(), stored.touched)
        counts = {"created": stored.created, "updated": stored.updated, "unchanged": stored.unchanged}
        report = ImportReport(run.id, tuple(dict.fromkeys(keys.values())), **counts, rejected=staging.rejected)
        record(session, ctx, Action.IMPORTED, "history", run.id, {"file": file.name, **counts})
        finish_run(run, ctx, JobState.COMPLETED, asdict(report))
    return report


def _latest_rows(staging: _Staging, channels: Mapping[str, str]) -> Iterator[tuple[float, pl.DataFrame]]:
    """Yield the share done and each batch with its rows' `channel_id`, without those that a later row replaces."""
    channel = pl.col(Field.ACCOUNT).replace_strict(channels, return_dtype=pl.String).alias("channel_id")
    post = pl.struct(channel, Field.POST_ID)
    # Eight bytes per row of the whole file; everything else is only ever in memory for one batch.
    hashes = [
        pl.read_ipc(path, columns=[Field.ACCOUNT.value, Field.POST_ID.value]).select(post.hash())
        for path in staging.files
    ]
    is_latest, start = pl.concat(hashes).to_series().is_last_distinct(), 0
    for number, (path, seen) in enumerate(zip(staging.files, hashes, strict=True), start=1):
        rows = pl.read_ipc(path).with_columns(channel).filter(is_latest.slice(start, seen.height))
        yield number / len(staging.files), rows
        start += seen.height


def _posts(rows: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """Return rows as they are stored; the fingerprint is of what the file says, so not of a moment it leaves out."""
    posts = rows.select(
        "channel_id",
        Field.POST_ID,
        Field.PUBLISHED_AT,
        HOUR_OF_WEEK,
        Field.CONTENT_FORMAT,
        Field.URL,
        Field.MEASURED_AT,
        *COUNTS,
        title=pl.coalesce(Field.TITLE, Field.TEXT).fill_null("").str.slice(0, TITLE_LENGTH),
    )
    said = pl.struct(pl.exclude("channel_id", Field.POST_ID))
    # Another hash function in a later Polars only means one needless update.
    named = posts.with_columns(fingerprint=said.hash().reinterpret(signed=True))
    measured = named.with_columns(
        pl.col(Field.MEASURED_AT).fill_null(pl.lit(now)), kind=kind_counted().min().over("channel_id")
    )
    counted = measured.with_columns(engagement=count_of(pl.col("kind")))
    return counted.with_columns(early_engagement=pl.when(at_two_days()).then("engagement"))


def _learn(session: ScopedSession, channels: Iterable[Channel], touched: pl.DataFrame) -> None:
    for channel in {channel.id: channel for channel in channels}.values():
        mine = touched.filter(pl.col("channel_id") == channel.id)
        if mine.height:
            refresh_timing(session, channel, mine)
