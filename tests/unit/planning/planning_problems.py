"""Small planning problems, drawn and written out, and a validator that knows nothing of the planner."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import combinations

from hypothesis import strategies as st

from core.planning.plan import Plan
from core.planning.problem import ChannelLimits, Commitment, PlanItem, PlanSlot, Problem

START = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)
CHANNELS = ("acme-youtube", "acme-x")


def at(hours: float) -> datetime:
    return START + hours * HOUR


def slot(hours: float, score: float = 0.5, channel: str = CHANNELS[0]) -> PlanSlot:
    start = at(hours)
    return PlanSlot(channel, start, start.date(), start.isocalendar()[:2], score)


def commitment(hours: float, channel: str = CHANNELS[0], content: str | None = None) -> Commitment:
    start = at(hours)
    return Commitment(channel, start, start.date(), start.isocalendar()[:2], content)


hours = st.integers(0, 10 * 24).map(float)
contents = st.sampled_from([None, "launch", "recap"])
channels = st.sampled_from(CHANNELS)
caps = st.none() | st.integers(0, 3)
limits = st.builds(ChannelLimits, st.integers(0, 12).map(lambda n: n * HOUR), caps, caps)


@st.composite
def items(draw: st.DrawFn) -> tuple[PlanItem, ...]:
    moments = st.none() | hours.map(at)
    one = st.tuples(channels, st.integers(0, 3), moments, moments, contents)
    return tuple(PlanItem(f"i{index}", *values) for index, values in enumerate(draw(st.lists(one, max_size=12))))


problems = st.builds(
    Problem,
    items=items(),
    slots=st.lists(st.builds(slot, hours, st.floats(0, 1), channels), max_size=40).map(tuple),
    limits=st.fixed_dictionaries(dict.fromkeys(CHANNELS, limits)),
    commitments=st.lists(st.builds(commitment, hours, channels, contents), max_size=4).map(tuple),
    cross_platform_gap=st.none() | st.integers(0, 24).map(lambda n: n * HOUR),
)


def breaches(problem: Problem, plan: Plan) -> list[str]:
    """Say every way in which a plan breaks its problem, by comparing all pairs of posts."""
    items = {item.id: item for item in problem.items}
    slots = {(slot.channel_id, slot.start): slot for slot in problem.slots}
    placed = [(items[p.item_id], slots.get((p.channel_id, p.start))) for p in plan.placements]
    found = [f"{item.id} is not on a slot of its channel" for item, slot in placed
             if slot is None or slot.channel_id != item.channel_id]  # fmt: skip
    for item, slot in placed:
        if slot is not None and not (item.earliest or slot.start) <= slot.start <= (item.latest or slot.start):
            found.append(f"{item.id} is outside its window")
    posts = [(slot.channel_id, slot.start, item.content_key, True) for item, slot in placed if slot is not None]
    posts += [(c.channel_id, c.start, c.content_key, False) for c in problem.commitments]
    for (channel, start, content, new), (channel_b, start_b, content_b, new_b) in combinations(posts, 2):
        apart = max(start, start_b) - min(start, start_b)
        if not (new or new_b):
            continue
        if channel == channel_b and (apart < problem.limits[channel].min_gap or start == start_b):
            found.append(f"{channel} posts at {start} and {start_b}")
        gap = problem.cross_platform_gap
        if channel != channel_b and content is not None and content == content_b and gap and apart < gap:
            found.append(f"{content} goes out at {start} and {start_b}")
    for channel, limit in problem.limits.items():
        for most, unit in ((limit.max_per_day, "%Y-%m-%d"), (limit.max_per_week, "%G-%V")):
            counts = Counter(f"{start:{unit}}" for own, start, _, _ in posts if own == channel)
            touched = {f"{start:{unit}}" for own, start, _, new in posts if own == channel and new}
            found += [f"{channel} is over its limit in {span}" for span in touched
                      if most is not None and counts[span] > most]  # fmt: skip
    return found
