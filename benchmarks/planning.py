"""How near the best possible the planner's plans are, and how soon, beside what people do today.

Run: `uv run python benchmarks/planning.py [seed ...]`. Draws each problem of `planning_family.py` from each seed (1
unless told) and prints rows of a Markdown table: the gap to a valid upper bound and what the plan earns more than the
two naive ones. Time is the wall clock's, and exact solves run beside the search: measure on a machine that does nothing
else. Small problems are also given to HiGHS whole, without any of this.
"""

import sys
from math import inf
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]  # run as a file, from any folder

import numpy as np
from planning_family import family

from core.planning.board import Board
from core.planning.greedy import with_fixed
from core.planning.grid import GridProblem, Ints
from core.planning.grid_plan import Infeasible
from core.planning.instance import compile_grid
from core.planning.naive import best_slot, earliest_free
from core.planning.selection import Effort, columns_of, select
from core.planning.solve import solve

SIZES = (
    (50, 6, (1.0, 5.0)),
    (500, 6, (1.0, 4.0)),
    (2000, 12, (5.0, 13.0)),
    (2000, 6, (15.0, 30.0)),
    (10_000, 60, (15.0, 60.0)),
)
"""Posts, channels, budgets in seconds."""
WHOLE = 50
WHOLE_SECONDS = 60.0


def value_of(board: Board | Infeasible) -> float:
    assert isinstance(board, Board)
    return board.value()


def whole(problem: GridProblem) -> str:
    """Give every choice to HiGHS at once."""
    board = with_fixed(compile_grid(problem))
    assert isinstance(board, Board)
    cells: list[tuple[Ints, Ints, Ints]] = []
    for option, item in enumerate(board.instance.options.item.tolist()):
        slots = np.flatnonzero(board.gains(option) > -inf)
        low = int(board.instance.options.low[option])
        cells.append((np.full(slots.size, item), np.full(slots.size, option), slots + low))
    columns = columns_of(board, *(np.concatenate(parts) for parts in zip(*cells, strict=True)))
    started = perf_counter()
    found = select(board, columns, Effort(WHOLE_SECONDS, 1_000_000, 0.0))
    proven = "proven" if found is not None and found.is_proven else "not proven"
    return f"{proven} in {perf_counter() - started:.1f} s"


def row(items: int, channels: int, budget: float, seed: int) -> str:
    problem = family(items, channels, seed)
    earliest, best = value_of(earliest_free(problem)), value_of(best_slot(problem))
    plan = solve(problem, budget_seconds=budget, seed=0, elapsed=perf_counter)
    assert not isinstance(plan, Infeasible)
    bare = whole(problem) if items <= WHOLE else "-"
    gains = f"{plan.value / earliest - 1:+.1%} | {plan.value / best - 1:+.1%}"
    placed = f"{len(plan.placements):,} of {items:,}"
    head = f"| {items:,} ({channels}) | {seed} | {budget:g} s | {plan.seconds:.1f} s | {placed} | {plan.gap:.3%}"
    return f"{head} | {plan.ending} | {gains} | {bare} |"


def main(arguments: list[str]) -> None:
    print(
        "| posts (channels) | seed | budget | taken | placed | gap | ended | to earliest | to best slot | HiGHS alone |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for seed in [int(argument) for argument in arguments if argument.isdigit()] or [1]:
        for items, channels, budgets in SIZES:
            for budget in budgets:
                print(row(items, channels, budget, seed), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
