"""What the optimizer may do with a post: its priority, whether it keeps its time, and its window."""

from dataclasses import dataclass, replace
from datetime import datetime

import streamlit as st

from core.calendar.zones import to_wall
from core.services.item_views import FREE, ItemView, Leeway
from core.services.new_items import PRIORITIES
from core.ui.state import house
from core.ui.times import moment
from core.ui.wall_time import moment_input
from core.ui.wording import plain

USUAL_PRIORITY = 1


@dataclass(frozen=True)
class Planning:
    """How much a post matters, and how far it may be moved."""

    priority: int
    leeway: Leeway


def ask_planning(item: ItemView) -> Planning:
    """Draw the fields, folded away; open where something is set already."""
    is_set = item.leeway != FREE or item.priority != USUAL_PRIORITY
    with st.expander("Planning", icon=":material/auto_awesome:", expanded=is_set):
        priority = st.slider(
            "Priority",
            PRIORITIES.start,
            PRIORITIES.stop - 1,
            item.priority,
            key=f"edit_priority_{item.id}",
            help="When not everything fits, or two posts want the same time, the higher one wins.",
        )
        fixed = st.toggle("Keep this time", item.leeway.fixed, key=f"edit_fixed_{item.id}")
        leeway = replace(item.leeway, fixed=True) if fixed else _ask_window(item)
        st.caption(f":material/info: {plain(meaning(leeway, item.timezone, house().now()))}")
    return Planning(priority, leeway)


def _ask_window(item: ItemView) -> Leeway:
    low_place, high_place = st.columns(2)
    with low_place:
        low = _ask_moment(item, "Not before", "low", item.leeway.not_before)
    with high_place:
        high = _ask_moment(item, "Not after", "high", item.leeway.not_after)
    return Leeway(not_before=low, not_after=high)


def _ask_moment(item: ItemView, label: str, key: str, value: datetime | None) -> datetime | None:
    """Ask for one end of the window on the channel's clocks; empty is open."""
    wall = value and to_wall(value, item.timezone)
    return moment_input(f"{label} · {plain(item.timezone)}", item.timezone, f"edit_{key}_{item.id}", wall)


def meaning(leeway: Leeway, zone: str, now: datetime) -> str:
    """Return what the optimizer may do with a post, in a sentence (plain text)."""
    if leeway.fixed:
        return "The optimizer never moves it; only a person does."
    low, high = (at and moment(at, zone, now) for at in (leeway.not_before, leeway.not_after))
    if low and high:
        return f"The optimizer may move it, but not before {low} and not after {high}."
    if low or high:
        return f"The optimizer may move it, but not {'before' if low else 'after'} {low or high}."
    return "The optimizer may move it wherever it is expected to earn more."
