"""Statistical cases as published tests list them: arms in one line of text, answered one by one."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from core.errors import Invalid, Problem
from core.trials import power
from core.trials.analysis import analyze
from core.trials.health.sample_ratio import mismatch
from core.trials.plain import answer, plain
from core.trials.several import Correction, adjusted
from core.trials.trial_file import read_trial

_SHARE = re.compile(r"^\s*(\d+)\s*/\s*(\d+)\s*$")
_PART = re.compile(r"(\w+)\s*=\s*(\[[^\]]*\]|[-+.\deE]+)")
_AGAINST = re.compile(r"\s+(?:vs\.?|against)\s+")


def is_cases(given: object) -> bool:
    """Tell whether parsed JSON is a list of cases, or one: an object with `input`."""
    first = given[0] if isinstance(given, list) and given else given
    return isinstance(first, dict) and "input" in first


def answer_cases(given: Any) -> list[dict[str, Any]]:
    """Return what can be said about each case: its `id`, and `result` or the `error` that kept it from being read.

    `input` is two arms ("14/28 vs 16/30", "sum=..,sumsq=..,n=.. vs ..", where the second may leave the names out),
    counts and weights ("users=[1000, 1200], weights=[0.5, 0.5]"), p-values ("p=[.01, .04]"), or a design ("d=1,n=30";
    "n=50,p1=.5,p2=.75"; "p1=.5,p2=.75,power=.9"). Fields of a trial's plan may stand beside it; a `topic` that says
    "paired" makes the standardized difference one of pairs.
    """
    cases = given if isinstance(given, list) else [given]
    return [_answered(case if isinstance(case, dict) else {"input": case}) for case in cases]


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
    is_paired = "paired" in str(case.get("topic", ""))
    numbers = {
        "paired" if is_paired and name == "d" else name: _number_or_list(value) for name, value in _PART.findall(told)
    }
    for names, work in _QUESTIONS.items():
        if set(names) <= numbers.keys():
            return plain(work(numbers))
    raise Invalid((Problem("input", told, "write two arms with vs between them, or a list as the README shows it"),))


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
    ("d", "power"): lambda told: {"posts_per_arm": power.t_posts(told["d"], told["power"], told.get("alpha", 0.05))},
}
"""What can be asked in a line, by the names it must give."""
