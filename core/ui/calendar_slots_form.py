"""The two ways to ask for open slots: posts a week for each channel, or fixed times."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

import pandas as pd
import streamlit as st

from core.calendar.zones import to_wall
from core.services.channels import ChannelView
from core.services.slot_requests import MOST_DAYS, MOST_PER_WEEK
from core.services.slot_suggestions import FrequencySource, SuggestedFrequency, suggest_frequencies
from core.services.slot_views import ChannelFrequency, FixedTimes, HowOften, SlotsRequest
from core.ui.calendar_rules import FOUR_WEEKS, ask_rule, day_input
from core.ui.compose_fields import active_channels, format_name, formats_of
from core.ui.palette import platform_name
from core.ui.queries import ask
from core.ui.state import house, workspace
from core.ui.wording import shortened
from core.vocabulary import ContentFormat

CHANNEL, NUMBER, FORMAT, FROM = "Channel", "Posts a week", "Format", "Comes from"


class Way(StrEnum):
    """How somebody says what is to be planned."""

    HOW_OFTEN = "How often"
    FIXED_TIMES = "Fixed times"


def ask_request() -> SlotsRequest | None:
    """Draw the form and return what it asks for; None while something is missing, which is said."""
    way = st.segmented_control("Plan by", list(Way), default=Way.HOW_OFTEN, required=True, key="slots_way")
    return _ask_fixed_times() if way is Way.FIXED_TIMES else _ask_how_often()


def _ask_how_often() -> SlotsRequest | None:
    st.caption("Every whole week gets its number, on top of what stands there; Slotwise finds the best free times.")
    channels = {channel.id: channel for channel in active_channels()}
    wanted = _ask_numbers(channels, [each for each in ask(suggest_frequencies) if each.channel_id in channels])
    monday = _next_monday()
    first_place, last_place = st.columns(2)
    with first_place:
        first = day_input("First day", monday, "slots_first")
    with last_place:
        last = day_input("Last day", monday + FOUR_WEEKS, "slots_last")
    if missing := _missing(wanted, first, last):
        st.caption(f":red[:material/error: {missing}]")
        return None
    return HowOften(wanted, first or monday, last or monday)


def _ask_numbers(
    channels: Mapping[str, ChannelView], suggested: Sequence[SuggestedFrequency]
) -> tuple[ChannelFrequency, ...]:
    """Draw the table of channels and return what stands in it."""
    formats = {format_name(each): each for each in formats_of(channels.values())}
    rows = pd.DataFrame(
        {
            NUMBER: [each.posts_per_week for each in suggested],
            CHANNEL: [_name(channels[each.channel_id]) for each in suggested],
            FORMAT: pd.Series([None for _ in suggested], dtype="object"),
            FROM: [_source(each) for each in suggested],
        }
    )
    edited = st.data_editor(
        rows,
        hide_index=True,
        disabled=[CHANNEL, FROM],
        key="slots_numbers",
        placeholder="Usual",
        column_config={
            NUMBER: st.column_config.NumberColumn(min_value=0, max_value=MOST_PER_WEEK, step=1, required=True),
            FORMAT: st.column_config.SelectboxColumn(options=list(formats), help="Empty: what the channel is for"),
            FROM: st.column_config.TextColumn(help="Where the number came from before you changed it"),
        },
        alt="Channels and the posts a week each is to have",
    )
    return tuple(
        ChannelFrequency(each.channel_id, int(row[NUMBER] or 0), formats.get(_text(row[FORMAT])))
        for each, row in zip(suggested, edited.to_dict("records"), strict=True)
    )


def _ask_fixed_times() -> SlotsRequest | None:
    st.caption("The same local time on each channel's own clock, also when the clocks change.")
    channels = {channel.id: channel for channel in active_channels()}
    channel_place, format_place = st.columns([2, 1])
    chosen: list[str] = channel_place.multiselect(
        "Channels",
        list(channels),
        list(channels) if len(channels) == 1 else None,
        format_func=lambda key: _name(channels[key]),
        key="slots_channels",
    )
    content_format: ContentFormat | None = format_place.selectbox(
        "Format",
        formats_of([channels[key] for key in chosen]),
        None,
        format_func=format_name,
        key="slots_format",
        placeholder="Usual",
    )
    rule = ask_rule("slots_rule", to_wall(house().now(), workspace().timezone).date() + timedelta(days=1))
    if not chosen:
        st.caption(":red[:material/error: Choose one or more channels.]")
    return FixedTimes(tuple(chosen), rule, content_format) if chosen and rule else None


def _missing(wanted: Sequence[ChannelFrequency], first: date | None, last: date | None) -> str:
    if not any(each.posts_per_week for each in wanted):
        return "Ask for one post a week or more."
    if first is None or last is None:
        return "Choose a first and a last day."
    if last < first:
        return "The last day is before the first."
    return f"Choose at most {MOST_DAYS} days." if (last - first).days >= MOST_DAYS else ""


def _next_monday() -> date:
    today = to_wall(house().now(), workspace().timezone).date()
    return today + timedelta(days=7 - today.weekday())


def _name(channel: ChannelView) -> str:
    return f"{platform_name(channel.platform)} · {shortened(channel.name, 40)}"


def _source(suggested: SuggestedFrequency) -> str:
    """Say where a number comes from, and what allows no more."""
    cap = f", at most {suggested.cap} allowed" if suggested.cap is not None else ""
    match suggested.source:
        case FrequencySource.PREFERENCE:
            return f"Your preference, {_range(suggested)}"
        case FrequencySource.RESEARCH:
            return f"Published research, {_range(suggested)}{cap}"
        case _:
            return f"Nothing is set{cap}"


def _range(suggested: SuggestedFrequency) -> str:
    least, most = suggested.least, suggested.most
    if most is None:
        return f"at least {least}"
    if least is None:
        return f"at most {most}"
    return str(least) if least == most else f"{least} to {most}"


def _text(cell: Any) -> str:
    """Return a cell as text; an empty one is None or NaN to pandas."""
    return cell if isinstance(cell, str) else ""
