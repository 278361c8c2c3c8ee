"""Blackout windows: stretches of time in which nothing goes out."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta

import streamlit as st

from core.calendar.zones import to_wall
from core.services.channels import list_channels
from core.services.preferences import ExceptionView, add_blackout, list_exceptions, remove_exception
from core.ui.blanks import nothing_yet
from core.ui.dialogs import close_dialog, open_dialog, opened
from core.ui.failures import attempt, refusals
from core.ui.palette import platform_name
from core.ui.queries import ask
from core.ui.state import context, house, say_next, workspace
from core.ui.times import clock, day, duration
from core.ui.wall_time import moment_input
from core.ui.wording import plain, shortened

PER_PAGE = 20
REASON_LIMIT = 200
_NEW, _REMOVED, _PAST = "blackout_new", "blackout_removed", "blackout_past"


def show_blackouts() -> None:
    """Draw the windows that are not over, with the way to add and remove one."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        past = st.toggle("Show past windows", key=_PAST, bind="query-params")
        st.button("Add blackout window", icon=":material/event_busy:", on_click=open_dialog, args=(_NEW,))
    _offer_undo()
    now = house().now()
    windows = ask(list_exceptions, None if past else now.replace(second=0, microsecond=0))
    if windows:
        _show_page(windows, now)
    else:
        nothing_yet(
            ":material/event_available:",
            "No blackout windows",
            "Holidays, launches of others, days of silence: add a window and nothing is placed or published in it.",
        )
    if opened(_NEW):
        _add()


def _show_page(windows: tuple[ExceptionView, ...], now: datetime) -> None:
    rows = st.container(gap="small")
    pages = -(-len(windows) // PER_PAGE)
    first = (st.pagination(pages, key="blackout_page") - 1) * PER_PAGE if pages > 1 else 0
    names = channel_names()
    with rows:
        for window in windows[first : first + PER_PAGE]:
            _row(window, names, now)


def channel_names() -> Mapping[str | None, str]:
    """Return what every channel is called, by id; None is all of them."""
    names: dict[str | None, str] = {None: "All channels"}
    return names | {each.id: f"{each.name} ({platform_name(each.platform)})" for each in ask(list_channels)}


def _row(window: ExceptionView, names: Mapping[str | None, str], now: datetime) -> None:
    zone = workspace().timezone
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        with st.container(gap=None):
            when = span(window.starts_at, window.ends_at, zone, now)
            over = " :gray-badge[Over]" if window.ends_at <= now else ""
            st.markdown(f"**{when}** · {duration(window.ends_at - window.starts_at)}{over}")
            who = names.get(window.channel_id, "A channel that is gone")
            reason = f" · {plain(shortened(window.reason, REASON_LIMIT))}" if window.reason else ""
            st.caption(f"{plain(who)}{reason} · {plain(zone)}")
        st.button(
            "Remove", icon=":material/delete:", key=f"remove_{window.id}", on_click=attempt, args=(_remove, window)
        )


def span(start: datetime, end: datetime, zone: str, now: datetime) -> str:
    """Return `Thu 24 Dec, 00:00 to Sun 27 Dec, 00:00`, the day named once where it is one."""
    first, last = day(start, zone, now), day(end, zone, now)
    until = clock(end, zone) if first == last else f"{last}, {clock(end, zone)}"
    return f"{first}, {clock(start, zone)} to {until}"


def _remove(window: ExceptionView) -> None:
    remove_exception(context(), window.id)
    st.session_state[_REMOVED] = window


def _offer_undo() -> None:
    """Give the window removed last back, until the next one or the end of the visit."""
    removed: ExceptionView | None = st.session_state.get(_REMOVED)
    if removed is None:
        return
    zone = workspace().timezone
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Removed {span(removed.starts_at, removed.ends_at, zone, house().now())}.", width="content")
        st.button("Undo", icon=":material/undo:", type="tertiary", key="blackout_undo", on_click=attempt, args=(_undo,))


def _undo() -> None:
    removed: ExceptionView = st.session_state.pop(_REMOVED)
    add_blackout(context(), removed.starts_at, removed.ends_at, removed.reason, removed.channel_id)
    say_next("The window is back")


@st.dialog("Add blackout window", icon=":material/event_busy:", on_dismiss=close_dialog)
def _add() -> None:
    zone = workspace().timezone
    st.caption(f"Times are on the clocks of {plain(zone)}.")
    tomorrow = datetime.combine(to_wall(house().now(), zone).date() + timedelta(days=1), time())
    starts = moment_input("From", zone, key="blackout_from", value=tomorrow)
    ends = moment_input("Until", zone, key="blackout_until", value=tomorrow + timedelta(days=1))
    names = channel_names()
    channel = st.selectbox("Channel", list(names), format_func=names.__getitem__, key="blackout_channel")
    reason = st.text_input("Reason", max_chars=REASON_LIMIT, key="blackout_reason", placeholder="Public holiday")
    if st.button("Add window", type="primary", key="blackout_save", disabled=not (starts and ends)) and starts and ends:
        with refusals():
            add_blackout(context(), starts, ends, reason.strip(), channel)
            close_dialog()
            say_next("Nothing goes out in the new window")
            st.rerun()
