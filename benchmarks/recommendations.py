"""200 recommendations for a channel with 100,000 posts, beside the bare group-by that any solution needs.

Run: `uv run python benchmarks/recommendations.py [posts]`. Seeds a SQLite file in a temporary folder; prints one row
of a Markdown table. Both sides are timed in turn in one process, so that the ratio does not depend on the machine.
"""

import sqlite3
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
import polars as pl
from sqlalchemy import insert

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # run as a file, from any folder

from core.bootstrap import Slotwise, assemble
from core.services.channels import ChannelDraft, add_channel
from core.services.recommendations import RecommendationRequest, recommend
from core.services.timing import refresh_timing
from core.settings import Settings
from core.storage.tables import Channel, PostOutcome
from core.vocabulary import ChannelKind, ContentFormat

POSTS = 100_000
COUNT = 200
HORIZON = timedelta(days=42)
ROUNDS = 15
ZONE = "Europe/Berlin"
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
YEARS = 10
GOOD_HOURS = (18, 22)
LIFT = 0.15


def seed(house: Slotwise, posts: int, seed_number: int = 7) -> str:
    """Store a history in which evenings earn 15 % more; return the channel's id."""
    ctx = house.context()
    channel_id = add_channel(ctx, ChannelDraft("instagram", "Benchmark", ChannelKind.OUTBOX, ZONE)).id
    with ctx.write() as session:
        session.execute(insert(PostOutcome), rows(channel_id, posts, seed_number))
        refresh_timing(session, session.get_one(Channel, channel_id))
    return channel_id


def rows(channel_id: str, posts: int, seed_number: int) -> list[dict[str, object]]:
    """Draw the posts: log-normal engagement that grows, more posts by day than by night."""
    rng = np.random.default_rng(seed_number)
    hours = rng.choice(24, posts, p=np.array([1] * 7 + [6] * 15 + [1] * 2) / 99)
    days = rng.integers(8, 365 * YEARS, posts)
    is_good = (hours >= GOOD_HOURS[0]) & (hours < GOOD_HOURS[1])
    level = 5 - days / 3650 + rng.normal(0, 0.6, posts) + np.log1p(LIFT) * is_good
    formats = rng.choice([ContentFormat.IMAGE, ContentFormat.CAROUSEL, ContentFormat.VIDEO_SHORT], posts)
    midnight = NOW.replace(hour=0)
    return [
        {
            "channel_id": channel_id,
            "post_id": f"post-{number}",
            "published_at": midnight - timedelta(days=int(day), hours=-int(hour) + 1, minutes=-(number % 60)),
            "content_format": ContentFormat(content_format),
            "title": f"Post {number}",
            "url": f"https://example.com/{number}",
            "engagement": float(np.exp(log)),
            "measured_at": NOW,
            "fingerprint": number,
        }
        for number, (day, hour, log, content_format) in enumerate(zip(days, hours, level, formats, strict=True))
    ]


def bare_group_by(file: Path, channel_id: str) -> pl.DataFrame:
    """Read the channel's rows and average log engagement by local hour of the week: no more than that."""
    query = "SELECT published_at, engagement FROM post_outcomes WHERE channel_id = ?"
    connection = sqlite3.connect(file)
    found = connection.execute(query, (channel_id,)).fetchall()
    connection.close()
    frame = pl.DataFrame(found, schema={"at": pl.String, "engagement": pl.Float64}, orient="row")
    local = pl.col("at").str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_zone="UTC").dt.convert_time_zone(ZONE).dt
    cell = (local.weekday().cast(pl.Int64) - 1) * 24 + local.hour().cast(pl.Int64)
    return frame.group_by(cell.alias("cell")).agg(pl.len(), pl.col("engagement").log1p().mean().alias("mean"))


def seconds(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


def main(posts: int = POSTS) -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        house = assemble(settings, lambda: NOW)
        channel_id = seed(house, posts)
        request = RecommendationRequest((channel_id,), count=COUNT, ends=NOW + HORIZON)
        found = len(recommend(house.context(), request)[0].slots)
        assert found == COUNT, f"only {found} slots"
        ours, bare = [], []
        for _ in range(ROUNDS):
            bare.append(seconds(lambda: bare_group_by(settings.sqlite_path, channel_id)))
            ours.append(seconds(lambda: recommend(house.context(), request)))
        house.close()
    ratio = median(ours) / median(bare)
    print("| what | Slotwise | bare Polars group-by | ratio |\n|---|---|---|---|")
    what = f"{COUNT} recommendations, {posts:,} posts"
    print(f"| {what} | {median(ours) * 1000:.0f} ms | {median(bare) * 1000:.0f} ms | {ratio:.2f} |")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
