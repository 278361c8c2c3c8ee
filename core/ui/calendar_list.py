"""The calendar as a list: fifty posts at a time, however many there are."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from core.calendar.zones import day_bounds, to_wall
from core.services.item_views import ItemFilter, ItemView, Page
from core.services.items import list_items
from core.ui.blanks import nothing_found, nothing_yet
from core.ui.calendar_actions import VIEW
from core.ui.calendar_filters import Wanted, clear_filter
from core.ui.dialogs import open_dialog
from core.ui.palette import look_of, platform_name
from core.ui.queries import ask
from core.ui.state import house
from core.ui.times import lateness
from core.ui.wording import plain

PER_PAGE = 50
ORDER = "order"
LATER, EARLIER = "From this day on", "Before this day"
_CURSORS, _OF, _TURN = "list_cursors", "list_of", "list_turn"
_LINKS = ("https://", "http://")


def show_list(wanted: Wanted) -> None:
    """Draw a page of posts in order of time, with the way to the next and the one before."""
    order = st.segmented_control(
        "Order",
        [LATER, EARLIER],
        default=LATER,
        required=True,
        key=ORDER,
        bind="query-params",
        label_visibility="collapsed",
    )
    asked = _bounded(wanted, newest_first=order == EARLIER)
    cursors = _cursors(asked, order)
    page = ask(list_items, asked, PER_PAGE, cursors[-1] if cursors else None, newest_first=order == EARLIER)
    if page.items:
        _table(page.items, wanted.zone)
        _foot(page, cursors, wanted)
    elif wanted.is_filtered:
        nothing_found("posts", clear_filter, key="clear_list")
    else:
        nothing_yet(":material/event:", "No posts here", "Choose another day or order above, or write a new post.")


def _bounded(wanted: Wanted, *, newest_first: bool) -> ItemFilter:
    starts = day_bounds(wanted.day, wanted.zone)[0]
    return replace(wanted.items, ends=starts) if newest_first else replace(wanted.items, starts=starts)


def _cursors(asked: ItemFilter, order: str) -> list[str]:
    """Return the cursors of the pages walked through; another filter begins anew."""
    if st.session_state.get(_OF) != (asked, order):
        st.session_state[_OF], st.session_state[_CURSORS] = (asked, order), []
    cursors: list[str] = st.session_state[_CURSORS]
    return cursors


def _table(items: Sequence[ItemView], zone: str) -> None:
    turn = st.session_state.setdefault(_TURN, 0)
    now = house().now()
    chosen: Any = st.dataframe(
        pd.DataFrame([_row(item, zone) for item in items]),
        hide_index=True,
        height="content",
        key=f"list_{turn}",
        on_select="rerun",
        selection_mode="single-row",
        placeholder="",
        alt=f"Posts by time on the clocks of {zone}; {now:%Y}",
        column_config={
            "When": st.column_config.DatetimeColumn(f"When · {zone}", format="ddd D MMM YYYY, HH:mm", pinned=True),
            "Link": st.column_config.LinkColumn(display_text="Open"),
        },
    )
    if rows := chosen.selection.rows:
        st.session_state[_TURN] = turn + 1  # a new table: closing the dialog must not open it again
        item = items[rows[0]]
        open_dialog(VIEW, item.id, item.version)
        st.rerun()


def _row(item: ItemView, zone: str) -> dict[str, str | datetime | None]:
    return {
        "When": to_wall(item.scheduled_at, zone),
        "State": look_of(item).word,
        "Post": item.name,
        "Platform": platform_name(item.platform),
        "Channel": item.channel_name,
        "Calendar": item.calendar_title,
        "Lateness": lateness(item.lateness),
        "Link": item.url if item.url and item.url.startswith(_LINKS) else None,
    }


def _foot(page: Page, cursors: Sequence[str], wanted: Wanted) -> None:
    first = len(cursors) * PER_PAGE + 1
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "",
            icon=":material/chevron_left:",
            key="list_back",
            help="Page before",
            disabled=not cursors,
            on_click=_back,
        )
        st.caption(
            f"{first:,} to {first + len(page.items) - 1:,} of {page.total:,} · times in {plain(wanted.zone)}",
            width="content",
        )
        st.button(
            "",
            icon=":material/chevron_right:",
            key="list_on",
            help="Next page",
            disabled=page.next_cursor is None,
            on_click=_on,
            args=(page.next_cursor,),
        )


def _back() -> None:
    st.session_state[_CURSORS].pop()


def _on(cursor: str) -> None:
    st.session_state[_CURSORS].append(cursor)
