"""Health checks: each speaks up when it should, says what is wrong in plain words, and is silent otherwise."""

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

from core.trials.health import HEALTH_CHECKS, examine
from core.trials.health.facts import Severity, TrialFacts
from core.trials.units import conform

Columns = dict[str, Any]


def posts(n: int = 400, seed: int = 1, **columns: Any) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    made: Columns = {
        "arm": rng.permutation(np.repeat(["usual", "tuesday"], n // 2)),
        "value": rng.lognormal(3, 1, n),
        "format": rng.choice(["reel", "image"], n),
        "weekday": rng.choice(["Mon", "Tue", "Wed"], n),
        "channel": rng.choice(["page", "video"], n),
    }
    return conform(pl.DataFrame(made | columns))


def facts(rows: pl.DataFrame | None = None, **changes: Any) -> TrialFacts:
    rows = posts() if rows is None else rows
    counts = dict(rows.group_by("arm").len().iter_rows())
    known = dict(rows.drop_nulls("value").group_by("arm").len().iter_rows())
    said = {
        "assigned": counts,
        "weights": dict.fromkeys(counts, 1.0),
        "missing": {arm: count - known.get(arm, 0) for arm, count in counts.items()},
        "rows": rows,
        "posts": rows,
    }
    return TrialFacts(**(said | changes))


def moved(share: float) -> pl.DataFrame:
    rows = posts()
    is_moved = np.arange(rows.height) < share * rows.height
    return rows.with_columns(published_arm=pl.when(pl.Series(is_moved)).then(pl.lit("other")).otherwise(pl.col("arm")))


def carried() -> pl.DataFrame:
    rows = posts(channel=["page"] * 400)
    after_other = (rows["arm"] != rows["arm"].shift()).fill_null(value=False)
    return rows.with_columns(value=pl.when(after_other).then(pl.col("value") * 4).otherwise(pl.col("value")))


def one_sided_format() -> pl.DataFrame:
    rows = posts()
    return rows.with_columns(format=pl.when(pl.col("arm") == "usual").then(pl.lit("reel")).otherwise(pl.col("format")))


def unmeasured() -> pl.DataFrame:
    rows = posts()
    is_young = (pl.col("arm") == "usual") & (pl.int_range(pl.len()) % 3 == 0)
    return rows.with_columns(value=pl.when(is_young).then(None).otherwise(pl.col("value")))


def half_unmeasured() -> pl.DataFrame:
    return posts().with_columns(value=pl.when(pl.int_range(pl.len()) % 2 == 0).then(None).otherwise(pl.col("value")))


def shifted() -> pl.DataFrame:
    rng = np.random.default_rng(4)
    early = rng.choice(["usual", "tuesday"], 200, p=[0.8, 0.2])
    return posts(arm=np.concatenate([early, rng.choice(["usual", "tuesday"], 200, p=[0.2, 0.8])]))


SICK: dict[str, tuple[Callable[[], TrialFacts], Severity, str]] = {
    "sample_ratio": (lambda: TrialFacts({"a": 1000, "b": 1200}, {"a": 1, "b": 1}), Severity.INVALID, "b 1,200 instead"),
    "weights": (lambda: facts(shifted()), Severity.INVALID, "changed while the trial ran"),
    "imbalance": (lambda: facts(one_sided_format()), Severity.WARNING, "differ in their formats"),
    "contamination": (lambda: facts(moved(0.3)), Severity.INVALID, "120 of 400 posts (30 %)"),
    "registration": (lambda: facts(registration_holds=False), Severity.INVALID, "its fingerprint differs"),
    "peeking": (lambda: facts(looks=10), Severity.WARNING, "wrong in 19 % of trials"),
    "little_data": (lambda: TrialFacts({"a": 9, "b": 90}, {"a": 1, "b": 10}), Severity.WARNING, "a has 9"),
    "carry_over": (lambda: facts(carried()), Severity.WARNING, "after another arm"),
    "censoring": (lambda: facts(unmeasured()), Severity.INVALID, "missing more often in one arm"),
}


@pytest.mark.parametrize("name", HEALTH_CHECKS)
def test_a_check_finds_what_it_is_for(name: str) -> None:
    make, severity, words = SICK[name]
    finding = HEALTH_CHECKS[name](make())
    assert finding is not None
    assert finding.severity is severity
    assert words in finding.sentence
    assert finding.sentence.endswith((".", ")"))
    assert finding.fix.endswith(".")


def test_a_sound_trial_has_no_finding() -> None:
    for seed in range(20):
        assert not examine(facts(posts(seed=seed), detectable=0.2))


def test_a_fixed_trial_that_was_cut_short_is_found() -> None:
    finding = HEALTH_CHECKS["peeking"](facts(is_cut_short=True))
    assert finding is not None
    assert finding.sentence == "The trial was stopped before its planned end."
    assert HEALTH_CHECKS["peeking"](facts(is_cut_short=True, is_sequential=True)) is None


def test_carry_over_is_told_by_days_whatever_the_order_of_the_rows() -> None:
    rows = carried().with_columns(day=pl.int_range(400).cast(pl.String).str.zfill(3))
    finding = HEALTH_CHECKS["carry_over"](facts(rows))
    assert finding is not None
    assert HEALTH_CHECKS["carry_over"](facts(rows.sample(fraction=1.0, shuffle=True, seed=1))) == finding


def test_a_trial_without_posts_has_no_crash() -> None:
    empty = TrialFacts({"a": 0, "b": 0}, {"a": 1, "b": 1})
    assert set(examine(empty)) == {"little_data"}


@pytest.mark.parametrize(("share", "severity"), [(0.02, None), (0.1, Severity.WARNING), (0.3, Severity.INVALID)])
def test_contamination_grows_worse(share: float, severity: Severity | None) -> None:
    finding = HEALTH_CHECKS["contamination"](facts(moved(share)))
    assert (finding.severity if finding else None) is severity


def test_half_the_outcomes_missing_in_both_arms_is_a_warning() -> None:
    finding = HEALTH_CHECKS["censoring"](facts(half_unmeasured()))
    assert finding is not None
    assert finding.severity is Severity.WARNING
    assert finding.sentence.startswith("200 of 400 posts have no outcome")


def test_looks_that_were_planned_for_are_no_finding() -> None:
    assert HEALTH_CHECKS["peeking"](facts(looks=10, is_sequential=True)) is None
    early = HEALTH_CHECKS["peeking"](facts(planned_posts=1000))
    assert early is not None
    assert "was to end after 1,000 posts and has 400" in early.sentence


def test_an_arm_that_was_to_have_no_posts_and_has_some_is_found() -> None:
    finding = HEALTH_CHECKS["sample_ratio"](TrialFacts({"a": 10, "b": 1}, {"a": 1, "b": 0}))
    assert finding is not None


def test_effects_only_beyond_reason_are_too_little_data() -> None:
    finding = HEALTH_CHECKS["little_data"](facts(detectable=0.6))
    assert finding is not None
    assert "60 %" in finding.sentence
