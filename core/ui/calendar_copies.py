"""Scheduling a post once more, or every week until a day."""

from datetime import date, timedelta
from enum import StrEnum

import streamlit as st

from core.calendar.recurrence import Recurrence
from core.calendar.zones import to_wall
from core.services.item_views import ItemView
from core.services.items import find_item
from core.services.moves import cancel_item, duplicate_item
from core.services.repeats import propose_repeat, repeat_item
from core.services.slot_views import SlotsProposal
from core.ui.calendar_actions import name_of
from core.ui.calendar_moves import ask_time, show_subject, when_words
from core.ui.calendar_rules import ask_rule
from core.ui.calendar_slots_table import ask_kept
from core.ui.calendar_undo import done
from core.ui.dashboard_reads import ask_at, this_minute
from core.ui.dialogs import Opened, close_dialog
from core.ui.failures import refusals
from core.ui.queries import ask
from core.ui.shell import boundary
from core.ui.state import context, house
from core.ui.wording import counted, plain

_WEEK, _DAY = timedelta(days=7), timedelta(days=1)


class Again(StrEnum):
    """How often a post goes out again."""

    ONCE = "Once"
    WEEKLY = "Every week"


@st.dialog("Duplicate post", width="medium", icon=":material/content_copy:", on_dismiss=close_dialog)
@boundary()
def copy_dialog(asked: Opened) -> None:
    """Ask when the same content shall go out on the same channel again."""
    item = ask(find_item, asked.subject).item
    again = st.segmented_control("Again", list(Again), default=Again.ONCE, required=True, key=f"copy_again_{item.id}")
    if again is Again.WEEKLY:
        _ask_weekly(item)
    else:
        _ask_once(item)


def _ask_once(item: ItemView) -> None:
    later = max(item.scheduled_at, house().now()) + _WEEK
    at = ask_time(item, "Time of the copy", to_wall(later, item.timezone), "copy")
    if st.button("Schedule copy", type="primary", key="copy_save", disabled=at is None) and at:
        with refusals():
            copy = duplicate_item(context(), item.id, at)
            close_dialog()
            done(f"{name_of(copy)} goes out once more, {when_words(copy)}", lambda: _cancel((copy,)))
            st.rerun()


def _ask_weekly(item: ItemView) -> None:
    """Ask for the rule, show its times, and schedule those that are kept."""
    show_subject(item)
    wall = to_wall(item.scheduled_at, item.timezone)
    rule = ask_rule(f"copy_{item.id}", _first_day(item, wall.date()), wall.time().replace(second=0, microsecond=0))
    st.caption(f"On the clocks of {plain(item.timezone)}, also when they change. The copies share the content.")
    if rule:
        with refusals():
            _offer(item, rule)


def _first_day(item: ItemView, day: date) -> date:
    """Return the same weekday of the next week that has not begun: the post itself stands in its own."""
    tomorrow = to_wall(house().now(), item.timezone).date() + _DAY
    weeks = max(-((day - tomorrow).days // _WEEK.days), 1)
    return day + weeks * _WEEK


def _offer(item: ItemView, rule: Recurrence) -> None:
    proposal: SlotsProposal = ask_at(this_minute(), propose_repeat, item.id, rule)
    if not proposal.offers:
        st.info("None of these weekdays lies between the two days.", icon=":material/event_busy:")
        return
    kept = ask_kept(proposal, f"copy_offers_{hash(proposal)}")
    count = len(kept.kept)
    word = "Schedule 1 copy" if count == 1 else f"Schedule {count} copies"
    if st.button(word, type="primary", key="repeat_save", disabled=not count):
        copies = repeat_item(context(), item.id, kept)
        close_dialog()
        done(f"{name_of(item)} goes out {counted(len(copies), 'more time')}", lambda: _cancel(copies))
        st.rerun()


def _cancel(items: tuple[ItemView, ...]) -> None:
    for item in items:
        cancel_item(context(), item.id, item.version)
