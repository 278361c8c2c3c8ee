"""Statistical cases as published tests list them: arms in one line of text, answered one by one."""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from core.errors import Invalid, Problem
from core.trials import power
from core.trials.analysis import analyze
from core.trials.health.sample_ratio import mismatch
from core.trials.plain import answer, plain
from core.trials.proportions import compare_many, share_against
from core.trials.samples import Proportion
from core.trials.several import Correction, adjusted
from core.trials.trial_file import read_trial

_SHARE = re.compile(r"^\s*(\d+)\s*/\s*(\d+)\s*$")
_PART = re.compile(r"(\w+)\s*=\s*(\[[^\]]*\]|[-+.\deE]+)")
_MANY = re.compile(r"^\s*([\d\s,]+?)\s+of\s+([\d\s,]+)$")
_AGAINST = re.compile(r"\s+(?:vs\.?|against)\s+")


SAME = "same"
"""Stands for the input of the case before."""


def is_cases(given: object) -> bool:
    """Tell whether parsed JSON is a list of cases, or one: an object with `input`."""
    first = given[0] if isinstance(given, list) and given else given
    return isinstance(first, dict) and "input" in first


def answer_cases(given: Any) -> list[dict[str, Any]]:
    """Return what can be said about each case: its `id`, and `result` or the `error` that kept it from being read.

    `input` is two arms ("14/28 vs 16/30", "sum=..,sumsq=..,n=.. vs ..", where the second may leave the names out),
    counts and weights ("users=[1000, 1200], weights=[0.5, 0.5]"), p-values ("p=[.01, .04]"), a design ("d=1,n=30";
    "n=50,p1=.5,p2=.75"; "p1=.5,p2=.75,power=.9"), several shares ("73,90 of 86,93"), or "same" for that of the case
    before. Fields of a trial's plan may stand beside it; a `topic` that says "paired" makes `d` one of pairs.
    """
    answers, before = [], ""
    for case in given if isinstance(given, list) else [given]:
        told = case if isinstance(case, dict) else {"input": case}
        if told.get("input") == SAME:
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
    told = str(case["input"]) if "input" in case else ""
    sides = _AGAINST.split(told)
    if len(sides) > 1:
        options = {name: value for name, value in case.items() if name in _OPTIONS}
        asked = read_trial(options | {"arms": _arms(sides)})
        return answer(analyze(asked.arms, asked.plan))
    if many := _MANY.match(told):
        return _several_shares(_number_or_list(f"[{many[1]}]"), _number_or_list(f"[{many[2]}]"), told)
    is_paired = "paired" in str(case.get("topic", ""))
    numbers = {
        "paired" if is_paired and name == "d" else name: _number_or_list(value) for name, value in _PART.findall(told)
    }
    _refuse(numbers)
    for names, work in _QUESTIONS.items():
        if set(names) <= numbers.keys():
            return plain(work(numbers))
    raise Invalid((Problem("input", told, "write two arms with vs between them, or a list as the README shows it"),))


_LISTS = {"users", "weights", "p"}
_SHARES = {"p1", "p2", "alpha", "power", "value"}


def _refuse(numbers: Mapping[str, Any]) -> None:
    """Raise Invalid for numbers that cannot be what their names say."""
    problems = []
    for name, value in numbers.items():
        if isinstance(value, list) != (name in _LISTS):
            fix = "give a list in brackets" if name in _LISTS else "give one number"
        elif name in _SHARES and not 0 < value < 1:
            fix = "give a number between 0 and 1"
        elif name == "p" and not all(0 <= each <= 1 for each in value):
            fix = "give numbers from 0 to 1"
        elif name in {"users", "weights"} and not all(0 <= each < math.inf for each in value):
            fix = "give numbers from 0 on"
        elif name in {"n", "nobs"} and not value > 1:
            fix = "give a number above 1"
        else:
            continue
        problems.append(Problem(f"input, {name}", str(value), fix))
    if not problems and len(numbers.get("users", [])) != len(numbers.get("weights", numbers.get("users", []))):
        problems.append(Problem("input, weights", str(numbers["weights"]), "give one weight for each of the users"))
    if problems:
        raise Invalid(tuple(problems))


def _several_shares(counts: list[float], totals: list[float], told: str) -> Any:
    pairs = list(zip(counts, totals, strict=False))
    if len(counts) != len(totals) or any(not 0 <= count <= total for count, total in pairs):
        raise Invalid((Problem("input", told, "give as many totals as counts, none below its count"),))
    statistic, p = compare_many([Proportion(int(total), int(count)) for count, total in pairs])
    return plain({"chi_square": statistic, "p": p})


_OPTIONS = {"alpha", "alternative", "primary", "tuned_for", "prior_sd", "is_sequential", "metric"}


def _number_or_list(told: str) -> Any:
    try:
        if told.startswith("["):
            return [float(each) for each in told[1:-1].split(",") if each.strip()]
        return int(told) if re.fullmatch(r"[-+]?\d+", told) else float(told)
    except ValueError as error:
        raise Invalid((Problem("input", told, "give numbers with a decimal point"),)) from error


def _arms(sides: list[str]) -> list[dict[str, Any]]:
    """Return the arms as a trial's JSON has them; a side without names has those of the first."""
    arms: list[dict[str, Any]] = []
    for index, side in enumerate(sides):
        share = _SHARE.match(side)
        if share:
            arms.append({"name": f"arm {index + 1}", "successes": int(share[1]), "n": int(share[2])})
            continue
        parts = dict(_PART.findall(side)) or dict(zip(_names(sides[0]), side.split(","), strict=False))
        arms.append(
            {"name": f"arm {index + 1}"} | {name: _number_or_list(each.strip()) for name, each in parts.items()}
        )
    return arms


def _names(side: str) -> list[str]:
    return [name for name, _ in _PART.findall(side)]


def _corrected(told: Mapping[str, Any]) -> dict[str, Any]:
    return {correction.name.lower(): list(adjusted(told["p"], correction)) for correction in Correction}


def _counted(told: Mapping[str, Any]) -> Proportion:
    if not 0 <= told["count"] <= told["nobs"]:
        raise Invalid((Problem("input, count", str(told["count"]), "give a count from 0 to nobs"),))
    return Proportion(int(told["nobs"]), int(told["count"]))


def _share_power(told: Mapping[str, Any]) -> float:
    return power.share_power(told["p1"], told["p2"], told["n"], told.get("alpha", 0.05))


def _share_posts(told: Mapping[str, Any]) -> dict[str, Any]:
    design = told["p1"], told["p2"], told["power"], told.get("alpha", 0.05)
    return {null.value: power.share_posts(*design, null) for null in power.NullVariance}


_QUESTIONS: dict[tuple[str, ...], Callable[[Mapping[str, Any]], Any]] = {
    ("users", "weights"): lambda told: {"p": mismatch(told["users"], told["weights"])},
    ("p",): _corrected,
    ("p1", "p2", "n"): lambda told: {"power": _share_power(told)},
    ("p1", "p2", "power"): lambda told: {"posts_per_arm": _share_posts(told)},
    ("d", "n"): lambda told: {"power": power.t_power(told["d"], told["n"], told.get("alpha", 0.05))},
    ("paired", "n"): lambda told: {"power": power.paired_power(told["paired"], told["n"], told.get("alpha", 0.05))},
    ("count", "nobs", "value"): lambda told: {"p": share_against(_counted(told), told["value"])},
    ("delta", "sd", "n"): lambda told: {"power": power.t_power(told["delta"] / told["sd"], told["n"])},
    ("d", "power"): lambda told: {"posts_per_arm": power.t_posts(told["d"], told["power"], told.get("alpha", 0.05))},
}
"""What can be asked in a line, by the names it must give."""
