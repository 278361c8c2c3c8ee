"""Solve a planning problem: the best plan found in a time budget, how far from the best possible it can be, and why."""

import numpy as np

from core.planning.board import UNPLACED, Board
from core.planning.greedy import with_fixed
from core.planning.grid import Floats, GridProblem
from core.planning.grid_plan import Ending, GridPlacement, GridPlan, GridUnplaced, Infeasible
from core.planning.instance import compile_grid
from core.planning.phrases import SlotName
from core.planning.reasons import Reasons
from core.planning.search import Search, run, start
from core.planning.watch import Elapsed, Question, Report, Watch


def solve(
    problem: GridProblem,
    *,
    budget_seconds: float,
    seed: int,
    elapsed: Elapsed,
    progress: Report = lambda _: None,
    canceled: Question = lambda: False,
    slot_name: SlotName = "slot {}".format,
) -> GridPlan | Infeasible:
    """Plan a problem; no hard constraint is ever broken. Infeasible names the fixed item that makes it impossible.

    The budget is kept within a tenth, except that the greedy plan is always made (a second for 20,000 items). A plan
    that ends OPTIMAL or CONVERGED is the same for the same seed; one cut by the budget or canceled is the best of the
    way so far. `canceled` is asked between steps of at most ten seconds. `elapsed` is any stopwatch in seconds.
    """
    watch = Watch(budget_seconds, elapsed, progress, canceled)
    instance = compile_grid(problem)
    fixed = with_fixed(instance, slot_name)
    if isinstance(fixed, Infeasible):
        return fixed
    search = start(fixed, watch)
    ending = run(search, seed)
    return _plan(search, ending, slot_name)


def _plan(search: Search, ending: Ending, slot_name: SlotName) -> GridPlan:
    board, watch = search.board, search.watch
    names = [channel.id for channel in board.instance.problem.channels]
    prices: dict[str, Floats] = dict(zip(names, search.ascent.prices.slot, strict=True))
    reasons = Reasons(board, prices, slot_name)
    gap = (search.bound - search.value) / (abs(search.bound) or 1.0) if search.bound > search.value else 0.0
    plan = GridPlan(
        placements=_placements(board, reasons),
        unplaced=_unplaced(board, reasons),
        value=search.value,
        bound=search.bound,
        gap=gap,
        ending=ending,
        seconds=watch.seconds,
        prices=prices,
    )
    watch.report(search.value, search.bound)
    return plan


def _placements(board: Board, reasons: Reasons) -> tuple[GridPlacement, ...]:
    problem, options = board.instance.problem, board.instance.options
    placed = board.placed
    order = placed[np.lexsort((options.channel[board.option[placed]], board.slot[placed]))]
    return tuple(
        GridPlacement(
            problem.items[item].id,
            problem.channels[options.channel[board.option[item]]].id,
            int(board.slot[item]),
            board.instance.earns(int(board.option[item]), int(board.slot[item])),
            reasons.placed(item),
        )
        for item in order.tolist()
    )


def _unplaced(board: Board, reasons: Reasons) -> tuple[GridUnplaced, ...]:
    left = np.flatnonzero(board.option == UNPLACED).tolist()
    return tuple(GridUnplaced(board.instance.problem.items[item].id, *reasons.unplaced(item)) for item in left)
