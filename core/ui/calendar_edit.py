"""Editing a post and writing the one a slot waits for, with the platform's limits beside the fields."""

from datetime import datetime

import streamlit as st

from core.calendar.zones import to_wall
from core.services.channels import find_channel
from core.services.contents import Piece
from core.services.item_edits import edit_item
from core.services.item_views import ItemEdit, ItemView
from core.services.items import find_item
from core.services.moves import MOVABLE
from core.ui.calendar_actions import name_of
from core.ui.calendar_planning import ask_planning
from core.ui.compose_fields import active_channels, format_name, formats_of, problems_with, show_counters
from core.ui.compose_time import Chosen, show_conflicts
from core.ui.dialogs import Opened, close_dialog
from core.ui.failures import refusals
from core.ui.palette import platform_name
from core.ui.queries import ask
from core.ui.shell import boundary
from core.ui.state import context, say_next
from core.ui.wall_time import moment_input
from core.ui.wording import plain, shortened


@st.dialog("Edit post", width="medium", icon=":material/edit:", on_dismiss=close_dialog)
@boundary()
def edit_dialog(asked: Opened) -> None:
    """Ask for everything a person may change of a post."""
    _edit(asked, "Save")


@st.dialog("Write post", width="medium", icon=":material/edit_square:", on_dismiss=close_dialog)
@boundary()
def write_dialog(asked: Opened) -> None:
    """Ask for the post an open slot waits for; saving it without words keeps the slot open."""
    _edit(asked, "Schedule post")


def _edit(asked: Opened, word: str) -> None:
    item = ask(find_item, asked.subject).item
    channel_id, piece = _ask_content(item)
    at = _ask_time(item)
    planning = ask_planning(item)
    channel = ask(find_channel, channel_id)
    stays_open = item.is_open_slot and piece.is_empty
    problems = () if stays_open else problems_with(piece, [channel])
    for message in dict.fromkeys(problem.message for problem in problems):
        st.caption(f":red[:material/error: {plain(message)}]")
    if at and at != item.scheduled_at:
        show_conflicts(Chosen(channel, at), piece.title, piece.text, item.id)
    pressed = st.button(
        "Keep as open slot" if stays_open else word,
        type="primary",
        key="edit_save",
        disabled=at is None or bool(problems),
    )
    if pressed and at:
        fields = (piece.title, piece.text, piece.content_format, channel_id, at)
        _save(asked, ItemEdit(*fields, planning.priority, item.lateness_policy, planning.leeway))


def _save(asked: Opened, edit: ItemEdit) -> None:
    with refusals():
        saved = edit_item(context(), asked.subject, edit, asked.version)
        close_dialog()
        say_next(f"Saved {name_of(saved)}")
        st.rerun()


def _ask_content(item: ItemView) -> tuple[str, Piece]:
    names = {each.id: f"{platform_name(each.platform)} · {shortened(each.name)}" for each in active_channels()}
    names = {item.channel_id: f"{platform_name(item.platform)} · {shortened(item.channel_name)}"} | names
    channel_place, format_place = st.columns(2)
    channel_id = channel_place.selectbox(
        "Channel", list(names), format_func=names.__getitem__, key=f"edit_channel_{item.id}"
    )
    formats = formats_of([ask(find_channel, channel_id)])
    formats = formats if item.content_format in formats else [item.content_format, *formats]
    content_format = format_place.selectbox(
        "Format", formats, formats.index(item.content_format), format_func=format_name, key=f"edit_format_{item.id}"
    )
    title = st.text_input("Title", item.title, key=f"edit_title_{item.id}")
    text = st.text_area("Text", item.text, height=140, key=f"edit_text_{item.id}")
    piece = Piece((title or "").strip(), text or "", content_format, item.tags, item.media)
    show_counters(piece, [ask(find_channel, channel_id).platform])
    return channel_id, piece


def _ask_time(item: ItemView) -> datetime | None:
    """Ask for the time; one that failed keeps it until it is tried again."""
    if item.state not in MOVABLE:
        st.caption("Its time stays until you retry it.")
        return item.scheduled_at
    wall = to_wall(item.scheduled_at, item.timezone)
    return moment_input(f"Date and time · {plain(item.timezone)}", item.timezone, key=f"edit_at_{item.id}", value=wall)
