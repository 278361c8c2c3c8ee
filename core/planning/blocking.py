"""Why an item found no slot: the constraint that blocks most of its slots, in a sentence with the numbers."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from core.planning.diary import Diary
from core.planning.plan import BlockedBy, Unplaced
from core.planning.problem import ChannelLimits, PlanItem, PlanSlot, Problem

_MINUTE = timedelta(minutes=1)
_Judged = list[tuple[PlanSlot, BlockedBy | None]]
"""Slots of one channel with what rules each out for every item, if anything does."""


def explain(problem: Problem, diary: Diary, left: Iterable[PlanItem]) -> tuple[Unplaced, ...]:
    """Return the reason for each item that is left over once `diary` holds the finished plan."""
    judged: defaultdict[str, _Judged] = defaultdict(list)
    for slot in problem.slots:
        judged[slot.channel_id].append((slot, diary.channels[slot.channel_id].block(slot)))
    return tuple(_explain_one(problem, diary, item, judged[item.channel_id]) for item in left)


def is_within(item: PlanItem, slot: PlanSlot) -> bool:
    """Say whether a slot starts between the item's earliest and latest start."""
    return not (item.earliest and slot.start < item.earliest) and not (item.latest and slot.start > item.latest)


def _explain_one(problem: Problem, diary: Diary, item: PlanItem, judged: _Judged) -> Unplaced:
    channel = problem.limits[item.channel_id].name or item.channel_id
    if not judged:
        return Unplaced(item.id, BlockedBy.NO_SLOTS, f"{channel} has no slots in the time that is planned.")
    within = [(slot, block) for slot, block in judged if is_within(item, slot)]
    if not within:
        reason = f"None of the {len(judged)} slots of {channel} starts {_window(item)}."
        return Unplaced(item.id, BlockedBy.WINDOW, reason)
    blocks = Counter(block or BlockedBy.CROSS_PLATFORM_GAP for _, block in within)
    main, count = max(blocks.items(), key=lambda entry: (entry[1], -list(BlockedBy).index(entry[0])))
    window = f" that start {_window(item)}" if item.earliest or item.latest else ""
    what = _what(main, diary.channels[item.channel_id].limits, problem.cross_platform_gap)
    return Unplaced(item.id, main, f"{_share(count, len(within))} of {channel}{window} {_are(count)} {what}.")


def _share(count: int, total: int) -> str:
    if count < total:
        return f"{count} of the {total} slots"
    return "The only slot" if total == 1 else f"All {total} slots"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _what(main: BlockedBy, limits: ChannelLimits, cross_platform_gap: timedelta | None) -> str:
    match main:
        case BlockedBy.MIN_GAP:
            return f"within {_minutes(limits.min_gap)} of another post" if limits.min_gap else "taken by other posts"
        case BlockedBy.MAX_PER_DAY:
            return f"on days that already have the most posts allowed, {limits.max_per_day}"
        case BlockedBy.MAX_PER_WEEK:
            return f"in weeks that already have the most posts allowed, {limits.max_per_week}"
        case _:
            return f"within {_minutes(cross_platform_gap or timedelta())} of the same content on another channel"


def _window(item: PlanItem) -> str:
    limits = (("at or after", item.earliest), ("at or before", item.latest))
    return " and ".join(f"{word} {_clock(moment)}" for word, moment in limits if moment)


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _minutes(span: timedelta) -> str:
    return f"{span / _MINUTE:g} minutes"
