"""Reads the posts of a history file, account by account, without storing anything."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from core.errors import Invalid, Problem, UnreadableFile
from core.history.columns import ColumnMapping, recognize, refuse_useless
from core.history.engagement import at_two_days, count_of, kind_counted
from core.history.fields import COUNTS, WEEK_PARTS, Field
from core.history.known_headers import SHARED_LINKS, key
from core.history.reading import Reading, is_zone
from core.history.results import HOUR_OF_WEEK, LINE, RowError
from core.history.rows import check
from core.history.stamps import NO_ZONE
from core.services.history_dry_run import read_meaning
from core.services.history_files import HistoryFile, open_history

JUDGED = (
    *(Field.PUBLISHED_AT, Field.TIME_OF_DAY, Field.ACCOUNT, Field.POST_ID, Field.URL),
    *COUNTS,
)
"""What a comparison of methods uses unasked: posts with a date and numbers taken as final, of all formats alike."""
LEARNED = (*JUDGED, Field.CONTENT_FORMAT, Field.MEASURED_AT, *WEEK_PARTS)
"""What advice learns from: what an import would read, so that young posts do not count as low."""

ONLY_ACCOUNT = "all posts"
"""What a file's account is called where no column names one."""
_SHOWN = 3
_ZONE, _ROW = "zone", "\0row"
"""Columns of the audience's zone and of a hash of all a row's cells."""


@dataclass(frozen=True)
class FileColumns:
    """Which column holds what; empty: the one with a header Slotwise knows, if there is one."""

    time: str = ""
    outcome: str = ""
    account: str = ""
    zone: str = ""
    content_format: str = ""


@dataclass(frozen=True)
class FileRequest:
    """How to read a file: its columns, the meaning of its values, and what is wanted of it.

    `reading.zone` is the zone of stamps that name none. `timezone` is the audience's (IANA); empty: what the zone
    column says, UTC where it says nothing. `fields`: JUDGED or LEARNED.
    """

    columns: FileColumns
    reading: Reading
    timezone: str = ""
    sheet: str | None = None
    fields: tuple[Field, ...] = JUDGED


@dataclass(frozen=True, eq=False)
class FileAccount:
    """The posts of one account and the zone (IANA) of its audience.

    Columns: post_id, published_at (UTC; null where the file has no dates), hour_of_week (null where it has),
    content_format, engagement, early_engagement (null where the file was not measured after two days), measured_at
    (UTC).
    """

    name: str
    zone: str
    posts: pl.DataFrame


@dataclass(frozen=True, eq=False)
class PostFile:
    """What a file says: its accounts by name, and in sentences what was left out or read in a way to know of."""

    accounts: tuple[FileAccount, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Batch:
    """Rows that can be trusted, and what is wrong with how many others."""

    posts: pl.DataFrame
    errors: tuple[RowError, ...]
    left_out: int


def read_posts_file(path: Path, request: FileRequest, now: datetime) -> PostFile:
    """Return the posts of a file; rows that cannot be trusted are left out and counted in the notes.

    Of a post that stands in the file twice the last row counts; where rows have no id, only equal rows are the same
    post. Raises UnreadableFile, and Invalid for a column the file has not, for dates with two readings, and for a file
    without times or without numbers.
    """
    file = open_history(path, path.name, request.sheet)
    zone_header = _zone_header(recognize(file.headers), request)
    mapping = _mapping(recognize(file.headers), request)
    reading, questions = read_meaning(file, mapping, request.reading)
    if questions:
        ask = "{} Say it with --{}"
        raise Invalid(
            tuple(Problem(path.name, q.example, ask.format(q, q.doubt.value.replace("_", "-"))) for q in questions)
        )
    batches = list(_batches(file, mapping, zone_header, reading, now))
    if not batches:
        raise UnreadableFile(file.name, "it has a header but no rows", "Choose a file with at least one post.")
    rows = pl.concat([batch.posts for batch in batches])
    posts = rows.unique([Field.ACCOUNT, Field.POST_ID], keep="last", maintain_order=True)
    notes = (*_read_as(mapping, zone_header), *_left_out(batches), *_repeated(rows.height - posts.height))
    return PostFile(tuple(_accounts(posts, request.timezone)), (*file.notes, *notes))


# --- Columns ------------------------------------------------------------------------------------------------------


def _mapping(known: ColumnMapping, request: FileRequest) -> ColumnMapping:
    """Return the fields that are wanted, from the columns the user named or else from those that are recognized."""
    named = request.columns
    fields = {field for field in request.fields if field not in COUNTS or not named.outcome}
    if named.time and known.column(Field.PUBLISHED_AT) != named.time:
        fields.discard(Field.TIME_OF_DAY)
    mapping = ColumnMapping(known.headers, {field: each for field, each in known.columns.items() if field in fields})
    for field, header in (
        (Field.PUBLISHED_AT, named.time),
        (Field.INTERACTIONS, named.outcome),
        (Field.ACCOUNT, named.account),
        (Field.CONTENT_FORMAT, named.content_format),
    ):
        mapping = mapping.assign(field, header) if header else mapping
    if Field.INTERACTIONS in mapping.columns:
        # The total is all that counts then: a bad cell of one of its parts must not cost the row.
        for part in set(COUNTS) - {Field.INTERACTIONS}:
            mapping = mapping.assign(part)
    if not mapping.is_dated and Field.WEEKDAY not in request.fields:
        fix = "choose the column with the date and time of publishing"
        raise Invalid((Problem("--time-column", ", ".join(known.headers), fix),))
    refuse_useless(mapping)
    return mapping


def _zone_header(known: ColumnMapping, request: FileRequest) -> str | None:
    """Return the column of the audience's zone; a zone said for the whole file overrules a column nobody named."""
    if request.columns.zone:
        return known.assign(Field.ZONE, request.columns.zone).column(Field.ZONE)
    return None if request.timezone else known.column(Field.ZONE)


# --- Rows ---------------------------------------------------------------------------------------------------------


def _batches(
    file: HistoryFile, mapping: ColumnMapping, zone_header: str | None, reading: Reading, now: datetime
) -> Iterator[_Batch]:
    """Yield the rows as posts; the audience's zone stands beside the stamps and does not move them."""
    with closing(file.batches()) as batches:
        for raw in batches:
            checked = check(raw.rows, mapping, reading, now)
            zones = pl.col(zone_header).str.strip_chars().replace("", None) if zone_header else pl.lit(None, pl.String)
            beside = raw.rows.select(LINE, zones.alias(_ZONE), pl.struct(pl.exclude(LINE)).hash().alias(_ROW))
            rows = checked.accepted.drop(_ZONE).join(beside, on=LINE, how="left", maintain_order="left")
            good, strangers = _with_known_zones(rows, zone_header)
            errors = (*raw.errors, *checked.errors, *strangers)
            yield _Batch(_posts(good, mapping, now), errors, raw.rows.height + len(raw.errors) - good.height)


def _with_known_zones(rows: pl.DataFrame, header: str | None) -> tuple[pl.DataFrame, tuple[RowError, ...]]:
    unknown = [name for name in rows[_ZONE].unique().drop_nulls() if not is_zone(name)]
    bad = rows.filter(pl.col(_ZONE).is_in(unknown)).select(LINE, _ZONE).rows()
    errors = tuple(RowError(line, str(header), name, NO_ZONE.format(zone=name)) for line, name in bad)
    return rows.filter(~pl.col(_ZONE).is_in(unknown).fill_null(value=False)), errors


def _posts(rows: pl.DataFrame, mapping: ColumnMapping, now: datetime) -> pl.DataFrame:
    """Return rows as posts; without ids a post is its row with all its cells, so that two of one second stay two."""
    has_ids = Field.POST_ID in mapping.columns or key(mapping.column(Field.URL) or "") not in {"", *SHARED_LINKS}
    return rows.select(
        pl.col(Field.ACCOUNT).fill_null(ONLY_ACCOUNT),
        (pl.col(Field.POST_ID) if has_ids else pl.col(_ROW).cast(pl.String)).alias(Field.POST_ID),
        Field.PUBLISHED_AT,
        pl.col(HOUR_OF_WEEK).cast(pl.Int64),
        Field.CONTENT_FORMAT,
        *COUNTS,
        pl.col(Field.MEASURED_AT).fill_null(pl.lit(now)),
        _ZONE,
    )


def _accounts(posts: pl.DataFrame, timezone: str) -> Iterator[FileAccount]:
    for (name,), rows in sorted(posts.partition_by(Field.ACCOUNT, as_dict=True, include_key=False).items()):
        zones = rows[_ZONE].drop_nulls().mode(maintain_order=True)
        counted = rows.with_columns(engagement=count_of(kind_counted().min())).drop(_ZONE, *COUNTS)
        counted = counted.with_columns(early_engagement=pl.when(at_two_days()).then("engagement"))
        yield FileAccount(str(name), str(zones[0]) if len(zones) else timezone or "UTC", counted)


# --- Notes --------------------------------------------------------------------------------------------------------


def _read_as(mapping: ColumnMapping, zone_header: str | None) -> Iterator[str]:
    told = {field.value: " + ".join(headers) for field, headers in mapping.columns.items()}
    told |= {_ZONE: zone_header} if zone_header else {}
    yield f"Columns: {', '.join(f'{name} from {header!r}' for name, header in told.items())}."


def _left_out(batches: list[_Batch]) -> Iterator[str]:
    if count := sum(batch.left_out for batch in batches):
        shown = [str(error) for batch in batches for error in batch.errors[:_SHOWN]][:_SHOWN]
        yield f"Rows left out: {count:,}. {'; '.join(shown)}{'; …' if count > len(shown) else '.'}"


def _repeated(count: int) -> Iterator[str]:
    if count:
        yield f"Rows that a later row of the same post replaces: {count:,}."
