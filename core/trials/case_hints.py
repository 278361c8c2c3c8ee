"""What words say about a case besides its numbers: alpha, confidence, power, N*, a prior, the side, pairs."""

import re
from collections.abc import Iterator
from typing import Any

from core.errors import Invalid, Problem
from core.trials.case_numbers import NUMBER, number_of
from core.trials.values import Alternative

SIDE, PAIRED, ONE_SIDED = "side", "paired", "one-sided"
"""`side` is an Alternative, or ONE_SIDED: the side on which the effect lies."""
_OF = r"\s*(?:[=:]|of|at)?\s*"
_ONE = rf"(?P<one>{NUMBER}\s*%?)(?![\w-])"
_INTERVAL = r"(?:CI|CS|credible|confidence|conf\.?|interval)s?\b(?:[ -](?:level|interval|sequence)s?)?"
_CONFIDENT = r"\b(?:confidence|conf\.?|credible|CI|CS)(?:_\w+)?[ ._-]?(?:level|interval|sequence)?"
_ALPHA = (
    "(?:\\balpha|\N{GREEK SMALL LETTER ALPHA}|\\bsignificance(?: level)?|\\bsig\\.?[ ._]?level|\\bFDR|\\bq(?=\\s*[=:]))"
)
_SQUARED = r"(?:\^2|\u00b2)"
_SPREAD = rf"(?:(?P<square>variance|var|(?:sigma|\u03c3){_SQUARED})|sd|std|stddev|standard deviation|sigma|\u03c3){_OF}"
_PRIOR = (
    rf"prior\W{{0,3}}(?:with\s+)?(?:(?:N|normal|gaussian)\b\W{{0,3}})?(?:(?:mean|mu|\u03bc){_OF})?(?P<mean>{NUMBER})[\s,]*(?:and\s+)?"
    rf"(?:prior\s*)?(?:{_SPREAD}(?P<spread>{NUMBER})|(?P<root>{NUMBER})\s*{_SQUARED})\s*\)?"
)
_OPTIONS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        ("prior", _PRIOR),
        ("alpha", rf"{_ALPHA}{_OF}{_ONE}"),
        ("level", r"(?<![\w.])(?P<one>\d[\d.]*\s*%)[- ]*(?:significance(?:[- ]level)?|level)\b"),
        ("conf", rf"(?<![\w.])(?P<one>\d[\d.]*\s*%|[5-9]\d(?:\.\d+)?|0?\.\d+)[- ]*{_INTERVAL}"),
        ("conf", rf"{_CONFIDENT}{_OF}[(]?(?P<one>\d[\d.]*\s*%|0?\.\d+)"),
        ("tuned_for", rf"(?:\bN\s?\*|\btuned[ _]for|\btun(?:ed|ing)(?: parameter)?){_OF}{_ONE}"),
        ("prior_mean", rf"\bprior mean{_OF}{_ONE}"),
        ("prior_sd", rf"\bprior sd{_OF}{_ONE}"),
        ("power", rf"\bpower{_OF}{_ONE}"),
        ("power", rf"(?<![\w.])(?P<one>{NUMBER}\s*%?)\s*power\b"),
    )
)
SIDES = re.compile(
    r"(?:\balternative\s*[=:]?\s*)?['\"]?\b(?:(?P<number>one|two|1|2)[- .](?:sided|tailed)(?: test)?"
    r"|(?P<more>greater|larger)|(?P<less>less|smaller))\b['\"]?",
    re.IGNORECASE,
)
_LOOSE = re.compile(
    r"(?:alternative|\bH_?[1a]\b|[(,:;=]|^)[\s:=(]*['\"]?(?:greater|larger|less|smaller)['\"]?\s*(?=[),;]|$)"
    r"|(?P<word>\b(?:greater|larger|less|smaller)\b)",
    re.IGNORECASE,
)
"""Among words a side is one where it stands for itself: `alternative less`, `H1 greater`, `(less)`."""
PAIRS = re.compile(r"(?<!un)paired|one[-. ]sample", re.IGNORECASE)
_OTHER_PRIOR = re.compile(
    r"\bprior\W{0,3}\w+\(|\b(?:beta|gamma|cauchy)\s*\("
    r"|(?<!flat )(?<!improper )(?<!informative )(?<!no )\bprior\b[^;\d]{0,25}\d",
    re.IGNORECASE,
)
_HALF = 0.5


def hints_of(*texts: object) -> dict[str, Any]:
    """Return what the words about a case say besides; what is said first counts (Invalid: it makes no sense)."""
    told = "; ".join(str(text) for text in texts if text)
    return options_in(_LOOSE.sub(lambda found: "" if found["word"] else found[0], told))[1]


def options_in(told: str) -> tuple[str, dict[str, Any]]:
    """Return a line without its options, and these."""
    found: dict[str, Any] = {}
    left = told
    for kind, pattern in _OPTIONS:
        for shape in pattern.finditer(left):
            for name, value in _said(kind, shape):
                found.setdefault(name, value)
        left = pattern.sub(" ", left)
    if _OTHER_PRIOR.search(left):
        fix = "write prior mean 0 sd 0.3, or prior N(0, 0.3^2): beliefs are normal ones about the effect"
        raise Invalid((Problem("topic", told, fix),))
    if "prior_mean" in found and "prior_sd" not in found:
        raise Invalid((Problem("prior_mean", str(found["prior_mean"]), "give prior sd beside it"),))
    found = flags_in(left) | found
    return PAIRS.sub(" ", SIDES.sub(" ", left)), found


def _said(kind: str, shape: re.Match[str]) -> Iterator[tuple[str, float]]:
    if kind == "prior":
        spread = number_of(shape["spread"] or shape["root"])
        if spread <= 0:
            raise Invalid((Problem("prior", shape[0], "give a spread above 0"),))
        yield "prior_mean", number_of(shape["mean"])
        yield "prior_sd", spread**0.5 if shape["square"] else spread
        return
    value = number_of(shape["one"])
    if kind == "conf":
        yield "alpha", _beyond(value / 100 if value > 1 else value)
    elif kind == "level":
        yield "alpha", _beyond(value) if value > _HALF else value
    else:
        yield kind, value


def _beyond(confidence: float) -> float:
    """Return what is left to 1, with the digits that were given."""
    return round(1 - confidence, 12)


def prior_in(told: str) -> tuple[str, dict[str, Any]]:
    """Return a line without the prior it tells, and this."""
    found = dict(each for shape in re.finditer(_PRIOR, told, re.IGNORECASE) for each in _said("prior", shape))
    return re.sub(_PRIOR, " ", told, flags=re.IGNORECASE), found


def flags_in(told: str) -> dict[str, Any]:
    """Return the side, and whether values are pairs, as far as words say so."""
    found: dict[str, Any] = {}
    if side := SIDES.search(told):
        found[SIDE] = _side(side)
    if PAIRS.search(told):
        found[PAIRED] = True
    return found


def _side(shape: re.Match[str]) -> str:
    if shape["number"]:
        return Alternative.TWO_SIDED if shape["number"].lower() in {"two", "2"} else ONE_SIDED
    return Alternative.GREATER if shape["more"] else Alternative.LESS
