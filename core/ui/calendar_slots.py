"""Planning open slots: how often or at which times, where they would go, then all of them at once."""

from functools import partial

import streamlit as st

from core.services.calendars import CLOSED, list_calendars
from core.services.item_views import ItemView
from core.services.open_slots import add_slots, propose_slots, remove_slots
from core.services.slot_views import SlotsProposal, SlotsRequest
from core.ui.blanks import nothing_yet
from core.ui.calendar_slots_form import ask_request
from core.ui.calendar_slots_table import ask_kept, show_weeks
from core.ui.calendar_undo import done
from core.ui.compose_fields import active_channels
from core.ui.dialogs import close_dialog, open_dialog, opened
from core.ui.failures import refusals
from core.ui.queries import ask
from core.ui.shell import boundary
from core.ui.state import context
from core.ui.wording import counted, shortened

SLOTS = "slots"
_FOUND = "slots_found"
_POSTS, _NEW = "", "new"
"""Not ids of calendars: the one of single posts, and one that is still to be made."""


def slots_button() -> None:
    """Draw the button that opens the dialog."""
    st.button("Plan slots", icon=":material/event_repeat:", key="plan_slots", on_click=_open)


def show_slots() -> None:
    """Draw the dialog if it is open."""
    if opened(SLOTS):
        _slots()


def _open() -> None:
    st.session_state.pop(_FOUND, None)
    open_dialog(SLOTS)


@st.dialog("Plan slots", width="large", icon=":material/event_repeat:", on_dismiss=close_dialog)
@boundary()
def _slots() -> None:
    if not active_channels():
        nothing_yet(":material/hub:", "No channel to plan for", "Add or switch on a channel first; an outbox will do.")
        st.page_link("channels.py", label="Go to channels", icon=":material/hub:")
        return
    st.caption("An open slot keeps a time in the plan free for a post that is still to be written.")
    request = ask_request()
    if st.button("Find times", type="primary", key="slots_find", disabled=request is None) and request:
        _find(request)
    found: tuple[SlotsRequest, SlotsProposal] | None = st.session_state.get(_FOUND)
    if found and found[0] == request:
        _review(found[1])


def _find(request: SlotsRequest) -> None:
    """Find times and keep them with what was asked: another request makes them vanish."""
    with refusals(), st.spinner("Finding the best free times"):
        st.session_state[_FOUND] = (request, propose_slots(context(), request))


def _review(proposal: SlotsProposal) -> None:
    """Show where the slots would go and what found no place; add them on demand."""
    show_weeks(proposal.weeks)
    if not proposal.offers:
        st.info("There is no time to add: every week has its number already, or no room.", icon=":material/event_busy:")
        return
    # Another proposal is another table: what was ticked off in the one before means nothing here.
    kept = ask_kept(proposal, f"slots_offers_{hash(proposal)}")
    calendar_id, new_title = _ask_calendar()
    count = len(kept.kept)
    is_named = new_title is None or bool(new_title)
    word = f"Add {counted(count, 'open slot')}"
    if st.button(word, type="primary", key="slots_add", disabled=not (count and is_named)):
        _add(kept, calendar_id, new_title)


def _ask_calendar() -> tuple[str | None, str | None]:
    """Ask for the calendar; return its id, or the title of a new one, or neither for single posts."""
    open_ones = {each.id: shortened(each.title) for each in ask(list_calendars) if each.state not in CLOSED}
    names = {_POSTS: "With single posts", _NEW: "A new calendar"} | open_ones
    chosen = st.selectbox("Calendar", list(names), format_func=names.__getitem__, key="slots_calendar") or _POSTS
    if chosen == _NEW:
        return None, (st.text_input("Title of the new calendar", max_chars=100, key="slots_title") or "").strip()
    return chosen or None, None


def _add(proposal: SlotsProposal, calendar_id: str | None, new_title: str | None) -> None:
    with refusals():
        items = add_slots(context(), proposal, calendar_id, new_title)
        close_dialog()
        st.session_state.pop(_FOUND, None)
        done(f"Added {counted(len(items), 'open slot')}", partial(_remove, items))
        st.rerun()


def _remove(items: tuple[ItemView, ...]) -> None:
    remove_slots(context(), [item.id for item in items])
