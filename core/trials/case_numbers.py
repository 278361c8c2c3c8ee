"""How numbers are written in a line of text: `.05`, `5 %`, `400 000`, `1,471`, `0,05`, `[1, 2]`, `c(1, 2)`."""

import re

from core.errors import Invalid, Problem

MOST = 1e40
_GROUPS = r"[1-9]\d{0,2}(?:[ ,\u00a0\u202f']\d{3})+(?:\.\d+)?(?!\d)"
NUMBER = rf"[-+]?(?:{_GROUPS}|\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?"
COUNT = r"\d(?:[\d ,\u00a0\u202f']*\d)?"
"""A whole number, parted in any way."""
LIST = r"\[[^\]]*\]"
VALUE = rf"(?P<value>{LIST}|{NUMBER})\s*(?P<unit>%|percent\b|pp\b)?"
_BARE = re.compile(VALUE, re.IGNORECASE)
_ROUND = re.compile(rf"(?:\bc|(?<!\w))\((\s*{NUMBER}\s*%?(?:\s*,\s*{NUMBER}\s*%?)+\s*)\)", re.IGNORECASE)
_PARTS = re.compile(rf"({LIST})")
_DECIMAL_COMMA = r"(?<![\d,.])(\d+),(\d+)(?![\d,.])"
_LEADING_ZERO = r"(?<![\d,.])(0),(\d+)(?![\d.]|,\d)"


def plainly(told: str) -> str:
    """Return a line with lists in brackets and decimal points, where what is written otherwise has one meaning.

    `(1, 2)`, `{1, 2}` and R's `c(1, 2)` are lists, `10^9` is 1e9. A comma is a decimal one behind a leading 0 (`0,05`),
    and where semicolons part the numbers of a line, or of a list, that has no decimal point; never before groups of
    thousands.
    """
    told = re.sub(r"\{([^{}]*)\}", r"[\1]", " ".join(told.replace("\N{MINUS SIGN}", "-").split()))
    told = re.sub(r"(?<=\d)\s*(?:percentage points?|%[- ]points?|points)\b", " pp", told, flags=re.IGNORECASE)
    told = re.sub(r"(?<![\w.^])10\^(\d{1,2})(?![\w.]|\s*\))", r"1e\1", told)
    parts = _PARTS.split(_ROUND.sub(r"[\1]", told))
    between = "".join(parts[::2])
    comma = _DECIMAL_COMMA if ";" in between and not re.search(r"\d\.\d", between) else _LEADING_ZERO
    parts[::2] = [re.sub(comma, _pointed, part) for part in parts[::2]]
    parts[1::2] = [
        re.sub(_DECIMAL_COMMA, _pointed, part).replace(";", ",") if ";" in part else part for part in parts[1::2]
    ]
    return "".join(parts)


def _pointed(found: re.Match[str]) -> str:
    return found[0] if re.fullmatch(_GROUPS, found[0]) else f"{found[1]}.{found[2]}"


def number_of(told: str) -> float:
    """Return a number as it is written (Invalid): `.05`, `5 %`, `400 000`, `1e3`; whole ones stay so."""
    shape = _BARE.fullmatch(told.strip())
    if shape is None or shape["value"].startswith("["):
        fix = "give numbers with a decimal point; leave out what is not known"
        raise Invalid((Problem("input", told, fix),))
    digits = re.sub(r"[ \u00a0\u202f',]", "", shape["value"])
    value = int(digits) if digits.lstrip("+-").isdigit() else float(digits)
    if not abs(value) <= MOST:
        raise Invalid((Problem("input", told, f"give numbers up to {MOST:g}"),))
    return value / 100 if shape["unit"] else value


def list_of_numbers(told: str) -> list[float]:
    """Return the numbers between brackets, or without them (Invalid)."""
    return [number_of(each) for each in told.strip("[] ").split(",") if each.strip()]
