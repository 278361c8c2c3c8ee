"""Warnings: what speaks against an item's time, for the form, the calendar and the item itself."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlmodel import col, select

from core.calendar.conflicts import Booking, Conflict, PostingLimits, find_conflicts
from core.calendar.states import OPEN_ITEM_STATES
from core.services.context import Context
from core.services.item_times import check_aware
from core.services.item_views import ItemView
from core.services.own_channels import own_channel
from core.services.posting_rules import PostingRules, booking, bookings_between, rules_of
from core.services.rows import find
from core.storage.tables import Channel, ContentScheduleItem
from core.storage.tenancy import ScopedSession

WEEK_AROUND = timedelta(days=8)
"""Beyond it a post is never in the same week by any zone's clock, so only its words can still matter."""


def find_item_conflicts(
    ctx: Context, channel_id: str, when: datetime, title: str = "", text: str = "", ignore_item_id: str | None = None
) -> tuple[Conflict, ...]:
    """Return what would speak against posting this on a channel at an aware moment.

    Raises NotFound (channel) and Invalid (a moment without a zone, a peer).
    `ignore_item_id`: the item that is being edited does not conflict with itself.
    """
    check_aware(when)
    with ctx.read() as session:
        channel = own_channel(session, channel_id)
        return _conflicts(session, channel, booking(ignore_item_id or "", title, text, channel_id, when))


def list_conflicts(ctx: Context, starts: datetime, ends: datetime) -> Mapping[str, tuple[Conflict, ...]]:
    """Return the conflicts of items that are not out yet, by item id, for those in [starts, ends) that have any."""
    check_aware(starts)
    check_aware(ends)
    with ctx.read() as session:
        channels = {row.id: row for row in session.scalars(select(Channel))}
        rules = rules_of(session, channels.values())
        by_channel = _by_channel(bookings_between(session, starts, ends))
        found = {}
        for one in _still_open(session, starts, ends, by_channel):
            others, zone = by_channel[one.channel_id], channels[one.channel_id].timezone
            found[one.item_id] = speaks_against(one, others, rules[one.channel_id], zone)
    return {item_id: conflicts for item_id, conflicts in found.items() if conflicts}


def conflicts_of(session: ScopedSession, item: ItemView) -> tuple[Conflict, ...]:
    """Return what speaks against an item where it stands; nothing once it is out or given up."""
    if item.state not in OPEN_ITEM_STATES:
        return ()
    channel = find(session, Channel, item.channel_id, "channel")
    own = booking(item.id, item.title, item.text, item.channel_id, item.scheduled_at)
    return _conflicts(session, channel, own)


def speaks_against(
    candidate: Booking, others: Iterable[Booking], rules: PostingRules, zone: str
) -> tuple[Conflict, ...]:
    """Return what speaks against a post where it would stand; `zone` is its channel's."""
    reach = max(WEEK_AROUND, rules.limits.min_gap)
    near = [one for one in others if abs(one.at - candidate.at) <= reach or one.content_id == candidate.content_id]
    quiet_only = PostingLimits(quiet=rules.quiet)
    return (
        *find_conflicts(candidate, near, rules.limits, zone),
        *find_conflicts(candidate, (), quiet_only, rules.zone),
    )


def _conflicts(session: ScopedSession, channel: Channel, candidate: Booking) -> tuple[Conflict, ...]:
    others = bookings_between(session, candidate.at, candidate.at, [channel.id])
    return speaks_against(candidate, others, rules_of(session, [channel])[channel.id], channel.timezone)


def _by_channel(bookings: Iterable[Booking]) -> Mapping[str, list[Booking]]:
    grouped: defaultdict[str, list[Booking]] = defaultdict(list)
    for one in bookings:
        grouped[one.channel_id].append(one)
    return grouped


def _still_open(
    session: ScopedSession, starts: datetime, ends: datetime, bookings: Mapping[str, list[Booking]]
) -> list[Booking]:
    item = ContentScheduleItem
    ids = set(
        session.scalars(
            select(item.id).where(
                col(item.scheduled_at) >= starts,
                col(item.scheduled_at) < ends,
                col(item.state).in_(OPEN_ITEM_STATES),
            )
        )
    )
    return [one for own in bookings.values() for one in own if one.item_id in ids]
