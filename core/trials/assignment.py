"""The draw: which arm a post or a day gets, from a stored seed, so that anybody can draw it again and check."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
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


@dataclass(frozen=True)
class Urn:
    """What is drawn from: a seed, the arms, and how often a cycle may hold all of their shares.

    With `turns` of 1 every cycle has one length, so that whoever counts along knows its last arm before it is drawn: of
    two equal arms every other one. From 2 on the seed says each cycle's length too, and nobody knows where one ends
    (ICH E9, 2.3.2: two or more block lengths, themselves drawn, where treatments are open).
    """

    seed: str
    arms: tuple[Arm, ...]
    turns: int = 1

    def place(self, block: str, number: int) -> tuple[int, str]:
        """Return the cycle of the number-th unit of a block, and its arm; they depend on nothing else.

        Permuted blocks: each cycle holds every arm as often as its weight, one to `turns` times, in the order of the
        SHA-256 of seed, block, cycle and place; how many times by that of seed, block, cycle and the word "turns". So
        arms are never further apart than the longest cycle, in every block, whenever it ends.
        """
        cycle, left = 0, number
        while left >= len(order := _order(self, block, cycle)):
            cycle, left = cycle + 1, left - len(order)
        return cycle, order[left]

    def line(self, unit: str, block: str, number: int) -> Drawn:
        """Return the line of the number-th unit of a block."""
        cycle, arm = self.place(block, number)
        return Drawn(unit, block, number, arm, f"{block}/{cycle}")

    def line_of_day(self, unit: str, day: date, number: int) -> Drawn:
        """Return the line of the number-th unit of a drawn local day (a switchback).

        Every unit of a day has its day's arm: that of the weekday's place in the draw of its ISO week. So arms are
        never further apart than a cycle of days within a week, and a week of seven may have odd ones out.
        """
        week = week_of(day)
        cycle, arm = self.place(week, day.weekday())
        return Drawn(unit, day.isoformat(), number, arm, f"{week}/{cycle}")


@lru_cache(maxsize=1024)
def _order(urn: Urn, block: str, cycle: int) -> tuple[str, ...]:
    """Return the arms of a cycle in their order."""
    times = 1 + int.from_bytes(_digest(urn.seed, block, cycle, "turns")) % urn.turns
    places = [arm.name for arm in urn.arms for _ in range(arm.weight * times)]
    return tuple(places[each] for each in sorted(range(len(places)), key=lambda n: _digest(urn.seed, block, cycle, n)))


def _digest(seed: str, block: str, cycle: int, place: int | str) -> bytes:
    return sha256("\0".join((seed, block, str(cycle), str(place))).encode()).digest()


def week_of(day: date) -> str:
    """Return the ISO week of a day, as blocks name it."""
    week = day.isocalendar()
    return f"{week.year}-W{week.week:02}"
