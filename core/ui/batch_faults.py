"""What is wrong with the rows of a batch, by row and column, as long as nothing else is asked."""

import re
from collections.abc import Iterator
from typing import Any

import streamlit as st

from core.services.bulk_checks import rows_problems
from core.services.bulk_dry_run import RowFault
from core.services.bulk_sheets import rows_of
from core.ui.batch_draft import draft, job
from core.ui.batch_words import FIELDS
from core.ui.state import context, workspace

_FAULTS = "faults_of_batch"
_ROW = re.compile(r"rows\[(\d+)\]\.(.*)", re.DOTALL)
_LINE = re.compile(r"line (\d+), (.*)", re.DOTALL)


def row_faults() -> tuple[RowFault, ...]:
    """Return the faults of all rows, found once for what stands in them."""
    asked = (draft().lines, draft().settings)
    kept: tuple[Any, tuple[RowFault, ...]] | None = st.session_state.get(_FAULTS)
    if kept is None or kept[0] != asked:
        with st.spinner("Checking every row"):
            found = (*word_faults(), *_other_faults())
        kept = st.session_state[_FAULTS] = (asked, tuple(sorted(found, key=lambda fault: fault.number)))
    return kept[1]


def word_faults() -> Iterator[RowFault]:
    """Yield the cells that hold no word that is known, which are lost once a row is read."""
    numbers = {line.line: number for number, line in enumerate(draft().lines, start=1)}
    fields = {title: field for field, title in FIELDS.items()}
    for problem in rows_of(draft().lines, FIELDS)[1]:
        if match := _LINE.fullmatch(problem.place):
            line = int(match[1])
            yield RowFault(numbers[line], line, fields[match[2]], problem.value, problem.message)


def _other_faults() -> Iterator[RowFault]:
    new = job()
    for problem in rows_problems(context(), new, new.rows, workspace().timezone):
        if match := _ROW.fullmatch(problem.place):
            number = int(match[1])
            yield RowFault(number + 1, new.rows[number].line, match[2], problem.value, problem.message)
