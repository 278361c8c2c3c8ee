"""The draw: which arm a post or a day gets, from a stored seed, so that anybody can draw it again and check."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256


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


def line_of(seed: str, unit: str, block: str, number: int, arms: Sequence[Arm]) -> Drawn:
    """Return the line of the number-th unit of a block."""
    cycle = number // sum(arm.weight for arm in arms)
    return Drawn(unit, block, number, arm_of(seed, block, number, arms), f"{block}/{cycle}")


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
