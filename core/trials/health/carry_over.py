"""Carry-over: what a post earns depends on the arm of the post or day before it."""

import polars as pl

from core.trials.comparison import compare
from core.trials.health.facts import ALARM, Finding, Severity, TrialFacts, chance_words
from core.trials.moments import moments_of
from core.trials.samples import mean
from core.trials.units import has
from core.trials.values import Vector
from core.undefined import Undefined


def check(facts: TrialFacts) -> Finding | None:
    """Within an arm, outcomes after another arm are like those after the same one (ranks, Welch, alarm below 0.001)."""
    worst, p = "", 1.0
    for arm, (same, other) in _after(facts).items():
        found = _p(same, other)
        if found < p:
            worst, p = arm, found
    if p * max(len(facts.assigned), 1) >= ALARM:
        return None
    return Finding(
        Severity.WARNING,
        f"In {worst}, {facts.unit} after another arm earn differently from those after their own ({chance_words(p)}).",
        "Leave more time between arms, or read only the days whose day before had the same arm.",
    )


def _after(facts: TrialFacts) -> dict[str, tuple[Vector, Vector]]:
    """Return, by arm, the ranks of outcomes after the same arm and after another one on the channel.

    What came before is the day before where days have an arm of their own, else the post before. Posts whose days are
    known go by those, since a draw may list them in another order.
    """
    ordered = facts.rows.sort("day", maintain_order=True) if has(facts.rows, "day") else facts.rows
    rows = ordered.with_columns(pl.col("channel").fill_null(""))
    days = rows.group_by("channel", "day", maintain_order=True).agg(
        pl.col("arm").first(), pl.col("arm").n_unique().alias("arms")
    )
    by_day = rows["day"].null_count() == 0 and days.height > 0 and bool((days["arms"] == 1).all())
    if by_day:
        last = days.with_columns(pl.col("arm").shift().over("channel").alias("last")).drop("arm", "arms")
        told = rows.join(last, on=["channel", "day"], how="left", maintain_order="left")
    else:
        told = rows.with_columns(pl.col("arm").shift().over("channel").alias("last"))
    told = told.drop_nulls(["value", "last"]).with_columns(pl.col("value").rank())
    return {arm: _parted(told.filter(pl.col("arm") == arm)) for arm in facts.assigned}


def _parted(told: pl.DataFrame) -> tuple[Vector, Vector]:
    is_same = told["arm"] == told["last"]
    return told["value"].filter(is_same).to_numpy(), told["value"].filter(~is_same).to_numpy()


def _p(same: Vector, other: Vector) -> float:
    samples = [mean(moments_of(each)) for each in (same, other)]
    if isinstance(samples[0], Undefined) or isinstance(samples[1], Undefined):
        return 1.0
    found = compare(samples[0], samples[1])
    return 1.0 if isinstance(found, Undefined) else found.p
