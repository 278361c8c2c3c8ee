"""The family of planning problems that the planner is measured on, drawn from a seed."""

import numpy as np

from core.planning.constraints.cross_platform_gap import CrossPlatformGap
from core.planning.grid import GridChannel, GridItem, GridProblem

SLOTS_A_DAY = 48
DAYS = 28
SLOTS = SLOTS_A_DAY * DAYS
BRAND_OF = 6
PRIORITIES = (1, 2, 3, 5)
BLACKOUTS = 6
SHARE_IN_CAMPAIGNS = 0.25


def family(items: int, channels: int, seed: int) -> GridProblem:
    """Draw a problem: 28 days of half hours, nights closed, a quarter of the posts in cross-platform campaigns."""
    rng = np.random.default_rng(seed)
    drawn = tuple(channel(number, rng) for number in range(channels))
    return GridProblem(
        SLOTS,
        drawn,
        (*(grouped := campaigns(items, channels, rng)), *singles(items - len(grouped), channels, rng)),
        max_per_slot_and_brand=2,
        constraints=(CrossPlatformGap(4),),
    )


def channel(number: int, rng: np.random.Generator) -> GridChannel:
    """Draw two peaks of the day, weekday levels and noise; 7:00 to 23:00 is open, six blackouts are not."""
    day, hour = np.divmod(np.arange(SLOTS), SLOTS_A_DAY)
    is_open = (hour >= 14) & (hour < 46)
    for _ in range(BLACKOUTS):
        first = rng.integers(0, SLOTS)
        is_open[first : first + rng.integers(4, 25)] = False
    peaks = rng.uniform(16, 44, 2)
    curve = np.exp(-(((hour - peaks[0]) / 6) ** 2)) + 0.7 * np.exp(-(((hour - peaks[1]) / 5) ** 2))
    levels = rng.uniform(0.7, 1, 7)[day % 7]
    scores = np.clip(0.9 * curve / curve.max() * levels + rng.normal(0, 0.05, SLOTS), 0, 1)
    return GridChannel(
        f"c{number}", scores, is_open, day, day // 7, brand=f"b{number // BRAND_OF}", min_gap=int(rng.integers(2, 4)),
        max_per_day=14, max_per_week=88,
    )  # fmt: skip


def window(rng: np.random.Generator) -> tuple[int, int]:
    """Draw release and deadline, 3 to 28 days apart."""
    length = int(rng.integers(3 * SLOTS_A_DAY, SLOTS + 1))
    release = int(rng.integers(0, SLOTS - length + 1))
    return release, release + length - 1


def campaigns(items: int, channels: int, rng: np.random.Generator) -> list[GridItem]:
    """Draw groups of 2 to 4 posts of the same content on different channels in one window."""
    found: list[GridItem] = []
    wanted = int(items * SHARE_IN_CAMPAIGNS)
    while wanted - len(found) > 1:
        size = min(int(rng.integers(2, 5)), wanted - len(found), channels)
        release, deadline = window(rng)
        priority = float(rng.choice(PRIORITIES))
        content = f"campaign-{len(found)}"
        found += [
            GridItem(f"{content}-{number}", (f"c{number}",), priority, release, deadline, content)
            for number in rng.permutation(channels)[:size].tolist()
        ]
    return found


def singles(items: int, channels: int, rng: np.random.Generator) -> list[GridItem]:
    """Draw the other posts, each on its own."""
    found = []
    for number in range(items):
        release, deadline = window(rng)
        channel_id = f"c{int(rng.integers(0, channels))}"
        found.append(GridItem(f"post-{number}", (channel_id,), float(rng.choice(PRIORITIES)), release, deadline))
    return found
