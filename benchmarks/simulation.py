"""How often the timing engine errs where the truth is planted: false alarms, coverage, what its advice leaves lying.

Run: `uv run python benchmarks/simulation.py [repetitions]`. Prints a table in Markdown: error rates by world, and
what the advised quarter of posts truly earns. The worlds are those of `tests/simulation`, where fewer
repetitions hold the bars.
"""

import os
import sys
from dataclasses import replace
from itertools import product
from pathlib import Path

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # small frames: threads would only wait for each other

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "simulation")]  # run as a file, from any folder

from planted_channels import Effect, Judged, Likes, Plant, Reels, draw, judge

from core.bootstrap import read_reference
from core.content.baseline import baseline_week

REPETITIONS = 200
SIZES = (50, 250, 1000, 5000)
PEAKS = (0.0, 0.1, 0.3)
SMOOTH = Plant(posts=0, peak=0.0)
WORLDS = {
    "smooth": SMOOTH,
    "smooth, Gaussian noise, no growth": replace(SMOOTH, heavy_tails=False, grows=False),
    "one hour": replace(SMOOTH, effect=Effect.ONE_HOUR),
    "reels mostly at good hours": replace(SMOOTH, reels=Reels.GOOD_HOURS),
    "reels at all good hours and never else": replace(SMOOTH, reels=Reels.ONLY_GOOD_HOURS),
    "reels have an hour to themselves": replace(SMOOTH, effect=Effect.ONE_HOUR, reels=Reels.ONLY_GOOD_HOURS),
    "like channels": replace(SMOOTH, like=Likes.LIKE),
    "unlike channels": replace(SMOOTH, like=Likes.UNLIKE),
    "contrary channels": replace(SMOOTH, like=Likes.CONTRARY),
}

FIGURES = {"timing_matters": 1, "held": 0, "held_best_quarter": 0, "model": 1, "possible": 1, "raw_means": 1,
           "research": 1}  # fmt: skip
"""What is shown of each world (`planted_channels.Judged`), with so many decimals."""


def run(plant: Plant, repetitions: int) -> list[Judged]:
    """Judge channels of a world; the same world is drawn alike every time."""
    rng = np.random.default_rng([7, plant.posts, round(100 * plant.peak)])
    week = np.array(baseline_week(read_reference().baseline, "instagram", None))
    return [judge(draw(plant, rng), week) for _ in range(repetitions)]


def row(world: Plant, repetitions: int) -> str:
    """Give the figures in percent, each by number of posts."""
    found = [run(replace(world, posts=posts), repetitions) for posts in SIZES]
    return " | ".join(
        " / ".join(f"{np.mean([getattr(judged, name) for judged in each]) * 100:.{digits}f}" for each in found)
        for name, digits in FIGURES.items()
    )


def main(repetitions: int = REPETITIONS) -> None:
    print(f"{repetitions} channels per figure, in percent, by number of posts: {' / '.join(map(str, SIZES))}.\n")
    print(f"| world | best hour | {' | '.join(name.replace('_', ' ') for name in FIGURES)} |")
    print("|---" * (2 + len(FIGURES)) + "|")
    for (name, world), peak in product(WORLDS.items(), PEAKS):
        print(f"| {name} | {peak:+.0%} | {row(replace(world, peak=peak), repetitions)} |", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
