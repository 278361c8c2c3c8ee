"""History files as they should not be: next to nothing in them, or nothing that varies, or nonsense."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

HEADER = "post_id,published_at,likes"
FIRST = datetime(2024, 1, 1, tzinfo=UTC)
POSTS = 300
Post = tuple[datetime, object]


def write(path: Path, posts: Iterable[Post], header: str = HEADER) -> Path:
    """Write posts in rows, numbered."""
    lines = [f"p{number},{at:%Y-%m-%dT%H:%M:%SZ},{earned}" for number, (at, earned) in enumerate(posts)]
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def days(count: int, hour: int | None = None) -> list[datetime]:
    """Give a moment of each day from the first on, at some hour or at this one."""
    rng = np.random.default_rng(count)
    hours = [int(each) if hour is None else hour for each in rng.integers(7, 23, count)]
    return [FIRST + timedelta(days=day, hours=at) for day, at in enumerate(hours)]


def usual(count: int = POSTS, seed: int = 1) -> list[int]:
    """Give what posts earn by chance alone: 50 to 500 likes."""
    return [round(each) for each in np.random.default_rng(seed).lognormal(5, 0.6, count)]


def _paired(moments: list[datetime], earned: Iterable[object]) -> list[Post]:
    return list(zip(moments, earned, strict=True))


BAD: Mapping[str, Callable[[], list[Post]]] = {
    "one post": lambda: _paired(days(1), [7]),
    "two posts": lambda: _paired(days(2), [7, 9]),
    "all at one hour": lambda: _paired(days(POSTS, hour=9), usual()),
    "all zero": lambda: _paired(days(POSTS), [0] * POSTS),
    "constant": lambda: _paired(days(POSTS), [120] * POSTS),
    "one viral": lambda: _paired(days(POSTS), [*usual()[:199], 150_000_000, *usual()[200:]]),
    "a year's gap": lambda: _paired(
        [at + timedelta(days=400 * (day >= 150)) for day, at in enumerate(days(POSTS))], usual()
    ),
    "one minute": lambda: _paired([FIRST] * 10_000, usual(10_000)),
}
"""Histories that can be read and teach little or nothing."""
