"""The times of a sheet: one column, in whatever styles it is written, read into one; what is ambiguous is asked."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from core.history.columns import ColumnMapping
from core.history.fields import Field
from core.history.reading import DateOrder, Reading
from core.history.stamps import NO_TIME, UNORDERED, rewritten
from core.history.survey import NOTHING_SEEN, Question, look, settle

_SAID = {
    NO_TIME: "has a date but no time of day; write one behind it, such as 09:00",
    UNORDERED: "may be day first or month first; say which one the sheet uses, or write 2026-04-03",
}


@dataclass(frozen=True)
class TimesRead:
    """The times as `2026-04-03 09:30`, with the offset where they name one; as written where they cannot be read.

    `problems` says why, "" where nothing is wrong. `question` is what only the sheet's owner knows.
    """

    texts: tuple[str, ...]
    problems: tuple[str, ...]
    question: Question | None


def read_times(texts: Sequence[str], column: str, said: DateOrder | None = None) -> TimesRead:
    """Read the times of all rows.

    03/04/2026 is read as the rest of the column shows: 24/04/2026 proves day first. Where nothing does, or where the
    column contradicts itself, `said` decides, and without it such a time is a problem.
    """
    cells = pl.Series(column, texts, dtype=pl.String)
    mapping = ColumnMapping((column,), {Field.PUBLISHED_AT: (column,)})
    survey = look(NOTHING_SEEN, cells.to_frame(), mapping)
    reading, questions = settle(survey, mapping, Reading(date_order=said))
    read, problems = rewritten(cells, reading.date_order)
    return TimesRead(
        tuple(new if new is not None else old for new, old in zip(read.to_list(), texts, strict=True)),
        tuple(_SAID.get(each, each) if each else "" for each in problems.to_list()),
        next(iter(questions), None),
    )
