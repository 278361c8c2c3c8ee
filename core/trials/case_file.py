"""Statistical cases as published tests list them: one line of text each, answered one by one."""

import json
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from core.errors import Invalid, Problem
from core.json_fields import Faults, Field
from core.trials.analysis import analyze
from core.trials.arm_names import Arm, in_readme_shape
from core.trials.case_arms import arms_of, completed, control_of
from core.trials.case_hints import ONE_SIDED, PAIRED, SIDE, hints_of, options_in, prior_in
from core.trials.case_lists import listed
from core.trials.case_numbers import list_of_numbers, plainly
from core.trials.case_questions import answer_numbers, several_shares
from core.trials.case_words import UNREADABLE, as_shares, numbers_of, numbers_of_object
from core.trials.comparison import against
from core.trials.file_kinds import above_zero, error_rate, one_of, share
from core.trials.moments import moments_of
from core.trials.plain import answer, plain
from core.trials.proportions import compare_many
from core.trials.samples import Sample, mean
from core.trials.trial_file import read_trial
from core.trials.values import Alternative

_MANY = re.compile(r"\s*\[?([\d\s,]*\d,[\d\s,]*?)\]?\s+of\s+\[?([\d\s,]+)\]?\s*")
_ABOVE = re.compile(r",?\s*\b(?:(?:same )?as (?:above|before)|like before)\b", re.IGNORECASE)
_OPTIONS = frozenset(
    {
        "control",
        "looks",
        "planned_posts",
        "detect",
        "seed",
        "alpha",
        "alternative",
        "primary",
        "tuned_for",
        "prior_mean",
        "prior_sd",
        "is_sequential",
        "metric",
    }
)
_NOTHING: Mapping[str, Any] = MappingProxyType({})
SAME = "same"
"""Stands for the input of the case before."""


def is_cases(given: object) -> bool:
    """Tell whether parsed JSON is cases: a list, by itself or as `cases`, or one: an object with `input`, or a line."""
    first = next(iter(_listed(given)), given)
    return isinstance(first, str) or (isinstance(first, dict) and "input" in first)


def answer_cases(given: Any) -> list[dict[str, Any]]:
    """Return what can be said about each case: its `id`, and `result` or the `error` that kept it from being read.

    `input` is arms ("14/28 vs 16/30", "sum=..,sumsq=..,n=.. vs ..", where the others may leave the names out, "[1, 2]
    vs [3, 4]"), several shares ("73,90 of 86,93"), a line of names and numbers (`QUESTIONS` of case_questions), "same"
    for that of the case before, or an object with the like. `topic`, `name` and `quantity` may say alpha, power, N*,
    the prior, the side and that values are pairs; fields of a trial's plan may stand beside. What the input says goes
    before all of these.
    """
    answers, before = [], ""
    earlier: list[Told] = []
    for case in _listed(given):
        told = case if isinstance(case, dict) else {"input": case}
        if str(told.get("input", "")).strip().lower() == SAME:
            told = told | {"input": before}
        before = told.get("input", "")
        answers.append(_answered(told, earlier))
    return answers


def _listed(given: Any) -> list[Any]:
    cases = given.get("cases", given) if isinstance(given, dict) else given
    return cases if isinstance(cases, list) else [cases]


Told = tuple[Any, list[Arm]]
"""The id and the arms of a case."""


def _answered(case: Mapping[str, Any], earlier: list[Told]) -> dict[str, Any]:
    try:
        return {"id": case.get("id"), "result": _result(case, earlier)}
    except Invalid as error:
        return {"id": case.get("id"), "error": str(error)}


def _result(case: Mapping[str, Any], earlier: list[Told]) -> Any:
    told = case.get("input")
    words = [case.get(name) for name in ("topic", "name", "quantity")]
    hints = hints_of(*words)
    if isinstance(told, str):
        told = " ".join(told.split())
        told = _parsed(told) if told.startswith(("{", "[[")) else told
    if isinstance(told, list) and told and not any(isinstance(each, dict) for each in told):
        told = " vs ".join(map(str, told)) if all(isinstance(each, list) for each in told) else str(told)
    if not isinstance(told, str):
        return _of_object(told, case, hints)
    if many := _MANY.fullmatch(told):
        return plain(several_shares(list_of_numbers(many[1]), list_of_numbers(many[2])))
    if not told:
        raise Invalid((Problem("input", told, UNREADABLE),))
    line = as_shares(plainly(told))
    if numbers := listed(line, [str(word) for word in words if word]):
        return answer_numbers(numbers, {**hints, **_beside(case)})
    left, own = options_in(_ABOVE.sub("", line))
    if arms := arms_of(_EMPTY.sub("", left).strip(" ,;")):
        arms, source = completed(arms, earlier)
        earlier.append((case.get("id"), arms))
        return _of_trial({"arms": arms}, case, hints, own) | source
    left, prior = prior_in(told)
    return answer_numbers(numbers_of(left), {**hints, **_beside(case), **prior})


def _parsed(told: str) -> Any:
    """Return the object of a text that is JSON; other texts stay."""
    try:
        return json.loads(told)
    except (ValueError, RecursionError):
        return told


_EMPTY = re.compile(r"\([\s,;]*\)|\b(?:sequential|always[- ]valid|welch|relative|absolute)\b", re.IGNORECASE)


def _of_object(told: Any, case: Mapping[str, Any], hints: Mapping[str, Any]) -> Any:
    """Answer an input that is no text: a trial, its arms by their names, or numbers by theirs."""
    shaped = in_readme_shape(told)
    if isinstance(shaped, dict) and {"arms", "posts"} & shaped.keys():
        return _of_trial(shaped, case, hints)
    if isinstance(told, dict) and told:
        return answer_numbers(numbers_of_object(told), {**hints, **_beside(case)})
    raise Invalid((Problem("input", str(told), "give a text in quotes, or an object with names and numbers"),))


def _beside(case: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers that stand beside the input of a case."""
    faults = Faults()
    found = faults.read("", {name: case[name] for name in _BESIDE if name in case}, _BESIDE)
    faults.refuse()
    side = found.pop("alternative")
    return {name: value for name, value in (found | {SIDE: side}).items() if value is not None}


_BESIDE = {
    "alpha": Field(error_rate, None),
    "power": Field(share, None),
    "tuned_for": Field(above_zero, None),
    "alternative": Field(one_of(Alternative), None),
}


# --- Arms ---------------------------------------------------------------------------------------------------------


def _of_trial(
    told: dict[str, Any], case: Mapping[str, Any], hints: Mapping[str, Any], own: Mapping[str, Any] = _NOTHING
) -> Any:
    """Analyze a trial; what words about it say is less than what stands beside, and this than its own line."""
    beside = {name: value for name, value in case.items() if name in _OPTIONS}
    control = {"control": control_of(told.get("arms"))}
    asked = read_trial(control | _planned(hints, case) | beside | _planned(own, case) | told)
    found = answer(analyze(asked.arms, asked.plan, asked.posts, values=asked.values))
    counted = [arm.counted for arm in asked.arms if arm.counted]
    if len(counted) == len(asked.arms):
        found |= {"all_equal": dict(zip(("chi_square", "p"), plain(compare_many(counted)), strict=True))}
    return found | ({"paired": _pairs(told.get("arms", ()))} if hints.get(PAIRED) or own.get(PAIRED) else {})


def _planned(hints: Mapping[str, Any], case: Mapping[str, Any]) -> dict[str, Any]:
    """Return hints as the fields of a plan."""
    found = {name: hints[name] for name in ("alpha", "tuned_for", "prior_mean", "prior_sd") if name in hints}
    if (side := hints.get(SIDE)) is not None:
        found["alternative"] = _direction(case) if side == ONE_SIDED else side
    return found


def _direction(case: Mapping[str, Any]) -> Alternative:
    """Return which side a one-sided case is about, by its words; the second arm having more where they do not say."""
    words = f"{case.get('topic', '')} {case.get('quantity', '')}".lower()
    is_less = re.search(r"\bless\b", words) or ("ci_hi" in words and "ci_lo" not in words)
    return Alternative.LESS if is_less else Alternative.GREATER


def _pairs(arms: Sequence[Mapping[str, Any]]) -> Any:
    """Return the test of the differences of the first two arms, value by value."""
    first, second = (arm.get("values") for arm in arms[:2])
    if not first or not second or len(first) != len(second):
        raise Invalid((Problem("input", "paired", "give both arms as lists of equally many values"),))
    sample = mean(moments_of(np.array(first) - np.array(second)))
    return plain(against(sample) if isinstance(sample, Sample) else sample)
