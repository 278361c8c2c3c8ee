"""Planning problems on numbered slots, drawn and written out, each with its rules for the judge."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from grid_validator import Rules
from hypothesis import strategies as st

from core.planning.constraints.cross_platform_gap import CrossPlatformGap
from core.planning.constraints.order import Order
from core.planning.grid import GridChannel, GridCommitment, GridItem, GridProblem
from core.planning.grid_plan import GridPlan, Infeasible
from core.planning.solve import solve
from core.planning.terms.by_format import ByFormat
from core.planning.terms.stability import Stability

LONG = 1e9
"""A budget no test reaches: the stopwatch of these tests stands still."""


@dataclass(frozen=True)
class Case:
    problem: GridProblem
    rules: Rules


def channel(name: str = "a", scores: list[float] | None = None, **limits: object) -> GridChannel:
    """A channel with everything open, days of 4 slots, one week unless told."""
    row = np.array(scores if scores is not None else [0.5] * 8)
    slots = np.arange(row.size)
    given = {"open": np.ones(row.size, dtype=np.bool_), "day": slots // 4, "week": slots // 28, **limits}
    return GridChannel(name, row, **given)  # type: ignore[arg-type] # the fields by name


def plan_of(problem: GridProblem, seed: int = 0, budget: float = LONG) -> GridPlan:
    found = solve(problem, budget_seconds=budget, seed=seed, elapsed=lambda: 0.0)
    assert isinstance(found, GridPlan), found
    return found


def answer(problem: GridProblem) -> GridPlan | Infeasible:
    return solve(problem, budget_seconds=LONG, seed=0, elapsed=lambda: 0.0)


def places_of(plan: GridPlan) -> dict[str, tuple[str, int]]:
    return {placement.item: (placement.channel, placement.slot) for placement in plan.placements}


CHANNELS = ("a", "b", "c")
# Strategies are made once: hypothesis examines each anew, which took as long as to draw from it.
integers = cache(st.integers)
yes_or_no = st.booleans()


@cache
def one_of(*values: object) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


@cache
def none_or(least: int, most: int) -> st.SearchStrategy[int | None]:
    return st.none() | integers(least, most)


@cache
def some_of(names: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True)


@cache
def bytes_of(count: int) -> st.SearchStrategy[bytes]:
    return st.binary(min_size=count, max_size=count)


FORMATS = ("short", "text")
distances = integers(0, 16).map(lambda quarters: quarters / 4)
caps = none_or(0, 3)
returns = st.just(()) | st.lists(st.sampled_from([1.0, 0.7, 0.4, 0.0]), min_size=1, max_size=3).map(
    lambda factors: tuple(sorted(factors, reverse=True))
)


@cache
def drawn_scores(count: int) -> st.SearchStrategy[list[float]]:
    """Draw twentieths, as bytes at once: number by number takes longer than to solve the problem."""
    return bytes_of(count).map(lambda raw: [byte % 21 / 20 for byte in raw])


@st.composite
def drawn_channels(draw: st.DrawFn, name: str, count: int) -> GridChannel:
    slots_a_day = draw(integers(1, 5))
    day = (np.arange(count) + draw(integers(0, 3))) // slots_a_day
    return GridChannel(
        name,
        np.array(draw(drawn_scores(count))),
        np.array([byte % 4 > 0 for byte in draw(bytes_of(count))], dtype=np.bool_),
        day,
        day // 7,
        brand=draw(one_of("x", "y")),
        min_gap=draw(distances),
        max_per_day=draw(caps),
        max_per_week=draw(caps),
        min_per_week=draw(integers(0, 2)),
        worth_of_minimum=draw(one_of(0.0, 0.5, 4.0)),
        daily_returns=draw(returns),
        weekly_returns=draw(returns),
    )


@st.composite
def drawn_items(
    draw: st.DrawFn, number: int, count: int, channels: tuple[str, ...], fixed: st.SearchStrategy[int | None]
) -> GridItem:
    own = draw(some_of(channels))
    return GridItem(
        f"i{number}",
        tuple(own),
        float(draw(integers(0, 5))),
        draw(integers(-1, count)),
        draw(none_or(-1, count + 2)),
        draw(one_of(None, None, "launch", "recap")),
        draw(fixed),
    )


@st.composite
def cases(
    draw: st.DrawFn, most_slots: int = 40, most_items: int = 14, most_channels: int = 3, *, some_fixed: bool = False
) -> Case:
    """Draw a problem with all kinds of limits; without fixed items there always is a plan."""
    count = draw(integers(1, most_slots))
    names = CHANNELS[: draw(integers(1, most_channels))]
    fixed = none_or(0, count - 1) if some_fixed else st.none()
    items = tuple(draw(drawn_items(number, count, names, fixed)) for number in range(draw(integers(0, most_items))))
    gap = draw(distances)
    pairs = st.lists(st.sampled_from([item.id for item in items]), min_size=2, max_size=2, unique=True)
    orders = [(*draw(pairs), draw(integers(-2, 4)))] if len(items) > 1 and draw(yes_or_no) else []
    stays = {item.id: (item.channels[0], draw(integers(0, count - 1))) for item in items if draw(integers(0, 3)) == 0}
    commitment = st.builds(
        GridCommitment, st.sampled_from(names), integers(-12, 4 * count + 4).map(lambda quarters: quarters / 4),
        st.sampled_from([None, "launch"]), none_or(0, 3), none_or(0, 1),
    )  # fmt: skip
    formats = {item.id: draw(one_of(*FORMATS)) for item in items if draw(yes_or_no)}
    scores = {(name, kind): draw(drawn_scores(count)) for name in names for kind in FORMATS if draw(yes_or_no)}
    problem = GridProblem(
        count,
        tuple(draw(drawn_channels(name, count)) for name in names),
        items,
        tuple(draw(st.lists(commitment, max_size=3))),
        draw(none_or(0, 2)),
        draw(none_or(0, 2)),
        (
            Stability(stays, 0.3),
            ByFormat(formats, {place: np.array(row) for place, row in scores.items()}),
        ),
        (CrossPlatformGap(gap), *(Order(*order) for order in orders)),
    )
    of_items = {(item, name): row for item, kind in formats.items() for (name, of), row in scores.items() if of == kind}
    stayed = {item: (name, slot, 0.3) for item, (name, slot) in stays.items()}
    return Case(problem, Rules(gap, tuple(orders), stayed, of_items))
