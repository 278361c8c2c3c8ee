"""Connected sheets as cards: what feeds which calendar, how its syncs go, what waits for somebody."""

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from core.services.sheet_views import ConnectionView
from core.ui.sheets_actions import show_actions
from core.ui.sheets_words import (
    PERMISSIONS,
    last_sync_words,
    look_of,
    next_sync_words,
    place_words,
    sentence,
    when,
)
from core.ui.sheets_zone import zone_of
from core.ui.state import house, workspace
from core.ui.wording import counted, plain, shortened

NAME_LENGTH = 70


def show_cards(connections: Sequence[ConnectionView]) -> None:
    """Draw one card for each connection."""
    with st.grid(2, min_column_width=430):
        for connection in connections:
            with st.container(border=True, height="stretch", key=f"sheet_card_{connection.id}"):
                _head(connection)
                _trouble(connection)
                _syncs(connection)
                _rows(connection)
                st.space("stretch")
                show_actions(connection, is_alone=False)


def show_alone(connection: ConnectionView) -> None:
    """Draw one connection over the whole width, its figures in a row."""
    with st.container(border=True, key="sheet_alone"):
        _head(connection)
        _trouble(connection)
        _syncs(connection)
        show_actions(connection, is_alone=True)
    _figures(connection)


def _head(connection: ConnectionView) -> None:
    look = look_of(connection, house().now())
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
        st.markdown(f"**{plain(shortened(connection.name, NAME_LENGTH))}**", width="stretch")
        st.badge(look.word, icon=look.icon, color=look.colour)
    st.caption(f":material/table_chart: {plain(place_words(connection))}")


def _trouble(connection: ConnectionView) -> None:
    """Say why the last sync did not end well, and what to do about it."""
    if connection.last_error is None:
        return
    rests = "It failed too often and rests. Put this right, then press **Resume**. " if connection.is_paused else ""
    show = st.warning if connection.is_paused else st.error
    show(
        rests + plain(connection.next_step or "Press Test to see what is wrong."),
        title=plain(sentence(connection.last_error)),
        icon=":material/pause_circle:" if connection.is_paused else ":material/error:",
    )


def _syncs(connection: ConnectionView) -> None:
    now = house().now()
    lines = (
        f":material/history: {plain(last_sync_words(connection, zone_of(connection), now))}",
        f":material/schedule: {plain(next_sync_words(connection, now))}",
        f":material/key: {PERMISSIONS[connection.permissions]} · as {plain(shortened(connection.account_name))}",
        *((":material/sync_alt: Posts planned in Slotwise get rows of their own",) if connection.mirrors else ()),
    )
    st.caption("  \n".join(lines), help=_other_zone(connection, now))


def _other_zone(connection: ConnectionView, now: datetime) -> str | None:
    """Return the last sync on the clocks of the workspace, where the sheet's are others."""
    zone = workspace().timezone
    if connection.last_sync is None or zone == zone_of(connection):
        return None
    return f"Last sync {when(connection.last_sync, zone, now)}"


def _rows(connection: ConnectionView) -> None:
    parts = (
        f"{counted(connection.rows_in, 'row')} in",
        f"{connection.rows_out:,} written back",
        f":orange[{counted(connection.rows_missing, 'removed row')} waiting]" if connection.rows_missing else "",
        f":red[{counted(connection.rows_faulty, 'row')} to mend]" if connection.rows_faulty else "",
        f":blue[{counted(connection.conflicts, 'conflict')}]" if connection.conflicts else "",
    )
    st.markdown(f":material/table_rows: {' · '.join(part for part in parts if part)}")


def _figures(connection: ConnectionView) -> None:
    with st.grid(5, min_column_width=150):
        _figure("Rows in", connection.rows_in, "With posts")
        _figure("Rows written back", connection.rows_out, "At the last sync")
        _figure("Removed rows waiting", connection.rows_missing, "Posts to keep or cancel")
        _figure("Rows to mend", connection.rows_faulty, "Cannot be read")
        _figure("Conflicts", connection.conflicts, "Changed on both sides")


def _figure(label: str, value: int, words: str) -> None:
    st.metric(label, f"{value:,}", words, delta_color="off", delta_arrow="off", border=True, height="stretch")
