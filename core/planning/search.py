"""The search for a good plan and the proof of how good it is: prices, exact choices in parts, the whole where small."""

from dataclasses import dataclass
from math import inf

import numpy as np

from core.planning.ascent import Ascent, Pace
from core.planning.board import UNPLACED, Board
from core.planning.greedy import anchored, fill, in_order
from core.planning.grid_plan import Ending
from core.planning.improvement import Neighborhood, improve, settle
from core.planning.neighborhoods import neighborhoods
from core.planning.relaxation import Relaxation
from core.planning.selection import load
from core.planning.watch import Watch
from core.planning.whole import solve_whole

ROUNDING = 1e-9
"""Share of the bound below which a gap is rounding: the exact solver works to a billionth of the dearest choice."""
_FINE = 1e-3
"""Share of what an item earns that is worth speaking of."""

_SMALL = 1000
"""Items up to which a glance at the prices may be enough for the exact model of the whole."""
_FIRST_PACES = (Pace(300, 0.05, 0.001), Pace(500, 0.01, 0.0003))
"""A rough descent, then a finer one: after them the bound is within some 0.1 % of where it ends."""
_GLANCE = Pace(60, 0.05, 0.001)
_PACES_WHEN_FULL = (Pace(300, 0.1, 0.005), Pace(600, 0.02, 0.0005))
"""Where items outnumber places, prices are high: it takes longer steps to reach them."""
_LATER_PACES = (Pace(500, 0.005, 0.0003), Pace(1000, 0.003, 0.0001), Pace(1000, 0.001, 0.00003))
_SHARE_OF_PRICE = 0.9
"""The part of the prices a greedy plan is made with: at the full price, items keep off what nobody else takes."""

_ENDING = 3
"""Settling the plan and explaining it take about so many times as long as the greedy plan."""
_ENDING_LEFT_OVER = 3
"""Items that are left over take so much more: what is in their way is looked up slot by slot."""
_ROUNDS_WITHOUT_GAIN = 2
_MOST_ROUNDS = 60
"""A search that still gains after so many rounds gains nothing anybody would wait for."""


@dataclass
class Search:
    """A plan in the making on `board`, an upper bound on all plans and the prices behind it.

    `fixed` holds the fixed items alone, `ground` those of them that can stand nowhere else.
    """

    board: Board
    fixed: Board
    ground: Board
    ascent: Ascent
    watch: Watch
    bound: float
    value: float
    greedy: float
    least: float

    @property
    def is_proven(self) -> bool:
        """Whether the plan is as good as the bound, and that says something about every single item."""
        return self.is_discerning and self.bound - self.value <= self.rounding

    @property
    def is_discerning(self) -> bool:
        """Whether rounding is small beside what the least item earns: not with priorities of 1 and a billion."""
        return self.rounding <= _FINE * self.least

    @property
    def rounding(self) -> float:
        """How far sums and the exact solver may be off."""
        return ROUNDING * abs(self.bound)

    def is_over(self) -> bool:
        """Say whether there is nothing left to do or no time to do it."""
        return self.is_proven or self.watch.is_over()

    def note(self) -> None:
        """Bring value and bound up to date and report them."""
        self.value = self.board.value()
        self.bound = max(min(self.bound, self.ascent.bound), self.value)
        self.watch.report(self.value, self.bound)


def start(fixed: Board, watch: Watch) -> Search:
    """Begin from the greedy plan on a board that holds the fixed items."""
    ground = anchored(fixed)
    ascent = Ascent(Relaxation(ground))
    board = fixed.copy()
    began = watch.seconds
    fill(board, in_order(board.instance).tolist())
    left_over = float((board.option == UNPLACED).mean()) if board.option.size else 0.0
    watch.spare = (_ENDING + _ENDING_LEFT_OVER * left_over) * (watch.seconds - began)
    best = ascent.relaxation.demand.best()
    least = float(best[best > 0].min(initial=inf))
    search = Search(board, fixed, ground, ascent, watch, ascent.bound, board.value(), board.value(), least)
    search.note()
    return search


def run(search: Search, seed: int) -> Ending:
    """Search until the plan is proven best, nothing improves it any more, time is up or it is canceled.

    Nothing but the last two depends on the stopwatch: with time enough, the same seed gives the same plan.
    """
    rng = np.random.default_rng(seed)
    if not search.is_over():
        load()
    for pace in _first_paces(search.board):
        search.ascent.run(pace, search.is_over)
        _fill_by_price(search)
        _solve_whole(search)
    idle = 0
    for number in range(_MOST_ROUNDS):
        _solve_whole(search)
        if search.is_over() or idle >= _ROUNDS_WITHOUT_GAIN:
            break
        before = search.value, search.bound
        _improve_all(search, rng)
        if number < len(_LATER_PACES):
            search.ascent.run(_LATER_PACES[number], search.is_over)
        search.note()
        idle = idle + 1 if (search.value, search.bound) == before else 0
    _settle(search)
    if search.is_proven:
        return Ending.OPTIMAL
    return search.watch.ending or Ending.CONVERGED


def _settle(search: Search) -> None:
    """Leave no item where a better place is free; the greedy plan has none."""
    if search.value == search.greedy:
        return
    order = in_order(search.board.instance)
    settle(search.board, order[search.board.instance.is_movable[order]].tolist())
    search.note()


def _first_paces(board: Board) -> tuple[Pace, ...]:
    is_full = bool((board.option == UNPLACED).any())
    paces = _PACES_WHEN_FULL if is_full else _FIRST_PACES
    return (_GLANCE, *paces) if board.option.size <= _SMALL else paces


def _fill_by_price(search: Search) -> None:
    """Try the greedy plan with items keeping off dear slots; whatever is left over then takes what it finds."""
    search.note()
    if search.is_over():
        return
    board, order = search.fixed.copy(), in_order(search.fixed.instance).tolist()
    fill(board, order, _SHARE_OF_PRICE * search.ascent.prices.slot)
    fill(board, order)
    if board.value() > search.value:
        search.board = board
        search.note()


def _improve_all(search: Search, rng: np.random.Generator) -> None:
    """Go through one round of neighborhoods."""
    for items in neighborhoods(search.board, rng):
        if search.is_over():
            return
        around = Neighborhood(items, search.ascent.prices.slot, search.watch)
        search.value += improve(search.board, around, rng)
        search.watch.report(search.value, search.bound)


def _solve_whole(search: Search) -> None:
    """Take what the exact model of the whole says, where that is small enough."""
    if search.is_over():
        return
    found = solve_whole(search.ground, search.ascent, search.value, search.rounding, search.watch)
    if found.board is not None and found.board.value() > search.value:
        search.board = found.board
    search.note()
    if found.is_proven and search.is_discerning:
        search.bound = search.value
        search.watch.report(search.value, search.bound)
