"""Problems of some size, and their proven optimum from a model written without the solver's code."""

from collections import defaultdict

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import lil_array

from core.planning.constraints.cross_platform_gap import CrossPlatformGap
from core.planning.grid import GridChannel, GridItem, GridProblem

SLOTS_A_DAY, DAYS = 16, 10
GAP = 4


def small_family(items: int, seed: int) -> GridProblem:
    """Ten days, three channels of one brand, tight: some items share their content, some may choose the channel."""
    rng = np.random.default_rng(seed)
    slots = np.arange(SLOTS_A_DAY * DAYS)
    channels = tuple(
        GridChannel(
            name, rng.uniform(size=slots.size).round(3), rng.random(slots.size) > 0.3, slots // SLOTS_A_DAY,
            slots // (7 * SLOTS_A_DAY), "x", min_gap=int(rng.integers(1, 4)), max_per_day=3, max_per_week=18,
        )
        for name in "abc"
    )  # fmt: skip
    found = []
    for number in range(items):
        release = int(rng.integers(0, slots.size - 20))
        own = (
            tuple(rng.permutation(["a", "b", "c"])[: rng.integers(1, 3)].tolist())
            if number % 3
            else ("abc"[number % 9 // 3],)
        )
        content = f"x{number // 9}" if number % 3 == 0 else None
        deadline = release + int(rng.integers(10, 80))
        found.append(GridItem(f"i{number}", own, float(rng.choice([1, 2, 3, 5])), release, deadline, content))
    return GridProblem(slots.size, channels, tuple(found), (), 2, constraints=(CrossPlatformGap(GAP),))


def optimum(problem: GridProblem, gap: int) -> float:
    """Return the value of the best plan, by one binary variable for every item in every slot it may take."""
    channels = {channel.id: channel for channel in problem.channels}
    cells = [
        (item, channel, slot)
        for item in problem.items
        for channel in item.channels
        for slot in range(max(item.release, 0), min(item.deadline or problem.count, problem.count - 1) + 1)
        if channels[channel].open[slot]
    ]
    rows: defaultdict[tuple[object, ...], list[int]] = defaultdict(list)
    caps: dict[tuple[object, ...], float] = {}
    for number, (item, channel, slot) in enumerate(cells):
        limits = channels[channel]
        keys: list[tuple[tuple[object, ...], float | None]] = [(("item", item.id), 1)]
        keys += [(("near", channel, start), 1) for start in range(slot - limits.min_gap + 1, slot + 1)]
        keys += [(("day", channel, int(limits.day[slot])), limits.max_per_day)]
        keys += [(("week", channel, int(limits.week[slot])), limits.max_per_week)]
        keys += [(("brand", limits.brand, slot), problem.max_per_slot_and_brand)]
        keys += [(("content", item.content, start), 1) for start in range(slot - gap + 1, slot + 1) if item.content]
        for key, cap in keys:
            rows[key].append(number)
            caps[key] = float("inf") if cap is None else cap
    matrix = lil_array((len(rows), len(cells)))
    for row, numbers in enumerate(rows.values()):
        matrix[row, numbers] = 1
    worth = np.array([item.priority * (1 + channels[channel].scores[slot]) for item, channel, slot in cells])
    limits_of = LinearConstraint(matrix.tocsr(), -np.inf, np.array([caps[key] for key in rows]))
    found = milp(-worth, integrality=np.ones(worth.size), bounds=Bounds(0, 1), constraints=limits_of,
                 options={"mip_rel_gap": 0.0})  # fmt: skip
    assert found.status == 0
    return float(-found.fun)
