"""Censoring: outcomes that are not known (yet), above all where that hits one arm more than the other."""

import numpy as np

from core.trials.health.facts import ALARM, Finding, Severity, TrialFacts, chance_words, percent
from core.trials.health.tables import table_p
from core.undefined import Undefined

MANY = 0.2
"""The share of posts without an outcome from which those with one may not stand for all."""


def check(facts: TrialFacts) -> Finding | None:
    """Few outcomes are missing, and as many in every arm (χ², alarm below 0.001)."""
    assigned, missing = sum(facts.assigned.values()), sum(facts.missing.values())
    if not (assigned and missing):
        return None
    p = table_p(np.array([[facts.known[arm], facts.missing.get(arm, 0)] for arm in facts.assigned], dtype=np.float64))
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
        f"{missing:,} of {assigned:,} {facts.unit} have no outcome ({shown}).",
        "Wait for the young; find out why others have none (canceled after the draw, not measured). None counts as 0.",
    )
