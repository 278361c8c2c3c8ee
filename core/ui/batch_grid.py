"""The rows of a batch in a grid: each with what is wrong with it, mended where it stands."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from core.services.bulk_dry_run import RowFault
from core.services.bulk_sheets import SheetLine
from core.ui.batch_draft import change, draft
from core.ui.batch_words import FIELDS, fault_words
from core.ui.wording import counted

WRONG, LINE, DROP = "What is wrong", "Line", "Leave out"
_TURN = "turn_of_batch_grid"
_MOST_SHOWN = 500
_FEW = 20
"""Rows of which all are looked at; among more, those to be mended are shown first."""
_ALL, _FAULTY = "All rows", "Rows to mend"


def show_grid(faults: Sequence[RowFault]) -> None:
    """Draw the rows; what is typed there is in the draft at once, and the rows are checked again."""
    by_row: dict[int, list[str]] = {}
    for fault in faults:
        by_row.setdefault(fault.number - 1, []).append(fault_words(fault))
    shown = _choose_rows(by_row)
    frame = _frame(shown, by_row)
    turn = st.session_state.setdefault(_TURN, 0)
    edited = st.data_editor(
        frame,
        hide_index=True,
        disabled=[WRONG, LINE],
        key=f"batch_grid_{turn}",
        column_config={
            DROP: st.column_config.CheckboxColumn(width="small", help="Takes the row out of this batch"),
            WRONG: st.column_config.TextColumn(width="large"),
            LINE: st.column_config.NumberColumn(width="small", help="Where the row stands in the file"),
            FIELDS["text"]: st.column_config.TextColumn(width="medium"),
            FIELDS["scheduled_time"]: st.column_config.TextColumn(help="Such as 2026-12-24 18:00; empty: no time"),
            FIELDS["platforms"]: st.column_config.TextColumn(help="Several with commas between"),
        },
        alt="Rows of the batch, with what is wrong with each",
    )
    if not edited.equals(frame):
        _take(shown, edited)
        st.session_state[_TURN] = turn + 1
        st.rerun()


def _choose_rows(by_row: Mapping[int, Sequence[str]]) -> list[int]:
    """Return the positions of the rows to draw."""
    total = len(draft().lines)
    options = [_ALL, _FAULTY] if by_row else [_ALL]
    start = _FAULTY if by_row and total > _FEW else _ALL
    chosen = (
        st.segmented_control(
            "Rows shown", options, default=start, required=True, key="batch_shown", label_visibility="collapsed"
        )
        if by_row
        else _ALL
    )
    rows = sorted(by_row) if chosen == _FAULTY else list(range(total))
    if len(rows) > _MOST_SHOWN:
        st.caption(f"The first {_MOST_SHOWN:,} of {counted(len(rows), 'row')}.")
    return rows[:_MOST_SHOWN]


def _frame(shown: Sequence[int], by_row: Mapping[int, Sequence[str]]) -> pd.DataFrame:
    lines = [draft().lines[number] for number in shown]
    wrong = {WRONG: ["; ".join(by_row.get(number, ())) for number in shown]} if by_row else {}
    used = [
        field for field in FIELDS if field not in {"audience", "tone"} or any(field in line.cells for line in lines)
    ]
    cells = {FIELDS[field]: [line.cells.get(field, "") for line in lines] for field in used}
    return pd.DataFrame({LINE: [line.line for line in lines], **wrong, **cells, DROP: [False] * len(lines)})


def _take(shown: Sequence[int], edited: pd.DataFrame) -> None:
    """Put what was typed into the draft."""
    lines: list[SheetLine | None] = list(draft().lines)
    for number, row in zip(shown, edited.to_dict("records"), strict=True):
        typed = {field: _text(row[title]) for field, title in FIELDS.items() if title in row}
        lines[number] = None if row[DROP] else SheetLine(int(row[LINE]), typed)
    change(lines=tuple(line for line in lines if line is not None))


def _text(cell: object) -> str:
    return cell.strip() if isinstance(cell, str) else ""
