"""What the numbers of a line may be, by what they are called."""

from collections.abc import Callable, Mapping
from typing import Any

from core.errors import Invalid, Problem
from core.trials.case_hints import PAIRED, SIDE
from core.trials.values import ALPHA_RANGE, LEAST_ALPHA, MOST_ALPHA

PACES = frozenset({"per_week", "per_day", "weeks", "days"})
LISTS, EITHER = {"weights", "p"}, {"users", "count", "nobs", "looks"}
MOST_LOOKS = 200
Fits = Callable[[Any], bool]
_FITTING: tuple[tuple[frozenset[str], Fits, str], ...] = (
    (frozenset({"p1", "p2", "power", "value"}), lambda one: 0 < one < 1, "give a number between 0 and 1"),
    (frozenset({"alpha"}), lambda one: LEAST_ALPHA <= one <= MOST_ALPHA, ALPHA_RANGE),
    (frozenset({"p"}), lambda one: 0 <= one <= 1, "give numbers from 0 to 1"),
    (frozenset({"users", "weights", "count"}), lambda one: one >= 0, "give numbers from 0 on"),
    (frozenset({"n"}), lambda one: one >= 2, "give a number from 2 on"),  # noqa: PLR2004 - a variance needs two
    (frozenset({"n1", "n2"}), lambda one: one >= 1, "give a number from 1 on"),
    (
        frozenset({"sd", "variance", "ratio", "tuned_for", "nobs", "mean", "log_sd", "se", "prior_sd", *PACES}),
        lambda one: one > 0,
        "give a number above 0",
    ),
    (frozenset({"looks"}), lambda one: one in range(1, MOST_LOOKS + 1), f"give whole numbers up to {MOST_LOOKS}"),
    (frozenset({"variations"}), lambda one: one in range(2, 1001), "give a whole number from 2 to 1000"),
    (frozenset({"lift"}), lambda one: one > -1 and one != 0, "give a lift above -100 %, and not 0"),
    (frozenset({"d", "h", "delta", "mde"}), lambda one: one != 0, "give an effect other than 0"),
)


def refuse_unfit(numbers: Mapping[str, Any]) -> None:
    """Raise Invalid for numbers that cannot be what their names say."""
    problems = [
        Problem(f"input, {name}", str(value), fix)
        for name, value in numbers.items()
        if name not in {SIDE, PAIRED} and (fix := _remedy(name, value))
    ]
    users, weights = numbers.get("users"), numbers.get("weights")
    if not problems and weights is not None and not isinstance(users, list):
        problems.append(Problem("input, users", str(users), "give a list in brackets"))
    elif not problems and weights is not None and (len(weights) != len(users or []) or not sum(weights) > 0):
        problems.append(Problem("input, weights", str(weights), "give one weight for each of the users, one above 0"))
    if problems:
        raise Invalid(tuple(problems))


def _remedy(name: str, value: Any) -> str | None:
    """Return how to mend a number, None where it may be what its name says."""
    if name in LISTS and not isinstance(value, list):
        return "give a list in brackets"
    if isinstance(value, list) and name not in LISTS | EITHER:
        return "give one number"
    each = value if isinstance(value, list) else [value]
    if not each or (name == "users" and len(each) < 2 and isinstance(value, list)):  # noqa: PLR2004 - they are compared
        return "give a longer list"
    return next((fix for names, fits, fix in _FITTING if name in names and not all(map(fits, each))), None)
