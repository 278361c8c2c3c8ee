"""What keeps a batch from starting, and what its rules contradict: each with where it is mended."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.errors import Problem
from core.services.bulk_dry_run import DryRun, RowFault
from core.services.bulk_placing import span_of
from core.services.filling import LONGEST
from core.ui.batch_draft import change, draft, job
from core.ui.batch_outboxes import offer_outboxes
from core.ui.batch_steps import go_to
from core.ui.batch_words import SHOWN, Step, column_name, mended_in, remedy, setting_name
from core.ui.palette import platform_name
from core.ui.state import house, workspace
from core.ui.times import day
from core.ui.wording import counted, plain, shortened
from core.vocabulary import Severity

_MOST = 500
_NARROW: Mapping[str, Any] = {
    "Line": st.column_config.NumberColumn(width="small"),
    "Column": st.column_config.TextColumn(width="small"),
    "Value": st.column_config.TextColumn(width="small"),
    "What to do": st.column_config.TextColumn(width="large"),
    "Post": st.column_config.TextColumn(width="medium"),
    "Why": st.column_config.TextColumn(width="large"),
    "Platform": st.column_config.TextColumn(width="small"),
}


def show_trouble(run: DryRun, faults: Sequence[RowFault]) -> None:
    """Draw everything that is wrong, the job's own settings first."""
    _show_problems(run)
    for finding in run.conflicts:
        if finding.severity is Severity.WARNING:
            st.warning(plain(finding.message), icon=":material/warning:")
    _show_faults(faults)
    _show_unplaced(run)


def _show_problems(run: DryRun) -> None:
    for number, problem in enumerate(run.problems):
        step = mended_in(problem.place)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.error(plain(problem_words(problem)), icon=":material/error:")
            st.button(f"Go to {step}", key=f"batch_mend_{number}", on_click=go_to, args=(step,))


def problem_words(problem: Problem) -> str:
    """Say which setting is wrong, what it is and what to do."""
    there = f" “{problem.value}”" if problem.value and problem.place != "schedule.rules" else ""
    end = "" if problem.message.endswith(".") else "."
    return f"{setting_name(problem.place)}{there}: {problem.message}{end}"


def _show_faults(faults: Sequence[RowFault]) -> None:
    if not faults:
        return
    rows = len({fault.number for fault in faults})
    with st.container(horizontal=True, vertical_alignment="center"):
        st.error(
            f"{counted(rows, 'row')} cannot go as {'it stands' if rows == 1 else 'they stand'}.", icon=":material/rule:"
        )
        st.button("Mend in the grid", key="batch_mend_rows", on_click=go_to, args=(Step.CONNECT,))
    table = pd.DataFrame(
        [
            {
                "Line": each.line,
                "Column": column_name(each.column),
                "Value": shortened(each.value, SHOWN),
                "What to do": remedy(each),
            }
            for each in faults[:_MOST]
        ]
    )
    st.dataframe(table, hide_index=True, column_config=_NARROW, alt="Cells that keep their rows from going")
    if len(faults) > _MOST:
        st.caption(f"The first {_MOST:,} of {counted(len(faults), 'fault')}.")


def _show_unplaced(run: DryRun) -> None:
    if not run.unplaced:
        return
    rows = {each.number for each in run.unplaced}
    with st.container(horizontal=True, vertical_alignment="center"):
        st.warning(f"{counted(len(run.unplaced), 'post')} found no time.", icon=":material/event_busy:")
        offer_outboxes()
        st.button(
            f"Leave {counted(len(rows), 'row')} out",
            icon=":material/playlist_remove:",
            key="batch_drop_unplaced",
            on_click=_leave_out,
            args=(rows,),
            help="Takes the rows out of this batch; the sheet itself stays as it is",
        )
    lines = draft().lines
    table = pd.DataFrame(
        [
            {
                "Line": lines[each.number - 1].line,
                "Post": lines[each.number - 1].cells.get("title", ""),
                "Platform": platform_name(each.platform),
                "Why": each.reason,
            }
            for each in run.unplaced[:_MOST]
        ]
    )
    st.dataframe(table, hide_index=True, column_config=_NARROW, alt="Posts without a time, and why")
    more = f"The first {_MOST:,} of {counted(len(run.unplaced), 'post')}. " if len(run.unplaced) > _MOST else ""
    st.caption(f"{more}{_looked()}")


def _looked() -> str:
    """Say how far the planner looked, and what would make room."""
    starts, ends = span_of(job(), house().now())
    zone, now = workspace().timezone, house().now()
    if ends <= starts:
        return "The job ends before it starts, so no time could be looked for."
    farther = "" if ends - starts >= LONGEST else f", up to {LONGEST.days} days ahead"
    fix = f"A later end in the step Scheduling makes room{farther}; so does a time in the sheet."
    return f"Times were looked for until {day(ends, zone, now)}. {plain(fix)}"


def _leave_out(numbers: Collection[int]) -> None:
    change(lines=tuple(line for number, line in enumerate(draft().lines, start=1) if number not in numbers))
