"""A line of text as names and numbers: `d=1,n=30`, `baseline 20 %`, `400 000 users`, `2, 5, 10 looks`, `two-sided`."""

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from core.errors import Invalid, Problem
from core.trials.values import Alternative

SIDE, PAIRED = "side", "paired"
_SAID: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "d": ("cohen's d", "effect size"),
        "n": ("n per arm", "n per group", "posts per arm", "posts", "sample size"),
        "n1": (),
        "n2": (),
        "ratio": (),
        "power": (),
        "alpha": ("\N{GREEK SMALL LETTER ALPHA}", "significance level", "significance", "sig.level", "q"),
        "p1": ("p0", "baseline", "conversion rate", "control share"),
        "p2": ("treatment share",),
        "mde": ("abs mde", "absolute mde", "abs. mde"),
        "lift": ("rel mde", "rel. mde", "relative mde", "relative lift"),
        "delta": ("difference",),
        "mean": ("control mean",),
        "variance": ("var",),
        "sd": ("std", "standard deviation", "sigma"),
        "users": ("visitors", "total users", "n total", "total n"),
        "variations": ("variants", "arms", "groups"),
        "weights": ("shares",),
        "p": ("p-values", "p values"),
        "count": ("counts", "successes"),
        "nobs": ("trials", "totals"),
        "value": ("null value",),
        "looks": ("k", "analyses", "look"),
        "tuned_for": ("n*", "tuned for"),
        "prior_mean": ("prior mean",),
        "prior_sd": ("prior sd",),
        "sum": (),
        "sumsq": ("sum_squares", "sum of squares"),
        "values": (),
        "before": (),
        "missing": (),
        "weight": (),
        "before_sum": (),
        "before_sumsq": (),
        "before_product": (),
        "denominator_sum": (),
        "denominator_sumsq": (),
        "product_sum": (),
    }
)
"""What numbers are called here, and what else they are called elsewhere."""
_NAMES = {said.replace("_", " "): name for name, others in _SAID.items() for said in (name, *others)}
_NAME = "|".join(re.escape(said).replace(r"\ ", "[ _]") for said in sorted(_NAMES, key=len, reverse=True))
_NUMBER = r"[-+]?(?:\d{1,3}(?:[ \u00a0\u202f']\d{3})+|\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?"
_VALUE = rf"(?P<value>\[[^\]]*\]|{_NUMBER})\s*(?P<unit>%|pp)?"
_BEFORE = re.compile(rf"(?P<name>{_NAME})(?![\w*])\s*[=:]?\s*{_VALUE}(?![\w.])", re.IGNORECASE)
_BEHIND = re.compile(rf"{_VALUE}\s*(?P<name>{_NAME})(?![\w*=:])", re.IGNORECASE)
_BARE = re.compile(_VALUE, re.IGNORECASE)
_THOUSANDS = r"(?<![\w.,=])\d{1,3}(?:,\d{3})+(?!\w)"
_PIECE = re.compile(rf"(?:\[[^\]]*\]|{_THOUSANDS}|[^,;\[])+")
_SIDES = re.compile(r"\b(?P<number>one|two|1|2)[- ](?:sided|tailed)\b", re.IGNORECASE)
_NEUTRAL = re.compile(
    r"\b(?:equally spaced|per (?:arm|group)|in each (?:arm|group)|unpaired|two-sample)\b", re.IGNORECASE
)
_HINT = re.compile(
    rf"(?<!\w)(?P<name>alpha|power|q|N\*|prior mean|prior sd)\s*=?\s*{_VALUE}(?![\w-])|"
    rf"(?<![\w.])(?P<share>{_NUMBER}\s*%?)\s*power",
    re.IGNORECASE,
)
_PAIRS = re.compile(r"(?<!un)paired|one-sample", re.IGNORECASE)


def numbers_of(told: str) -> dict[str, Any]:
    """Return what a line says, by the names of `_SAID`: numbers, lists of them, `side` and `paired`.

    Raises Invalid for what cannot be understood, or is said twice: a number of unknown meaning is never left out.
    """
    pieces = _PIECE.findall(told)
    if len(pieces) > _MOST_PIECES:
        raise Invalid((Problem("input", told, f"give {_MOST_PIECES} numbers at most, more as a list in brackets"),))
    found: dict[str, Any] = {}
    bare: list[float] = []
    for piece in pieces:
        for name, value in _read(piece, bare):
            if name in found:
                raise Invalid((Problem(f"input, {name}", piece.strip(), "say it once"),))
            found[name] = value
    if bare:
        raise Invalid((Problem("input", told, f"say what {bare[0]:g} is"),))
    return found


def hints_of(*texts: object) -> dict[str, Any]:
    """Return what the words about a case say besides: alpha, power, N*, a prior, the side, pairs."""
    told = " ".join(str(text) for text in texts if text)
    found: dict[str, Any] = {}
    for hint in _HINT.finditer(told):
        name = _name(hint) if hint["name"] else "power"
        found.setdefault(name, number_of(f"{hint['value']}{hint['unit'] or ''}" if hint["name"] else hint["share"]))
    return _flags(told) | found


def number_of(told: str) -> float:
    """Return a number as it is written (Invalid): `.05`, `5 %`, `400 000`, `1e3`; whole ones stay so."""
    shape = _BARE.fullmatch(told.strip())
    if shape is None or shape["value"].startswith("["):
        raise Invalid((Problem("input", told, "give numbers with a decimal point"),))
    digits = re.sub(r"[ \u00a0\u202f',]", "", shape["value"])
    value = int(digits) if digits.lstrip("+-").isdigit() else float(digits)
    if not abs(value) <= _MOST:
        raise Invalid((Problem("input", told, f"give numbers up to {_MOST:g}"),))
    return value / 100 if shape["unit"] else value


_MOST, _MOST_PIECES = 1e40, 200


def list_of_numbers(told: str) -> list[float]:
    """Return the numbers between brackets, or without them (Invalid)."""
    return [number_of(each) for each in told.strip("[] ").split(",") if each.strip()]


def _read(piece: str, bare: list[float]) -> Iterator[tuple[str, Any]]:
    """Yield what one piece says; a bare number waits in `bare` for the name that ends its list."""
    flags = _flags(piece)
    yield from flags.items()
    left = " ".join(_NEUTRAL.sub(" ", _PAIRS.sub(" ", _SIDES.sub(" ", piece))).split())
    if "[" not in left:  # there a comma parts two numbers
        left = re.sub(_THOUSANDS, lambda found: found[0].replace(",", ""), left)
    while shape := _BEFORE.match(left) or _BEHIND.match(left):
        value = _value(shape)
        yield _name(shape), [*bare, value] if bare else value
        bare.clear()
        left = left[shape.end() :].strip()
    if (left and not _BARE.fullmatch(left)) or left.startswith("["):
        raise Invalid((Problem("input", piece.strip(), UNREADABLE),))
    if left and SIDE in flags:
        yield "alpha", number_of(left)
    elif left:
        bare.append(number_of(left))


def _name(shape: re.Match[str]) -> str:
    return _NAMES[shape["name"].lower().replace("_", " ")]


UNREADABLE = "write two arms with vs between them, or names and numbers as the README shows them"


def _value(shape: re.Match[str]) -> Any:
    if shape["value"].startswith("["):
        return list_of_numbers(shape["value"])
    return number_of(shape["value"] + (shape["unit"] or ""))


def _flags(told: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if side := _SIDES.search(told):
        found[SIDE] = Alternative.TWO_SIDED if side["number"].lower() in {"two", "2"} else Alternative.GREATER
    if _PAIRS.search(told):
        found[PAIRED] = True
    return found


_LISTS, _EITHER = {"weights", "p"}, {"users", "count", "nobs", "looks"}
MOST_LOOKS = 200
Fits = Callable[[Any], bool]
_FITTING: tuple[tuple[frozenset[str], Fits, str], ...] = (
    (frozenset({"p1", "p2", "alpha", "power", "value"}), lambda one: 0 < one < 1, "give a number between 0 and 1"),
    (frozenset({"p"}), lambda one: 0 <= one <= 1, "give numbers from 0 to 1"),
    (frozenset({"users", "weights", "count"}), lambda one: one >= 0, "give numbers from 0 on"),
    (frozenset({"n"}), lambda one: one >= 2, "give a number from 2 on"),  # noqa: PLR2004 - a variance needs two
    (frozenset({"n1", "n2"}), lambda one: one >= 1, "give a number from 1 on"),
    (frozenset({"sd", "variance", "ratio", "tuned_for", "nobs", "mean"}), lambda one: one > 0, "give a number above 0"),
    (frozenset({"looks"}), lambda one: one in range(1, MOST_LOOKS + 1), f"give whole numbers up to {MOST_LOOKS}"),
    (frozenset({"variations"}), lambda one: one in range(2, 1001), "give a whole number from 2 to 1000"),
    (frozenset({"lift"}), lambda one: one > -1 and one != 0, "give a lift above -100 %, and not 0"),
    (frozenset({"d", "delta", "mde"}), lambda one: one != 0, "give an effect other than 0"),
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
    if name in _LISTS and not isinstance(value, list):
        return "give a list in brackets"
    if isinstance(value, list) and name not in _LISTS | _EITHER:
        return "give one number"
    each = value if isinstance(value, list) else [value]
    if not each or (name == "users" and len(each) < 2 and isinstance(value, list)):  # noqa: PLR2004 - they are compared
        return "give a longer list"
    return next((fix for names, fits, fix in _FITTING if name in names and not all(map(fits, each))), None)
