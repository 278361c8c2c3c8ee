"""One look for each platform and each state; a colour never stands without its word."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import streamlit as st

from core.services.item_views import ItemView
from core.ui.state import house
from core.vocabulary import ItemState

Colour = Literal["red", "orange", "yellow", "blue", "green", "violet", "gray"]


@dataclass(frozen=True)
class Look:
    """How a state is shown: its word, one of the theme's colours, a Material icon."""

    word: str
    colour: Colour
    icon: str


STATES: Mapping[ItemState, Look] = {
    ItemState.PENDING: Look("Draft", "gray", ":material/edit_note:"),
    ItemState.AWAITING_APPROVAL: Look("Waiting for approval", "yellow", ":material/approval:"),
    ItemState.SCHEDULED: Look("Scheduled", "blue", ":material/schedule:"),
    ItemState.PUBLISHING: Look("Publishing", "violet", ":material/upload:"),
    ItemState.PUBLISHED: Look("Published", "green", ":material/check_circle:"),
    ItemState.UNCONFIRMED: Look("Unconfirmed", "orange", ":material/help:"),
    ItemState.FAILED: Look("Failed", "red", ":material/error:"),
    ItemState.SKIPPED: Look("Skipped", "gray", ":material/skip_next:"),
    ItemState.CANCELED: Look("Canceled", "gray", ":material/cancel:"),
    ItemState.REJECTED: Look("Rejected", "red", ":material/thumb_down:"),
}


OPEN_SLOT_LOOK = Look("Open slot", "gray", ":material/radio_button_unchecked:")


def look_of(item: ItemView) -> Look:
    """Return how an item's state is shown; an open slot has a look of its own."""
    return OPEN_SLOT_LOOK if item.is_open_slot else STATES[item.state]


def state_badge(item: ItemView) -> None:
    """Draw the badge of an item's state."""
    look = look_of(item)
    st.badge(look.word, icon=look.icon, color=look.colour)


def state_text(item: ItemView) -> str:
    """Return the badge of an item's state as Markdown, for a line of text."""
    look = look_of(item)
    return f":{look.colour}-badge[{look.icon} {look.word}]"


def platform_name(platform: str) -> str:
    """Return how a platform writes its name."""
    return house().reference.platforms[platform].name


def platform_colours() -> Mapping[str, str]:
    """Return the `#rrggbb` of every platform, by id; for charts and the calendar, beside the name."""
    return {platform.id: platform.colour for platform in house().reference.platforms.values()}
