"""What fields of an arm are called elsewhere, and what they come to here: counts for shares, an sd for a variance."""

from collections.abc import Mapping
from typing import Any, TypeGuard

from core.errors import Invalid, Problem
from core.trials.case_words import named

Arm = dict[str, Any]
_CALLED = {"count": "successes", "nobs": "n", "users": "n", "p1": "share", "p": "share"}
_ROUNDING = 1e-9
_KEPT = frozenset({"name", "weight", "n", "mean", "missing"})
_OF_DESIGNS = frozenset({"d", "h", "looks", "alpha", "power", "mde", "lift", "delta", "weights", "value", "variations"})
"""What lines call numbers that no arm has; an arm's field of such a name is told by the name it was given."""


def arm_of(said: Mapping[str, Any]) -> Arm:
    """Return an arm with its fields as they are called here; what nobody knows keeps its name.

    Raises Invalid for a field that is there twice, and for what no arm can have.
    """
    arm: Arm = {}
    for other, value in said.items():
        known = named(other) or other
        field = other if other in _KEPT or known in _OF_DESIGNS else _CALLED.get(known, known)
        if field in arm:
            raise Invalid((Problem(f"input, {field}", str(value), "say it once"),))
        arm[field] = value
    return _settled(arm)


def _settled(arm: Arm) -> Arm:
    n = arm.get("n")
    if _is_number(arm.get("share")) and _is_number(n):
        arm["successes"] = _count(arm.pop("share"), n)
    for field in ("variance", "se"):
        value = arm.get(field)
        if _is_number(value) and value < 0:
            raise Invalid((Problem(f"input, {field}", str(value), "give a number from 0 on"),))
        if value is not None and "sd" in arm:
            raise Invalid((Problem(f"input, {field}", str(value), "say it once, as sd"),))
        if _is_number(value) and field == "variance":
            arm["sd"] = arm.pop(field) ** 0.5
        elif _is_number(value) and _is_number(n) and n >= 0:
            arm["sd"] = arm.pop(field) * n**0.5
    return arm


def _count(share: float, n: float) -> int:
    """Return the posts of a share that is no rounded one (Invalid: it is)."""
    exact = share * n
    if not abs(exact - round(exact)) <= _ROUNDING * max(n, 1):
        fix = f"give the count: {share:.6g} of {n:g} posts are {exact:.6g}, no whole number"
        raise Invalid((Problem("input", f"{share:.6g}", fix),))
    return round(exact)


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _MOST


_MOST = 1e40


def in_readme_shape(given: object) -> object:
    """Return a trial's file as the README shows it, where arms stand in it by their names, or alone, or posts do.

    `{"arms": {"usual": {..}}}`, `{"usual": {..}, "evening": {..}}`, `{"usual": [1, 2], "evening": [3, 4]}`,
    `[{"name": "usual", ..}]`, `[{"arm": "usual", "value": 1}]`.
    """
    if isinstance(given, list) and given and all(isinstance(one, dict) for one in given):
        return {"posts": given} if "arm" in given[0] else {"arms": list(map(arm_of, given))}
    if not isinstance(given, dict):
        return given
    if not {"arms", "posts"} & given.keys() and _are_arms(given):
        given = {"arms": given}
    arms = given.get("arms")
    if isinstance(arms, dict):
        arms = [{"name": name} | (one if isinstance(one, dict) else {"values": one}) for name, one in arms.items()]
    if not isinstance(arms, list):
        return given
    return given | {"arms": [arm_of(one) if isinstance(one, dict) else one for one in arms]}


def _are_arms(given: Mapping[str, Any]) -> bool:
    """Tell whether an object is arms by their names: lists of what has a name of its own (`p`) are none."""
    if len(given) < _COMPARED:
        return False
    are_lists = all(isinstance(one, list) and named(name) is None for name, one in given.items())
    return are_lists or all(isinstance(one, dict) for one in given.values())


_COMPARED = 2
