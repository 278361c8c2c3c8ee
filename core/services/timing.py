"""Keeps what each channel's hours earned: exactly, and at the cost of what is new."""

from collections.abc import Iterator, Mapping

import polars as pl

from core.services.context import Context
from core.services.measuring import recount, settle_counts
from core.services.rows import find
from core.storage.queries.outcomes import read_posts, read_stretches, read_undated, write_outcomes
from core.storage.queries.tallies import read_tallies, replace_statistics, replace_tallies
from core.storage.tables import Channel
from core.storage.tenancy import ScopedSession
from core.timing.outcomes import OUTCOME_UNITS, REACH_POSTS, in_units, placed, relative_outcomes
from core.timing.recency import choose_half_life
from core.timing.rollup import UNDATED, WeekStats, combine, tally, week_stats, without
from core.timing.undated import undated_outcomes

ALL_FORMATS = ""
LARGE_SHARE = 1 / 3
"""Where more of a channel's posts are new, judging all of them is no dearer than finding those that are reached."""
_WHEN = ("published_at", "hour_of_week", "content_format")


def refresh_timing(session: ScopedSession, channel: Channel, touched: pl.DataFrame | None = None) -> None:
    """Learn from the channel's posts in the transaction that changed them; readers only ever touch 168 cells.

    Of `touched` posts (`TOUCHED`, as the load says) the counts are settled, then they and the posts they reach are
    judged anew: the cost grows with them, not with the history. Without them, as after a change of the zone, with a
    channel learned from for the first time or with many new posts, all posts are judged; the result is the same.
    """
    kept = read_tallies(session, channel.id)
    is_small = touched is not None and touched.height <= kept.select("posts").sum().item() * LARGE_SHARE
    is_recounted = touched is not None and settle_counts(session, channel.id, touched)
    if touched is None or is_recounted or not is_small:
        learned = _judge_all(session, channel, _all_posts(session, channel, touched, is_first=kept.is_empty()))
    else:
        learned = _judge_reached(session, channel, touched, kept)
    _keep(session, channel, kept, learned)


def rebuild_timing(ctx: Context, channel_id: str) -> None:
    """Derive everything that is learned of a channel from its KPI events again (NotFound).

    Counts, outcomes, tallies and statistics come out as imports left them, bit for bit; what is right is not written.
    """
    with ctx.write() as session:
        channel = find(session, Channel, channel_id, "channel")
        learned = _judge_all(session, channel, recount(session, channel_id))
        _keep(session, channel, read_tallies(session, channel_id), learned)


def _keep(session: ScopedSession, channel: Channel, kept: pl.DataFrame, learned: pl.DataFrame) -> None:
    replace_tallies(session, channel.id, kept, learned)
    replace_statistics(session, channel.id, _statistics(learned))


def _all_posts(
    session: ScopedSession, channel: Channel, touched: pl.DataFrame | None, *, is_first: bool
) -> pl.DataFrame:
    """Return every post; those stored before tallies were kept were counted by another rule, so they are anew."""
    posts = read_posts(session, channel.id)
    if is_first and touched is not None and touched.height < posts.height:
        return recount(session, channel.id)
    return posts


def _judge_all(session: ScopedSession, channel: Channel, posts: pl.DataFrame) -> pl.DataFrame:
    """Write down what every post counts as, and return the tallies."""
    is_dated = pl.col("published_at").is_not_null()
    judged = pl.concat([_judge_dated(posts.filter(is_dated), channel), _judge_undated(posts.filter(~is_dated))])
    write_outcomes(session, _moved(judged))
    return _tallied(judged, "outcome", channel)


def _judge_reached(session: ScopedSession, channel: Channel, touched: pl.DataFrame, kept: pl.DataFrame) -> pl.DataFrame:
    """Write down what the posts count as that are touched or reached by these, and return the tallies."""
    before = touched.select(*(pl.col(f"was_{name}").alias(name) for name in _WHEN), "was_outcome")
    moved = _moved(pl.concat(_reached(session, channel, touched)))
    write_outcomes(session, moved)
    taken = combine(_tallied(before, "was_outcome", channel), _tallied(moved, "was_outcome", channel))
    return without(combine(kept, _tallied(moved, "outcome", channel)), taken)


def _reached(session: ScopedSession, channel: Channel, touched: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield the posts to judge anew, judged; undated ones are compared with one another, so all of them or none."""
    moments = pl.concat([touched["published_at"], touched["was_published_at"]]).drop_nulls().unique().sort()
    for stretch in read_stretches(session, channel.id, moments.to_list(), REACH_POSTS):
        judged = _judge_dated(stretch.posts, channel)
        yield judged.filter(pl.col("published_at") >= stretch.since)
    was_undated = pl.col("was_known") & pl.col("was_published_at").is_null()
    if touched.filter(pl.col("published_at").is_null() | was_undated).height:
        yield _judge_undated(read_undated(session, channel.id))


def _judge_dated(posts: pl.DataFrame, channel: Channel) -> pl.DataFrame:
    return _with_outcome(posts, relative_outcomes(posts, channel.timezone).frame)


def _judge_undated(posts: pl.DataFrame) -> pl.DataFrame:
    return _with_outcome(posts, undated_outcomes(posts))


def _with_outcome(posts: pl.DataFrame, judged: pl.DataFrame) -> pl.DataFrame:
    """Return the posts with their outcome in whole units, null where they have none."""
    units = judged.select("pk", outcome=in_units(pl.col("outcome")))
    return posts.select("pk", *_WHEN, "was_outcome").join(units, on="pk", how="left")


def _moved(judged: pl.DataFrame) -> pl.DataFrame:
    return judged.filter(pl.col("outcome").ne_missing(pl.col("was_outcome")))


def _tallied(posts: pl.DataFrame, units: str, channel: Channel) -> pl.DataFrame:
    """Return the tallies of the posts that count, as what the column `units` says."""
    hour, month = placed(channel.timezone)
    counted = posts.drop_nulls(units).with_columns(pl.coalesce("hour_of_week", hour), month.fill_null(UNDATED))
    return tally(counted.with_columns(outcome=pl.col(units) / OUTCOME_UNITS))


def _statistics(tallies: pl.DataFrame) -> Iterator[Mapping[str, object]]:
    half_life = choose_half_life(tallies)
    yield from _cells(ALL_FORMATS, week_stats(tallies, half_life))
    for content_format in sorted(set(tallies["content_format"]) - {ALL_FORMATS}):
        yield from _cells(content_format, week_stats(tallies, half_life, content_format))


def _cells(content_format: str, week: WeekStats) -> Iterator[Mapping[str, object]]:
    columns = zip(week.n, week.weight, week.mean, week.m2, strict=True)
    for cell, (posts, weight, mean, m2) in enumerate(columns):
        if posts:
            figures = {"posts": posts, "weight": weight, "mean": mean, "m2": m2}
            yield {"content_format": content_format, "hour_of_week": cell, **figures}
