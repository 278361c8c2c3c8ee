"""Turns a column of written moments into instants, or into a reason for each one that is none."""

from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl

from core.history.reading import DateOrder, is_zone
from core.history.stamp_shapes import parts

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""Before any platform existed: an earlier moment is a broken cell (year 0, Unix 0), not a post."""

MOMENT = pl.Datetime("us", "UTC")
_WALL = pl.Datetime("us")
_UNIX_SECONDS, _UNIX_MILLISECONDS = r"^\d{10}(?:\.\d+)?$", r"^\d{13}$"
_EXCEL_SERIAL = r"^\d{5}(?:\.\d+)?$"
_EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's serial is a wall clock
_MOST_OFFSET = 14 * 60
"""Minutes; no place on earth is farther from UTC."""

UNKNOWN_SHAPE = "is not a date and time Slotwise knows; write it as 2024-05-31 14:30"
NO_TIME = "has a date but no time of day; add the time, or choose the column that holds it"
UNORDERED = "may be day-first or month-first; say which one the file uses"
IMPOSSIBLE = "is a date or time that does not exist"
TOO_EARLY = "lies before 1990, which no post does; correct the date"
IN_GAP = "does not exist in {zone}: the clocks were set forward over it; correct the time or the zone"
NO_ZONE = "cannot be placed: {zone!r} is not an IANA time zone such as Europe/Berlin"
FUTURE = "lies in the future, so it is not history; correct the date"


@dataclass(frozen=True)
class Stamps:
    """The moments of a column (UTC, microseconds; null: none), the reason for each refused one, and two counts.

    `unzoned` stamps name no offset and were read in their row's zone; `repeated` ones of them happen twice there
    (clocks set back) and were read as the first.
    """

    moments: pl.Series
    problems: pl.Series
    unzoned: int
    repeated: int


def parse_stamps(texts: pl.Series, zones: pl.Series, order: DateOrder | None, now: datetime) -> Stamps:
    """Read a column of stamps; blank ones become null without a problem.

    `zones` holds an IANA zone for each row, used where the stamp names no offset.
    """
    frame = pl.DataFrame({"text": texts.str.strip_chars().replace("", None), "zone": zones}).with_row_index("row")
    read = _numeric(_written(frame, order))
    placed = pl.concat([_in_zone(rows) for rows in read.partition_by("zone")] or [_in_zone(read)]).sort("row")
    moment, problem = pl.col("moment"), pl.col("problem")
    too_far = pl.when(moment < EARLIEST).then(pl.lit(TOO_EARLY)).when(moment > now).then(pl.lit(FUTURE))
    judged = placed.with_columns(pl.coalesce(problem, too_far).alias("problem"))
    kept = judged.select(pl.when(problem.is_null()).then(moment).alias("moment"))["moment"]
    good = judged.filter(problem.is_null() & moment.is_not_null())
    return Stamps(kept, judged["problem"], good["offset"].null_count(), int(good["repeated"].sum()))


def rewritten(texts: pl.Series, order: DateOrder | None) -> tuple[pl.Series, pl.Series]:
    """Return a column of stamps in one style, and the reason for each that cannot be read (null, as for blank ones).

    The style is `2024-05-31 14:30`, with seconds and the offset from UTC where they are said. `order` decides only
    what can be meant either way: 24/3/2024 is read whatever the others are.
    """
    frame = pl.DataFrame({"text": texts.str.strip_chars().replace("", None)}).with_columns(zone=pl.lit("UTC"))
    frame = frame.with_row_index("row")
    read = _numeric(_written(frame, None))
    if order and (read["problem"] == UNORDERED).any():
        is_open = (read["problem"] == UNORDERED).fill_null(value=False)
        read = pl.concat([read.filter(~is_open), _written(frame.filter(is_open), order)]).sort("row")
    wall, offset, problem = pl.col("wall"), pl.col("offset"), pl.col("problem")
    is_wrong = pl.col("text").is_not_null() & (wall.is_null() | (offset.abs() > _MOST_OFFSET))
    judged = read.with_columns(pl.coalesce(problem, pl.when(is_wrong).then(pl.lit(IMPOSSIBLE))).alias("problem"))
    seconds = pl.when(wall.dt.second() != 0).then(wall.dt.to_string(":%S")).otherwise(pl.lit(""))
    text = pl.concat_str(wall.dt.to_string("%Y-%m-%d %H:%M"), seconds, _shown_offset(offset))
    shown = judged.select(pl.when(problem.is_null()).then(text).alias("text"), "problem")
    return shown["text"], shown["problem"]


def _shown_offset(minutes: pl.Expr) -> pl.Expr:
    """Return an offset as `+05:30`, nothing where none is said."""
    sign = pl.when(minutes < 0).then(pl.lit("-")).otherwise(pl.lit("+"))
    parts = (part.cast(pl.String).str.zfill(2) for part in (minutes.abs() // 60, minutes.abs() % 60))
    return pl.concat_str(sign, next(parts), pl.lit(":"), next(parts)).fill_null("")


def _written(frame: pl.DataFrame, order: DateOrder | None) -> pl.DataFrame:
    """Add wall, offset (minutes, null: none said) and problem of each text, by its shape."""
    part = pl.col
    said = pl.concat([frame, parts(frame["text"], order)], how="horizontal")
    hour, is_afternoon = part("hour").cast(pl.Int32), part("meridiem").str.to_lowercase() == "p"
    twelve = pl.when(hour.is_between(1, 12)).then(hour % 12 + 12 * is_afternoon.cast(pl.Int32))
    clock_hour = pl.when(part("meridiem").is_null()).then(hour).otherwise(twelve)
    wall = pl.concat_str("year", "month", "day", clock_hour, "minute", part("second").fill_null("0"), separator=" ")
    micros = part("fraction").str.slice(0, 6).str.pad_end(6, "0").cast(pl.Int64).fill_null(0)
    return said.select(
        "row", "text", "zone",
        wall.str.to_datetime("%Y %m %d %H %M %S", strict=False, time_unit="us") + pl.duration(microseconds=micros),
        _offset_minutes().alias("offset"),
        pl.when(part("text").is_null()).then(None)
        .when(part("year").is_null()).then(pl.lit(UNKNOWN_SHAPE))
        .when(part("hour").is_null()).then(pl.lit(NO_TIME))
        .when(part("day").is_null()).then(pl.lit(UNORDERED))
        .alias("problem"),
    ).rename({"year": "wall"})  # fmt: skip


def _offset_minutes() -> pl.Expr:
    """Return the minutes east of UTC that the part `offset` says (Z, UTC, +0530, -3 ...), null where it is null."""
    said = pl.col("offset")
    hours = said.str.extract(r"(\d{1,2}?)(?::?\d{2})?$").cast(pl.Int32).fill_null(0)
    minutes = said.str.extract(r"\d:?(\d{2})$").cast(pl.Int32).fill_null(0)
    size = hours * 60 + minutes
    return pl.when(said.str.contains("-", literal=True)).then(-size).when(said.is_not_null()).then(size)


def _numeric(written: pl.DataFrame) -> pl.DataFrame:
    """Fill in the rows that are plain numbers: Unix seconds or milliseconds, or a spreadsheet's serial days."""
    if not (written["problem"] == UNKNOWN_SHAPE).any():
        return written
    text, number = pl.col("text"), pl.col("text").cast(pl.Float64, strict=False)
    is_milliseconds = text.str.contains(_UNIX_MILLISECONDS)
    is_unix = (text.str.contains(_UNIX_SECONDS) | is_milliseconds).fill_null(value=False)
    is_serial = text.str.contains(_EXCEL_SERIAL).fill_null(value=False)
    seconds = pl.when(is_milliseconds).then(number / 1000).otherwise(number)
    unix = pl.from_epoch((pl.when(is_unix).then(seconds) * 1e6).round().cast(pl.Int64), "us").cast(_WALL)
    # A serial is a binary fraction of a day: without rounding, 14:30:00 comes out as 14:29:59.999.
    since = (pl.when(is_serial).then(number) * 86_400).round().cast(pl.Int64)
    has_time = number != number.floor()
    return written.with_columns(
        pl.coalesce("wall", unix, pl.lit(_EXCEL_EPOCH, _WALL) + pl.duration(seconds=since)).alias("wall"),
        pl.coalesce("offset", pl.when(is_unix).then(0)).alias("offset"),
        pl.when(is_unix | (is_serial & has_time)).then(None)
        .when(is_serial).then(pl.lit(NO_TIME))
        .otherwise("problem").alias("problem"),
    )  # fmt: skip


def _in_zone(rows: pl.DataFrame) -> pl.DataFrame:
    """Add moment (UTC) and repeated to rows of one zone, with a problem where the clock never showed that time."""
    zone = str(rows["zone"][0]) if rows.height else "UTC"
    wall, offset, problem = pl.col("wall"), pl.col("offset"), pl.col("problem")
    if known := is_zone(zone):
        once = wall.dt.replace_time_zone(zone, ambiguous="null", non_existent="null").dt.convert_time_zone("UTC")
        first = wall.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")
    else:
        once = first = pl.lit(None, MOMENT)
    is_clock = offset.is_null() & wall.is_not_null()
    fixed = (wall - pl.duration(minutes=offset)).dt.replace_time_zone("UTC")
    reason = (IN_GAP if known else NO_ZONE).format(zone=zone)
    return rows.with_columns(
        pl.when(is_clock).then(first).otherwise(fixed).alias("moment"),
        (is_clock & once.is_null() & first.is_not_null()).alias("repeated"),
        pl.when(problem.is_not_null()).then(problem)
        .when(pl.col("text").is_not_null() & (wall.is_null() | (offset.abs() > _MOST_OFFSET))).then(pl.lit(IMPOSSIBLE))
        .when(is_clock & first.is_null()).then(pl.lit(reason)).alias("problem"),
    )  # fmt: skip
