"""When a new post goes out on a channel: the best open slot, explained, or a time of one's own, judged against it."""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum

import streamlit as st

from core.calendar.zones import to_wall
from core.services.channels import ChannelView
from core.services.conflicts import find_item_conflicts
from core.services.new_items import FollowedSlot
from core.services.recommendations import (
    ChannelAdvice,
    RecommendationRequest,
    RecommendationView,
    recommend,
)
from core.services.week_scores import score_time
from core.ui.dashboard_reads import ask_at, next_slot
from core.ui.dashboard_words import between, signed
from core.ui.queries import ask
from core.ui.state import house
from core.ui.times import clock, day, moment
from core.ui.wall_time import moment_input
from core.ui.wording import plain
from core.vocabulary import ContentFormat

SLOTS_OFFERED = 10


class TimeMode(StrEnum):
    """How a person says when."""

    BEST = "Best slot"
    PICK = "Pick a time"


@dataclass(frozen=True)
class Chosen:
    """A moment on a channel, with the recommendation that was followed if one was."""

    channel: ChannelView
    at: datetime
    slot: RecommendationView | None = None


def followed(slot: RecommendationView) -> FollowedSlot:
    """Return what is kept of a recommendation that somebody follows."""
    shared = {field.name for field in fields(FollowedSlot)} & {field.name for field in fields(RecommendationView)}
    kept = {name: getattr(slot, name) for name in shared}
    return FollowedSlot(interval_low=slot.low, interval_high=slot.high, **kept)


def advice_for(channel_id: str, content_format: ContentFormat | None) -> ChannelAdvice:
    """Return what is recommended on one channel in the next two weeks (NotFound)."""
    request = RecommendationRequest(channel_ids=(channel_id,), content_format=content_format, count=SLOTS_OFFERED)
    return ask_at(next_slot(), recommend, request)[0]


def choose_slot(
    channel: ChannelView, content_format: ContentFormat, wanted: RecommendationView | None
) -> Chosen | None:
    """Offer the channel's best open slots, `wanted` among them; None when there are none."""
    offered = {slot.window_start: slot for slot in advice_for(channel.id, content_format).slots}
    if wanted and wanted.channel_id == channel.id and wanted.window_start not in offered:
        offered = {wanted.window_start: wanted, **offered}
    if not offered:
        st.warning(
            f"No slot is open on {plain(channel.name)} in the next two weeks: quiet hours, blackouts and planned posts "
            "fill them. Pick a time instead.",
            icon=":material/event_busy:",
        )
        return None
    at: datetime | None = st.selectbox(
        f"Slot on {plain(channel.name)} · {plain(channel.timezone)}",
        list(offered),
        format_func=lambda start: _slot_words(offered[start]),
        key=f"compose_slot_{channel.id}",
        help=f"What is expected is for the format {content_format.replace('_', ' ')}.",
    )
    slot = offered[at or next(iter(offered))]
    st.caption(f":material/lightbulb: {plain(slot.reasons[0])}")
    return Chosen(channel, slot.window_start, slot)


def pick_moment(channels: list[ChannelView], zone: str, content_format: ContentFormat) -> list[Chosen]:
    """Ask for one moment on the clocks of `zone` for all channels, and judge it on each."""
    tomorrow = to_wall(house().now() + timedelta(days=1), zone).replace(minute=0, second=0, microsecond=0)
    at = moment_input(f"Date and time · {plain(zone)}", zone, key="compose_at", value=tomorrow)
    if at is None:
        return []
    for channel in channels:
        show_score(channel, at, content_format, named=len(channels) > 1)
    return [Chosen(channel, at) for channel in channels]


def show_score(channel: ChannelView, at: datetime, content_format: ContentFormat, *, named: bool) -> None:
    """Say how a moment compares with the best open slot of its channel."""
    score = ask(score_time, channel.id, at, content_format)
    best = next(iter(advice_for(channel.id, content_format).slots), None)
    on = f" on {plain(channel.name)}" if named else ""
    there = f" ({moment(at, channel.timezone)} there)" if named else ""
    against = f"; the best open slot, {_start(best)}, has {best.score:.2f}" if best else ""
    st.progress(min(max(score, 0.0), 1.0), text=f"Score {score:.2f}{on}{there}{against}")


def show_conflicts(chosen: Chosen, title: str, text: str, ignore_item_id: str | None = None) -> None:
    """Warn of what speaks against a post at its time: duplicates, spacing, caps, quiet hours, blackouts."""
    found = ask(find_item_conflicts, chosen.channel.id, chosen.at, title, text, ignore_item_id)
    for conflict in found:
        st.warning(plain(conflict.message), icon=":material/warning:")


def _slot_words(slot: RecommendationView) -> str:
    return f"{_start(slot)} · {signed(slot.expected_lift)} ({between(slot.low, slot.high)})"


def _start(slot: RecommendationView) -> str:
    at, zone = slot.window_start, slot.timezone
    return f"{day(at, zone, house().now())}, {clock(at, zone)}"
