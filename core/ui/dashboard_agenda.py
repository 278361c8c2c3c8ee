"""The next seven days, and what went out last."""

from datetime import date, datetime, timedelta
from itertools import groupby

import streamlit as st

from core.calendar.zones import day_bounds, to_wall
from core.services.item_views import ItemFilter, ItemView, Page
from core.services.items import list_items
from core.ui.blanks import nothing_yet
from core.ui.calendar_actions import CANCELING, EDITING, MOVING, REMOVING, VIEWING, WRITING, name_of, show_actions
from core.ui.dashboard_reads import this_minute
from core.ui.palette import platform_name, state_text
from core.ui.queries import ask
from core.ui.state import house, workspace
from core.ui.times import clock, day, duration, lateness, moment
from core.ui.wording import plain, shortened
from core.vocabulary import ItemState

DAYS = 7
MOST_COMING = 40
MOST_RECENT = 8

COMING = (ItemState.PENDING, ItemState.AWAITING_APPROVAL, ItemState.SCHEDULED, ItemState.PUBLISHING)
SETTLED = (ItemState.PUBLISHED, ItemState.FAILED, ItemState.UNCONFIRMED, ItemState.SKIPPED)


def show_upcoming() -> None:
    """Draw what is planned for the next seven local days, grouped by day."""
    zone = workspace().timezone
    today = to_wall(house().now(), zone).date()
    ends = day_bounds(today + timedelta(days=DAYS - 1), zone)[1]
    page = ask(list_items, ItemFilter(states=COMING, starts=this_minute(), ends=ends), MOST_COMING)
    st.subheader("Next seven days", anchor=False)
    if not page.items:
        nothing_yet(
            ":material/event:",
            "Nothing is planned for the next seven days",
            "Schedule one of the best times above, write a new post, or let Slotwise fill the week.",
        )
        return
    st.caption(f"Times on the clocks of {plain(zone)}")
    for local_day, items in groupby(page.items, key=lambda item: to_wall(item.scheduled_at, zone).date()):
        _day(local_day, today, list(items), zone)
    _more(page)


def _day(local_day: date, today: date, items: list[ItemView], zone: str) -> None:
    names = {0: "Today · ", 1: "Tomorrow · "}
    shown = day(items[0].scheduled_at, zone, house().now())
    st.markdown(f"**{names.get((local_day - today).days, '')}{shown}**")
    with st.container(border=True, gap="small"):
        for item in items:
            _coming(item, zone)


def _coming(item: ItemView, zone: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"coming_{item.id}"):
        st.markdown(f"**{clock(item.scheduled_at, zone)}**", width=52)
        with st.container(gap=None):
            st.markdown(f"{name_of(item)} {state_text(item)}")
            st.caption(_place(item, zone))
        with st.container(horizontal=True, width="content", gap="small"):
            show_actions(item, (WRITING, EDITING, MOVING, REMOVING, CANCELING), "coming", icons_only=True)


def _place(item: ItemView, zone: str) -> str:
    """Name platform and channel, and the time there where its clocks show another."""
    there = ""
    if to_wall(item.scheduled_at, item.timezone) != to_wall(item.scheduled_at, zone):
        there = f" · {moment(item.scheduled_at, item.timezone, house().now())}"
    return plain(f"{platform_name(item.platform)} · {shortened(item.channel_name)}{there}")


def _more(page: Page) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if page.total > len(page.items):
            st.caption(f"{page.total - len(page.items):,} more in these days.", width="content")
        st.page_link("content_calendar.py", label="Open the calendar", icon=":material/calendar_month:")


def show_recent() -> None:
    """Draw what was published, failed or passed last: how late, where to see it, and why not."""
    now = this_minute() + timedelta(minutes=1)
    page = ask(list_items, ItemFilter(states=SETTLED, ends=now), MOST_RECENT, newest_first=True)
    st.subheader("Recent results", anchor=False)
    if not page.items:
        st.caption("What went out, and how late, shows here once the first post is published.")
        return
    with st.container(border=True, gap="small"):
        for item in page.items:
            _settled(item, now)


def _settled(item: ItemView, now: datetime) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"recent_{item.id}"):
        with st.container(gap=None):
            st.markdown(f"{state_text(item)} {name_of(item)}")
            st.caption(_outcome(item, now))
        with st.container(horizontal=True, width="content", gap="small"):
            if item.url and item.url.startswith(("https://", "http://")):
                st.link_button("Open", item.url, icon=":material/open_in_new:", type="tertiary")
            show_actions(item, (VIEWING,), "recent", icons_only=True)


def _outcome(item: ItemView, now: datetime) -> str:
    when = item.published_at or item.scheduled_at
    parts = [
        platform_name(item.platform),
        shortened(item.channel_name, 40),
        f"{moment(when, item.timezone, now)} ({duration(now - when)} ago)",
        lateness(item.lateness),
        shortened(item.error or "", 200) if item.state is not ItemState.PUBLISHED else "",
    ]
    return plain(" · ".join(part for part in parts if part))
