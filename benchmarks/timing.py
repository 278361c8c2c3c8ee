"""How good the advice is on real histories by one protocol for all methods, and how fast it is from the roll-ups.

Run: `uv run python benchmarks/timing.py [accuracy|speed]`; both where none is named. Accuracy reads the public data
sets beside the repository (`../shared/data`; those that are missing are left out) and takes some minutes. Speed fills
a SQLite file in a temporary folder with the roll-ups of channels of so many posts: advice reads nothing else. Prints
Markdown tables.
"""

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
import polars as pl

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # run as a file, from any folder

from core.bootstrap import Slotwise, assemble, read_reference
from core.history.reading import Reading
from core.services.backtests import Comparison, compare_on_file
from core.services.channels import ChannelDraft, add_channel, list_channels
from core.services.post_files import FileColumns, FileRequest
from core.services.recommendations import RecommendationRequest, recommend
from core.settings import Settings
from core.storage.queries.tallies import replace_statistics
from core.timing.outcomes import MONTHS_PER_YEAR
from core.timing.protocol import ALL, Figures
from core.timing.recency import choose_half_life
from core.timing.rollup import tally, week_stats
from core.undefined import Undefined
from core.vocabulary import ChannelKind

DATA = ROOT.parent / "shared" / "data"
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SIZES = (100, 250, 500, 1000, ALL)
COUNT, HORIZON, ROUNDS = 200, timedelta(days=42), 7
MANY, POSTS, MORE_POSTS = 100, 10_000, 1_000_000


@dataclass(frozen=True)
class DataSet:
    """A file of the shared data, how to read it, and whether its accounts can be each other's peers."""

    name: str
    file: str
    columns: FileColumns = field(default_factory=FileColumns)
    timezone: str = ""
    have_peers: bool = False


INSTAGRAM = FileColumns("created_utc", "interactions", "account", "tz")
DATA_SETS = (
    DataSet("Instagram, alone", "instagram_organizations.csv.gz", INSTAGRAM),
    DataSet("Instagram, peers", "instagram_organizations.csv.gz", INSTAGRAM, have_peers=True),
    DataSet("Facebook news, alone", "facebook_news_pages.csv.gz", timezone="America/New_York"),
    DataSet("Facebook news, peers", "facebook_news_pages.csv.gz", timezone="America/New_York", have_peers=True),
    DataSet("YouTube, alone", "youtube_channels.csv", FileColumns(outcome="viewCount")),
    DataSet("YouTube, peers", "youtube_channels.csv", FileColumns(outcome="viewCount"), have_peers=True),
    DataSet("Brand tweets", "brand_tweets.csv", timezone="America/New_York"),
    DataSet("Hacker News", "hacker_news.csv", FileColumns(outcome="num_points"), timezone="America/New_York"),
)


def accuracy() -> None:
    reference = read_reference()
    for each in DATA_SETS:
        if not (DATA / each.file).exists():
            print(f"{each.file} is not on this machine\n")
            continue
        request = FileRequest(each.columns, Reading(), each.timezone)
        report = compare_on_file(reference, DATA / each.file, request, Comparison(SIZES, each.have_peers), NOW).report
        silent = f"{len(report.no_effect)} of {report.accounts}"
        print(f"**{each.name}**: {report.accounts} accounts; no detectable effect on {silent}\n")
        names = ["all" if size is ALL else str(size) for size in SIZES]
        print(f"| method | {' | '.join(f'n = {name}' for name in names)} |\n|---{'|---' * len(names)}|")
        for method, by_size in report.figures.items():
            if not isinstance(by_size[ALL].lift_q, Undefined):
                print(f"| {method} | {' | '.join(cell(by_size[size]) for size in SIZES)} |")
        print("\nEach cell: liftQ ± s.e., RMSE ratio, Spearman, coverage of 90 %, share that beats raw slot means.\n")


def cell(figures: Figures) -> str:
    shown = [number(figures.rmse_ratio, ".3f"), number(figures.spearman, ".3f"),
             number(figures.coverage90, ".0%"), number(figures.beats_raw_share, ".0%")]  # fmt: skip
    return f"{number(figures.lift_q, '.3f')} ± {number(figures.lift_q_se, '.3f')}, {', '.join(shown)}"


def number(value: float | Undefined, form: str) -> str:
    return "-" if isinstance(value, Undefined) else format(value, form)


# --- Speed --------------------------------------------------------------------------------------------------------


def speed() -> None:
    print(f"| fit and {COUNT} recommendations per channel, from roll-ups | time |\n|---|---|")
    for channels, posts in ((1, POSTS), (1, MORE_POSTS), (MANY, POSTS)):
        with tempfile.TemporaryDirectory() as folder:
            house = assemble(Settings(data_dir=Path(folder)), lambda: NOW)
            for number_of in range(channels):
                seed(house, number_of, posts)
            taken = median(seconds(partial(advise, house)) for _ in range(ROUNDS))
            house.close()
        print(f"| {channels} channel{'s' * (channels > 1)}, {posts:,} posts each | {taken * 1000:.0f} ms |")


def seed(house: Slotwise, seed_number: int, posts: int) -> None:
    """Add a channel that learned from so many posts of five years, better by 15 % in the evening."""
    rng = np.random.default_rng(seed_number)
    hours = rng.integers(0, 168, posts)
    months = rng.integers(2021 * MONTHS_PER_YEAR, 2026 * MONTHS_PER_YEAR, posts)
    outcomes = rng.normal(0, 1, posts) + np.log(1.15) * (hours % 24 >= 18)
    frame = pl.DataFrame({"hour_of_week": hours, "month": months, "outcome": outcomes})
    tallies = tally(frame.with_columns(content_format=pl.lit(None, pl.String())))
    week = week_stats(tallies, choose_half_life(tallies))
    draft = ChannelDraft("instagram", f"Channel {seed_number}", ChannelKind.OUTBOX, "Europe/Berlin")
    channel = add_channel(house.context(), draft)
    rows = [
        {"content_format": "", "hour_of_week": at, "posts": n, "weight": weight, "mean": mean, "m2": m2}
        for at, (n, weight, mean, m2) in enumerate(zip(week.n, week.weight, week.mean, week.m2, strict=True))
    ]
    with house.context().write() as session:
        replace_statistics(session, channel.id, rows)


def advise(house: Slotwise) -> None:
    ctx = house.context()
    found = recommend(ctx, RecommendationRequest(count=COUNT, ends=NOW + HORIZON))
    slots = [len(each.slots) for each in found]
    assert slots == [COUNT] * len(list_channels(ctx)), f"only {min(slots)} slots"


def seconds(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


PARTS = {"accuracy": accuracy, "speed": speed}

if __name__ == "__main__":
    for part in sys.argv[1:] or PARTS:
        PARTS[part]()
