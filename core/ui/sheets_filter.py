"""Which connected sheets are shown, where there are many; all of it in the address."""

from collections.abc import Sequence

import streamlit as st

from core.services.sheet_views import ConnectionView
from core.ui.blanks import nothing_found
from core.ui.sheets_words import look_of
from core.ui.state import house

WORTH_FILTERING = 4
"""Fewer connections than this are seen at a glance."""
PER_PAGE = 10
_TEXT, _STATES = "sheet_search", "sheet_states"


def ask_wanted(connections: Sequence[ConnectionView]) -> Sequence[ConnectionView]:
    """Draw the filter, where there is something to filter, and return a page of what passes."""
    passing = _filtered(connections) if len(connections) >= WORTH_FILTERING else connections
    if not passing:
        nothing_found("sheets", _clear, key="clear_sheets")
    pages = -(-len(passing) // PER_PAGE)
    first = (st.pagination(pages, key="sheets_page", bind="query-params") - 1) * PER_PAGE if pages > 1 else 0
    return passing[first : first + PER_PAGE]


def _filtered(connections: Sequence[ConnectionView]) -> Sequence[ConnectionView]:
    now = house().now()
    words = {each.id: look_of(each, now).word for each in connections}
    with st.container(horizontal=True, vertical_alignment="center"):
        states = st.pills(
            "State", sorted(set(words.values())), selection_mode="multi", key=_STATES, bind="query-params",
            label_visibility="collapsed",
        )  # fmt: skip
        text = st.text_input(
            "Search", type="search", key=_TEXT, bind="query-params", placeholder="Search by name",
            label_visibility="collapsed", width=260,
        ).casefold()  # fmt: skip
    return [
        each
        for each in connections
        if (not states or words[each.id] in states)
        and text in f"{each.name} {each.spreadsheet_title} {each.sheet_name}".casefold()
    ]


def _clear() -> None:
    st.session_state[_STATES], st.session_state[_TEXT] = [], ""
