"""The month and the week: items to click and to drag, blackouts behind them."""

from dataclasses import replace

import streamlit as st
from streamlit_calendar import calendar

from core.calendar.zones import load_zone, to_utc, to_wall
from core.errors import DstAmbiguous
from core.services.channels import ChannelView
from core.services.item_views import Page
from core.services.items import list_items
from core.services.preferences import ExceptionView, list_exceptions
from core.services.week_scores import score_week
from core.ui.calendar_actions import VIEW
from core.ui.calendar_events import Clicked, Dragged, blackout_events, expected_events, item_events, read_answer
from core.ui.calendar_filters import Wanted, clear_filter, heading
from core.ui.calendar_moves import move
from core.ui.calendar_span import Span, View, span_of
from core.ui.calendar_style import LEGEND, stylesheet
from core.ui.compose_fields import active_channels
from core.ui.dashboard_reads import this_minute
from core.ui.dialogs import open_dialog
from core.ui.failures import attempt
from core.ui.palette import platform_colours
from core.ui.platform_legend import show_legend
from core.ui.queries import ask
from core.ui.state import refuse_next
from core.ui.wording import plain

MOST = 1000
HEIGHT = 760
_TURN = "board_turn"
_VIEWS = {View.MONTH: "dayGridMonth", View.WEEK: "timeGridWeek"}
_CLOCK = {"hour": "2-digit", "minute": "2-digit", "hour12": False}


def show_board(wanted: Wanted) -> None:
    """Draw the month or the week and do what is done in it."""
    span = span_of(wanted.view, wanted.day)
    starts, ends = span.bounds(wanted.zone)
    page = ask(list_items, replace(wanted.items, starts=starts, ends=ends), MOST)
    windows = [each for each in ask(list_exceptions, starts) if each.starts_at < ends and _concerns(each, wanted)]
    st.subheader(heading(wanted), anchor=False)
    _remark(page, wanted)
    turn = st.session_state.setdefault(_TURN, 0)
    channel = _only_channel(wanted) if wanted.view is View.WEEK else None
    events = [
        *item_events(page.items, wanted.zone, turn),
        *blackout_events(windows, wanted.zone, wanted.view),
        *(expected_events(ask(score_week, channel.id), channel.timezone, span, wanted.zone) if channel else ()),
    ]
    answer = calendar(
        events=events,
        options=_options(wanted, span),
        custom_css=stylesheet(platform_colours()),
        callbacks=["eventClick", "eventChange"],
        key=f"board_{wanted.view}_{span.first}_{wanted.zone}",
    )
    show_legend((item.platform for item in page.items), LEGEND)
    if channel:
        st.caption(f"Shaded: the hours expected to do best on {plain(channel.name)}, the deeper the better.")
    if done := read_answer(answer or {}, turn):
        st.session_state[_TURN] = turn + 1  # the events are sent anew: a refused one jumps back
        _follow(done, wanted.zone)
        st.rerun()


def _concerns(window: ExceptionView, wanted: Wanted) -> bool:
    """Return whether a blackout concerns a channel that is shown."""
    return window.channel_id is None or not wanted.items.channel_ids or window.channel_id in wanted.items.channel_ids


def _only_channel(wanted: Wanted) -> ChannelView | None:
    """Return the channel that is looked at, where it is a single one: audiences differ, their hours do not add up."""
    shown = [each for each in active_channels() if each.id in (wanted.items.channel_ids or {each.id})]
    shown = [each for each in shown if each.platform in (wanted.items.platforms or {each.platform})]
    return shown[0] if len(shown) == 1 else None


def _options(wanted: Wanted, span: Span) -> dict[str, object]:
    """Return the component's settings; its own toolbar is off, days are chosen above it and stand in the address."""
    shown = wanted.day if wanted.view is View.MONTH else span.first
    return {
        "initialView": _VIEWS[wanted.view],
        "initialDate": str(shown),
        "timeZone": "UTC",
        "now": to_wall(this_minute(), wanted.zone).isoformat(),
        "nowIndicator": True,
        "headerToolbar": False,
        "height": HEIGHT,
        "firstDay": 1,
        "fixedWeekCount": False,
        "nextDayThreshold": "01:00:00",  # a post shortly before midnight stays on its day
        "dayMaxEvents": True,
        "allDaySlot": False,
        "scrollTime": "07:00:00",
        "snapDuration": "00:15:00",
        "eventDurationEditable": False,
        "eventDisplay": "block",
        "displayEventEnd": False,
        "eventTimeFormat": _CLOCK,
        "slotLabelFormat": _CLOCK,
        "dayHeaderFormat": {"weekday": "short"}
        if wanted.view is View.MONTH
        else {"weekday": "short", "day": "numeric"},
        "locale": "en-gb",
        "slotEventOverlap": False,
        "eventOrder": "start,title",
    }


def _remark(page: Page, wanted: Wanted) -> None:
    """Say what an empty or an overfull calendar means."""
    if page.total > len(page.items):
        st.caption(
            f"The first {len(page.items):,} of {page.total:,} posts are drawn; filter, or choose a shorter view."
        )
    elif not page.items and wanted.is_filtered:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(":material/filter_alt_off: No posts match this filter here.", width="content")
            st.button("Clear filter", key="clear_board", type="tertiary", on_click=clear_filter)
    elif not page.items:
        st.caption("Nothing is planned here yet. New posts appear at their time; drag them to move them.")


def _follow(done: Clicked | Dragged, zone: str) -> None:
    """Open what was clicked, move what was dragged."""
    if isinstance(done, Clicked):
        open_dialog(VIEW, done.item_id, done.version)
    else:
        attempt(_drop, done, zone)


def _drop(dragged: Dragged, zone: str) -> None:
    try:
        at = to_utc(dragged.wall, zone)
    except DstAmbiguous as twice:
        refuse_next(f"{plain(str(twice))} Open the post and choose Move.")
        return
    move(dragged.item_id, at.astimezone(load_zone(zone)), dragged.version)
