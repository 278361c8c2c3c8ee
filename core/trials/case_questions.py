"""What can be asked in a line of names and numbers, and the answer to each: power, posts, looks, p-values, shares."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from scipy.special import ndtri

from core.errors import Invalid, Problem
from core.trials import power
from core.trials.case_words import PAIRED, SIDE, refuse_unfit
from core.trials.health.sample_ratio import mismatch
from core.trials.looks import Bounds, bounds_for, crossing, evenly
from core.trials.plain import plain
from core.trials.proportions import compare_many, share_against
from core.trials.samples import Proportion
from core.trials.sequential import TUNED_FOR
from core.trials.several import Correction, adjusted
from core.trials.values import ALPHA, Alternative, Known, tail
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
    if "users" in told and not isinstance(told["users"], list) and "n" not in told:
        told["n"] = told.pop("users") / told.pop("variations", 2)
    if {"n1", "n2"} <= told.keys() and "n" not in told:
        told["n"], told["ratio"] = told["n1"], told.pop("n2") / told.pop("n1")
    if "p1" in told and "p2" not in told:
        if "mde" in told:
            told["p2"] = told["p1"] + told.pop("mde")
        elif "lift" in told:
            told["p2"] = told["p1"] * (1 + told.pop("lift"))
    elif ("delta" in told) != ("mde" in told) and "d" not in told:
        told["d"] = _effect(told)
    return told


def _effect(told: dict[str, Any]) -> float:
    """Return an absolute effect in standard deviations; of `delta` alone the deviation is 1, as in R."""
    told.pop("mean", None)  # nothing to an absolute effect
    if "sd" not in told and "mde" in told:
        raise Invalid((Problem("input, mde", str(told["mde"]), "give variance, sd or baseline beside it"),))
    return float(told.pop("delta", None) or told.pop("mde")) / float(told.pop("sd", 1.0))


def _alpha(told: Told) -> float:
    return float(told.get("alpha", ALPHA))


def _side(told: Told) -> Alternative:
    return Alternative(told.get(SIDE, Alternative.TWO_SIDED))


def _target(told: Told) -> float:
    return float(told.get("power", power.POWER))


def _needs(posts: Any, told: Told, arms: int = 2) -> dict[str, Any]:
    """Return posts of one arm and of all, with what calculators differ in: the power and alpha they are for."""
    total = {name: _times(each, arms) for name, each in posts.items()} if isinstance(posts, dict) else None
    return {
        "posts_per_arm": posts,
        "posts_total": total or _times(posts, arms),
        "for": {"power": _target(told), "alpha": _alpha(told), "alternative": _sided(told)},
    }


def _sided(told: Told) -> str:
    return "two-sided" if _side(told) is Alternative.TWO_SIDED else "one-sided"


def _times(posts: Known, arms: int) -> Known:
    return posts if isinstance(posts, Undefined) else posts * arms


# --- Answers ------------------------------------------------------------------------------------------------------


def _t_power(told: Told) -> dict[str, Any]:
    if told.get(PAIRED):
        if "ratio" in told:
            raise Invalid((Problem("input", "paired", "give n alone: pairs have no second size"),))
        return {"power": power.paired_power(told["d"], told["n"], _alpha(told), _side(told))}
    if told["n"] * told.get("ratio", 1.0) < 1:
        raise Invalid((Problem("input, ratio", str(told["ratio"]), "give each arm a post at least"),))
    options = {"ratio": told.get("ratio", 1.0), "side": _side(told)}
    return {"power": power.t_power(told["d"], told["n"], _alpha(told), **options)}


def _t_posts(told: Told) -> dict[str, Any]:
    how = power.paired_posts if told.get(PAIRED) else power.t_posts
    return _needs(how(told["d"], _target(told), _alpha(told), _side(told)), told, 1 if told.get(PAIRED) else 2)


def _t_effect(told: Told) -> dict[str, Any]:
    found = power.t_detectable(told["n"], told["power"], _alpha(told), side=_side(told))
    return {"detectable_d": found, "detectable": _times(found, told.get("sd", 1))}


def _two_sided(told: Told) -> float:
    """Return alpha as that of both sides together, which a one-sided test has on its one."""
    return 2 * tail(_alpha(told), _side(told))


def _share_power(told: Told) -> dict[str, Any]:
    asked = told["p1"], told["p2"], told["n"], _two_sided(told)
    if told["p1"] == told["p2"]:
        return {"power": power.EQUAL_SHARES}
    by_null = {null.value: power.share_power(*asked, null) for null in power.NullVariance}
    return {"power": by_null[power.NullVariance.POOLED], "power_by_null_variance": by_null}


def _share_posts(told: Told) -> dict[str, Any]:
    asked = told["p1"], told["p2"], _target(told), _two_sided(told)
    return _needs({null.value: power.share_posts(*asked, null) for null in power.NullVariance}, told)


def _lift_design(told: Told) -> dict[str, Any]:
    """Answer a design of a relative lift with n posts in each arm, by the delta method."""
    design, n, alpha, side = (told["mean"], told["sd"] ** 2), told["n"], _alpha(told), _side(told)
    found: dict[str, Any] = {"detectable_lift": power.detectable_lift(*design, n, _target(told), alpha, side)}
    if "lift" not in told:
        return found
    lift, tuned_for = told["lift"], told.get("tuned_for", TUNED_FOR)
    if side is not Alternative.TWO_SIDED:
        towards = Alternative.GREATER if lift > 0 else Alternative.LESS
        return found | {"power": power.lift_power(*design, lift, n, alpha, towards), "sequential_power": _ONE_SIDED}
    z = lift / power.lift_error(*design, lift, n)
    return found | {
        "power": power.lift_power(*design, lift, n, alpha),
        "sequential_power": power.sequential_power(z, 2 * n, tuned_for, alpha),
        "sequential_power_by_growthbooks_convention": power.inflated_sequential_power(z, 2 * n, tuned_for, alpha),
    }


_ONE_SIDED = Undefined("The power of looking early is answered for two-sided intervals.")


def _lift_posts(told: Told) -> dict[str, Any]:
    reach = float(ndtri(_target(told))) - float(ndtri(tail(_alpha(told), _side(told))))
    return _needs((reach * power.lift_error(told["mean"], told["sd"] ** 2, told["lift"], 1) / told["lift"]) ** 2, told)


def _looks(told: Told) -> dict[str, Any]:
    """Answer what equally spaced looks do to a fixed test, and what each of them has to exceed instead."""
    alpha = _alpha(told)
    if _side(told) is not Alternative.TWO_SIDED:
        raise Invalid((Problem("input", "one-sided", "give a two-sided alpha: looks are answered for both sides"),))
    if not _LEAST_ALPHA <= alpha <= _MOST_ALPHA:
        raise Invalid((Problem("input, alpha", f"{alpha:g}", f"give {_LEAST_ALPHA} to {_MOST_ALPHA}"),))
    each = told["looks"] if isinstance(told["looks"], list) else [told["looks"]]
    bounds = {kind.value: [bounds_for(int(looks), kind, alpha) for looks in each] for kind in Bounds}
    fixed = -float(ndtri(alpha / 2))
    found = {
        "any_rejection": [crossing([fixed] * int(looks), evenly(int(looks)).tolist()) for looks in each],
        "constant": {kind: [one[-1] for one in many] for kind, many in bounds.items()},
        "bounds": bounds,
    }
    return found if isinstance(told["looks"], list) else _only(found)


_LEAST_ALPHA, _MOST_ALPHA = 0.0001, 0.5


def _only(found: Any) -> Any:
    return {name: _only(each) for name, each in found.items()} if isinstance(found, dict) else found[0]


def _corrected(told: Told) -> dict[str, Any]:
    ps, alpha = told["p"], _alpha(told)
    found = {correction.value: list(adjusted(ps, correction)) for correction in Correction}
    found["bonferroni"] = [min(p * len(ps), 1.0) for p in ps]
    rejected = {name: sum(not isinstance(p, Undefined) and p <= alpha for p in many) for name, many in found.items()}
    return {**found, "rejected": rejected, "alpha": alpha}


def _ratio(told: Told) -> dict[str, Any]:
    users = told["users"]
    if not isinstance(users, list):
        raise Invalid((Problem("input, users", str(users), "give a list in brackets"),))
    return {"p": mismatch(users, told.get("weights", [1.0] * len(users)))}


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
QUESTIONS: tuple[Question, ...] = (
    Question(frozenset({"users"}), frozenset({"weights"}), _ratio),
    Question(frozenset({"p"}), frozenset({"alpha"}), _corrected),
    Question(frozenset({"count", "nobs"}), frozenset({"value"}), _counted),
    Question(frozenset({"looks"}), _ERRORS, _looks),
    Question(frozenset({"p1", "p2", "n"}), _ERRORS, _share_power),
    Question(frozenset({"p1", "p2"}), _ERRORS | {"power"}, _share_posts),
    Question(frozenset({"d", "n"}), _ERRORS | {PAIRED, "ratio"}, _t_power),
    Question(frozenset({"d"}), _ERRORS | {PAIRED, "power"}, _t_posts),
    Question(frozenset({"n", "power"}), _ERRORS | {"sd"}, _t_effect),
    Question(frozenset({"mean", "sd", "n"}), _ERRORS | {"lift", "power", "tuned_for"}, _lift_design),
    Question(frozenset({"mean", "sd", "lift"}), _ERRORS | {"power"}, _lift_posts),
)
"""The first whose needs are met, and that takes all that is said, answers."""
