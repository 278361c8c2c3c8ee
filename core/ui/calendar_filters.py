"""What of the calendar is shown: view, day, zone and filter, all of it in the address."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import streamlit as st

from core.calendar.zones import to_wall
from core.services.calendars import list_calendars
from core.services.channels import list_channels
from core.services.item_views import EVERY_ITEM, ItemFilter
from core.ui.calendar_span import View, span_of, step
from core.ui.palette import STATES, platform_name
from core.ui.queries import ask
from core.ui.state import house, workspace
from core.ui.wording import plain, shortened
from core.ui.zones import zone_names
from core.vocabulary import ItemState

VIEW, DAY, ZONE = "view", "day", "zone"
PLATFORMS, CHANNELS, STATE, CALENDAR, TAG, TEXT = "platforms", "channels", "states", "calendar", "tag", "text"
TEXT_LIMIT = 100


@dataclass(frozen=True)
class Wanted:
    """What somebody wants to see; `today` is the local day of now in `zone`."""

    view: View
    day: date
    today: date
    zone: str
    items: ItemFilter

    @property
    def is_filtered(self) -> bool:
        """Whether the filter hides anything."""
        return self.items != EVERY_ITEM


def ask_wanted() -> Wanted:
    """Draw the bar above the calendar and return what it says."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        view = st.segmented_control(
            "View",
            list(View),
            default=View.MONTH,
            required=True,
            key=VIEW,
            bind="query-params",
            label_visibility="collapsed",
        )
        steps = st.container(horizontal=True, width="content", gap="xsmall")
        text = st.text_input(
            "Search",
            key=TEXT,
            bind="query-params",
            max_chars=TEXT_LIMIT,
            placeholder="Search title and text",
            icon=":material/search:",
            label_visibility="collapsed",
            width=240,
        )
        zone, chosen = _filters(text or "")
    today = to_wall(house().now(), zone).date()
    with steps:
        day = _steps(view, today)
    return Wanted(view, day, today, zone, chosen)


def _steps(view: View, today: date) -> date:
    """Draw the way back, forth, to today and to any day."""
    day: date = st.session_state.get(DAY) or today
    st.button("", icon=":material/chevron_left:", key="earlier", help="Earlier", on_click=_go, args=(view, day, -1))
    st.button("Today", key="today", on_click=_go_to, args=(None,))
    st.button("", icon=":material/chevron_right:", key="later", help="Later", on_click=_go, args=(view, day, 1))
    st.date_input(
        "Day", None, key=DAY, bind="query-params", format="DD/MM/YYYY", label_visibility="collapsed", width=170
    )
    return st.session_state.get(DAY) or today


def _go(view: View, day: date, by: int) -> None:
    _go_to(step(view, day, by))


def _go_to(day: date | None) -> None:
    st.session_state[DAY] = day


def _filters(text: str) -> tuple[str, ItemFilter]:
    count = sum(bool(st.session_state.get(key)) for key in (PLATFORMS, CHANNELS, STATE, CALENDAR, TAG))
    label = f"Filter · {count}" if count else "Filter"
    with st.popover(label, icon=":material/filter_alt:", key="filters"):
        zone = _zone()
        platforms = _several("Platforms", PLATFORMS, list(house().reference.platforms), platform_name)
        names = {channel.id: f"{channel.name} ({platform_name(channel.platform)})" for channel in ask(list_channels)}
        channels = _several("Channels", CHANNELS, list(names), lambda key: shortened(names[key]))
        states = _several("States", STATE, list(ItemState), _state_name)
        calendar = _calendar()
        tag = st.text_input("Tag", key=TAG, bind="query-params", max_chars=TEXT_LIMIT)
        st.button("Clear filter", key="clear_filter", disabled=not (count or text), on_click=clear_filter)
    found = ItemFilter(
        platforms=tuple(platforms),
        channel_ids=tuple(channels),
        states=tuple(ItemState(state) for state in states),
        calendar_id=calendar,
        text=text.strip(),
        tag=(tag or "").strip(),
    )
    return zone, found


def _state_name(state: str) -> str:
    """Name a state as the items in it are shown: an open slot is a draft that nobody has begun."""
    word = STATES[ItemState(state)].word
    return f"{word} or open slot" if state == ItemState.PENDING else word


def clear_filter() -> None:
    """Show everything again."""
    for key in (PLATFORMS, CHANNELS, STATE):
        st.session_state[key] = []
    st.session_state[CALENDAR] = None
    st.session_state[TAG] = st.session_state[TEXT] = ""


def _zone() -> str:
    """Ask for the zone on whose clocks the calendar is drawn; the workspace's by default."""
    own, names = workspace().timezone, zone_names()
    options = names if own in names else (own, *names)
    choice: str | None = st.selectbox(
        "Time zone", options, options.index(own), key=ZONE, bind="query-params", filter_mode="contains"
    )
    return choice or own


def _several(label: str, key: str, options: Sequence[str], name: Callable[[str], str]) -> list[str]:
    chosen: list[str] = st.multiselect(label, options, format_func=name, key=key, bind="query-params")
    return chosen


def _calendar() -> str | None:
    titles = {calendar.id: calendar.title for calendar in ask(list_calendars)}
    choice: str | None = st.selectbox(
        "Calendar",
        list(titles),
        None,
        format_func=lambda key: shortened(titles[key]),
        key=CALENDAR,
        bind="query-params",
        placeholder="All calendars",
    )
    return choice


def heading(wanted: Wanted) -> str:
    """Return what is shown, as Markdown: the month or the week and the zone."""
    return f"{span_of(wanted.view, wanted.day).name} :gray[· {plain(wanted.zone)}]"
