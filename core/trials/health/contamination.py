"""Contamination: posts that did not go out in the slot of the arm they were drawn for."""

import polars as pl

from core.trials.health.facts import Finding, Severity, TrialFacts, percent

SOME, MANY = 0.05, 0.2
"""Shares of moved posts from which the effect is diluted noticeably, and beyond recognition."""


def check(facts: TrialFacts) -> Finding | None:
    """Posts went out in their own arm's slots; up to 5 % moved by hand do little harm."""
    told = facts.posts.filter(pl.col("published_arm").is_not_null())
    if not told.height:
        return None
    moved = int((told["published_arm"] != told["arm"]).sum())
    share = moved / told.height
    if share <= SOME:
        return None
    return Finding(
        Severity.INVALID if share > MANY else Severity.WARNING,
        f"{moved:,} of {told.height:,} posts ({percent(share)}) did not go out in a slot of their own arm.",
        "Rely on the comparison by assignment: it understates an effect, the one by publication may invent one.",
    )
