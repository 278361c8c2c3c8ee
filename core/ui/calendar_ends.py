"""Canceling an item, and saying that an unconfirmed one went out."""

import streamlit as st

from core.services.items import find_item
from core.services.moves import cancel_item, resolve_item
from core.ui.calendar_actions import name_of
from core.ui.dialogs import Opened, close_dialog
from core.ui.failures import refusals
from core.ui.palette import platform_name
from core.ui.queries import ask
from core.ui.shell import boundary
from core.ui.state import context, house, say_next
from core.ui.times import moment
from core.ui.wording import plain


@st.dialog("Cancel post?", icon=":material/event_busy:", on_dismiss=close_dialog)
@boundary()
def cancel_dialog(asked: Opened) -> None:
    """Ask whether an item shall be taken out of the plan for good."""
    item = ask(find_item, asked.subject).item
    when = plain(moment(item.scheduled_at, item.timezone, house().now()))
    st.markdown(f"**{name_of(item)}** would not go out on {plain(platform_name(item.platform))}, {when}.")
    st.caption("A canceled post stays in the calendar's history. To post it after all, duplicate it.")
    with st.container(horizontal=True):
        if st.button("Cancel post", type="primary", key="cancel_save"):
            with refusals():
                cancel_item(context(), item.id, asked.version)
                close_dialog()
                say_next(f"{name_of(item)} is canceled", ":material/event_busy:")
                st.rerun()
        st.button("Keep it", key="cancel_keep", on_click=_leave)


@st.dialog("It is published", icon=":material/check:", on_dismiss=close_dialog)
@boundary()
def out_dialog(asked: Opened) -> None:
    """Ask where an unconfirmed item was found."""
    item = ask(find_item, asked.subject).item
    st.markdown(f"You looked at {plain(platform_name(item.platform))} and found **{name_of(item)}** there.")
    url = st.text_input("Its address there", type="url", key=f"out_{item.id}", placeholder="https:// (optional)")
    if st.button("Mark as published", type="primary", key="out_save"):
        with refusals():
            resolve_item(
                context(), item.id, published=True, url=(url or "").strip() or None, expected_version=asked.version
            )
            close_dialog()
            say_next(f"{name_of(item)} is published")
            st.rerun()


def _leave() -> None:
    close_dialog()
    st.rerun()
