"""What is wrong with the rows of a batch, by row and column, as long as nothing else is asked."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import streamlit as st

from core.services.bulk_checks import rows_problems
from core.services.bulk_dry_run import RowFault
from core.services.channels import list_channels
from core.ui.batch_draft import draft, job, meaning, output_of
from core.ui.batch_words import FIELDS, field_of
from core.ui.queries import ask
from core.ui.state import context, workspace

_FAULTS = "faults_of_batch"
_ROW = re.compile(r"rows\[(\d+)\]\.(.*)", re.DOTALL)
_LINE = re.compile(r"line (\d+), (.*)", re.DOTALL)


def row_faults() -> tuple[RowFault, ...]:
    """Return the faults of all rows, found once for what decides them."""
    chosen = draft().settings
    asked = (draft().lines, draft().date_order, output_of(chosen), chosen.mode, ask(list_channels))
    kept: tuple[Any, tuple[RowFault, ...]] | None = st.session_state.get(_FAULTS)
    if kept is None or kept[0] != asked:
        with st.spinner("Checking every row"):
            kept = st.session_state[_FAULTS] = (asked, with_cells(_found()))
    return kept[1]


def with_cells(faults: Iterable[RowFault]) -> tuple[RowFault, ...]:
    """Return faults together with the cells that cannot be read, by row; of one cell the reading is said alone."""
    cells = tuple(_cell_faults())
    unread = {(fault.number, fault.column) for fault in cells}
    others = (fault for fault in faults if (fault.number, field_of(fault.column)) not in unread)
    return tuple(sorted((*cells, *others), key=lambda fault: fault.number))


def _cell_faults() -> Iterator[RowFault]:
    """Yield the cells that hold nothing that is known, which are lost once a row is read."""
    numbers = {line.line: number for number, line in enumerate(draft().lines, start=1)}
    fields = {title: field for field, title in FIELDS.items()}
    for problem in meaning().problems:
        if match := _LINE.fullmatch(problem.place):
            line = int(match[1])
            yield RowFault(numbers[line], line, fields[match[2]], problem.value, problem.message)


def _found() -> Iterator[RowFault]:
    new = job()
    for problem in rows_problems(context(), new, new.rows, workspace().timezone):
        if match := _ROW.fullmatch(problem.place):
            number = int(match[1])
            yield RowFault(number + 1, new.rows[number].line, match[2], problem.value, problem.message)
