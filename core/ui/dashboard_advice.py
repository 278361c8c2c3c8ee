"""The best times to post, as cards: when, how much better, how sure, resting on what, and one true reason."""

from collections.abc import Sequence
from itertools import chain, zip_longest

import streamlit as st

from core.services.recommendations import ChannelAdvice, RecommendationRequest, RecommendationView, recommend
from core.timing.explain import FEWEST_TO_JUDGE
from core.ui.blanks import nothing_yet
from core.ui.compose import open_compose
from core.ui.compose_fields import active_channels
from core.ui.dashboard_bar import interval_bar
from core.ui.dashboard_reads import ask_at, next_slot
from core.ui.dashboard_why import open_why
from core.ui.dashboard_words import basis_badge, between, posts, signed, where
from core.ui.palette import platform_name
from core.ui.state import house
from core.ui.times import clock, day
from core.ui.wording import plain, shortened

CARDS = 6
PLATFORM = "platform"


def ask_platform() -> str | None:
    """Draw the region's head with the platform filter, which is in the address; None for all platforms."""
    st.subheader("Best times", anchor=False)
    used = sorted({channel.platform for channel in active_channels()})
    choice: str | None = st.pills(
        "Platform", used, format_func=platform_name, key=PLATFORM, bind="query-params", label_visibility="collapsed"
    )
    return choice if choice in used else None


def show_advice(platform: str | None) -> None:
    """Draw the best open slots of the next two weeks."""
    wanted = RecommendationRequest(platforms=(platform,) if platform else (), count=CARDS)
    advice = ask_at(next_slot(), recommend, wanted)
    helpful = [each for each in advice if not is_flat(each)]
    slots = _best_of_each(helpful)
    with st.grid(3, min_column_width=300):
        for slot in slots:
            _card(slot)
        for each in advice:
            if is_flat(each):
                _flat(each)
    if helpful and not slots:
        nothing_yet(
            ":material/event_busy:",
            "No slot is open in the next two weeks",
            "Quiet hours, blackout windows and planned posts fill them all. The settings say which.",
        )


def is_flat(advice: ChannelAdvice) -> bool:
    """Return whether a channel has posts enough to judge by, and they show no effect of timing."""
    return advice.posts >= FEWEST_TO_JUDGE and not advice.timing_matters


def _best_of_each(advice: Sequence[ChannelAdvice]) -> list[RecommendationView]:
    """Return the channels' best slots in turn, so that no channel crowds out another."""
    ranks = zip_longest(*(each.slots for each in advice))
    return [slot for slot in chain.from_iterable(ranks) if slot is not None][:CARDS]


def _card(slot: RecommendationView) -> None:
    at, zone = slot.window_start, slot.timezone
    word, icon, colour = basis_badge(slot.basis, slot.sample_size)
    with st.container(border=True, height="stretch", key=f"best_{slot.id}", gap="small"):
        with st.container(gap=None):
            st.markdown(f"#### {day(at, zone, house().now())}, {clock(at, zone)}")
            st.caption(f"{plain(zone)}  \n{plain(shortened(where(slot), 60))}")
        with st.container(horizontal=True, gap="small"):
            st.badge(word, icon=icon, color=colour)
            if slot.is_exploration:
                st.badge("A try", icon=":material/explore:", color="violet")
        with st.container(gap=None):
            st.markdown(
                f"**{signed(slot.expected_lift)}** against your average :gray[({between(slot.low, slot.high)})]"
            )
            interval_bar(slot.expected_lift, slot.low, slot.high, key=f"bar_{slot.id}")
        st.caption(f":material/lightbulb: {plain(slot.reasons[0])}")
        st.space("stretch")
        with st.container(horizontal=True, gap="small"):
            _button("Schedule", ":material/add:", f"schedule_{slot.id}", slot)
            st.button("Why?", type="tertiary", key=f"why_{slot.id}", on_click=open_why, args=(slot,))


def _button(word: str, icon: str, key: str, slot: RecommendationView | None) -> None:
    st.button(word, icon=icon, key=key, on_click=open_compose, args=(slot,))


def _flat(advice: ChannelAdvice) -> None:
    """Draw the honest card: this audience does not care about the hour."""
    word, icon, colour = basis_badge(advice.basis, advice.posts)
    best = advice.slots[0] if advice.slots else None
    with st.container(border=True, height="stretch", key=f"flat_{advice.channel_id}", gap="small"):
        with st.container(gap=None):
            st.markdown("#### Any reasonable time is fine")
            st.caption(plain(shortened(where(advice), 60)))
        st.badge(word, icon=icon, color=colour)
        st.markdown(f"Timing shows no detectable effect in your {posts(advice.posts)} here.")
        if best:
            st.caption(
                f"The best open slot is estimated at {signed(best.expected_lift)} ({between(best.low, best.high)})."
            )
        st.space("stretch")
        with st.container(horizontal=True, gap="small"):
            _button("New post", ":material/add:", f"flat_schedule_{advice.channel_id}", best)
            if best:
                st.button("Why?", type="tertiary", key=f"flat_why_{advice.channel_id}", on_click=open_why, args=(best,))
