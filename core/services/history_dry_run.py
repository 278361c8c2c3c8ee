"""Reads a history file from end to end without storing anything, and says what an import would do."""

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl

from core.errors import UnreadableFile
from core.history.columns import ColumnMapping, explain, refuse_useless
from core.history.duplicates import NONE_SEEN, Duplicate, find_duplicates
from core.history.fields import Field
from core.history.formats import LONGEST_SHORT_SECONDS, is_duration
from core.history.reading import Reading
from core.history.results import MOST_ERRORS, SCHEMA, CheckedBatch, RowError, Tally
from core.history.rows import check
from core.history.survey import NOTHING_SEEN, Question, look, settle
from core.services.history_files import HistoryFile
from core.services.history_source import RawBatch

SAMPLE_ROWS = 20
Progress = Callable[[float], None]
"""Told the share of the file that has been read, from 0 to 1."""


@dataclass(frozen=True)
class DryRun:
    """What an import of a file would do. `rows_read == accepted + rejected + duplicates`.

    `errors` and `duplicate_posts` hold the first 1,000; `error_count` counts all cells at fault, `rejected` their rows,
    `duplicates` the rows that a later row of the same post replaces. `first` and `last` are publishing moments (UTC).
    With `questions`, nothing was checked yet: answer them in the Reading and run again.
    """

    mapping: ColumnMapping
    reading: Reading
    questions: tuple[Question, ...]
    rows_read: int
    accepted: int
    rejected: int
    errors: tuple[RowError, ...]
    error_count: int
    duplicates: int
    duplicate_posts: tuple[Duplicate, ...]
    notes: tuple[str, ...]
    first: datetime | None
    last: datetime | None
    sample: pl.DataFrame


def dry_run(
    file: HistoryFile,
    mapping: ColumnMapping,
    said: Reading,
    now: datetime,
    progress: Progress = lambda _: None,
) -> DryRun:
    """Check every row of a file in bounded memory.

    Raises Invalid where the mapping has no time or no number, UnreadableFile where the file cannot be read to its end
    or has no rows.
    """
    refuse_useless(mapping)
    reading, questions = read_meaning(file, mapping, said)
    run = DryRun(mapping, reading, questions, 0, 0, 0, (), 0, 0, (), file.notes, None, None, SCHEMA.to_frame())
    if questions:
        return run
    seen, tally = NONE_SEEN, Tally()
    with closing(checked(file, mapping, reading, now)) as batches:
        for batch, done in batches:
            seen, duplicates = find_duplicates(seen, batch.accepted)
            run, tally = _with(run, batch, duplicates), tally.plus(batch.tally)
            progress(done)
    if not run.rows_read:
        raise UnreadableFile(file.name, "it has a header but no rows", "Choose a file with at least one post.")
    return replace(run, notes=(*file.notes, *explain(mapping), *_remarks(run, tally)))


def read_meaning(file: HistoryFile, mapping: ColumnMapping, said: Reading) -> tuple[Reading, tuple[Question, ...]]:
    """Look at rows until they show how dates, numbers and weekdays are meant; return that, or what to ask."""
    survey = NOTHING_SEEN
    with closing(file.batches()) as batches:
        for batch in batches:
            survey = look(survey, batch.rows, mapping)
            if survey.is_settled:
                break
    return settle(survey, mapping, said)


def checked(
    file: HistoryFile, mapping: ColumnMapping, reading: Reading, now: datetime
) -> Generator[tuple[CheckedBatch, float], None, None]:
    """Yield the rows of a file checked, batch by batch in its order, and the share of the file read so far."""
    with closing(file.batches()) as batches:
        for raw in batches:
            yield _with_shapes(check(raw.rows, mapping, reading, now), raw), raw.done


def _with_shapes(batch: CheckedBatch, raw: RawBatch) -> CheckedBatch:
    """Add the rows that had no shape to those that were refused."""
    if not raw.errors:
        return batch
    errors = sorted((*batch.errors, *raw.errors), key=lambda error: error.line)
    return replace(
        batch,
        errors=tuple(errors[:MOST_ERRORS]),
        error_count=batch.error_count + len(raw.errors),
        rejected=batch.rejected + len(raw.errors),
    )


def _with(run: DryRun, batch: CheckedBatch, duplicates: tuple[Duplicate, ...]) -> DryRun:
    """Add a checked batch to what is known so far."""
    moments = batch.accepted[Field.PUBLISHED_AT]
    ends = [moment for moment in (run.first, run.last, moments.min(), moments.max()) if isinstance(moment, datetime)]
    return replace(
        run,
        rows_read=run.rows_read + batch.accepted.height + batch.rejected,
        accepted=run.accepted + batch.accepted.height - len(duplicates),
        rejected=run.rejected + batch.rejected,
        errors=(run.errors + batch.errors)[:MOST_ERRORS],
        error_count=run.error_count + batch.error_count,
        duplicates=run.duplicates + len(duplicates),
        duplicate_posts=(run.duplicate_posts + duplicates)[:MOST_ERRORS],
        first=min(ends, default=None),
        last=max(ends, default=None),
        sample=pl.concat([run.sample, batch.accepted.head(SAMPLE_ROWS - run.sample.height)]),
    )


def _remarks(run: DryRun, tally: Tally) -> Iterator[str]:
    """Say how rows were read where that is more than their letters say."""
    zone, format_header = run.reading.zone, run.mapping.column(Field.CONTENT_FORMAT)
    if tally.unzoned:
        where = f"the zone of {run.mapping.column(Field.ZONE)!r}" if Field.ZONE in run.mapping.columns else zone
        yield f"Stamps without a time zone were read as wall clocks in {where} (found: {tally.unzoned:,})."
    if tally.repeated:
        yield f"Stamps that happen twice (clocks set back) were read as the first one (found: {tally.repeated:,})."
    if tally.measured_early:
        header = run.mapping.column(Field.MEASURED_AT)
        yield (
            f"In {tally.measured_early:,} rows {header!r} lies before the post itself, so its zone is not {zone}; "
            "in these rows it is left out."
        )
    if run.mapping.is_dated and run.accepted and tally.midnight == run.rows_read:
        yield "Every stamp is at 00:00: the file knows dates, not times of day, and would teach that midnight is best."
    if format_header and is_duration(format_header):
        yield f"Formats come from {format_header!r}: up to {LONGEST_SHORT_SECONDS} s is short video, above it long."
    if tally.unknown_formats:
        yield f"Unknown kinds of post, left without a format: {', '.join(sorted(tally.unknown_formats)[:SAMPLE_ROWS])}."
