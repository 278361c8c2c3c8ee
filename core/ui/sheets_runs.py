"""The syncs of a connected sheet: when each was, what it did and found, and why one failed."""

from collections.abc import Sequence

import pandas as pd
import polars as pl
import streamlit as st

from core.services.sheet_lists import list_sync_runs
from core.services.sheet_views import ConnectionView, SyncRunView
from core.ui.analytics_tables import offer_download
from core.ui.blanks import nothing_yet
from core.ui.queries import ask
from core.ui.sheets_tables import AT_ONCE, RUN_SCHEMA, every_page, run_cells
from core.ui.sheets_words import RUN_LOOKS, did_words, found_words, sentence, took_words, when
from core.ui.sheets_zone import zone_of
from core.ui.state import context, house
from core.ui.turning import cursor_of, turn_pages
from core.ui.wording import counted, plain
from core.vocabulary import JobState

PER_PAGE = 20
_PAGE = "sheet_runs_page"


def show_runs(connection: ConnectionView) -> None:
    """Draw a page of syncs, newest first."""
    page = ask(list_sync_runs, connection.id, PER_PAGE, cursor_of(_PAGE, connection.id))
    if not page.runs:
        nothing_yet(
            ":material/history:", "Not synced yet", "Each sync stands here with what it read, changed, wrote and found."
        )
        return
    _table(connection, page.runs)
    turn_pages(
        _PAGE, counted(len(page.runs), "sync") if len(page.runs) == 1 else f"{len(page.runs):,} syncs", page.next_cursor
    )
    _download(connection)


def _table(connection: ConnectionView, runs: Sequence[SyncRunView]) -> None:
    now = house().now()
    table = pd.DataFrame(
        [
            {
                "Began": plain(when(run.started_at, zone_of(connection), now)),
                "State": _badge(run),
                "Took": took_words(run, now),
                "What it did": _story(run),
            }
            for run in runs
        ]
    ).set_index("Began")
    st.table(table, border="horizontal", alt="Syncs: when each began, how it ended, how long it took, what it did")


def _badge(run: SyncRunView) -> str:
    look = RUN_LOOKS[run.state]
    return f":{look.colour}-badge[{look.word}]"


def _story(run: SyncRunView) -> str:
    """Return what a sync did and found, or why it failed and what to do."""
    if run.state is JobState.FAILED:
        return f":red[{plain(sentence(run.error or 'It was left in the middle.'))}] {plain(run.next_step or '')}"
    said = [
        did_words(run.counts),
        found_words(run.counts),
        f":gray[{counted(run.counts.requests, 'request')} to Google]",
    ]
    return " · ".join(part for part in said if part)


def _download(connection: ConnectionView) -> None:
    ctx = context()

    def table() -> pl.DataFrame:
        pages = every_page(lambda cursor: list_sync_runs(ctx, connection.id, limit=AT_ONCE, cursor=cursor))
        rows = [run_cells(run, zone_of(connection)) for page in pages for run in page.runs]
        return pl.DataFrame(rows, schema=dict(RUN_SCHEMA), orient="row")

    offer_download(table, "sheet-syncs", "sheet_runs")
