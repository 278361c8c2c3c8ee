"""What can be asked in a line of names and numbers, and the answer to each: power, posts, looks, p-values, shares."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from scipy.special import ndtri

from core.errors import Invalid, Problem
from core.trials import case_designs as designs
from core.trials.bayes import FLAT, Prior, posterior
from core.trials.case_designs import LIFT_OF_SHARE, alpha_of, side_of
from core.trials.case_hints import ONE_SIDED, PAIRED, SIDE
from core.trials.case_limits import refuse_unfit
from core.trials.comparison import Effect, judged
from core.trials.health.sample_ratio import departure, mismatch
from core.trials.looks import Bounds, bounds_for, crossing, evenly
from core.trials.plain import plain
from core.trials.proportions import compare_many, share_against
from core.trials.samples import Proportion
from core.trials.sequential import TUNED_FOR, always
from core.trials.several import Correction, adjusted
from core.trials.values import Alternative, Scale
from core.undefined import Undefined

Told = Mapping[str, Any]


@dataclass(frozen=True)
class Question:
    """What it needs, what it may be given besides, and how it is answered."""

    needed: frozenset[str]
    optional: frozenset[str]
    work: Callable[[Told], dict[str, Any]]


def answer_numbers(said: Told, hints: Told) -> Any:
    """Return the answer to what numbers ask, as JSON holds it; hints count where the question takes them (Invalid)."""
    refuse_unfit(said)
    told = settled(dict(said))
    refuse_unfit(told)
    for question in QUESTIONS:
        if question.needed <= told.keys() <= question.needed | question.optional:
            taken = {name: value for name, value in hints.items() if name in question.needed | question.optional}
            refuse_unfit(taken)
            return plain(question.work(taken | told))
    names = ", ".join(said) or "nothing"
    raise Invalid((Problem("input", names, "write two arms with vs between them, or one of the README's lines"),))


def settled(told: dict[str, Any]) -> dict[str, Any]:
    """Say the same in fewer words: an sd for a variance, posts of an arm for users, a share for a lift of one."""
    if "variance" in told and "sd" not in told:
        told["sd"] = math.sqrt(told.pop("variance"))
    _settle_posts(told)
    if "p1" in told and "p2" not in told:
        if shift := {"mde", "delta"} & told.keys():
            told["p2"] = told["p1"] + told.pop(shift.pop())
        elif "lift" in told:
            told[LIFT_OF_SHARE] = told.pop("lift")
            told["p2"] = told["p1"] * (1 + told[LIFT_OF_SHARE])
    elif ("delta" in told) != ("mde" in told) and "d" not in told:
        told["d"] = _effect(told)
    return told


def _settle_posts(told: dict[str, Any]) -> None:
    """Say posts of one arm for those of all, of a pace, or of two unlike arms."""
    if "per_day" in told:
        told["per_week"] = told.pop("per_day") * _DAYS_A_WEEK
    if "days" in told:
        told["weeks"] = told.pop("days") / _DAYS_A_WEEK
    if {"per_week", "weeks"} <= told.keys() and not {"users", "n"} & told.keys():
        told["users"] = told.pop("per_week") * told.pop("weeks")
    if "users" in told and not isinstance(told["users"], list) and "n" not in told:
        told["n"] = told.pop("users") / told.pop("variations", 2)
    if {"n1", "n2"} <= told.keys() and "n" not in told:
        told["n"], told["ratio"] = told["n1"], told.pop("n2") / told.pop("n1")


_DAYS_A_WEEK = 7


def _effect(told: dict[str, Any]) -> float:
    """Return an absolute effect in standard deviations; of `delta` alone the deviation is 1, as in R."""
    told.pop("mean", None)  # nothing to an absolute effect
    if "sd" not in told and "mde" in told:
        raise Invalid((Problem("input, mde", str(told["mde"]), "give variance, sd or baseline beside it"),))
    return float(told.pop("delta", None) or told.pop("mde")) / float(told.pop("sd", 1.0))


def _looks(told: Told) -> dict[str, Any]:
    """Answer what equally spaced looks do to a fixed test, and what each of them has to exceed instead."""
    alpha = alpha_of(told)
    if side_of(told) is not Alternative.TWO_SIDED:
        raise Invalid((Problem("input", "one-sided", "give a two-sided alpha: looks are answered for both sides"),))
    each = told["looks"] if isinstance(told["looks"], list) else [told["looks"]]
    bounds = {kind.value: [bounds_for(int(looks), kind, alpha) for looks in each] for kind in Bounds}
    fixed = -float(ndtri(alpha / 2))
    found = {
        "any_rejection": [crossing([fixed] * int(looks), evenly(int(looks)).tolist()) for looks in each],
        "constant": {kind: [one[-1] for one in many] for kind, many in bounds.items()},
        "bounds": bounds,
    }
    return found if isinstance(told["looks"], list) else _only(found)


def _only(found: Any) -> Any:
    return {name: _only(each) for name, each in found.items()} if isinstance(found, dict) else found[0]


def _corrected(told: Told) -> dict[str, Any]:
    ps, alpha = told["p"], alpha_of(told)
    found = {correction.value: list(adjusted(ps, correction)) for correction in Correction}
    found["bonferroni"] = [min(p * len(ps), 1.0) for p in ps]
    rejected = {name: sum(not isinstance(p, Undefined) and p <= alpha for p in many) for name, many in found.items()}
    return {**found, "rejected": rejected, "alpha": alpha}


def _ratio(told: Told) -> dict[str, Any]:
    users = told["users"]
    if not isinstance(users, list):
        raise Invalid((Problem("input, users", str(users), "give a list in brackets"),))
    weights = told.get("weights", [1.0] * len(users))
    return {"p": mismatch(users, weights), "chi_square": departure(users, weights)}


def _estimate(told: Told) -> dict[str, Any]:
    """Answer what an effect with its standard error says: z-test, interval, posteriors, what holds at every look."""
    found = Effect(float(told["effect"]), float(told["se"]), math.inf, Scale.ABSOLUTE)
    alpha, given = alpha_of(told), told.get(SIDE, Alternative.TWO_SIDED)
    side = side_of(told) if given == ONE_SIDED else Alternative(given)
    answers: dict[str, Any] = {"test": judged(found, side, alpha), "posterior_flat": posterior(found, FLAT, alpha)}
    if "prior_sd" in told:
        prior = Prior(float(told.get("prior_mean", 0.0)), float(told["prior_sd"]))
        answers["posterior"] = posterior(found, prior, alpha)
    if "n" in told:
        tuned_for = told.get("tuned_for", TUNED_FOR)
        answers["always"] = always(found, round(2 * told["n"]), tuned_for=tuned_for, alternative=side, alpha=alpha)
    return answers


def several_shares(counts: list[float], totals: list[float]) -> dict[str, Any]:
    """Return χ² and p of "all shares are equal" (Invalid: counts above their totals, or parts of posts)."""
    pairs = list(zip(counts, totals, strict=False))
    if len(counts) != len(totals) or any(not 0 <= count <= total for count, total in pairs):
        fix = "give as many totals as counts, none below its count"
        raise Invalid((Problem("input", f"{counts} of {totals}", fix),))
    if any(not float(each).is_integer() for each in (*counts, *totals)):
        raise Invalid((Problem("input", f"{counts} of {totals}", "give whole numbers of posts"),))
    statistic, p = compare_many([Proportion(int(total), int(count)) for count, total in pairs])
    return {"chi_square": statistic, "p": p}


def _counted(told: Told) -> dict[str, Any]:
    count, nobs = told["count"], told["nobs"]
    if isinstance(count, list) and isinstance(nobs, list) and "value" not in told:
        return several_shares(count, nobs)
    if isinstance(count, list) or isinstance(nobs, list) or "value" not in told:
        raise Invalid((Problem("input, value", "", "give one count, its nobs and value, or two lists without value"),))
    if not (0 <= count <= nobs and float(count).is_integer() and float(nobs).is_integer()):
        raise Invalid((Problem("input, count", str(count), "give a whole count from 0 to nobs"),))
    return {"p": share_against(Proportion(int(nobs), int(count)), told["value"])}


_ERRORS = frozenset({"alpha", SIDE})
_NEED = _ERRORS | {"power", "per_week", "variations"}
QUESTIONS: tuple[Question, ...] = (
    Question(frozenset({"users"}), frozenset({"weights"}), _ratio),
    Question(frozenset({"p"}), frozenset({"alpha"}), _corrected),
    Question(frozenset({"count", "nobs"}), frozenset({"value"}), _counted),
    Question(frozenset({"looks"}), _ERRORS, _looks),
    Question(frozenset({"effect", "se"}), _ERRORS | {"prior_mean", "prior_sd", "n", "tuned_for"}, _estimate),
    Question(frozenset({"p1", "p2", "n"}), _ERRORS | {LIFT_OF_SHARE, "ratio"}, designs.share_power),
    Question(frozenset({"p1", "p2"}), _NEED | {LIFT_OF_SHARE, "ratio"}, designs.share_posts),
    Question(frozenset({"d", "n"}), _ERRORS | {PAIRED, "ratio"}, designs.t_power),
    Question(frozenset({"d"}), _NEED | {PAIRED, "ratio"}, designs.t_posts),
    Question(frozenset({"n", "power"}), _ERRORS | {"sd"}, designs.t_effect),
    Question(frozenset({"p1", "n"}), _ERRORS | {"power"}, designs.share_effect),
    Question(frozenset({"h", "n"}), _ERRORS | {"ratio"}, designs.h_power),
    Question(frozenset({"h"}), _NEED | {"ratio"}, designs.h_posts),
    Question(frozenset({"log_sd", "n"}), _ERRORS | {"lift", "power"}, designs.log_power),
    Question(frozenset({"log_sd", "lift"}), _NEED, designs.log_posts),
    Question(frozenset({"mean", "sd", "n"}), _ERRORS | {"lift", "power", "tuned_for"}, designs.lift_design),
    Question(frozenset({"mean", "sd", "lift"}), _NEED, designs.lift_posts),
)
"""The first whose needs are met, and that takes all that is said, answers."""
