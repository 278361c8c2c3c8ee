"""Weights changed while the trial ran: the arms were filled at different rates early and late."""

import polars as pl

from core.trials.health.facts import ALARM, Finding, Severity, TrialFacts, chance_words
from core.trials.health.tables import independence
from core.undefined import Undefined

PARTS = 4


def check(facts: TrialFacts) -> Finding | None:
    """Each quarter of the trial has the arms in like shares (χ² of independence, alarm below 0.001)."""
    rows = facts.rows
    if rows.height < PARTS:
        return None
    quarters = rows.select("arm", (pl.int_range(pl.len()) * PARTS // pl.len()).cast(pl.String()).alias("quarter"))
    p = independence(quarters, "quarter")
    if isinstance(p, Undefined) or p >= ALARM:
        return None
    return Finding(
        Severity.INVALID,
        f"The shares of the arms changed while the trial ran ({chance_words(p)}): whatever else changed is mixed in.",
        "Compare within the stretches of equal shares, or start the trial anew.",
    )
