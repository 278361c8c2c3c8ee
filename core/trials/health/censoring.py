"""Censoring: outcomes that are not known (yet), above all where that hits one arm more than the other."""

import polars as pl

from core.trials.health.facts import ALARM, Finding, Severity, TrialFacts, chance_words, percent
from core.trials.health.tables import independence
from core.undefined import Undefined

MANY = 0.2
"""The share of posts without an outcome from which those with one may not stand for all."""


def check(facts: TrialFacts) -> Finding | None:
    """Few outcomes are missing, and as many in every arm (χ², alarm below 0.001)."""
    assigned, missing = sum(facts.assigned.values()), sum(facts.missing.values())
    if not (assigned and missing):
        return None
    p = independence(_told(facts), "known")
    shown = ", ".join(f"{arm} {percent(facts.missing.get(arm, 0) / n)}" for arm, n in facts.assigned.items() if n)
    if not isinstance(p, Undefined) and p < ALARM:
        return Finding(
            Severity.INVALID,
            f"Outcomes are missing more often in one arm than in another ({shown}; {chance_words(p)}).",
            "Wait until the younger posts have matured, or find out why measurements fail for one arm.",
        )
    if missing / assigned <= MANY:
        return None
    return Finding(
        Severity.WARNING,
        f"{missing:,} of {assigned:,} posts have no outcome ({shown}).",
        "Wait until they have matured; they are left out, never counted as 0.",
    )


def _told(facts: TrialFacts) -> pl.DataFrame:
    """Return one row per post: its arm and whether its outcome is known."""
    parts = [
        pl.DataFrame({"arm": [arm] * count, "known": [word] * count}, schema={"arm": pl.String, "known": pl.String})
        for arm in facts.assigned
        for word, count in (("yes", facts.known[arm]), ("no", facts.missing.get(arm, 0)))
    ]
    return pl.concat(parts)
