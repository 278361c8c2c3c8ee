"""What reading a history file yields: rows that can be trusted, and what is wrong with the others."""

from dataclasses import dataclass

import polars as pl

from core.history.fields import COUNTS, Field
from core.history.stamps import MOMENT

LINE = "\0line"
"""The column of line numbers; no file can have a header of this name."""

HOUR_OF_WEEK = "hour_of_week"

_COUNTS: dict[str, pl.DataType] = dict.fromkeys(COUNTS, pl.Float64())
_COLUMNS: dict[str, pl.DataType] = {
    LINE: pl.Int64(),
    Field.POST_ID: pl.String(),
    Field.PUBLISHED_AT: MOMENT,
    HOUR_OF_WEEK: pl.Int16(),
    Field.MONTH: pl.Int8(),
    Field.ZONE: pl.String(),
    Field.ACCOUNT: pl.String(),
    Field.TITLE: pl.String(),
    Field.TEXT: pl.String(),
    Field.URL: pl.String(),
    Field.CONTENT_FORMAT: pl.String(),
    Field.MEASURED_AT: MOMENT,
}
SCHEMA = pl.Schema(_COLUMNS | _COUNTS)
"""The columns of accepted rows.

`post_id` is never null. A row has either `published_at` (UTC) or, in a file without dates, `hour_of_week`
(0-167, 0 is Monday 00:00) on the file's own wall clock, with `month` (1-12) where known.
`zone` is the IANA zone a zone column names, else null. `measured_at` null: not known. A null count is unknown, not 0.
"""


@dataclass(frozen=True)
class RowError:
    """One cell that keeps its row out: line of the file (from 1), column header, what stood there, and why."""

    line: int
    column: str
    value: str
    reason: str

    def __str__(self) -> str:
        """Return place, value and reason in one sentence."""
        return f"line {self.line}, {self.column}: {self.value!r} {self.reason}"


@dataclass(frozen=True)
class Tally:
    """Numbers of rows that were read in a way the user should know of, and words nobody knew."""

    unzoned: int = 0
    repeated: int = 0
    measured_early: int = 0
    midnight: int = 0
    unknown_formats: frozenset[str] = frozenset()

    def plus(self, other: "Tally") -> "Tally":
        """Return the sum of two batches."""
        return Tally(
            self.unzoned + other.unzoned,
            self.repeated + other.repeated,
            self.measured_early + other.measured_early,
            self.midnight + other.midnight,
            self.unknown_formats | other.unknown_formats,
        )


@dataclass(frozen=True)
class CheckedBatch:
    """Accepted rows in SCHEMA, in the order of the file, and what is wrong with the others.

    `errors` holds the first MOST_ERRORS in the order of the file, `error_count` counts all of them and `rejected` the
    rows they keep out.
    """

    accepted: pl.DataFrame
    errors: tuple[RowError, ...]
    error_count: int
    rejected: int
    tally: Tally


MOST_ERRORS = 1_000
