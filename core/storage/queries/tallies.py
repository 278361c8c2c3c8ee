"""Reads and replaces what is learned of a channel: its tallies, and the statistics made of them."""

from collections.abc import Iterable, Mapping

import polars as pl
from sqlalchemy import delete, insert, text
from sqlmodel import col

from core.storage.queries.frames import read_frame, staged
from core.storage.tables import PlatformTimingData
from core.storage.tenancy import ScopedSession

_TALLY: Mapping[str, pl.DataType] = {
    "content_format": pl.String(),
    "month": pl.Int64(),
    "hour_of_week": pl.Int64(),
    "posts": pl.Int64(),
    "total": pl.Int64(),
    "squares": pl.Int64(),
}
_MINE = "workspace_id = :workspace AND channel_id = :channel"
_READ = f"SELECT {', '.join(_TALLY)} FROM timing_tallies WHERE {_MINE}"
_SAME = "n.content_format = t.content_format AND n.month = t.month AND n.hour_of_week = t.hour_of_week"
_FORGET = text(f"DELETE FROM timing_tallies AS t WHERE {_MINE} AND EXISTS (SELECT 1 FROM changed n WHERE {_SAME})")
_KEEP = text(
    f"INSERT INTO timing_tallies (workspace_id, channel_id, {', '.join(_TALLY)})"
    f" SELECT :workspace, :channel, {', '.join(_TALLY)} FROM changed WHERE posts > 0"
)


def read_tallies(session: ScopedSession, channel_id: str) -> pl.DataFrame:
    """Return the channel's tallies (`core.timing.rollup.TALLY_SCHEMA`), in no order."""
    return read_frame(session, _READ, _TALLY, channel=channel_id)


def replace_tallies(session: ScopedSession, channel_id: str, old: pl.DataFrame, new: pl.DataFrame) -> None:
    """Turn the channel's tallies from `old` into `new`, touching only rows that differ."""
    key = ["content_format", "month", "hour_of_week"]
    gone = old.join(new, on=key, how="anti").with_columns(posts=pl.lit(0, pl.Int64()))
    changed = pl.concat([new.join(old, on=list(_TALLY), how="anti"), gone])
    mine = {"workspace": session.workspace, "channel": channel_id}
    with staged(session, "changed", changed) as connection:
        connection.execute(_FORGET, mine)
        connection.execute(_KEEP, mine)


def replace_statistics(session: ScopedSession, channel_id: str, rows: Iterable[Mapping[str, object]]) -> None:
    """Replace the channel's rows of `PlatformTimingData`."""
    session.execute(delete(PlatformTimingData).where(col(PlatformTimingData.channel_id) == channel_id))
    if wanted := [{**row, "channel_id": channel_id} for row in rows]:
        session.execute(insert(PlatformTimingData), wanted)
