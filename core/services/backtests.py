"""Back-tests: what following the advice would have brought, on a history file or on a channel's own past."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import polars as pl
from sqlalchemy import select
from sqlmodel import col

from core.content.baseline import baseline_week
from core.content.platforms import find_platform
from core.services.context import Context
from core.services.curves import MOST_LIKE, KnownChannel, expectations
from core.services.post_files import FileAccount, FileRequest, read_posts_file
from core.services.reference import Reference
from core.services.rows import find
from core.services.timing import ALL_FORMATS
from core.storage.queries.outcomes import read_posts
from core.storage.tables import Channel, TimingTally
from core.storage.tenancy import ScopedSession
from core.timing.backtest import BacktestReport, backtest
from core.timing.methods import Training
from core.timing.outcomes import FINAL_AGE, MONTHS_PER_YEAR, POST_SCHEMA, DropReason, Outcomes, relative_outcomes
from core.timing.pooling import borrow
from core.timing.priors import PriorCurve, published_research
from core.timing.protocol import Account, ProtocolReport, TrainSize, compare, training_of
from core.timing.recency import choose_half_life
from core.timing.rollup import TALLY_SCHEMA, UNDATED, tally, week_stats
from core.undefined import Undefined
from core.vocabulary import ContentFormat

MOST_POSTS = 50_000
"""Older posts would hardly weigh in, and no channel posts so many in the years that do."""


@dataclass(frozen=True)
class Comparison:
    """How to compare methods on a file: newest posts learned from, whether accounts are each other's peers, platform.

    Without a platform no published research takes part.
    """

    train_sizes: tuple[TrainSize, ...]
    with_peers: bool
    platform: str = ""


@dataclass(frozen=True)
class FileComparison:
    """The report of a file, and in sentences how it was read."""

    report: ProtocolReport
    notes: tuple[str, ...]


def compare_on_file(
    reference: Reference, path: Path, request: FileRequest, comparison: Comparison, now: datetime
) -> FileComparison:
    """Compare the methods on the accounts of a file (UnreadableFile; Invalid for columns, dates or platform)."""
    research = _research(reference, comparison.platform)
    file = read_posts_file(path, request, now)
    outcomes = [relative_outcomes(as_posts(account), account.zone) for account in file.accounts]
    accounts = [Account(each.name, found.frame) for each, found in zip(file.accounts, outcomes, strict=True)]
    report = compare(
        accounts, comparison.train_sizes, most_peers=MOST_LIKE if comparison.with_peers else 0, research=research
    )
    return FileComparison(report, (*file.notes, *_without_outcome(outcomes)))


def as_posts(account: FileAccount) -> pl.DataFrame:
    """Return the dated posts of a file as `POST_SCHEMA`."""
    return account.posts.drop_nulls("published_at").select(list(POST_SCHEMA))


def _research(reference: Reference, platform: str) -> PriorCurve | None:
    if not platform:
        return None
    known = find_platform(reference.platforms, platform).id
    return published_research(baseline_week(reference.baseline, known, None))


_WHY = {
    DropReason.FUTURE: "measured before they went out",
    DropReason.UNKNOWN_ENGAGEMENT: "without a number",
    DropReason.NEGATIVE_ENGAGEMENT: "with a negative number",
    DropReason.TOO_YOUNG: "measured before they were a week old",
    DropReason.NO_PREVIOUS_POST: "with no post before them to compare with",
}


def _without_outcome(outcomes: Sequence[Outcomes]) -> tuple[str, ...]:
    counts = {reason: sum(found.dropped[reason] for found in outcomes) for reason in DropReason}
    said = [f"{count:,} {_WHY[reason]}" for reason, count in counts.items() if count]
    return (f"Posts that cannot be judged: {', '.join(said)}.",) if said else ()


# --- A channel of the workspace -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class ChannelBacktest:
    """A channel and the look back on it, undefined where its history is too short."""

    channel_id: str
    channel_name: str
    platform: str
    report: BacktestReport | Undefined


def backtest_channel(ctx: Context, channel_id: str, content_format: ContentFormat | None = None) -> ChannelBacktest:
    """Look back on a channel's newest 50,000 posts, of one format or all (NotFound).

    What like channels knew is taken from the months before each origin: an analysis, slower than a recommendation.
    """
    with ctx.read() as session:
        channel = find(session, Channel, channel_id, "channel")
        posts = read_posts(session, channel_id).drop_nulls("published_at")
        others = _other_tallies(session, channel_id)
    every = relative_outcomes(posts.top_k(MOST_POSTS, by="published_at"), channel.timezone).frame
    outcomes = every if content_format is None else every.filter(pl.col("content_format") == content_format)
    research = published_research(baseline_week(ctx.reference.baseline, channel.platform, content_format))

    def learn(known: pl.DataFrame, origin: datetime) -> Training:
        here, elsewhere = expectations(channel, _known_before(others, origin))
        training = training_of(known, here, research, elsewhere)
        if content_format is None:
            return training
        past = tally(every.filter(pl.col("published_at") <= origin - FINAL_AGE))
        half_life = choose_half_life(past)
        own, whole = week_stats(past, half_life, content_format), week_stats(past, half_life)
        return replace(training, stats=borrow(own, whole))

    return ChannelBacktest(channel.id, channel.name, channel.platform, backtest(outcomes, learn))


def _other_tallies(session: ScopedSession, channel_id: str) -> pl.DataFrame:
    """Return the dated tallies (`TALLY_SCHEMA`) of the other channels, with whose they are."""
    columns = (Channel.id, Channel.platform, Channel.is_peer, *(getattr(TimingTally, name) for name in TALLY_SCHEMA))
    others = (
        select(*map(col, columns))
        .join(TimingTally, col(TimingTally.channel_id) == col(Channel.id))
        .where(col(Channel.id) != channel_id, col(TimingTally.month) != UNDATED)
    )
    whose = {"channel_id": pl.String(), "platform": pl.String(), "is_peer": pl.Boolean()}
    return pl.DataFrame(
        [tuple(row) for row in session.execute(others)], schema=whose | dict(TALLY_SCHEMA), orient="row"
    )


def _known_before(tallies: pl.DataFrame, origin: datetime) -> list[KnownChannel]:
    """Return what other channels knew before the month of a moment, those with most posts first."""
    month = origin.year * MONTHS_PER_YEAR + origin.month - 1
    parts = tallies.filter(pl.col("month") < month).partition_by("channel_id", "platform", "is_peer", as_dict=True)
    known = [
        KnownChannel(
            str(channel), str(platform), bool(is_peer), {ALL_FORMATS: week_stats(part, choose_half_life(part))}
        )
        for (channel, platform, is_peer), part in parts.items()
    ]
    return sorted(known, key=lambda channel: -channel.of(ALL_FORMATS).posts)
