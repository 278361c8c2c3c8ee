"""The columns of a sheet of posts: what they may be headed, and what spreadsheets call them."""

import re
from collections.abc import Mapping, Sequence
from string import ascii_uppercase

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "title": ("title", "headline", "post title"),
    "text": ("content", "text", "body", "caption", "post text", "copy", "message"),
    "audience": ("target audience", "audience"),
    "tone": ("tone",),
    "platforms": ("platform", "platforms", "channel", "channels", "network", "networks", "social network"),
    "scheduled_time": (
        "scheduled time", "scheduled at", "date and time", "date time", "datetime", "publish at", "publish date",
        "date", "time", "when",
    ),
    "content_format": ("format", "content format"),
    "tags": ("tags", "tag", "labels", "hashtags"),
    "priority": ("priority",),
}  # fmt: skip
"""The headers that are known for each field of a row, in any case and punctuation; others are left alone."""

CLOCK = ("time", "time of day", "hour", "publish time")
"""Headers of a column that holds the time of day beside the one that holds the date."""

REQUIRED = ("title", "platforms")

SEARCHED = 10
"""Rows from the top among which the header is looked for; above it stand merged titles."""

ENOUGH = 2
"""Columns that are known in a row before it is taken for the header: one alone may be chance."""

_NO_LETTERS = re.compile(r"[\W_]+")


def header_key(header: str) -> str:
    """Return a header without case and punctuation."""
    return _NO_LETTERS.sub(" ", header).strip().lower()


def known_columns(headers: Sequence[str], columns: Mapping[str, tuple[str, ...]] = COLUMNS) -> dict[str, str]:
    """Return the header of each field that is there; of equal ones the first."""
    by_word = {header_key(header): header for header in reversed(headers)}
    return {
        field: next(by_word[word] for word in words if word in by_word)
        for field, words in columns.items()
        if any(word in by_word for word in words)
    }


def clock_column(headers: Sequence[str], columns: Mapping[str, str]) -> str:
    """Return the column of the time of day, "" where no other one holds the date."""
    when = columns.get("scheduled_time", "")
    if not when or when.strip().lower() in CLOCK:
        return ""
    others = (header for header in headers if header not in columns.values())
    return next((header for header in others if header.strip().lower() in CLOCK), "")


def letters(number: int) -> str:
    """Return what spreadsheets call a column, counted from 1: A to Z, then AA."""
    name = ""
    while number:
        number, rest = divmod(number - 1, len(ascii_uppercase))
        name = ascii_uppercase[rest] + name
    return name
