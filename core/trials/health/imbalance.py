"""Imbalance: one arm got other formats, weekdays or channels than the other."""

import polars as pl

from core.trials.health.facts import ALARM, Finding, Severity, TrialFacts, chance_words
from core.trials.health.tables import independence
from core.undefined import Undefined

KINDS = {"format": "formats", "weekday": "weekdays", "channel": "channels"}


def check(facts: TrialFacts) -> Finding | None:
    """Arms have like shares of each format, weekday and channel (alarm below 0.001 over the three together)."""
    ps = {column: independence(facts.posts, column) for column in KINDS}
    found = {column: p for column, p in ps.items() if not isinstance(p, Undefined)}
    if not found or min(found.values()) >= ALARM / len(KINDS):
        return None
    worst = min(found, key=found.__getitem__)
    return Finding(
        Severity.WARNING,
        f"The arms differ in their {KINDS[worst]} ({chance_words(found[worst])}): {_largest(facts.posts, worst)}.",
        f"Read the comparison within {KINDS[worst]} (block by them), not the plain one.",
    )


def _largest(rows: pl.DataFrame, column: str) -> str:
    """Name the kind whose share differs most between two arms."""
    counted = rows.drop_nulls(column).group_by("arm", column).len()
    shares = counted.with_columns((pl.col("len") / pl.col("len").sum().over("arm")).alias("share"))
    wide = shares.pivot("arm", index=column, values="share").fill_null(0.0).sort(column)
    arms = sorted(name for name in wide.columns if name != column)
    gaps = wide.select(pl.max_horizontal(arms) - pl.min_horizontal(arms)).to_series()
    row = wide.row(gaps.arg_max() or 0, named=True)
    return f"{row[column]} makes up " + ", ".join(f"{row[arm]:.0%} of {arm}".replace("%", " %") for arm in arms)
