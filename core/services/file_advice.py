"""Advice from a history file alone: what its posts say of the week, and the slots that follow, without a database."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from core.calendar.zones import hour_of_week, slot_starts
from core.content.baseline import baseline_week
from core.content.platforms import find_platform
from core.errors import Invalid, Problem
from core.services.backtests import as_posts
from core.services.plan_ground import SLOT_MINUTES
from core.services.post_files import FileAccount, FileRequest, read_posts_file
from core.services.recommendations import ChannelAdvice, RecommendationRequest, advise, asked_range
from core.services.reference import Reference
from core.storage.tables import Channel
from core.timing.estimator import fit
from core.timing.outcomes import POST_SCHEMA, relative_outcomes
from core.timing.pooling import borrow
from core.timing.priors import published_research
from core.timing.recency import choose_half_life
from core.timing.recommend import SlotChoice
from core.timing.rollup import WeekStats, tally, week_stats
from core.timing.undated import undated_outcomes
from core.vocabulary import ContentFormat

_TALLIED = ("content_format", "month", "hour_of_week", "outcome")
NO_CHANNEL = ""
"""The channel of advice from a file."""


@dataclass(frozen=True)
class FileAdvice:
    """Advice from a file, as for a channel of its name, and in sentences how it was read."""

    advice: ChannelAdvice
    notes: tuple[str, ...]


def recommend_from_file(
    reference: Reference, path: Path, request: FileRequest, wanted: RecommendationRequest, now: datetime
) -> FileAdvice:
    """Return the best coming slots by what the posts of a file earned.

    `wanted` names one platform and no channel. Several accounts speak together, each in its own local time. Raises
    UnreadableFile, and Invalid for columns, dates, platform, count or range that cannot be meant.
    """
    starts, ends = asked_range(wanted, now)
    platform = find_platform(reference.platforms, _only(wanted.platforms)).id
    file = read_posts_file(path, request, now)
    zone = request.timezone or _fullest_zone(file.accounts)
    baseline = baseline_week(reference.baseline, platform, wanted.content_format)
    curve = fit(_stats(file.accounts, wanted.content_format), [published_research(baseline)])
    open_slots = slot_starts(max(starts, now), ends, zone, SLOT_MINUTES)
    slots = [SlotChoice(at, hour_of_week(at, zone)) for at in open_slots]
    file_as_channel = Channel(id=NO_CHANNEL, name=path.name, platform=platform, timezone=zone, created_at=now)
    return FileAdvice(advise(file_as_channel, wanted, curve, slots), (*file.notes, *_together(file.accounts)))


def _only(platforms: Sequence[str]) -> str:
    if len(platforms) != 1:
        fix = "name the one platform of the file"
        raise Invalid((Problem("--platform", ", ".join(platforms), fix),))
    return platforms[0]


def _fullest_zone(accounts: Sequence[FileAccount]) -> str:
    """Return the zone of the account with most posts: slots need one clock."""
    fullest = max(accounts, key=lambda account: account.posts.height, default=None)
    return fullest.zone if fullest else "UTC"


def _together(accounts: Sequence[FileAccount]) -> Iterator[str]:
    if len(accounts) > 1:
        yield f"{len(accounts):,} accounts speak together here; for one of them, keep only its rows."


def _stats(accounts: Sequence[FileAccount], content_format: ContentFormat | None) -> WeekStats:
    """Return what all accounts' posts say of the week, for a format with what the others lend it."""
    tallies = tally(pl.concat([_learned(account) for account in accounts] or [_NOTHING]))
    half_life = choose_half_life(tallies)
    every = week_stats(tallies, half_life)
    return every if content_format is None else borrow(week_stats(tallies, half_life, content_format), every)


def _learned(account: FileAccount) -> pl.DataFrame:
    dated = relative_outcomes(as_posts(account), account.zone).frame
    undated = undated_outcomes(account.posts.filter(pl.col("published_at").is_null()))
    return pl.concat([dated.select(_TALLIED), undated.select(_TALLIED)])


_NOTHING = relative_outcomes(pl.DataFrame(schema=dict(POST_SCHEMA)), "UTC").frame.select(_TALLIED)
