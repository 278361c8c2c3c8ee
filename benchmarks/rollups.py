"""What is learned of a channel: its update with 1,000 new KPI events, and its rebuild from all of them.

Run: `uv run python benchmarks/rollups.py [events]` (default a million, two minutes; 10000000 takes about half an hour
and 5 GB of disk). Seeds SQLite files in a temporary folder and prints a Markdown table. Each side runs in its own
process, so that the peak of memory is that side's alone; both read the same stored rows.
"""

import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from time import perf_counter

import numpy as np
import polars as pl

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # run as a file, from any folder

from core.bootstrap import Slotwise, assemble
from core.history.columns import recognize
from core.history.reading import Reading
from core.services.channels import ChannelDraft, add_channel, list_channels
from core.services.history_files import open_history
from core.services.import_targets import ImportTarget
from core.services.imports import ImportRequest, import_history
from core.services.timing import rebuild_timing
from core.settings import Settings
from core.timing.outcomes import relative_outcomes
from core.timing.rollup import tally, week_stats
from core.vocabulary import ChannelKind

EVENTS, FEW, NEW, ROUNDS = 1_000_000, 10_000, 1_000, 3
METRICS = ("comments", "likes", "shares", "views")
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
YEARS, ZONE, BATCH = 10, "Europe/Berlin", 250_000
STAMP = "%Y-%m-%d %H:%M:%S.000000"
Measured = dict[str, float]


def drawn(posts: int, first: int = 0) -> Iterator[pl.DataFrame]:
    """Draw posts of ten years in order of time, more by day than by night, with four counts each."""
    rng, minutes = np.random.default_rng(7), YEARS * 365 * 24 * 60
    for start in range(first, first + posts, BATCH):
        number = np.arange(start, min(start + BATCH, first + posts))
        level = 4 + number / posts + rng.normal(0, 1, len(number))
        at = pl.Series(number * (minutes / (first + posts))).cast(pl.Int64) * 60 + int(NOW.timestamp()) - minutes * 60
        counts = {name: np.exp(level - shift).astype(int) for shift, name in enumerate(METRICS)}
        yield pl.DataFrame({"number": number, "at": pl.from_epoch(at), **counts})


def seed(folder: Path, events: int) -> None:
    """Store posts and events as imports do, and learn nothing from them yet."""
    house = open_house(folder)
    channel = add_channel(house.context(), ChannelDraft("instagram", "Benchmark", ChannelKind.OUTBOX, ZONE))
    workspace = house.context().workspace
    house.close()
    with sqlite3.connect(Settings(data_dir=folder).sqlite_path) as connection:
        for posts in drawn(events // len(METRICS)):
            rows = posts.select("number", at=pl.col("at").dt.strftime(STAMP)).rows()
            connection.executemany(
                "INSERT INTO post_outcomes (pk, workspace_id, channel_id, post_id, published_at, content_format, title,"
                " measured_at, fingerprint) VALUES (?1 + 1, ?3, ?4, 'post-' || ?1, ?2, 'image', 'A post', ?5, ?1)",
                ((number, at, workspace, channel.id, f"{NOW:{STAMP}}") for number, at in rows),
            )
            long = posts.unpivot(METRICS, index="number").sort("number", "variable").rows()
            connection.executemany(
                "INSERT INTO performance_kpi_events (workspace_id, outcome_pk, metric, measured_at, value)"
                " VALUES (?, ? + 1, ?, ?, ?)",
                ((workspace, number, metric, f"{NOW:{STAMP}}", value) for number, metric, value in long),
            )


def open_house(folder: Path) -> Slotwise:
    """Open the installation in a folder at the time the events are of."""
    return assemble(Settings(data_dir=folder), lambda: NOW)


# --- Sides, each in a process of its own --------------------------------------------------------------------------


def rebuild(folder: Path) -> Measured:
    """Derive counts, outcomes, tallies and statistics from the stored events; write what differs."""
    house = open_house(folder)
    ctx = house.context()
    (channel,) = list_channels(ctx)
    taken = seconds(lambda: rebuild_timing(ctx, channel.id))
    house.close()
    return {"seconds": taken}


def update(folder: Path) -> Measured:
    """Import an export with 1,000 new events: a quarter as many posts, the newest of the channel."""
    house = open_house(folder)
    ctx = house.context()
    (channel,) = list_channels(ctx)
    taken = []
    for number in range(ROUNDS):
        path = folder / f"new-{number}.csv"
        at = pl.lit(NOW - timedelta(days=30 - number, hours=1)) + pl.duration(minutes=pl.int_range(pl.len()))
        posts = pl.concat(drawn(NEW // len(METRICS))).with_columns(at=at.dt.strftime("%Y-%m-%dT%H:%M:%SZ"))
        named = posts.with_columns(number=pl.format(f"new-{number}-{{}}", "number")).rename(
            {"number": "id", "at": "date"}
        )
        named.write_csv(path)
        file = open_history(path, path.name)
        request = ImportRequest(recognize(file.headers), Reading(), ImportTarget(channel_id=channel.id))
        taken.append(seconds(partial(import_history, ctx, file, request)))
    house.close()
    return {"seconds": sorted(taken)[ROUNDS // 2]}


def bare(folder: Path) -> Measured:
    """Read the same rows and average log interactions by local hour of the week: no more than that."""
    return {"seconds": seconds(lambda: group_by_hour(read_events(Settings(data_dir=folder).sqlite_path)))}


def read_events(file: Path) -> pl.DataFrame:
    query = (
        "SELECT e.outcome_pk, o.published_at, e.metric, e.measured_at, e.value"
        " FROM post_outcomes o JOIN performance_kpi_events e ON e.outcome_pk = o.pk"
    )
    schema = {"pk": pl.Int64, "at": pl.String, "metric": pl.String, "measured_at": pl.String, "value": pl.Float64}
    connection = sqlite3.connect(file)
    found, frames = connection.execute(query), []
    while rows := found.fetchmany(BATCH):
        frame = pl.DataFrame(rows, schema=schema, orient="row")
        frames.append(frame.with_columns(pl.col("at").str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_zone="UTC")))
    connection.close()
    return pl.concat(frames)


def group_by_hour(events: pl.DataFrame) -> pl.DataFrame:
    earned = events.filter(pl.col("metric") != "views").group_by("pk", "at").agg(pl.col("value").sum())
    local = pl.col("at").dt.convert_time_zone(ZONE).dt
    cell = (local.weekday().cast(pl.Int64) - 1) * 24 + local.hour().cast(pl.Int64)
    return earned.group_by(cell.alias("cell")).agg(pl.len(), pl.col("value").log1p().mean().alias("mean"))


def pure(folder: Path) -> Measured:
    """Judge and tally as many posts as there are, in memory; beside it, the bare group-by of the same frame."""
    posts = pl.concat(drawn(int((folder / "posts").read_text())))
    frame = posts.select(
        post_id=pl.format("post-{}", "number"),
        published_at=pl.col("at").cast(pl.Datetime("us", "UTC")),
        content_format=pl.lit("image"),
        engagement=pl.sum_horizontal("comments", "likes", "shares").cast(pl.Float64),
        early_engagement=pl.lit(None, pl.Float64),
        measured_at=pl.lit(NOW, pl.Datetime("us", "UTC")),
    )
    one = frame.select(pk="post_id", at="published_at", value="engagement", metric=pl.lit("likes"))
    ours = seconds(lambda: week_stats(tally(relative_outcomes(frame, ZONE).frame)))
    return {"seconds": ours, "bare": seconds(lambda: group_by_hour(one))}


SIDES: Mapping[str, Callable[[Path], Measured]] = {"rebuild": rebuild, "update": update, "bare": bare, "pure": pure}


def seconds(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


def in_own_process(side: str, folder: Path) -> Measured:
    """Run one side once; adds its peak of memory in MB."""
    done = subprocess.run([sys.executable, __file__, side, str(folder)], check=True, capture_output=True)
    measured: Measured = json.loads(done.stdout.splitlines()[-1])
    return measured


# --- The table ----------------------------------------------------------------------------------------------------


def compare(events: int) -> None:
    with tempfile.TemporaryDirectory() as few, tempfile.TemporaryDirectory() as many:
        for folder, size in ((Path(few), FEW), (Path(many), events)):
            seed(folder, size)
            (folder / "posts").write_text(str(size // len(METRICS)))
        small, large = Path(few), Path(many)
        in_own_process("rebuild", small)
        first, limit, again = (in_own_process(side, large) for side in ("rebuild", "bare", "rebuild"))
        updates = [in_own_process("update", folder)["seconds"] for folder in (small, large)]
        in_memory = in_own_process("pure", large)
    print("| what | Slotwise | comparison | ratio |\n|---|---|---|---|")
    told = f"{limit['seconds']:.1f} s, {limit['peak']:.0f} MB |"
    for name, side in (("again, nothing to write", again), ("for the first time, writing every outcome", first)):
        row = f"| Rebuild from {events:,} events, {name} | {side['seconds']:.1f} s, {side['peak']:.0f} MB peak |"
        print(f"{row} bare group-by: {told} {side['seconds'] / limit['seconds']:.2f} |")
    ratio = in_memory["seconds"] / in_memory["bare"]
    row = f"| Judging and tallying {events // len(METRICS):,} posts in memory | {in_memory['seconds']:.2f} s |"
    print(f"{row} bare group-by: {in_memory['bare']:.2f} s | {ratio:.1f} |")
    row = f"| Import of {NEW:,} new events onto {events:,} | {updates[1] * 1000:.0f} ms |"
    print(f"{row} onto {FEW:,}: {updates[0] * 1000:.0f} ms | {updates[1] / updates[0]:.2f} |")


def main(arguments: list[str]) -> None:
    if arguments[:1] and arguments[0] in SIDES:
        measured = SIDES[arguments[0]](Path(arguments[1]))
        kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(json.dumps(measured | {"peak": kilobytes / 1024}))
        return
    compare(*map(int, arguments) if arguments else (EVENTS,))


if __name__ == "__main__":
    main(sys.argv[1:])
