"""An analysis as JSON holds it: intervals as pairs, what is Undefined with its reason, no infinite numbers."""

import math
from dataclasses import fields, is_dataclass
from typing import Any

from core.trials.analysis import Analysis, Judged
from core.trials.contrast import ArmData
from core.trials.values import Interval
from core.undefined import Undefined


def plain(value: object) -> Any:
    """Return a value of this package as JSON holds it; an unbounded side of an interval is null."""
    if isinstance(value, Undefined):
        return {"undefined": value.reason}
    if isinstance(value, Interval):
        return [plain(value.low), plain(value.high)]
    if is_dataclass(value):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def answer(found: Analysis) -> dict[str, Any]:
    """Return the whole of an analysis."""
    return {
        "arms": [_arm(arm) for arm in found.arms],
        "comparisons": [_comparison(each) for each in found.comparisons],
        "sample_ratio_p": plain(found.sample_ratio_p),
        "findings": plain(found.findings),
    }


def _arm(arm: ArmData) -> dict[str, Any]:
    sample = arm.sample
    numbers = (sample, sample) if isinstance(sample, Undefined) else (sample.estimate, math.sqrt(sample.variance))
    return {
        "name": arm.name,
        "n": arm.n,
        "missing": arm.missing,
        "estimate": plain(numbers[0]),
        "sd": plain(numbers[1]),
    }


def _comparison(each: Judged) -> dict[str, Any]:
    return {
        **plain(each.contrast),
        "p_holm": plain(each.p_holm),
        "p_benjamini_hochberg": plain(each.p_benjamini_hochberg),
        **plain(each.decision),
    }
