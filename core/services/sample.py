"""A synthetic posting history of a coffee brand that does not exist, in the form of an imported file."""

import csv
import io
import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from core.services.sample_words import title_of
from core.vocabulary import ContentFormat, Metric

NAME = "Sample · Tidewick Coffee (synthetic)"
"""The channels' name: nobody should take these numbers for somebody's."""
ZONE = "Europe/London"
ANCHOR = date(2026, 11, 1)
"""The day of the latest post in the files of data/samples."""
DAYS = 548
"""How far back the history goes: about 18 months."""
COLUMNS = ("post_id", "published_at", "title", "content_format", "url")
_SEED = 1
_VIRAL = 0.03
"""How many posts go far beyond the usual."""


@dataclass(frozen=True)
class SampleChannel:
    """One file of the sample: the channel it belongs to, and its CSV in UTF-8."""

    platform: str
    name: str
    timezone: str
    file_name: str
    csv: bytes


@dataclass(frozen=True)
class _Recipe:
    """How one channel's history is drawn.

    `lifts` is the planted effect: what a post earns is multiplied in these local hours of these days (Monday is 0).
    `noise` is the standard deviation of a post's log engagement; `formats` gives weight and effect of each format.
    """

    platform: str
    posts: int
    typical: float
    growth: float
    noise: float
    lifts: tuple[tuple[range, range, float], ...]
    hours: Mapping[int, float]
    formats: Mapping[ContentFormat, tuple[float, float]]
    shares: Mapping[Metric, float]
    view_rate: float


_OFFICE = dict.fromkeys(range(11, 18), 2.0) | {7: 1.0, 8: 3.0, 9: 4.0, 10: 3.0, 18: 1.0, 19: 0.5, 20: 0.5}
_ALL_DAY = dict.fromkeys(range(9, 18), 1.0) | {7: 0.8, 8: 1.2, 12: 1.5, 18: 2.5, 19: 3.0, 20: 3.0, 21: 2.0}

RECIPES = (
    _Recipe(
        platform="instagram",
        posts=600,
        typical=140,
        growth=0.9,
        noise=0.35,
        lifts=((range(18, 22), range(7), 1.15), (range(7, 12), range(7), 0.85)),
        hours=_ALL_DAY,
        formats={
            ContentFormat.IMAGE: (0.4, 0.85),
            ContentFormat.CAROUSEL: (0.3, 1.1),
            ContentFormat.VIDEO_SHORT: (0.3, 1.35),
        },
        shares={Metric.LIKES: 0.86, Metric.COMMENTS: 0.05, Metric.SHARES: 0.04, Metric.SAVES: 0.05},
        view_rate=0.06,
    ),
    _Recipe(
        platform="linkedin",
        posts=250,
        typical=45,
        growth=0.6,
        noise=0.55,
        lifts=((range(8, 11), range(1, 4), 1.08),),
        hours=_OFFICE,
        formats={
            ContentFormat.TEXT: (0.35, 0.9),
            ContentFormat.IMAGE: (0.4, 1.0),
            ContentFormat.ARTICLE: (0.1, 0.7),
            ContentFormat.VIDEO_SHORT: (0.15, 1.3),
        },
        shares={Metric.LIKES: 0.84, Metric.COMMENTS: 0.1, Metric.SHARES: 0.06},
        view_rate=0.03,
    ),
    _Recipe(
        platform="youtube",
        posts=120,
        typical=260,
        growth=1.1,
        noise=0.7,
        lifts=(),
        hours=_ALL_DAY,
        formats={ContentFormat.VIDEO_LONG: (0.6, 1.0), ContentFormat.VIDEO_SHORT: (0.4, 1.2)},
        shares={Metric.LIKES: 0.9, Metric.COMMENTS: 0.1},
        view_rate=0.045,
    ),
)


def sample_history(until: date = ANCHOR) -> tuple[SampleChannel, ...]:
    """Draw the history of three channels whose latest post is at noon of the day `until`.

    The same day gives the same bytes; choose a day that is over, so that no post lies in the future.

    A post's engagement is log-normal around the channel's level, times a format's effect, times the planted effect
    of its hour; a few go viral. Instagram's evenings earn 15 % more and its mornings 15 % less, LinkedIn's mornings
    from Tuesday to Thursday 8 % more, and YouTube's hours make no difference.
    """
    return tuple(_channel(recipe, until) for recipe in RECIPES)


def write_samples(folder: Path) -> None:
    """Write the files of data/samples."""
    for channel in sample_history():
        (folder / channel.file_name).write_bytes(channel.csv)


def _channel(recipe: _Recipe, until: date) -> SampleChannel:
    rng = random.Random(f"{_SEED} {recipe.platform}")  # noqa: S311 - a synthetic history, no secret
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((*COLUMNS, *(metric.value for metric in _METRICS)))
    for number, moment in enumerate(_moments(recipe, until, rng), 1):
        writer.writerow(_post(recipe, number, moment, rng))
    file_name = f"tidewick_{recipe.platform}.csv"
    return SampleChannel(recipe.platform, NAME, ZONE, file_name, text.getvalue().encode())


_METRICS = (Metric.LIKES, Metric.COMMENTS, Metric.SHARES, Metric.SAVES, Metric.VIEWS)


def _moments(recipe: _Recipe, until: date, rng: random.Random) -> list[datetime]:
    """Draw the local moments of all posts, in order; the last is on `until`, two are never in the same hour."""
    hours, weights = list(recipe.hours), list(recipe.hours.values())
    taken = {(0, 12)}
    while len(taken) < recipe.posts:
        taken.add((rng.randrange(DAYS), rng.choices(hours, weights)[0]))
    chosen = sorted(taken, key=lambda slot: (-slot[0], slot[1]))
    return [
        datetime.combine(until - timedelta(days=back), time(hour, rng.randrange(60)), ZoneInfo(ZONE))
        for back, hour in chosen
    ]


def _post(recipe: _Recipe, number: int, moment: datetime, rng: random.Random) -> list[str]:
    formats = list(recipe.formats)
    content_format = rng.choices(formats, [weight for weight, _ in recipe.formats.values()])[0]
    engagement = _engagement(recipe, number / recipe.posts, moment, content_format, rng)
    counts = {metric: round(engagement * share * rng.uniform(0.8, 1.2)) for metric, share in recipe.shares.items()}
    counts[Metric.VIEWS] = round(engagement / (recipe.view_rate * rng.uniform(0.6, 1.4)))
    post_id = f"{recipe.platform[:2]}-{number:04d}"
    stamp = f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    url = f"https://example.com/tidewick/{post_id}"
    measured = [str(counts[metric]) if metric in counts else "" for metric in _METRICS]
    return [post_id, stamp, title_of(content_format, moment.month, rng), content_format.value, url, *measured]


def _engagement(
    recipe: _Recipe, progress: float, moment: datetime, content_format: ContentFormat, rng: random.Random
) -> float:
    """Draw what a post earns: level · e^(growth · progress) · format · planted lift · e^(noise), at times far more."""
    lift = next((lift for hours, days, lift in recipe.lifts if moment.hour in hours and moment.weekday() in days), 1.0)
    level = recipe.typical * math.exp(recipe.growth * progress) * recipe.formats[content_format][1]
    viral = rng.paretovariate(1.6) + 1 if rng.random() < _VIRAL else 1.0
    return level * lift * math.exp(rng.gauss(0, recipe.noise)) * viral
