"""Import of 1,000,000 rows, beside `polars.read_csv` and SQLite's `executemany` of the same rows into one table.

Run: `uv run python benchmarks/imports.py [rows]` (about six minutes). Writes a seeded CSV to a temporary folder and
prints a Markdown table. Each side runs three times, in turn and in its own process, so that the ratio does not depend
on the machine and the peak of memory is that side's alone.
"""

import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from threading import Event, Thread
from time import perf_counter

import numpy as np
import polars as pl

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # run as a file, from any folder

from core.bootstrap import assemble
from core.history.columns import recognize
from core.history.reading import Reading
from core.services.history_files import open_history
from core.services.import_targets import ImportTarget
from core.services.imports import ImportRequest, import_history
from core.settings import Settings

ROWS, ROUNDS, SEED = 1_000_000, 3, 20261120
FIRST, LAST = datetime(2016, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
FORMATS = ("image", "carousel", "video_short", "text")
BETWEEN_LOOKS = 0.02

Measured = dict[str, float]


def write_history(path: Path, rows: int) -> None:
    """Draw posts of ten years, in order of time as in every export, with log-normal numbers."""
    rng = np.random.default_rng(SEED)
    level = rng.normal(4, 1, rows)
    moments = np.sort(rng.integers(int(FIRST.timestamp()), int(LAST.timestamp()), rows))
    numbers = {
        name: np.exp(level + shift).astype(int)
        for name, shift in (("likes", 0), ("comments", -2), ("shares", -3), ("views", 3))
    }
    pl.DataFrame(
        {
            "id": [f"post-{number:07d}" for number in range(rows)],
            "published_at": pl.from_epoch(pl.Series(moments)).dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "title": [f"Post {number:,}: come and see what is new this week" for number in range(rows)],
            "format": rng.choice(FORMATS, rows),
            **numbers,
        }
    ).write_csv(path)


def slotwise(csv: Path, folder: Path) -> Measured:
    """Import into a new installation; `wait` is the longest that another writer had to wait meanwhile."""
    settings = Settings(data_dir=folder)
    house = assemble(settings)
    file = open_history(csv, csv.name)
    request = ImportRequest(recognize(file.headers), Reading(), ImportTarget(platform="instagram"))
    waits, is_over = [0.0], Event()
    other = Thread(target=_keep_writing, args=(settings.sqlite_path, waits, is_over))
    other.start()
    seconds = _seconds(lambda: import_history(house.context(), file, request))
    is_over.set()
    other.join()
    house.close()
    return {"seconds": seconds, "wait": max(waits)}


def _keep_writing(database: Path, waits: list[float], is_over: Event) -> None:
    """Take the write lock again and again, as the engine does, and note how long that took."""
    connection = sqlite3.connect(database, timeout=600, isolation_level=None)
    while not is_over.wait(BETWEEN_LOOKS):
        waits.append(_seconds(lambda: connection.execute("BEGIN IMMEDIATE")))
        connection.execute("ROLLBACK")
    connection.close()


def bare(csv: Path, folder: Path) -> Measured:
    """Read and store the rows with nothing around it: no check, no index, no learning."""
    return {"seconds": _seconds(lambda: _store_bare(csv, folder / "bare.db"))}


def _store_bare(csv: Path, database: Path) -> None:
    frame = pl.read_csv(csv)
    connection = sqlite3.connect(database)
    connection.execute(f"CREATE TABLE posts ({', '.join(frame.columns)})")
    marks = ", ".join("?" * frame.width)
    connection.executemany(f"INSERT INTO posts VALUES ({marks})", frame.rows())
    connection.commit()
    connection.close()


SIDES: Mapping[str, Callable[[Path, Path], Measured]] = {"slotwise": slotwise, "bare": bare}


def _seconds(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


def in_own_process(side: str, csv: Path) -> Measured:
    """Run one side once; adds its peak of memory in MB."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, side, str(csv), folder]
        done = subprocess.run(command, check=True, capture_output=True)
    measured: Measured = json.loads(done.stdout.splitlines()[-1])
    return measured


def compare(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        csv = Path(folder) / "posts.csv"
        write_history(csv, rows)
        runs = [{side: in_own_process(side, csv) for side in SIDES} for _ in range(ROUNDS)]
    middle = {side: {key: median(run[side][key] for run in runs) for key in runs[0][side]} for side in SIDES}
    ours, limit = middle["slotwise"], middle["bare"]
    print(f"| {rows:,} rows | Slotwise | bare read_csv + executemany | ratio |\n|---|---|---|---|")
    print(f"| time | {ours['seconds']:.1f} s | {limit['seconds']:.1f} s | {ours['seconds'] / limit['seconds']:.1f} |")
    print(f"| rows/s | {rows / ours['seconds']:,.0f} | {rows / limit['seconds']:,.0f} | |")
    print(f"| peak memory | {ours['peak']:.0f} MB | {limit['peak']:.0f} MB | {ours['peak'] / limit['peak']:.1f} |")
    print(f"| longest wait of another writer | {ours['wait']:.1f} s | | |")


def main(arguments: list[str]) -> None:
    if arguments[:1] and arguments[0] in SIDES:
        measured = SIDES[arguments[0]](Path(arguments[1]), Path(arguments[2]))
        kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(json.dumps(measured | {"peak": kilobytes / 1024}))
        return
    compare(*map(int, arguments) if arguments else (ROWS,))


if __name__ == "__main__":
    main(sys.argv[1:])
