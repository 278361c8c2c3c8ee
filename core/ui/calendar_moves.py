"""Giving an item another time, by its dialog or by dragging it."""

from datetime import datetime

import streamlit as st

from core.calendar.zones import to_wall
from core.services.channels import find_channel
from core.services.item_views import ItemView, Moved
from core.services.items import find_item
from core.services.moves import move_item
from core.ui.calendar_actions import name_of
from core.ui.calendar_undo import done
from core.ui.compose_time import Chosen, show_conflicts, show_score
from core.ui.dialogs import Opened, close_dialog
from core.ui.failures import refusals
from core.ui.palette import platform_name
from core.ui.queries import ask
from core.ui.shell import boundary
from core.ui.state import context, house
from core.ui.times import clock, day, moment
from core.ui.wall_time import moment_input
from core.ui.wording import plain


def move(item_id: str, at: datetime, version: int | None) -> None:
    """Move an item and offer to take it back (the errors of `move_item`)."""
    moved = move_item(context(), item_id, at, version)
    done(f"Moved {name_of(moved.item)} to {when_words(moved.item)}", lambda: _move_back(moved))


@st.dialog("Move post", icon=":material/schedule:", on_dismiss=close_dialog)
@boundary()
def move_dialog(asked: Opened) -> None:
    """Ask for another time of an item."""
    item = ask(find_item, asked.subject).item
    at = ask_time(item, "New time", to_wall(item.scheduled_at, item.timezone), "move")
    if st.button("Move", type="primary", key="move_save", disabled=at in {None, item.scheduled_at}) and at:
        with refusals():
            move(item.id, at, asked.version)
            close_dialog()
            st.rerun()


def ask_time(item: ItemView, label: str, wall: datetime, key: str) -> datetime | None:
    """Ask for a time on the channel's clocks; say how good it is and what speaks against it."""
    show_subject(item)
    at = moment_input(f"{label} · {plain(item.timezone)}", item.timezone, key=f"{key}_{item.id}", value=wall)
    if at is not None and at != item.scheduled_at:
        channel = ask(find_channel, item.channel_id)
        show_score(channel, at, item.content_format, named=False)
        show_conflicts(Chosen(channel, at), item.title, item.text, item.id if key == "move" else None)
    return at


def show_subject(item: ItemView) -> None:
    """Say which item a dialog is about, and when it stands."""
    st.markdown(f"**{name_of(item)}**  \n{plain(platform_name(item.platform))} · {plain(item.channel_name)}")
    st.caption(f"Now {plain(moment(item.scheduled_at, item.timezone, house().now()))}")


def _move_back(moved: Moved) -> None:
    move_item(context(), moved.item.id, moved.previous, moved.item.version)


def when_words(item: ItemView) -> str:
    """Return when an item stands on its channel's clocks, as Markdown."""
    at, zone = item.scheduled_at, item.timezone
    return plain(f"{day(at, zone, house().now())}, {clock(at, zone)} · {zone}")
