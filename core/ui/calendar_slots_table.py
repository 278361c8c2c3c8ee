"""The times that were found: each with what it promises and what speaks against it, to keep or to leave out."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
import streamlit as st

from core.services.slot_views import SlotOffer, SlotsProposal, WeekOfSlots
from core.ui.dashboard_words import signed
from core.ui.palette import platform_name
from core.ui.state import house
from core.ui.times import clock, day
from core.ui.wording import counted, plain, shortened

KEEP = "Add"
_WEEK = 7


def ask_kept(proposal: SlotsProposal, key: str) -> SlotsProposal:
    """Draw the times and return the proposal as it was ticked off."""
    against = sum(bool(offer.against) for offer in proposal.offers)
    if against:
        st.caption(
            f":material/warning: Something speaks against {counted(against, 'time')}; tick what you want anyway."
        )
    rows = pd.DataFrame([_row(offer) for offer in proposal.offers])
    edited = st.data_editor(
        rows,
        hide_index=True,
        disabled=[name for name in rows.columns if name != KEEP],
        key=key,
        column_config={
            KEEP: st.column_config.CheckboxColumn(width="small"),
            "Score": st.column_config.NumberColumn(format="%.2f", help="0 to 1, on the scale of the best times"),
            "Expected": st.column_config.TextColumn(help="Over the channel's average"),
            "Why": st.column_config.TextColumn(width="large"),
        },
        alt="Proposed times, with what is expected of each and why",
    )
    ticked = edited[KEEP].tolist()
    return replace(
        proposal,
        offers=tuple(replace(each, keep=bool(tick)) for each, tick in zip(proposal.offers, ticked, strict=True)),
    )


def show_weeks(weeks: Sequence[WeekOfSlots]) -> None:
    """Say which weeks did not get their number, and which were given less than the number says."""
    for week in weeks:
        if week.missing:
            st.warning(plain(shortfall(week)), icon=":material/event_busy:")
    remarks = [words for week in weeks if (words := remark(week))]
    if remarks:
        with st.expander(f"How {counted(len(remarks), 'week')} came to another number", icon=":material/info:"):
            for words in remarks:
                st.caption(plain(words))


def shortfall(week: WeekOfSlots) -> str:
    """Say how many posts of a week found no place, and why (plain text)."""
    return f"{_name(week)}: {counted(week.missing, 'post')} found no place. {week.reason}"


def remark(week: WeekOfSlots) -> str:
    """Say why a week is to hold or get another number than was asked for; nothing where it is the same."""
    parts = []
    if week.days < _WEEK:
        parts.append(f"{counted(week.days, 'day')} of 7 lie in your dates, so {week.wanted} of {week.per_week} posts")
        if week.elsewhere:
            parts.append(f"{week.elsewhere} stand on its other days")
    if week.standing:
        parts.append(f"it already has {week.standing}, {week.added} added")
    return f"{_name(week)}: {'; '.join(parts)}." if parts else ""


def _name(week: WeekOfSlots) -> str:
    return f"{shortened(week.channel_name, 40)}, week from {week.monday:%a} {week.monday.day} {week.monday:%b}"


def _row(offer: SlotOffer) -> dict[str, str | float | bool]:
    at, zone = offer.scheduled_at, offer.timezone
    return {
        KEEP: offer.keep,
        "When": f"{day(at, zone, house().now())}, {clock(at, zone)} · {zone}",
        "Channel": f"{platform_name(offer.platform)} · {offer.channel_name}",
        "Expected": signed(offer.expected_lift),
        "Score": round(offer.score, 2),
        "Why": offer.against or offer.reason,
    }
