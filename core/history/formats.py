"""Turns what exports say about a post's kind into a content format; an unknown word is no format, not an error."""

import polars as pl

from core.history.known_headers import FORMAT_DURATIONS, FORMAT_FLAGS, FORMAT_WORDS, NO, YES, key
from core.vocabulary import ContentFormat

_FLAGS, _DURATIONS = frozenset(map(key, FORMAT_FLAGS)), frozenset(map(key, FORMAT_DURATIONS))

LONGEST_SHORT_SECONDS = 60
"""A length alone cannot tell a short from a brief landscape video; a minute was the limit of shorts for years."""

_ISO_DURATION = r"^P(?:(?<days>\d+)D)?(?:T(?:(?<hours>\d+)H)?(?:(?<minutes>\d+)M)?(?:(?<seconds>\d+)(?:\.\d+)?S)?)?$"
_CLOCK_DURATION = r"^(?:(?<hours>\d+):)?(?<minutes>\d{1,2}):(?<seconds>\d{2})$"
_UNIT_SECONDS = {"days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}


def parse_formats(texts: pl.Series) -> pl.Series:
    """Return the ContentFormat value of each text, null where none is known; the header says how to read a column."""
    header, words = key(texts.name), texts.unique().drop_nulls()
    if header in _DURATIONS:
        return _by_duration(texts)
    table: dict[str, str] = {}
    for word in words:
        known = key(word)
        if header in _FLAGS:
            table |= {word: ContentFormat.VIDEO_SHORT} if known in YES else {}
        elif known in FORMAT_WORDS:
            table[word] = FORMAT_WORDS[known]
    return texts.replace_strict(table, default=None, return_dtype=pl.String)


def unknown_words(texts: pl.Series) -> tuple[str, ...]:
    """Return the words of a column of formats that say no format Slotwise knows, sorted."""
    header = key(texts.name)
    if header in _DURATIONS:
        return ()
    known = (YES | NO) if header in _FLAGS else FORMAT_WORDS.keys()
    return tuple(sorted(word for word in texts.unique().drop_nulls() if key(word) and key(word) not in known))


def is_duration(header: str) -> bool:
    """Tell whether a column of this name holds lengths, not words."""
    return key(header) in _DURATIONS


def _by_duration(texts: pl.Series) -> pl.Series:
    """Call a video short up to LONGEST_SHORT_SECONDS; without a length (a live stream's P0D) it has no format."""
    trimmed = texts.str.strip_chars().alias("text").to_frame()
    text = pl.col("text")
    iso, clock = (
        pl.sum_horizontal(
            text.str.extract_groups(pattern).struct.field(unit).cast(pl.Int64).fill_null(0) * _UNIT_SECONDS[unit]
            for unit in units
        )
        for pattern, units in ((_ISO_DURATION, list(_UNIT_SECONDS)), (_CLOCK_DURATION, list(_UNIT_SECONDS)[1:]))
    )
    seconds = iso + clock + text.cast(pl.Float64, strict=False).fill_null(0)
    by_length = pl.when(seconds <= LONGEST_SHORT_SECONDS).then(pl.lit(ContentFormat.VIDEO_SHORT.value))
    return trimmed.select(
        pl.when(seconds > 0).then(by_length.otherwise(pl.lit(ContentFormat.VIDEO_LONG.value)))
    ).to_series()
