"""The sentences of a plan's reasons."""

from collections.abc import Callable
from math import floor

from core.planning.grid_plan import Block, PlacedReason, Relaxation, UnplacedReason, Why

SlotName = Callable[[int], str]
"""What a sentence calls a slot; one before or after the grid may be asked for too."""

CLOSES = {
    Block.DAY_CAP: "are on days that already have the most posts allowed",
    Block.WEEK_CAP: "are in weeks that already have the most posts allowed",
    Block.SPACING: "are too near another post of the channel",
    Block.BRAND_CAP: "already have the most posts the brand allows at once",
    Block.WORKSPACE_CAP: "already have the most posts the workspace allows at once",
    Block.KEPT_APART: "are too near the same content, or in the wrong order with a post it belongs to",
    Block.WINDOW: "are outside its window",
    Block.CLOSED: "are closed",
    Block.RULE: "are forbidden to it by a rule",
    Block.WORTH: "are free, but one more post there costs more than this one earns",
}
_NO_ROOM = {
    Block.DAY_CAP: "the day already has the most posts allowed",
    Block.WEEK_CAP: "the week already has the most posts allowed",
    Block.SPACING: "it is too near another post of the channel",
    Block.BRAND_CAP: "the brand already has the most posts allowed at once",
    Block.WORKSPACE_CAP: "the workspace already has the most posts allowed at once",
    Block.KEPT_APART: "it is too near the same content, or in the wrong order with a post it belongs to",
    Block.WINDOW: "it is outside the window",
    Block.CLOSED: "it is closed",
    Block.RULE: "a rule forbids it",
    Block.WORTH: "it costs more than it earns",
}
_FITS = {
    Block.DAY_CAP: "that day's cap becomes {number}",
    Block.WEEK_CAP: "that week's cap becomes {number}",
    Block.SPACING: "the spacing becomes {slots}",
    Block.BRAND_CAP: "the brand may have {posts} at once",
    Block.WORKSPACE_CAP: "the workspace may have {posts} at once",
    Block.KEPT_APART: "it may stand {slots} from the post it is kept apart from",
    Block.WINDOW: "its window reaches there",
    Block.CLOSED: "that slot is opened",
    Block.RULE: "the rule that forbids it is lifted",
    Block.WORTH: "one more post there costs less",
}


def placed_sentence(reason: PlacedReason, slot_name: SlotName) -> str:
    """Say why an item stands where it stands."""
    there = f"{slot_name(reason.slot)} on {reason.channel} would have earned {reason.gain:.1%} more for this post"
    match reason.why:
        case Why.FIXED:
            return "It is fixed there."
        case Why.BEST:
            return "No slot open to it earns more."
        case Why.WORTH_MORE_TO_ANOTHER:
            return f"{there} but is worth more to {reason.rival}."
        case _ if reason.block is None:
            return f"{there}; the time ran out before it was tried."
        case _:
            return f"{there}, but {_NO_ROOM[reason.block]}."


def unplaced_sentence(reason: UnplacedReason) -> str:
    """Say why an item found no place."""
    if not reason.slots:
        return "Its window holds no slot of the grid."
    parts = [f"{count} {CLOSES[block]}" for block, count in reason.blocks]
    return f"Of the {reason.slots} slots it could take, {'; '.join(parts)}."


def relaxation_sentence(change: Relaxation, channel: str, slot_name: SlotName) -> str:
    """Say what would make room."""
    changes = [
        _FITS[block].format(number=_short(number), slots=_many(number, "slot"), posts=_many(number, "post"))
        for block, number in change.needs
    ]
    return f"Fits at {slot_name(change.slot)} on {channel} if {' and '.join(changes)}."


def _many(number: float, what: str) -> str:
    return f"{_short(number)} {what}{'' if number == 1 else 's'}"


def _short(number: float) -> str:
    """Write a number with two digits at most, cut off: a spacing rounded up would be too wide again."""
    return f"{floor(number * 100) / 100:g}" if number % 1 else f"{number:.0f}"
