"""The draw: which arm a post or a day gets, from a stored seed, so that anybody can draw it again and check."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from core.errors import Invalid, Problem


@dataclass(frozen=True)
class Arm:
    """A strategy under trial and its whole-number share of the posts."""

    name: str
    weight: int = 1


@dataclass(frozen=True)
class Drawn:
    """One line of the ledger: unit, block, its number within the block from 0 on, and the arm it got."""

    unit: str
    block: str
    number: int
    arm: str
    cycle: str
    """The smallest group that was balanced by itself: a permutation test draws anew within it."""


def arm_of(seed: str, block: str, number: int, arms: Sequence[Arm]) -> str:
    """Return the arm of the number-th unit of a block; it depends on nothing else.

    Permuted blocks: each cycle of Σ weights units holds every arm as often as its weight, in the order of the SHA-256
    of seed, block, cycle and place. So arms are never further apart than a cycle, in every block, whenever it ends.
    """
    places = [arm.name for arm in arms for _ in range(arm.weight)]
    cycle, place = divmod(number, len(places))
    order = sorted(range(len(places)), key=lambda each: _digest(seed, block, cycle, each))
    return places[order[place]]


def _digest(seed: str, block: str, cycle: int, place: int) -> bytes:
    return sha256("\0".join((seed, block, str(cycle), str(place))).encode()).digest()


def draw(seed: str, units: Iterable[tuple[str, str]], arms: Sequence[Arm], begun: Sequence[Drawn] = ()) -> list[Drawn]:
    """Draw the arms of (unit, block) pairs in order; `begun` is what was drawn before, whose blocks go on.

    Raises Invalid for fewer than two arms, repeated names, weights below 1, and units drawn twice.
    """
    _refuse(arms)
    counts: dict[str, int] = {}
    seen = {line.unit for line in begun}
    for line in begun:
        counts[line.block] = max(counts.get(line.block, 0), line.number + 1)
    lines = []
    for unit, block in units:
        if unit in seen:
            raise Invalid((Problem("unit", unit, "draw each unit once; its arm is in the ledger"),))
        seen.add(unit)
        number = counts.get(block, 0)
        counts[block] = number + 1
        cycle = f"{block}/{number // sum(arm.weight for arm in arms)}"
        lines.append(Drawn(unit, block, number, arm_of(seed, block, number, arms), cycle))
    return lines


def _refuse(arms: Sequence[Arm]) -> None:
    problems = [
        Problem(f"arms[{number}].weight", str(arm.weight), "give a whole number from 1 on")
        for number, arm in enumerate(arms)
        if arm.weight < 1
    ]
    if len(arms) < 2:  # noqa: PLR2004 - a trial compares
        problems.append(Problem("arms", str(len(arms)), "give two arms or more"))
    if len({arm.name for arm in arms}) < len(arms):
        problems.append(Problem("arms", ", ".join(arm.name for arm in arms), "give each arm a name of its own"))
    if problems:
        raise Invalid(tuple(problems))


def week_of(day: date) -> str:
    """Return the ISO week of a day, as blocks name it."""
    week = day.isocalendar()
    return f"{week.year}-W{week.week:02}"


def line_of_day(seed: str, unit: str, day: date, number: int, arms: Sequence[Arm]) -> Drawn:
    """Return the line of the number-th unit of a drawn local day (a switchback).

    Every unit of a day has its day's arm: that of the weekday's place in the draw of its ISO week. So arms are never
    further apart than a cycle of days within a week, and a week of seven has an odd one out.
    """
    week, place = week_of(day), day.weekday()
    cycle = place // sum(arm.weight for arm in arms)
    return Drawn(unit, day.isoformat(), number, arm_of(seed, week, place, arms), f"{week}/{cycle}")


def deviations(seed: str, ledger: Iterable[Drawn], arms: Mapping[str, int]) -> list[Drawn]:
    """Return the lines of a ledger that the seed does not give: an audit; empty is as it should be."""
    given = [Arm(name, weight) for name, weight in arms.items()]
    return [line for line in ledger if arm_of(seed, line.block, line.number, given) != line.arm]
