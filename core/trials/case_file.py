"""Statistical cases as published tests list them: one line of text each, answered one by one."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from core.errors import Invalid, Problem
from core.json_fields import Faults, Field
from core.trials.analysis import analyze
from core.trials.case_questions import answer_numbers, several_shares
from core.trials.case_words import PAIRED, SIDE, UNREADABLE, hints_of, list_of_numbers, number_of, numbers_of
from core.trials.comparison import against
from core.trials.moments import moments_of
from core.trials.plain import answer, plain
from core.trials.samples import Sample, mean
from core.trials.trial_file import above_zero, one_of, read_trial, share
from core.trials.values import Alternative

_SHARE = re.compile(r"\s*(\d+)\s*(?:/|of)\s*(\d+)\s*")
_MANY = re.compile(r"\s*([\d\s,]*\d,[\d\s,]*?)\s+of\s+([\d\s,]+)")
_AGAINST = re.compile(r"\s+(?:vs\.?|versus|against)\s+", re.IGNORECASE)
_OPTIONS = frozenset(
    {"alpha", "alternative", "primary", "tuned_for", "prior_mean", "prior_sd", "is_sequential", "metric", "weights"}
)
SAME = "same"
"""Stands for the input of the case before."""


def is_cases(given: object) -> bool:
    """Tell whether parsed JSON is a list of cases, or one: an object with `input`."""
    first = given[0] if isinstance(given, list) and given else given
    return isinstance(first, dict) and "input" in first


def answer_cases(given: Any) -> list[dict[str, Any]]:
    """Return what can be said about each case: its `id`, and `result` or the `error` that kept it from being read.

    `input` is arms ("14/28 vs 16/30", "sum=..,sumsq=..,n=.. vs ..", where the others may leave the names out, "[1, 2]
    vs [3, 4]"), several shares ("73,90 of 86,93"), a line of names and numbers (`QUESTIONS` of case_questions), or
    "same" for that of the case before. `topic`, `name` and `quantity` may say alpha, power, N*, the prior, the side and
    that values are pairs; fields of a trial's plan may stand beside. What the input says goes before all of these.
    """
    answers, before = [], ""
    for case in given if isinstance(given, list) else [given]:
        told = case if isinstance(case, dict) else {"input": case}
        if str(told.get("input", "")).strip().lower() == SAME:
            told = told | {"input": before}
        before = str(told.get("input", ""))
        answers.append(_answered(told))
    return answers


def _answered(case: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return {"id": case.get("id"), "result": _result(case)}
    except Invalid as error:
        return {"id": case.get("id"), "error": str(error)}


def _result(case: Mapping[str, Any]) -> Any:
    told = case.get("input")
    if not isinstance(told, str):
        raise Invalid((Problem("input", str(told), "give a text in quotes"),))
    hints = hints_of(case.get("topic"), case.get("name"))
    sides = _AGAINST.split(told)
    if len(sides) > 1:
        return _of_arms(_arms(sides), case, hints)
    if many := _MANY.fullmatch(told):
        return plain(several_shares(list_of_numbers(many[1]), list_of_numbers(many[2])))
    if not told.strip():
        raise Invalid((Problem("input", told, UNREADABLE),))
    return answer_numbers(numbers_of(told), hints | _beside(case))


def _beside(case: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers that stand beside the input of a case."""
    faults = Faults()
    found = faults.read("", {name: case[name] for name in _BESIDE if name in case}, _BESIDE)
    faults.refuse()
    side = found.pop("alternative")
    return {name: value for name, value in (found | {SIDE: side}).items() if value is not None}


_BESIDE = {
    "alpha": Field(share, None),
    "power": Field(share, None),
    "tuned_for": Field(above_zero, None),
    "alternative": Field(one_of(Alternative), None),
}


# --- Arms ---------------------------------------------------------------------------------------------------------


def _of_arms(arms: Sequence[dict[str, Any]], case: Mapping[str, Any], hints: Mapping[str, Any]) -> Any:
    hinted = {name: hints[name] for name in ("alpha", "tuned_for", "prior_mean", "prior_sd") if name in hints}
    if hints.get(SIDE) is Alternative.GREATER:
        hinted["alternative"] = _direction(case)
    options = {name: value for name, value in case.items() if name in _OPTIONS}
    asked = read_trial(hinted | options | {"arms": arms})
    found = answer(analyze(asked.arms, asked.plan))
    return found | ({"paired": _pairs(arms)} if hints.get(PAIRED) else {})


def _direction(case: Mapping[str, Any]) -> Alternative:
    """Return which side a one-sided case is about, by its words; the second arm having more where they do not say."""
    words = f"{case.get('topic', '')} {case.get('quantity', '')}".lower()
    return Alternative.LESS if "less" in words or ("ci_hi" in words and "ci_lo" not in words) else Alternative.GREATER


def _pairs(arms: Sequence[Mapping[str, Any]]) -> Any:
    """Return the test of the differences of the first two arms, value by value."""
    first, second = (arm.get("values") for arm in arms[:2])
    if not first or not second or len(first) != len(second):
        raise Invalid((Problem("input", "paired", "give both arms as lists of equally many values"),))
    sample = mean(moments_of(np.array(first) - np.array(second)))
    return plain(against(sample) if isinstance(sample, Sample) else sample)


def _arms(sides: Sequence[str]) -> list[dict[str, Any]]:
    """Return the arms as a trial's JSON has them; a side without names has those of the first."""
    names: list[str] = []
    arms = []
    for index, side in enumerate(sides):
        said = _side_of(side, names)
        names = names or list(said)
        arms.append({"name": f"arm {index + 1}"} | said)
    return arms


_CALLED = {"count": "successes", "nobs": "n"}


def _side_of(side: str, names: Sequence[str]) -> dict[str, Any]:
    if share := _SHARE.fullmatch(side):
        return {"successes": int(share[1]), "n": int(share[2])}
    if side.strip().startswith("[") and side.strip().endswith("]"):
        return {"values": list_of_numbers(side)}
    if names and "=" not in side and not re.search(r"[a-z]{2}", side, re.IGNORECASE):
        given = [number_of(each) for each in side.split(",")]
        if len(given) != len(names):
            raise Invalid((Problem("input", side, f"give {', '.join(names)}, or name what there is"),))
        return dict(zip(names, given, strict=True))
    said = {_CALLED.get(name, name): value for name, value in numbers_of(side).items()}
    if "variance" in said and said["variance"] >= 0:
        said["sd"] = said.pop("variance") ** 0.5
    if not said:
        raise Invalid((Problem("input", side, UNREADABLE),))
    return said
