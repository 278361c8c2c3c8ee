"""The week's curve on real public histories: trained on the earlier 70 % of a channel, judged on the later 30 %."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from core.timing.effects import effects
from core.timing.estimator import fit
from core.timing.outcomes import POST_SCHEMA, relative_outcomes
from core.timing.rollup import tally, week_stats
from core.undefined import Undefined

pytestmark = pytest.mark.slow

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared" / "data"


def read(name: str, stamp: str, layout: str, engagement: str, *kept: str) -> pl.DataFrame:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{name} is not on this machine")
    published = pl.col(stamp).str.to_datetime(layout, time_unit="us", time_zone="UTC")
    posts = pl.read_csv(path, infer_schema_length=None).with_columns(
        published_at=published,
        content_format=pl.lit("text"),
        engagement=pl.col(engagement).cast(pl.Float64),
        early_engagement=pl.lit(None, dtype=pl.Float64),
        post_id=pl.int_range(pl.len()).cast(pl.String),
        measured_at=pl.lit(None, dtype=pl.Datetime("us", "UTC")),
    )
    return posts.select(*POST_SCHEMA, *kept)


def test_hacker_news_has_no_usable_effect_of_timing() -> None:
    posts = read("hacker_news.csv", "created_at", "%m/%d/%Y %H:%M", "num_points")
    curve = fit(week_stats(tally(relative_outcomes(posts, "America/New_York").frame)))
    best = effects(curve).best_quarter.lift
    assert not curve.timing_matters
    assert not isinstance(best, Undefined)
    assert best < 0.04


def test_slots_ranked_high_on_250_posts_did_better_in_the_later_part_of_real_accounts() -> None:
    posts = read("instagram_organizations.csv.gz", "created_utc", "%Y-%m-%d %H:%M:%S", "interactions", "account", "tz")
    gains = []
    for account in posts.partition_by("account"):
        history, zone = account.sort("published_at").drop("account", "tz"), account["tz"][0]
        cut = int(0.7 * history.height)
        later = relative_outcomes(history, zone).frame[cut:]
        curve = fit(week_stats(tally(relative_outcomes(history[:cut], zone).frame.tail(250))))
        advised = np.argsort(-curve.mean[later["hour_of_week"]], kind="stable")[: later.height // 4]
        gains.append(later["relative"].to_numpy()[advised].mean() - later["relative"].to_numpy().mean())
    assert len(gains) == 13
    assert np.mean(gains) >= 0.055
