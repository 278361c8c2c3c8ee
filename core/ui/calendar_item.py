"""One item: what goes out, where it stands, what happened to it in plain words, and what can be done."""

import streamlit as st

from core.services.item_views import FREE, ItemDetail, ItemView
from core.services.items import find_item
from core.services.moves import MOVABLE
from core.ui.calendar_actions import ITEM_ACTIONS, name_of, show_actions
from core.ui.calendar_planning import meaning
from core.ui.compose_fields import format_name
from core.ui.dialogs import Opened, close_dialog
from core.ui.palette import platform_name, state_badge
from core.ui.queries import ask
from core.ui.shell import boundary
from core.ui.state import house, workspace
from core.ui.times import lateness, moment
from core.ui.wording import plain

MOST_LINES = 30


@st.dialog("Post", width="medium", icon=":material/article:", on_dismiss=close_dialog)
@boundary()
def item_dialog(asked: Opened) -> None:
    """Draw an item with its history and its actions."""
    detail = ask(find_item, asked.subject)
    item = detail.item
    with st.container(horizontal=True, vertical_alignment="center"):
        state_badge(item)
        st.markdown(f"{plain(platform_name(item.platform))} · {plain(item.channel_name)}", width="content")
        st.caption(f"{format_name(item.content_format)} · {plain(item.calendar_title)}", width="content")
    _time(item)
    if item.error:
        st.error(plain(item.error), icon=":material/error:")
    for conflict in detail.conflicts:
        st.warning(plain(conflict.message), icon=":material/warning:")
    if item.is_open_slot:
        st.markdown("This slot waits for its post. It keeps the time free; unwritten, it passes and nothing goes out.")
    else:
        _preview(item)
    if item.leeway != FREE and item.state in MOVABLE:
        st.caption(f":material/auto_awesome: {plain(meaning(item.leeway, item.timezone, house().now()))}")
    with st.container(horizontal=True, gap="small"):
        show_actions(item, ITEM_ACTIONS, "item")
    _history(detail)


def _time(item: ItemView) -> None:
    """Say when, on the channel's clocks and on the workspace's where they differ."""
    now, zone = house().now(), workspace().timezone
    when = moment(item.scheduled_at, item.timezone, now)
    also = f"  \n:gray[{plain(moment(item.scheduled_at, zone, now))}]" if zone != item.timezone else ""
    late = lateness(item.lateness)
    st.markdown(f"**{plain(when)}**{f' · {late}' if late else ''}{also}")


def _preview(item: ItemView) -> None:
    with st.container(border=True, gap="small"):
        if item.title:
            st.markdown(f"**{name_of(item, 300)}**")
        if item.text:
            st.text(item.text)
        if item.tags:
            st.caption(" ".join(f":material/tag: {plain(tag)}" for tag in item.tags))
        if item.media:
            st.caption(f":material/attach_file: {len(item.media)} file{'' if len(item.media) == 1 else 's'}")
        if item.url and item.url.startswith(("https://", "http://")):
            st.link_button("Open the post", item.url, icon=":material/open_in_new:")


def _history(detail: ItemDetail) -> None:
    """Draw the ledger of attempts and, below, who changed what."""
    zone, now = detail.item.timezone, house().now()
    st.markdown("**What happened**")
    if not detail.ledger:
        st.caption("Nothing yet: the first attempt to publish it will show here.")
    for line in detail.ledger[-MOST_LINES:]:
        st.markdown(f"{plain(line.sentence)} :gray[{plain(moment(line.at, zone, now))} · attempt {line.attempt}]")
    with st.expander(f"Changes ({len(detail.audit)})", icon=":material/history:"):
        for entry in detail.audit[-MOST_LINES:]:
            st.caption(f"{plain(moment(entry.at, zone, now))} · {plain(entry.actor)} · {plain(entry.action)}")
