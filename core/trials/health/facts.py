"""What a health check may look at, and what it may find."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import polars as pl

from core.trials.units import UNIT_SCHEMA, Metric
from core.trials.values import ALPHA, Known
from core.trials.words import DrawUnit
from core.undefined import Undefined

ALARM = 0.001
"""The p-value below which a check speaks up: a trial is checked often, and a false alarm costs trust."""


class Severity(StrEnum):
    """INVALID: the effect cannot be read off this trial. WARNING: it can, with care."""

    WARNING = "warning"
    INVALID = "invalid"


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be, in a sentence, and what to do about it."""

    severity: Severity
    sentence: str
    fix: str


NOT_WORKED_OUT = Undefined("Nobody has worked it out.")


def _no_rows() -> pl.DataFrame:
    return pl.DataFrame(schema=dict(UNIT_SCHEMA))


@dataclass(frozen=True)
class TrialFacts:
    """Assigned posts and those without an outcome by arm, the shares they were to have, the rows, and the looks taken.

    Where days are drawn (`unit`), counts and `rows` are of days, and `posts` are the posts of them; else both are one.
    `detectable` is the smallest relative effect the trial sees by now with 80 % power; `planned_posts` those of all
    arms at which a fixed-horizon trial was to end, `is_cut_short` that it was stopped before its end;
    `registration_holds`: what was laid down at its start is what it was.
    """

    assigned: Mapping[str, int]
    weights: Mapping[str, float]
    missing: Mapping[str, int] = field(default_factory=dict)
    rows: pl.DataFrame = field(default_factory=_no_rows)
    posts: pl.DataFrame = field(default_factory=_no_rows)
    unit: DrawUnit = DrawUnit.POSTS
    metric: Metric = Metric.MEAN
    looks: int = 1
    planned_posts: int | None = None
    is_sequential: bool = False
    is_cut_short: bool = False
    registration_holds: bool = True
    detectable: Known = NOT_WORKED_OUT
    alpha: float = ALPHA

    @property
    def known(self) -> dict[str, int]:
        """Posts with an outcome, by arm."""
        return {arm: count - self.missing.get(arm, 0) for arm, count in self.assigned.items()}


def percent(share: float) -> str:
    """Write a share as people read it: 12 %, 3.4 %."""
    return f"{share:.0%}".replace("%", " %") if share >= 0.1 else f"{share:.1%}".replace("%", " %")  # noqa: PLR2004


def chance_words(p: float) -> str:
    """Write how unlikely chance alone is."""
    return f"p = {p:.2g}" if p >= 1e-12 else "p below 10⁻¹²"  # noqa: PLR2004 - digits nobody reads
