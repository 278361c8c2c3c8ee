"""The reasons of a calendar's plan as its readers say them: posts by title, times by the channel's clock."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from core.calendar.zones import hour_of_week, to_wall
from core.planning.grid_plan import Block, GridUnplaced, PlacedReason, Relaxation, UnplacedReason, Why
from core.planning.phrases import CLOSES, placed_sentence
from core.services.plan_ground import ChannelGround
from core.services.plan_subject import Movable, Subject

_FITS: dict[Block, Callable[[str, str], str]] = {
    Block.DAY_CAP: lambda day, number: f"the cap of {day} becomes {number}",
    Block.WEEK_CAP: lambda _, number: f"the cap of that week becomes {number}",
    Block.SPACING: lambda _, number: f"posts of the channel may stand {number} minutes apart",
    Block.WORKSPACE_CAP: lambda _, number: f"{number} posts may go out at once",
    Block.KEPT_APART: lambda _, number: f"it may stand {number} minutes from the same content elsewhere",
    Block.WINDOW: lambda *_: "it may be moved that far",
    Block.CLOSED: lambda *_: "that time is opened",
    Block.RULE: lambda *_: "the same content elsewhere leaves that time free",
    Block.WORTH: lambda *_: "one more post there costs less",
    Block.BRAND_CAP: lambda _, number: f"{number} posts of the brand may go out at once",
}
"""What would have to change, by the day (for a cap) and the number it would have to become."""
_IN_SLOTS = {Block.SPACING, Block.KEPT_APART}


def clock(at: datetime, zone: str) -> str:
    """Return a moment as a sentence says it, by the clock of a zone: `Tue 3 Mar 18:00`."""
    wall = to_wall(at, zone)
    return f"{wall:%a} {wall.day} {wall:%b %H:%M}"


def why_there(subject: Subject, one: Movable, at: datetime, reason: PlacedReason) -> tuple[str, str]:
    """Return why the plan has an item at a time, and what is known of that hour."""
    hour = subject.worth.hours[one.kind].reason(hour_of_week(at, one.item.timezone))
    return _planners(subject, one, at, reason), hour


def why_left(subject: Subject, one: Movable, left: GridUnplaced) -> str:
    """Return why an item has no allowed time."""
    if one.low > one.high:
        return "No half hour begins in the window it may be moved in."
    return nowhere(subject.ground.channels[one.item.channel_id], range(one.low, one.high + 1), left.reason)


def nowhere(own: ChannelGround, slots: range, reason: UnplacedReason) -> str:
    """Return why a channel has no time for a post in some slots, with the limits that leave none."""
    name, limits = own.channel.name, own.allowance.rules.limits
    if not any(block is not Block.CLOSED for block, _ in reason.blocks):
        closed = own.closed_slots(slots.start, slots.stop - 1)
        parts = " and ".join(f"{count} are {why}" for why, count in sorted(closed.items()))
        return f"{name} may not post in any of the {sum(closed.values())} half hours it could take: {parts}."
    says = {
        Block.DAY_CAP: f"are on days that already have the most posts allowed, {limits.max_per_day}",
        Block.WEEK_CAP: f"are in weeks that already have the most posts allowed, {limits.max_per_week}",
        Block.SPACING: f"are within {limits.min_gap / timedelta(minutes=1):g} minutes of another post",
    }
    parts = "; ".join(f"{count} {says.get(block, CLOSES[block])}" for block, count in reason.blocks)
    return f"Of the {reason.slots} half hours in which {name} may post, {parts}."


def what_would_help(subject: Subject, one: Movable, change: Relaxation | None) -> str | None:
    """Return the least that would make room for an item, None where nothing short of moving others would."""
    if change is None:
        return None
    grid, zone = subject.ground.grid, one.item.timezone
    at = grid.start(change.slot)
    needs = [
        _FITS[block](f"{to_wall(at, zone):%A}", str(number * grid.minutes if block in _IN_SLOTS else number))
        for block, number in change.needs
    ]
    return f"Fits {clock(at, zone)} if {' and '.join(needs)}."


def _planners(subject: Subject, one: Movable, at: datetime, reason: PlacedReason) -> str:
    if reason.why is Why.FIXED:
        return "It stays: nothing better was found in the time given."
    if reason.why is Why.BEST:
        more = f"at least {subject.options.stability:.0%} ".replace("%", " %") if at == one.post.at else ""
        return f"No time open to it earns {more}more."
    rival = f"“{subject.movable[reason.rival].post.title}”" if reason.rival else None
    named = replace(reason, channel=one.item.channel_name, rival=rival)
    return placed_sentence(named, lambda slot: clock(subject.ground.grid.start(slot), one.item.timezone))
