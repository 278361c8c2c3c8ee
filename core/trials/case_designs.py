"""Answers to lines that plan a trial: its power, the posts and weeks it takes, the effect it finds."""

import math
from collections.abc import Mapping
from typing import Any

from scipy.special import ndtr, ndtri

from core.errors import Invalid, Problem
from core.trials import power
from core.trials.case_hints import ONE_SIDED, PAIRED, SIDE
from core.trials.sequential import TUNED_FOR
from core.trials.values import ALPHA, Alternative, tail
from core.undefined import Undefined

Told = Mapping[str, Any]
LIFT_OF_SHARE = "lift of share"
"""The lift that p2 was told by."""


def alpha_of(told: Told) -> float:
    """Return the alpha that is told, or the usual one."""
    return float(told.get("alpha", ALPHA))


def side_of(told: Told) -> Alternative:
    """Return the side that is asked about, that of the effect where it is just one (Invalid: it lies on the other)."""
    side = told.get(SIDE, Alternative.TWO_SIDED)
    between = told["p2"] - told["p1"] if "p2" in told else 0
    effect = told.get("d", told.get("h", told.get("lift", told.get("effect", between))))
    if side == ONE_SIDED:
        return Alternative.GREATER if effect >= 0 else Alternative.LESS
    if (side == Alternative.GREATER and effect < 0) or (side == Alternative.LESS and effect > 0):
        raise Invalid((Problem("input", str(side), "the effect lies on the other side, where it is not looked for"),))
    return Alternative(side)


def _target(told: Told) -> float:
    return float(told.get("power", power.POWER))


def _needs(posts: Any, told: Told, arms: float = 2) -> dict[str, Any]:
    """Return posts of one arm and of all, the weeks they take, and what they are for, in which calculators differ.

    `arms` is how many times the posts of one arm all arms together have.
    """
    arms *= told.get("variations", 2) / 2
    total = _times(posts, arms)
    found = {"posts_per_arm": posts, "posts_total": total}
    if "per_week" in told:
        found["weeks"] = _times(total, 1 / told["per_week"])
    shares = {name: told[name] for name in ("p1", "p2") if name in told}
    return found | {"for": {"power": _target(told), "alpha": alpha_of(told), "alternative": _sided(told)} | shares}


def _sided(told: Told) -> str:
    return "two-sided" if side_of(told) is Alternative.TWO_SIDED else "one-sided"


def _times(posts: Any, factor: float) -> Any:
    if isinstance(posts, dict):
        return {name: _times(each, factor) for name, each in posts.items()}
    return posts if isinstance(posts, Undefined) else posts * factor


# --- Answers ------------------------------------------------------------------------------------------------------


def t_power(told: Told) -> dict[str, Any]:
    """Answer the power of a t-test."""
    if told.get(PAIRED):
        if "ratio" in told:
            raise Invalid((Problem("input", "paired", "give n alone: pairs have no second size"),))
        return {"power": power.paired_power(told["d"], told["n"], alpha_of(told), side_of(told))}
    if told["n"] * told.get("ratio", 1.0) < 1:
        raise Invalid((Problem("input, ratio", str(told["ratio"]), "give each arm a post at least"),))
    options = {"ratio": told.get("ratio", 1.0), "side": side_of(told)}
    return {"power": power.t_power(told["d"], told["n"], alpha_of(told), **options)}


def t_posts(told: Told) -> dict[str, Any]:
    """Answer how many posts a t-test takes."""
    asked = told["d"], _target(told), alpha_of(told)
    if not told.get(PAIRED):
        ratio = told.get("ratio", 1.0)
        return _needs(power.t_posts(*asked, ratio=ratio, side=side_of(told)), told, 1 + ratio)
    if "ratio" in told:
        raise Invalid((Problem("input", "paired", "leave out ratio: pairs have no second size"),))
    return _needs(power.paired_posts(*asked, side_of(told)), told, 1)


def t_effect(told: Told) -> dict[str, Any]:
    """Answer which effect a t-test finds."""
    found = power.t_detectable(told["n"], told["power"], alpha_of(told), side=side_of(told))
    return {"detectable_d": found, "detectable": _times(found, told.get("sd", 1))}


def _two_sided(told: Told) -> float:
    """Return alpha as that of both sides together, which a one-sided test has on its one."""
    return 2 * tail(alpha_of(told), side_of(told))


def share_power(told: Told) -> dict[str, Any]:
    """Answer the power of a comparison of shares, and that of their lift where they were told by one."""
    asked = told["p1"], told["p2"], told["n"], _two_sided(told)
    if told["p1"] == told["p2"]:
        return {"power": power.EQUAL_SHARES}
    ratio = told.get("ratio", 1.0)
    by_null = {null.value: power.share_power(*asked, null, ratio=ratio) for null in power.NullVariance}
    found = {"power": by_null[power.NullVariance.POOLED], "power_by_null_variance": by_null}
    if LIFT_OF_SHARE in told and ratio == 1:
        design = *_share_design(told), told[LIFT_OF_SHARE], told["n"]
        found["power_of_lift"] = power.lift_power(*design, alpha_of(told), side_of(told))
    return found


def _share_design(told: Told) -> tuple[float, float]:
    """Return mean and variance of the control's posts, as calculators of relative lifts take them for both arms."""
    return told["p1"], told["p1"] * (1 - told["p1"])


def share_posts(told: Told) -> dict[str, Any]:
    """Answer how many posts a comparison of shares takes."""
    asked = told["p1"], told["p2"], _target(told), _two_sided(told)
    ratio = told.get("ratio", 1.0)
    by_null = {null.value: power.share_posts(*asked, null, ratio=ratio) for null in power.NullVariance}
    return _needs(by_null, told, 1 + ratio)


def share_effect(told: Told) -> dict[str, Any]:
    """Answer which share, and which lift of a share, is found."""
    alpha = _two_sided(told)
    if side_of(told) is Alternative.LESS:
        raise Invalid((Problem("input", "less", "ask for greater: it is the larger share that is answered"),))
    found = {
        null.value: power.detectable_share(told["p1"], told["n"], _target(told), alpha, null)
        for null in power.NullVariance
    }
    side = _upwards(side_of(told))
    lift = power.detectable_lift(*_share_design(told), told["n"], _target(told), alpha_of(told), side)
    return {
        "detectable_p2": found[power.NullVariance.POOLED],
        "detectable_p2_by_null_variance": found,
        "detectable_lift": lift,
    }


def h_power(told: Told) -> dict[str, Any]:
    """Answer the power to find Cohen's h, by the normal law."""
    bound = -float(ndtri(tail(alpha_of(told), side_of(told))))
    return {
        "power": power.z_power(abs(told["h"]) * math.sqrt(told["n"] * _harmonic(told)), bound, _upwards(side_of(told)))
    }


def _harmonic(told: Told) -> float:
    """Return n1 n2 / (n1 + n2) for n1 of 1: a half where both arms have as many."""
    ratio = float(told.get("ratio", 1.0))
    return ratio / (1 + ratio)


def h_posts(told: Told) -> dict[str, Any]:
    """Answer how many posts find Cohen's h."""
    reach = float(ndtri(_target(told))) - float(ndtri(tail(alpha_of(told), side_of(told))))
    return _needs((reach / told["h"]) ** 2 / _harmonic(told), told, 1 + told.get("ratio", 1.0))


def lift_design(told: Told) -> dict[str, Any]:
    """Answer a design of a relative lift with n posts in each arm, by the delta method."""
    design, n, alpha, side = (told["mean"], told["sd"] ** 2), told["n"], alpha_of(told), side_of(told)
    target, tuned_for = _target(told), told.get("tuned_for", TUNED_FOR)
    found: dict[str, Any] = {"detectable_lift": power.detectable_lift(*design, n, target, alpha, _upwards(side))}
    if side is not Alternative.TWO_SIDED:
        found |= {"sequential_power": _LOOKS_ARE_TWO_SIDED}
        return found | ({"power": power.lift_power(*design, told["lift"], n, alpha, side)} if "lift" in told else {})
    bound, fixed = power.always_bound(2 * n, tuned_for, alpha), float(ndtri(1 - alpha / 2))
    wider = design[0], design[1] * (bound / fixed) ** 2
    found |= {
        "sequential_detectable_lift": power.detectable_lift(*design, n, target, 2 * float(ndtr(-bound))),
        "sequential_detectable_lift_by_growthbooks_convention": power.detectable_lift(*wider, n, target, alpha),
    }
    if "lift" not in told:
        return found
    z = told["lift"] / power.lift_error(*design, told["lift"], n)
    return found | {
        "power": power.lift_power(*design, told["lift"], n, alpha),
        "sequential_power": power.sequential_power(z, 2 * n, tuned_for, alpha),
        "sequential_power_by_growthbooks_convention": power.inflated_sequential_power(z, 2 * n, tuned_for, alpha),
    }


_LOOKS_ARE_TWO_SIDED = Undefined("The power of looking early is answered for two-sided intervals.")


def _upwards(side: Alternative) -> Alternative:
    return Alternative.TWO_SIDED if side is Alternative.TWO_SIDED else Alternative.GREATER


def lift_posts(told: Told) -> dict[str, Any]:
    """Answer how many posts find a relative lift of a mean."""
    reach = float(ndtri(_target(told))) - float(ndtri(tail(alpha_of(told), side_of(told))))
    return _needs((reach * power.lift_error(told["mean"], told["sd"] ** 2, told["lift"], 1) / told["lift"]) ** 2, told)


def log_power(told: Told) -> dict[str, Any]:
    """Answer a design of a ratio of geometric means with n posts in each arm: the effect it finds, its power."""
    n, sd = told["n"], told["log_sd"]
    found: dict[str, Any] = {"detectable_lift": power.detectable_log_lift(n, sd, _target(told), _two_sided(told))}
    if "lift" not in told:
        return found
    bound = -float(ndtri(tail(alpha_of(told), side_of(told))))
    drift = abs(math.log1p(told["lift"])) / (sd * math.sqrt(2 / n))
    return found | {"power": power.z_power(drift, bound, _upwards(side_of(told)))}


def log_posts(told: Told) -> dict[str, Any]:
    """Answer how many posts find a lift of geometric means."""
    return _needs(power.log_posts(told["lift"], told["log_sd"], _target(told), _two_sided(told)), told)
