"""Which bulk jobs are shown, in which order and how; all of it in the address."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import streamlit as st

from core.bulk.words import BulkState, Mode, Operation
from core.services.bulk_board import JobSort
from core.services.bulk_views import JobFilter
from core.ui.batch_words import MODES
from core.ui.progress_words import OPERATIONS, PRIORITIES, SORTS
from core.vocabulary import Priority

TAB, LAYOUT, SORT = "jobs", "layout", "sort"
OPERATION, MODE, PRIORITY, TEXT = "job_operation", "job_mode", "job_priority", "job_name"
TEXT_LIMIT = 100


class Layout(StrEnum):
    """How jobs are laid out."""

    GRID = "Grid"
    LIST = "List"


TABS: Mapping[str, tuple[BulkState, ...]] = {
    "Active": (BulkState.PENDING, BulkState.QUEUED, BulkState.RUNNING, BulkState.PAUSED, BulkState.CANCELING),
    "Completed": (BulkState.COMPLETED,),
    "Failed": (BulkState.FAILED,),
    "All": (),
}


@dataclass(frozen=True)
class Wanted:
    """What somebody wants to see."""

    tab: str
    layout: Layout
    sort: JobSort
    jobs: JobFilter

    @property
    def is_filtered(self) -> bool:
        """Whether more than the tab decides what is shown."""
        return self.jobs != JobFilter(states=TABS[self.tab])


def ask_wanted() -> Wanted:
    """Draw the bar above the jobs and return what it says."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        tab = st.segmented_control(
            "Jobs", list(TABS), default="Active", required=True, key=TAB, bind="query-params",
            label_visibility="collapsed",
        )  # fmt: skip
        text = st.text_input(
            "Search by name", type="search", key=TEXT, bind="query-params", max_chars=TEXT_LIMIT,
            placeholder="Search by name", label_visibility="collapsed", width=220,
        )  # fmt: skip
        jobs = _filter(tab, text or "")
        sort: JobSort | None = st.selectbox(
            "Sort", list(JobSort), format_func=SORTS.__getitem__, key=SORT, bind="query-params",
            label_visibility="collapsed", width=180,
        )  # fmt: skip
        layout = st.segmented_control(
            "Layout", list(Layout), default=Layout.GRID, required=True, key=LAYOUT, bind="query-params",
            label_visibility="collapsed",
        )  # fmt: skip
    return Wanted(tab, Layout(layout), JobSort(sort or JobSort.NEWEST), jobs)


def _filter(tab: str, text: str) -> JobFilter:
    count = sum(bool(st.session_state.get(key)) for key in (OPERATION, MODE, PRIORITY))
    with st.popover(f"Filter · {count}" if count else "Filter", icon=":material/filter_alt:", key="job_filters"):
        operations = _several("Operation", OPERATION, list(OPERATIONS), lambda key: OPERATIONS[Operation(key)])
        modes = _several("Mode", MODE, list(MODES), lambda key: MODES[Mode(key)])
        priorities = _several("Priority", PRIORITY, list(PRIORITIES), lambda key: PRIORITIES[Priority(key)])
        st.button("Clear filter", key="clear_job_filter", disabled=not (count or text), on_click=clear_filter)
    return JobFilter(
        states=TABS[tab],
        operations=tuple(map(Operation, operations)),
        modes=tuple(map(Mode, modes)),
        priorities=tuple(map(Priority, priorities)),
        text=text.strip(),
    )


def _several(label: str, key: str, options: Sequence[str], name: Callable[[str], str]) -> list[str]:
    chosen: list[str] = st.multiselect(label, options, format_func=name, key=key, bind="query-params")
    return chosen


def clear_filter() -> None:
    """Show every job of the tab again."""
    for key in (OPERATION, MODE, PRIORITY):
        st.session_state[key] = []
    st.session_state[TEXT] = ""


def show_tab(tab: str) -> None:
    """Go to another tab; give it to a button as `on_click`."""
    st.session_state[TAB] = tab
