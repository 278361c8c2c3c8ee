"""Settles what posts earned from all their measurements, by one rule per channel (`core.history.engagement`)."""

import polars as pl

from core.history.engagement import kind_counted, results
from core.storage.queries.measurements import (
    COUNTED,
    an_engaged_post,
    measurements_of_channel,
    measurements_of_posts,
    write_counts,
)
from core.storage.queries.outcomes import read_posts
from core.storage.tenancy import ScopedSession

_ANY_KEY = 2**62
"""Larger than the key of any post."""


def settle_counts(session: ScopedSession, channel_id: str, touched: pl.DataFrame) -> bool:
    """Count the channel's posts among `touched` (`TOUCHED`); return whether all its posts had to be counted anew.

    That happens when the channel's first interactions come in after views: then views are no success any more.
    """
    before = _kind_before(session, channel_id, touched)
    expected = min((kind for kind in (before, touched["kind"].min()) if isinstance(kind, int)), default=None)
    so_far = pl.lit(expected, pl.Int64())
    is_open = pl.col("was_known") | (pl.col("kind") != so_far)
    several = measurements_of_posts(session, touched.filter(is_open)["pk"])
    kind = several.select(pl.min_horizontal(kind_counted().min(), so_far)).item()
    if kind != expected or before not in {None, kind}:
        recount(session, channel_id)
        return True
    write_counts(session, _counts(touched.filter(is_open).select("pk", "published_at"), several, kind or 0))
    return False


def recount(session: ScopedSession, channel_id: str) -> pl.DataFrame:
    """Count all posts of a channel anew from its KPI events and return them (`POST_FRAME`); write what was wrong."""
    posts = read_posts(session, channel_id)
    measurements = measurements_of_channel(session, channel_id)
    kind = measurements.select(kind_counted().min()).item()
    counts = _counts(posts.select("pk", "published_at"), measurements, kind or 0)
    known_moment = pl.coalesce("measured_at", posts["measured_at"])
    right = posts.with_columns(
        counts.with_columns(known_moment).select("engagement", "early_engagement", "measured_at")
    )
    write_counts(session, right.join(posts, on=list(COUNTED), how="anti", nulls_equal=True))
    return right


def _kind_before(session: ScopedSession, channel_id: str, touched: pl.DataFrame) -> int | None:
    """Return what the channel counted so far: one post with an engagement tells, because all are counted alike."""
    known, new = touched.filter("was_known")["pk"], touched.filter(~pl.col("was_known"))["pk"]
    first_new = new.min()
    witness = an_engaged_post(session, channel_id, known, first_new if isinstance(first_new, int) else _ANY_KEY)
    kind: int | None = measurements_of_posts(session, witness).select(kind_counted().min()).item()
    return kind


def _counts(posts: pl.DataFrame, measurements: pl.DataFrame, kind: int) -> pl.DataFrame:
    """Return `COUNTED` of posts (`pk`, `published_at`); a post without a count is unknown, its moment stays."""
    dated = measurements.join(posts, on="pk")
    return posts.select("pk").join(results(dated, kind), on="pk", how="left", maintain_order="left")
