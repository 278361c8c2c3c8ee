"""The strip above the bulk jobs: what runs, what waits, how well and how fast it goes, and when it is done."""

import streamlit as st

from core.bulk.words import BulkState
from core.services.bulk_board import JobsSummary
from core.ui.progress_words import eta_words, rate_words
from core.ui.state import house
from core.ui.wording import counted, plain
from core.undefined import Undefined


def show_summary(found: JobsSummary) -> None:
    """Draw the five figures."""
    with st.grid(5, min_column_width=170):
        _figure("Running", f"{found.count(BulkState.RUNNING):,}", _hands(found))
        _figure("Queued", f"{found.count(BulkState.QUEUED):,}", _others(found))
        _success(found.success_rate)
        _rate(found.rows_per_minute)
        _end(found)


def _hands(found: JobsSummary) -> str:
    """Return how many rows are in hand; those that are done in turns never are."""
    if found.underway:
        return f"{counted(found.underway, 'row')} being done"
    return "At work" if found.count(BulkState.RUNNING) else "Nothing runs now"


def _others(found: JobsSummary) -> str:
    others = {"paused": found.count(BulkState.PAUSED), "not started": found.count(BulkState.PENDING)}
    return ", ".join(f"{number:,} {word}" for word, number in others.items() if number) or "None paused"


def _success(rate: float | Undefined) -> None:
    about = "Rows that succeeded, of all rows tried in the jobs of this workspace."
    if isinstance(rate, Undefined):
        _figure("Success rate", None, rate.reason, about)
    else:
        # Rounded down: 100 % means that none failed.
        _figure("Success rate", f"{int(rate * 1000) / 10:g} %", "Of all rows tried", about)


def _rate(rate: float | Undefined) -> None:
    about = "All running jobs together, measured on their last 50 rows or so."
    if isinstance(rate, Undefined):
        _figure("Rows per minute", None, rate.reason, about)
    else:
        _figure("Rows per minute", rate_words(rate), "All running jobs", about)


def _end(found: JobsSummary) -> None:
    about = (
        "When the last running job is done, at the speed of its last rows, and below it the 95 % interval. Queued and "
        "paused jobs are not counted."
    )
    if isinstance(found.eta, Undefined):
        _figure("Running jobs done in", None, found.eta.reason, about)
    else:
        value, interval = eta_words(found.eta, house().now())
        _figure("Running jobs done in", value, interval, about)


def _figure(label: str, value: str | None, words: str, about: str | None = None) -> None:
    st.metric(
        label, value, plain(words), delta_color="off", delta_arrow="off", border=True, height="stretch", help=about
    )
