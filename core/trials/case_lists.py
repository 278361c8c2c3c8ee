"""Lists that only the words about a case name: posts of arms for a sample ratio, p-values for a correction."""

import re
from collections.abc import Sequence
from typing import Any

from core.trials.case_numbers import COUNT, LIST, NUMBER, list_of_numbers, number_of

_RATIO = re.compile(r"\bSRM\b|\bsample[- ]ratio", re.IGNORECASE)
_CORRECTION = re.compile(
    r"\b(?:holm|bonferroni|benjamini|hochberg|BH|FDR|adjusted p|multiple (?:testing|comparisons?|hypothes[ie]s))\b",
    re.IGNORECASE,
)
_WORD = r"(?:(?!(?:weights?|expected|split|allocation|shares?|ratio)\b)[^\W\d][\w ]*?\s*[=:]?\s*)?"
_PART = r"\s*(?:vs?\.?|/|:|;|and|,(?=\s)|,(?!\d{3}(?!\d)))\s*"
_COUNTS = re.compile(rf"\s*{_WORD}{COUNT}(?:{_PART}{_WORD}{COUNT})+\s*", re.IGNORECASE)
_SPLIT = re.compile(rf"(?P<part>{_PART}){_WORD}(?=\d)|^\s*{_WORD}(?=\d)", re.IGNORECASE)
_ONE = r"\d[\d.]*\s*%?"
_NAMED = re.compile(
    rf"(?:weights?|expected|split|allocation|shares?|ratio)\s*[=:]?\s*(?P<meant>{LIST}|{_ONE}(?:\s*[:/]\s*{_ONE})+"
    rf"|{_ONE}(?:\s*,\s*{_ONE})+\s*$)",
    re.IGNORECASE,
)
_BEHIND = re.compile(rf"(?<=\S)[\s,;(]+(?P<meant>{_ONE}(?:\s*[:/]\s*{_ONE})+)\s*(?:split)?[\s)]*$", re.IGNORECASE)
_PS = re.compile(rf"\s*\[?\s*({NUMBER}\s*%?(?:\s*[,;]\s*{NUMBER}\s*%?)+)\s*\]?\s*", re.IGNORECASE)
_PERCENT = 100


def listed(told: str, words: Sequence[str]) -> dict[str, Any]:
    """Return what a line lists by the words about it: `users` with `weights`, or `p`; nothing where they do not say."""
    if any(map(_RATIO.search, words)):
        return _posts(told, words)
    if any(map(_CORRECTION.search, words)) and (shape := _PS.fullmatch(re.sub(r"\bp_?\d+\s*[=:]\s*", "", told))):
        return {"p": list_of_numbers(shape[1].replace(";", ","))}
    return {}


def _posts(told: str, words: Sequence[str]) -> dict[str, Any]:
    """Return the posts of arms, and the weights beside them (`50/50`, `split 3:1`) or in the words about them."""
    told = re.sub(r"(?<=\d)\s*(?:posts|users|visitors|observations)\b", "", told, flags=re.IGNORECASE)
    left, weights = _meant(told)
    weights = weights or next((meant for word in words if (meant := _meant(word)[1])), [])
    left = re.sub(r"\b(?!expected|weights?)[^\W\d]\w*\s*[=:]\s*(?=\d)", ", ", left).strip(" ,")
    left = re.sub(r"\s*[,;]\s*(?:,\s*)+", ", ", left)
    if shape := re.fullmatch(rf"\s*{_WORD}({LIST})\s*(?:[,;]?\s*({LIST}))?\s*", left, re.IGNORECASE):
        users, weights = list_of_numbers(shape[1]), list_of_numbers(shape[2] or "") or weights
    elif _COUNTS.fullmatch(left) and len({shape["part"].strip().lower() for shape in _parts(left)}) == 1:
        users = [number_of(one) for one in _SPLIT.sub("|", left).strip("| ").split("|")]
    else:
        return {}
    return {"users": users} | ({"weights": weights} if weights else {})


def _parts(told: str) -> list[re.Match[str]]:
    """Return what stands between the numbers of a line; of several kinds they are no plain list (`14/28 vs 16/30`)."""
    return [shape for shape in _SPLIT.finditer(told) if shape["part"]]


def _meant(told: str) -> tuple[str, list[float]]:
    """Return a line without the weights it tells, and these."""
    shape = _NAMED.search(told) or _BEHIND.search(told)
    if shape is None:
        return told, []
    weights = [number_of(one) for one in re.split("[:/,]", shape["meant"].strip("[]")) if one.strip()]
    if shape.re is _BEHIND and ":" not in shape["meant"] and sum(weights) not in {1, _PERCENT}:
        return told, []
    return f"{told[: shape.start()]} {told[shape.end() :]}".strip(" ,;()"), weights
