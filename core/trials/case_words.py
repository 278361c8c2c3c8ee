"""A line of text as names and numbers: `d=1,n=30`, `baseline 20 %`, `400 000 users`, `2, 5, 10 looks`, `two-sided`."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from core.errors import Invalid, Problem
from core.json_fields import Faults, Field, list_of
from core.trials.case_hints import PAIRS, SIDE, SIDES, flags_in
from core.trials.case_limits import EITHER, LISTS
from core.trials.case_numbers import LIST, NUMBER, VALUE, list_of_numbers, number_of, plainly
from core.trials.file_kinds import exact

_SAID: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "d": ("cohen's d", "effect size"),
        "h": ("cohen's h",),
        "n": (
            "n per arm",
            "n per group",
            "posts per arm",
            "posts",
            "sample size",
            "per arm",
            "per group",
            "per variation",
            "per variant",
            "in each arm",
            "in each group",
            "nobs1",
        ),
        "n1": (),
        "n2": (),
        "ratio": (),
        "power": ("1-\N{GREEK SMALL LETTER BETA}", "1 - \N{GREEK SMALL LETTER BETA}", "1-beta", "1 - beta"),
        "alpha": ("\N{GREEK SMALL LETTER ALPHA}", "significance level", "significance", "sig.level", "fdr", "q"),
        "p1": (
            "p0",
            "baseline",
            "rate",
            "ctr",
            "baseline rate",
            "baseline conversion rate",
            "conversion rate",
            "control share",
        ),
        "p2": ("treatment share",),
        "mde": ("minimum detectable effect",),
        "lift": ("uplift",),
        "delta": ("difference",),
        "mean": ("control mean", "xbar", "x\u0304"),
        "variance": ("var",),
        "sd": ("std", "std dev", "stddev", "standard deviation", "sigma"),
        "log_sd": ("sd of log", "sd of logs", "sd of log outcomes", "log sd", "sdlog"),
        "se": ("standard error", "sem"),
        "effect": ("estimate",),
        "users": ("visitors", "total users", "n total", "total n", "observed"),
        "variations": ("variants", "arms", "groups"),
        "weights": ("shares", "expected", "allocation", "split"),
        "p": ("p-values", "p values", "pvalues", "pvals", "ps"),
        "count": ("counts", "successes", "conversions", "converted"),
        "nobs": ("trials", "totals"),
        "value": ("null value",),
        "looks": ("k", "analyses", "look", "peeks", "interim looks", "interim analyses", "stages"),
        "per_week": ("posts per week", "visitors per week", "users per week", "weekly posts", "weekly visitors"),
        "per_day": ("posts per day", "visitors per day", "users per day", "daily posts", "daily visitors"),
        "weeks": ("week",),
        "days": ("day",),
        "tuned_for": ("n*", "tuned for", "tuning parameter"),
        "prior_mean": ("prior mean",),
        "prior_sd": ("prior sd",),
        "sum": ("main_sum", "post_sum"),
        "sumsq": ("sum_squares", "sum of squares", "main_sum_squares"),
        "values": (),
        "before": (),
        "missing": (),
        "weight": (),
        "before_sum": ("covariate_sum", "pre_sum"),
        "before_sumsq": ("covariate_sum_squares", "pre_sum_squares"),
        "before_product": ("main_covariate_sum_product",),
        "denominator_sum": (),
        "denominator_sumsq": ("denominator_sum_squares",),
        "product_sum": ("main_denominator_sum_product",),
        "before_denominator_sum": (),
        "before_denominator_sumsq": (),
        "before_denominator_product": (),
        "denominator_before_product": (),
        "denominator_before_denominator_product": (),
        "before_product_sum": (),
    }
)
"""What numbers are called here, and what else they are called elsewhere."""
_NAMES = {said.replace("_", " "): name for name, others in _SAID.items() for said in (name, *others)}
NAME = "|".join(re.escape(said).replace(r"\ ", "[ _]") for said in sorted(_NAMES, key=len, reverse=True))
"""What a number may be called, longer names first."""
_BEFORE = re.compile(rf"(?P<name>{NAME})(?![\w*])\s*[=:]?\s*{VALUE}(?![\w.])", re.IGNORECASE)
_BEHIND = re.compile(rf"{VALUE}\s*(?P<name>{NAME})(?![\w*=:])", re.IGNORECASE)
_BARE = re.compile(VALUE, re.IGNORECASE)
_GROUPS = r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?(?![\w,])"
_MANY = (
    r"\b(?:n[12]?|nobs|users|visitors|posts|observed|count|conversions|successes|sum|sumsq|tuned_for|n\s?\*)\s*[=:]\s*"
)
"""What is told in thousands: behind other names (`d=1,100`) a comma without a space may part two numbers."""
_PIECE = re.compile(rf"(?:{LIST}|{_MANY}{_GROUPS}|(?<![\w.,=:]){_GROUPS}|[^,;\[])+", re.IGNORECASE)
_NEUTRAL = re.compile(
    r"\b(?:equally spaced|unpaired|two[- .]sample)\b|\btype\s*=|(?<!\w)['\"]|['\"](?!\w)", re.IGNORECASE
)
_EACH = re.compile(r"^\s*(?:in each|per) (?:arm|group|variation|variant)\b", re.IGNORECASE)
_RATE = re.compile(r"\s*(?:/|\ba)\s*(week|day)\b", re.IGNORECASE)
_AND = re.compile(r"(?<=[\d%])\s+(?:and|&)\s+(?=[\d.])")
_RATIO = re.compile(r"(?<![\w.:])\d+(?:\.\d+)?(?::\d+(?:\.\d+)?)+(?![\w.:])")
_POINTS = re.compile(r"\d\s*pp\b", re.IGNORECASE)
_SCALES = re.compile(r"(?<![a-z])(?:(?P<lift>rel(?:ative)?)|(?P<mde>abs(?:olute)?))(?![a-z])\.?_?", re.IGNORECASE)
_FROM_TO = re.compile(
    rf"(?:\bfrom\s+(?P<first>{NUMBER}\s*%?)\s*to|(?P<one>{NUMBER}\s*%)\s*(?:to|vs\.?|versus|against|->|\u2192))"
    rf"\s*(?P<other>{NUMBER}\s*%?)(?=\s*(?:[,;)]|$))",
    re.IGNORECASE,
)


def as_shares(told: str) -> str:
    """Return a line with two shares that stand alone (`20 % vs 25 %`, `from .2 to .25`) by their names."""
    return _FROM_TO.sub(lambda found: f"p1={found['first'] or found['one']}, p2={found['other']}", told)


def named(called: str) -> str | None:
    """Return the name in `_SAID` of what a number is called, None where it is none."""
    return _NAMES.get(" ".join(called.lower().replace("_", " ").split()))


def numbers_of_object(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an object of JSON says, by the names of `_SAID` (Invalid: no such name, or no number)."""
    if strangers := [said for said in given if named(said) is None]:
        raise Invalid((Problem("input", ", ".join(strangers), f"name numbers one of {', '.join(_SAID)}"),))
    faults = Faults()
    read = faults.read("input", dict(given), {said: Field(_one_or_many, None) for said in given})
    faults.refuse()
    found: dict[str, Any] = {}
    for said, value in read.items():
        name = str(named(said))
        if name in found:
            raise Invalid((Problem(f"input, {said}", str(value), "say it once"),))
        if value is not None:
            found[name] = value
    return found


def _one_or_many(value: object) -> Any:
    if isinstance(value, str):
        return number_of(value)
    return list_of(exact)(value) if isinstance(value, list) else exact(value)


class _Line:
    """What is read of a line so far: by names, and the bare numbers that wait for the name of their list."""

    def __init__(self, told: str) -> None:
        self.told = told
        self.found: dict[str, Any] = {}
        self.bare: list[float] = []
        self.last = ""
        self.is_percent: set[str] = set()

    def scales(self) -> set[str]:
        """Return that an effect in percent is a lift where it is one of a mean, no share's (Invalid: of nothing)."""
        in_percent = self.is_percent & {"mde", "delta"}
        if not in_percent or "p1" in self.found:
            return set()
        if "mean" not in self.found:
            raise Invalid((Problem("input", self.told, "give the mean that the effect is a percentage of"),))
        return {"lift"}

    def say(self, name: str, value: Any, piece: str) -> None:
        if name in self.found:
            raise Invalid((Problem(f"input, {name}", piece.strip(), "say it once"),))
        self.found[name], self.last = value, name

    def close(self) -> None:
        """Give bare numbers to the list they go on with (Invalid: there is none)."""
        if self.bare and self.last not in LISTS | EITHER:
            fix = f"say what {self.bare[0]:g} is, or put a list in brackets"
            raise Invalid((Problem("input", self.told, fix),))
        if self.bare:
            begun = self.found[self.last]
            self.found[self.last] = [*(begun if isinstance(begun, list) else [begun]), *self.bare]
            self.bare = []


def numbers_of(told: str) -> dict[str, Any]:
    """Return what a line says, by the names of `_SAID`: numbers, lists of them, `side` and `paired`.

    Raises Invalid for what cannot be understood, or is said twice: a number of unknown meaning is never left out.
    """
    line = _RATIO.sub(lambda found: f"[{found[0].replace(':', ',')}]", as_shares(plainly(told)))
    line = _AND.sub(", ", _RATE.sub(r" per \1", re.sub("[()]", ", ", line)))
    scales = {str(shape.lastgroup) for shape in _SCALES.finditer(line)} | ({"mde"} if _POINTS.search(line) else set())
    pieces = [piece for piece in _PIECE.findall(_SCALES.sub("", line)) if piece.strip()]
    if len(pieces) > _MOST_PIECES:
        raise Invalid((Problem("input", told, f"give {_MOST_PIECES} numbers at most, more as a list in brackets"),))
    read = _Line(told)
    for piece in pieces:
        _read(piece, read)
    read.close()
    if isinstance(read.found.get("n"), list) and "users" not in read.found:  # posts of all arms
        read.found["users"] = read.found.pop("n")
    return _scaled(read.found, scales or read.scales(), told)


def _scaled(found: dict[str, Any], scales: set[str], told: str) -> dict[str, Any]:
    """Call an effect a lift or an absolute one (`mde`), as the line says somewhere (Invalid: it says both)."""
    said = next((name for name in ("mde", "lift", "delta") if name in found), "")
    if not said or not scales:
        return found
    if len(scales) > 1:
        raise Invalid((Problem("input", told, "say either relative or absolute"),))
    scale = "delta" if said == "delta" and scales == {"mde"} else next(iter(scales))
    return {scale if name == said else name: value for name, value in found.items()}


_MOST_PIECES = 200


def _read(piece: str, line: _Line) -> None:
    """Take in one piece of a line."""
    flags = flags_in(piece)
    for name, value in flags.items():
        line.say(name, value, piece)
    left = " ".join(_NEUTRAL.sub(" ", PAIRS.sub(" ", SIDES.sub(" ", piece))).split())
    while (shape := _BEFORE.match(left)) or (shape := _BEHIND.match(left)):
        if shape.re is _BEFORE:
            line.close()
        value = _value(shape)
        line.say(_name(shape), [*line.bare, value] if line.bare else value, piece)
        line.is_percent |= {_name(shape)} if shape["unit"] else set()
        line.bare = []
        left = _EACH.sub("", left[shape.end() :]).strip()
    if (left and not _BARE.fullmatch(left)) or left.startswith("["):
        raise Invalid((Problem("input", piece.strip(), UNREADABLE),))
    if left and SIDE in flags:
        line.say("alpha", number_of(left), piece)
    elif left:
        line.bare.append(number_of(left))


def _name(shape: re.Match[str]) -> str:
    return _NAMES[shape["name"].lower().replace("_", " ")]


UNREADABLE = "write two arms with vs between them, or names and numbers as the README shows them"


def _value(shape: re.Match[str]) -> Any:
    if shape["value"].startswith("["):
        return list_of_numbers(shape["value"])
    return number_of(shape["value"] + (shape["unit"] or ""))
