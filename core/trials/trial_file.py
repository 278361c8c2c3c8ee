"""A trial as a JSON file or a table of posts holds it: its plan, and arms as sums, counts, values or posts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from core.errors import Invalid, Problem
from core.json_fields import Faults, Field, anything, count, list_of, positive, text
from core.trials.analysis import arms_of
from core.trials.arm_names import in_readme_shape
from core.trials.contrast import ArmData
from core.trials.file_kinds import (
    GREATEST,
    SMALLEST,
    above_zero,
    error_rate,
    exact,
    lift,
    name,
    one_of,
    posts,
    shares,
    spread,
    word,
    yes_or_no,
)
from core.trials.moments import Moments, moments_from_sums, moments_of
from core.trials.plan import Primary, TrialPlan
from core.trials.samples import Proportion, Sample, mean, proportion, ratio
from core.trials.units import UNIT_SCHEMA, Metric, conform
from core.trials.values import Alternative
from core.undefined import Undefined


@dataclass(frozen=True)
class TrialFile:
    """What a file holds: the plan, the arms, and the posts in order of time, or the values of arms without it."""

    plan: TrialPlan
    arms: tuple[ArmData, ...]
    posts: pl.DataFrame | None = None
    values: pl.DataFrame | None = None


_PLAN = {
    "metric": Field(one_of(Metric), Metric.MEAN),
    "primary": Field(one_of(Primary), None),
    "control": Field(text, ""),
    "alpha": Field(error_rate, TrialPlan.alpha),
    "alternative": Field(one_of(Alternative), Alternative.TWO_SIDED),
    "is_sequential": Field(yes_or_no, False),
    "tuned_for": Field(above_zero, TrialPlan.tuned_for),
    "prior_mean": Field(exact, TrialPlan.prior_mean),
    "prior_sd": Field(above_zero, TrialPlan.prior_sd),
    "looks": Field(positive, 1),
    "planned_posts": Field(posts, None),
    "detect": Field(lift, TrialPlan.detect),
    "seed": Field(count, 0),
}
_FILE = _PLAN | {
    "arms": Field(list_of(anything), None),
    "posts": Field(list_of(anything), None),
    "weights": Field(shares, None),
}
_ANY_ARM = {"name": Field(name), "weight": Field(spread, 1.0), "missing": Field(posts, 0)}
_COLUMNS = {"sum": "sumsq", "denominator_sum": "denominator_sumsq", "before_sum": "before_sumsq"} | {
    "before_denominator_sum": "before_denominator_sumsq"
}
"""Fields with the sum and the sum of squares of what an arm's posts have, in the order of `Moments`."""
_PRODUCTS = {
    frozenset({"sum", "denominator_sum"}): "product_sum",
    frozenset({"sum", "before_sum"}): "before_product",
    frozenset({"sum", "before_denominator_sum"}): "before_denominator_product",
    frozenset({"denominator_sum", "before_sum"}): "denominator_before_product",
    frozenset({"denominator_sum", "before_denominator_sum"}): "denominator_before_denominator_product",
    frozenset({"before_sum", "before_denominator_sum"}): "before_product_sum",
}


def _sums_of(*columns: str) -> dict[str, Field]:
    """Return the fields that hold n, sums, squares and products of so many columns."""
    products = [name for pair, name in _PRODUCTS.items() if pair <= set(columns)]
    return (
        {"n": Field(posts)}
        | {name: Field(exact) for column in columns for name in (column, _COLUMNS[column])}
        | {name: Field(exact) for name in products}
    )


_ARMS: dict[str, dict[str, Field]] = {
    "values": {"values": Field(list_of(exact)), "before": Field(list_of(exact), None)},
    "successes": {"n": Field(posts), "successes": Field(posts)},
    "before_denominator_sum": _sums_of(*_COLUMNS),
    "denominator_sum": _sums_of("sum", "denominator_sum"),
    "before_sum": _sums_of("sum", "before_sum"),
    "sd": {"n": Field(posts), "mean": Field(exact), "sd": Field(spread)},
    "mean": {"n": Field(posts), "mean": Field(exact), "sd": Field(spread)},
    "sum": _sums_of("sum"),
}
"""The ways to give an arm, by the field that tells which way it is; the first that is there counts."""
CONTROL = "control"
"""What the arm to compare with is mostly called, where nobody says."""
_POST: dict[str, Field] = {
    column: Field(exact if dtype == pl.Float64 else word, None) for column, dtype in UNIT_SCHEMA.items()
} | {"arm": Field(name)}


def read_trial(given: object) -> TrialFile:
    """Turn parsed JSON into a trial. Raises Invalid with the place, the value and the remedy of what is wrong."""
    faults = Faults()
    file = faults.read("", in_readme_shape(given), _FILE)
    faults.refuse()
    if (file["arms"] is None) == (file["posts"] is None):
        faults.add("file", "both" if file["arms"] else "neither", "give either arms or posts")
    faults.refuse()
    if file["posts"] is not None:
        rows = [faults.read(f"posts[{index}]", one, _POST) for index, one in enumerate(file["posts"])]
        faults.refuse()
        return trial_of_posts(pl.DataFrame(rows, schema=dict(UNIT_SCHEMA)), file)
    if file["weights"] is not None:
        faults.add("weights", file["weights"], "give each arm its weight")
    arms = [_read_arm(faults, f"arms[{index}]", one) for index, one in enumerate(file["arms"])]
    faults.refuse()
    metric = Metric.PROPORTION if all("successes" in arm for arm in arms) else Metric.MEAN
    if any("denominator_sum" in arm for arm in arms):
        metric = Metric.RATIO
    if file["metric"] not in {metric, Metric.MEAN}:
        faults.add("metric", file["metric"], "give n and successes for a proportion, denominator_sum for a ratio")
        faults.refuse()
    names = [arm["name"] for arm in arms]
    control = file["control"] or next((name for name in names if name.lower() == CONTROL), "")
    weights = {arm["name"]: arm["weight"] for arm in arms}
    plan = _plan(file | {"metric": metric, "control": control}, weights, Primary.RELATIVE)
    _refuse_plan(names, plan)
    return TrialFile(plan, tuple(_arm_data(arm) for arm in arms), values=_values_of(arms))


def _values_of(arms: Sequence[Mapping[str, Any]]) -> pl.DataFrame | None:
    """Return the posts of arms that are given as values, None where an arm is given otherwise."""
    if not all("values" in arm for arm in arms):
        return None
    names = [arm["name"] for arm in arms for _ in arm["values"]]
    values = [float(value) for arm in arms for value in arm["values"]]
    return conform(pl.DataFrame({"arm": names, "value": values}, schema={"arm": pl.String, "value": pl.Float64}))


def _read_arm(faults: Faults, place: str, given: object) -> dict[str, Any]:
    keys = given.keys() if isinstance(given, dict) else ()
    way = next((way for way in _ARMS if way in keys), "sum")
    arm = faults.read(place, given, _ANY_ARM | _ARMS[way])
    numbers = [arm[field] for field in ("successes", "n") if isinstance(arm.get(field), int)]
    if way == "successes" and len(numbers) == len(("successes", "n")) and numbers[0] > numbers[1]:
        faults.add(f"{place}.successes", arm["successes"], "give at most n")
    lists = [arm[field] for field in ("values", "before") if isinstance(arm.get(field), list)]
    if len(lists) == len(("values", "before")) and len(lists[0]) != len(lists[1]):
        faults.add(f"{place}.before", f"{len(arm['before'])} numbers", "give one for each value")
    return arm


def _plan(file: Mapping[str, Any], weights: Mapping[str, float], primary: Primary) -> TrialPlan:
    said = {name: file[name] for name in _PLAN if file.get(name) is not None}
    return TrialPlan(**({"primary": primary} | said | {"weights": weights}))


def _refuse_plan(names: Sequence[str], plan: TrialPlan) -> None:
    problems = []
    if len(names) < 2:  # noqa: PLR2004 - a trial compares
        problems.append(Problem("arms", str(len(names)), "give two arms or more"))
    if odd := [arm for arm in names if not arm.strip() or not arm.isprintable()]:
        problems.append(Problem("arms", ascii(odd[0]), "give names that can be printed"))
    if len(set(names)) < len(names):
        problems.append(Problem("arms", ", ".join(names), "give each arm a name of its own"))
    if plan.control and plan.control not in names:
        problems.append(Problem("control", plan.control, f"name one of the arms: {', '.join(names)}"))
    if plan.prior_mean and plan.prior_sd is None and plan.primary is Primary.ABSOLUTE:
        problems.append(Problem("prior_sd", "", "give it beside prior_mean, in the metric's unit"))
    if strangers := [arm for arm in plan.weights if arm not in names]:
        problems.append(Problem("weights", ", ".join(strangers), f"name only the arms: {', '.join(names)}"))
    if names and not sum(plan.weights.get(arm, 1.0) for arm in names) > 0:
        problems.append(Problem("weights", "0", "give an arm a weight above 0"))
    if problems:
        raise Invalid(tuple(problems))


def _arm_data(arm: Mapping[str, Any]) -> ArmData:
    sample: Sample | Undefined
    counted, pair = None, None
    if "successes" in arm:
        counted = Proportion(arm["n"], arm["successes"])
        sample = proportion(counted)
    elif "mean" in arm:
        variance = arm["sd"] ** 2 * max(arm["n"] - 1, 0)
        sample = mean(Moments(arm["n"], (float(arm["mean"]),), ((variance,),)))
    else:
        moments = _moments(arm)
        sample = moments if isinstance(moments, Undefined) else (ratio if "denominator_sum" in arm else mean)(moments)
        has_before = "before_sum" in arm or arm.get("before") is not None
        pair = moments if has_before and isinstance(moments, Moments) else None
    n = len(arm["values"]) if "values" in arm else arm["n"]
    return ArmData(arm["name"], n, arm["missing"], sample, counted, pair)


def _moments(arm: Mapping[str, Any]) -> Moments | Undefined:
    if "values" in arm:
        columns = [arm["values"]] if arm["before"] is None else [arm["values"], arm["before"]]
        return moments_of(*(np.array(column, dtype=np.float64) for column in columns))
    columns = [column for column in _COLUMNS if column in arm]
    products = [
        [arm[_COLUMNS[one] if one == other else _PRODUCTS[frozenset({one, other})]] for other in columns]
        for one in columns
    ]
    return moments_from_sums(arm["n"], [arm[column] for column in columns], products)


def trial_of_posts(posts: pl.DataFrame, options: Mapping[str, Any]) -> TrialFile:
    """Turn posts (columns of UNIT_SCHEMA, as many as are known) and the fields of a plan into a trial.

    Arms are in order of their names, one called "control" first. Raises Invalid for posts without an arm, values that
    are not finite, shares other than 0 and 1, units that appear twice, and fewer than two arms.
    """
    rows = conform(posts)
    metric = options.get("metric") or Metric.MEAN
    if problems := _faults_of(rows, metric):
        raise Invalid(tuple(problems))
    names = sorted(rows["arm"].unique().to_list(), key=lambda name: (name.lower() != CONTROL, name))
    primary = _usual(rows["value"].drop_nulls()) if metric is Metric.MEAN else Primary.RELATIVE
    plan = _plan(options, options.get("weights") or {}, primary)
    _refuse_plan(names, plan)
    return TrialFile(plan, tuple(arms_of(rows, plan, names)), rows)


def _usual(values: pl.Series) -> Primary:
    """Return what decides unless the file says otherwise: logs for counts and the like, to which 1 may be added."""
    if not (values >= 0).all():
        return Primary.ABSOLUTE
    middle = values.median()
    is_large = isinstance(middle, float) and middle >= _LARGE
    is_count = (values == values.round()).all() and (values > 1).any()
    return Primary.LOG if is_large or is_count else Primary.RELATIVE


_LARGE = 10
"""Beside it, the 1 that is added before a logarithm is little."""


def _faults_of(rows: pl.DataFrame, metric: Metric) -> list[Problem]:
    """Return what is wrong with posts; the first place of each kind, counted from 0."""
    checks: list[tuple[str, pl.Expr, str]] = [
        ("arm", pl.col("arm").is_null(), "say which arm the post was drawn for"),
        ("unit", pl.col("unit").is_not_null() & pl.col("unit").is_duplicated(), "give each post once"),
    ]
    for column in ("value", "denominator", "before", "before_denominator"):
        size = pl.col(column).abs()
        is_slip = size.is_infinite() | size.is_nan() | (size > GREATEST) | ((size > 0) & (size < SMALLEST))
        checks.append((column, is_slip, "give a finite number of ordinary size, or nothing if it is not known"))
    if metric is Metric.PROPORTION:
        checks.append(("value", ~pl.col("value").is_in([0.0, 1.0]), "give 0 or 1 for a share"))
    if metric is Metric.RATIO:
        checks.append(("denominator", pl.col("denominator") < 0, "give a number from 0 on"))
        checks.append(("denominator", pl.col("denominator").is_null().all(), "give it for the posts of a ratio"))
    found = []
    for column, is_bad, fix in checks:
        bad = rows.select(is_bad.fill_null(value=False).arg_true().first()).item()
        if bad is not None:
            found.append(Problem(f"posts[{bad}].{column}", str(rows[column][bad]), fix))
    return found
