"""The sample history: synthetic, the same every time, and with the effects it says it has."""

import csv
import io
from datetime import UTC, date, datetime

import polars as pl
import pytest

from core.content.baseline import baseline_week
from core.services.reference import load_reference
from core.services.sample import COLUMNS, SampleChannel, sample_history
from core.settings import ROOT
from core.timing.estimator import fit
from core.timing.outcomes import POST_SCHEMA, relative_outcomes
from core.timing.priors import published_research
from core.timing.rollup import tally, week_stats
from core.vocabulary import ContentFormat, Metric

MEASURED = datetime(2026, 11, 20, tzinfo=UTC)


def posts(channel: SampleChannel) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(channel.csv.decode(), newline="")))


def named(platform: str) -> SampleChannel:
    return next(channel for channel in sample_history() if channel.platform == platform)


def test_the_files_in_the_repository_are_what_the_generator_writes() -> None:
    for channel in sample_history():
        assert (ROOT / "data" / "samples" / channel.file_name).read_bytes() == channel.csv


@pytest.mark.parametrize(("platform", "count"), [("instagram", 600), ("linkedin", 250), ("youtube", 120)])
def test_each_channel_has_its_posts_in_order_up_to_the_anchor(platform: str, count: int) -> None:
    stamps = [datetime.fromisoformat(post["published_at"]) for post in posts(named(platform))]
    assert len(set(stamps)) == count
    assert stamps == sorted(stamps)
    assert stamps[-1].date() == date(2026, 11, 1)
    assert datetime(2025, 5, 2, tzinfo=UTC) < stamps[0] < datetime(2025, 6, 1, tzinfo=UTC)


def test_another_last_day_moves_the_whole_history() -> None:
    stamps = [posts(channel)[-1]["published_at"][:10] for channel in sample_history(date(2027, 3, 28))]
    assert stamps == ["2027-03-28"] * 3


def test_nobody_can_take_the_sample_for_real() -> None:
    for channel in sample_history():
        assert channel.name.startswith("Sample · ")
        assert "synthetic" in channel.name
        assert all(post["url"].startswith("https://example.com/") for post in posts(channel))


def test_the_rows_hold_what_an_import_reads() -> None:
    for channel in sample_history():
        rows = posts(channel)
        assert set(COLUMNS) < set(rows[0])
        assert {post["content_format"] for post in rows} <= set(ContentFormat)
        assert all(
            post[metric].isdecimal() or post[metric] == "" for post in rows for metric in (Metric.LIKES, "views")
        )
        assert len({post["title"] for post in rows}) > len(rows) // 3
        assert not any(post["title"].startswith(("=", "+", "-", "@")) for post in rows)


@pytest.mark.parametrize(("platform", "matters"), [("instagram", True), ("youtube", False)])
def test_the_estimator_finds_the_planted_effect_and_none_where_none_is(platform: str, matters: bool) -> None:
    channel = named(platform)
    baseline = load_reference(ROOT / "data" / "reference").baseline
    history = pl.read_csv(io.BytesIO(channel.csv)).select(
        pl.col("published_at").str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_zone="UTC"),
        "content_format",
        post_id=pl.col("url"),
        early_engagement=pl.lit(None, pl.Float64),
        engagement=pl.col("likes").cast(pl.Float64),
        measured_at=pl.lit(MEASURED),
    )
    outcomes = relative_outcomes(history.cast(dict(POST_SCHEMA)), channel.timezone)
    curve = fit(week_stats(tally(outcomes.frame)), [published_research(baseline_week(baseline, platform, None))])
    assert curve.timing_matters is matters
    if matters:
        assert curve.mean.argmax() % 24 in range(18, 22)
