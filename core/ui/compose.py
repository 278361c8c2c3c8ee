"""The dialog for a new post, reachable from everywhere; what is typed stays until it is scheduled or discarded."""

from collections.abc import Sequence

import streamlit as st

from core.services.calendars import schedule_items
from core.services.item_views import ItemView
from core.services.moves import cancel_item
from core.services.new_items import NewItem
from core.services.recommendations import RecommendationView
from core.ui.blanks import nothing_yet
from core.ui.calendar_undo import done
from core.ui.compose_fields import (
    CHANNELS,
    FORMAT,
    TEXT,
    TITLE,
    Written,
    active_channels,
    ask_channels,
    ask_content,
)
from core.ui.compose_time import Chosen, TimeMode, choose_slot, followed, pick_moment, show_conflicts
from core.ui.dialogs import close_dialog, open_dialog, opened
from core.ui.failures import refusals
from core.ui.shell import boundary
from core.ui.state import context, house, workspace
from core.ui.times import clock, day
from core.ui.wording import plain, shortened

COMPOSE = "compose"
_MODE, _WANTED, _TRIED = "compose_mode", "compose_wanted", "compose_tried"


def open_compose(slot: RecommendationView | None = None) -> None:
    """Open the dialog, with a recommended slot and its channel chosen; give it to a button as `on_click`."""
    st.session_state[_WANTED] = slot
    st.session_state[_TRIED] = False
    if slot is not None:
        st.session_state[CHANNELS] = [slot.channel_id]
        st.session_state[_MODE] = TimeMode.BEST
        st.session_state[f"compose_slot_{slot.channel_id}"] = slot.window_start
    open_dialog(COMPOSE)


def compose_button() -> None:
    """Draw the button that opens the dialog."""
    st.button("New post", icon=":material/add:", type="primary", key="new_post", on_click=open_compose)


def show_compose() -> None:
    """Draw the dialog if it is open."""
    if opened(COMPOSE):
        _compose()


@st.dialog("New post", width="medium", icon=":material/edit_square:", on_dismiss=close_dialog)
@boundary()
def _compose() -> None:
    if not active_channels():
        nothing_yet(":material/hub:", "No channel to post on", "Add or switch on a channel first; an outbox will do.")
        st.page_link("channels.py", label="Go to channels", icon=":material/hub:")
        return
    channels = ask_channels()
    written = ask_content(channels, strict=bool(st.session_state.get(_TRIED)))
    chosen = _ask_times(written)
    for each in chosen:
        show_conflicts(each, written.piece.title, written.piece.text)
    _foot(written, chosen)


def _ask_times(written: Written) -> list[Chosen]:
    st.session_state.setdefault(_MODE, TimeMode.BEST)
    mode = st.segmented_control("When", list(TimeMode), required=True, key=_MODE, persist_state="session")
    channels = list(written.channels)
    if not channels:
        st.caption("Choose a channel to see its best slots.")
        return []
    if mode is TimeMode.PICK:
        zone = channels[0].timezone if len(channels) == 1 else workspace().timezone
        return pick_moment(channels, zone, written.piece.content_format)
    wanted: RecommendationView | None = st.session_state.get(_WANTED)
    offers = [choose_slot(channel, written.piece.content_format, wanted) for channel in channels]
    return [offer for offer in offers if offer]


def _foot(written: Written, chosen: Sequence[Chosen]) -> None:
    count = len(written.channels)
    with st.container(horizontal=True, vertical_alignment="center"):
        word = f"Schedule {count} posts" if count > 1 else "Schedule post"
        if st.button(word, type="primary", key="compose_save", on_click=_tried):
            _try(written, chosen)
        st.button("Discard draft", type="tertiary", key="compose_discard", on_click=_discard)
    st.caption("What you type stays here until you schedule or discard it.")


def _tried() -> None:
    """From now on, what is missing is said beside its field."""
    st.session_state[_TRIED] = True


def _try(written: Written, chosen: Sequence[Chosen]) -> None:
    """Schedule the posts, unless something is missing; what is wrong with the text stands beside its field."""
    if not written.channels:
        st.error("Choose at least one channel.", icon=":material/block:")
    elif len(chosen) < len(written.channels):
        st.error("Choose a time for every channel.", icon=":material/block:")
    elif not written.problems:
        _schedule(written, chosen)


def _schedule(written: Written, chosen: Sequence[Chosen]) -> None:
    with refusals():
        items = schedule_items(context(), [_item(written, each) for each in chosen])
        _clear()
        close_dialog()
        done(scheduled_words(items), lambda: _cancel(items))
        st.rerun()


def _item(written: Written, chosen: Chosen) -> NewItem:
    piece = written.piece
    return NewItem(
        channel_id=chosen.channel.id,
        scheduled_at=chosen.at,
        title=piece.title.strip(),
        text=piece.text,
        content_format=piece.content_format,
        recommended_slot=followed(chosen.slot) if chosen.slot else None,
    )


def scheduled_words(items: Sequence[ItemView]) -> str:
    """Say what was scheduled: one post with its time, several as a number (Markdown)."""
    if len(items) > 1:
        return f"Scheduled {len(items)} posts"
    (item,) = items
    at, zone = item.scheduled_at, item.timezone
    name = plain(shortened(item.title or item.text, 40))
    return f"Scheduled {name} for {day(at, zone, house().now())}, {clock(at, zone)} · {plain(zone)}"


def _cancel(items: Sequence[ItemView]) -> None:
    for item in items:
        cancel_item(context(), item.id, item.version)


def _discard() -> None:
    _clear()
    close_dialog()
    st.rerun()


def _clear() -> None:
    """Empty the form for the next post."""
    for key in (TITLE, TEXT, _MODE, _WANTED, _TRIED, FORMAT, CHANNELS):
        st.session_state.pop(key, None)
