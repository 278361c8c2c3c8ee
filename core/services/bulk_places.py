"""Where something is wrong with a row, said as people say it: the platform and the column, never an index."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from core.content.platforms import find_platform
from core.errors import Invalid
from core.services.bulk_views import RowDraft
from core.services.context import Context

COLUMNS: Mapping[str, str] = {
    "title": "title",
    "text": "text",
    "platform": "platform",
    "platforms": "platform",
    "scheduled_at": "time",
    "scheduled_times": "time",
    "placed": "time",
    "channel_id": "channel",
    "channel_ids": "channel",
    "content_format": "format",
    "media": "picture or video",
    "tags": "tags",
}
"""What people call the fields of a row."""

_OF_ITEM = re.compile(r"items\[(\d+)\]\.(.*)", re.DOTALL)


@contextmanager
def said_in_words(ctx: Context, row: RowDraft) -> Iterator[None]:
    """Let problems of a row's items name the platform and the column instead of a place in a list."""
    try:
        yield
    except Invalid as error:
        raise Invalid(
            tuple(replace(each, place=words_of(ctx, each.place, row.platforms)) for each in error.problems)
        ) from error


def words_of(ctx: Context, place: str, platforms: Sequence[str]) -> str:
    """Return a place in words: `items[1].channel_id` of a row on LinkedIn and X is `X (Twitter), channel`."""
    if match := _OF_ITEM.fullmatch(place):
        number = int(match[1])
        on = platforms[number] if number < len(platforms) else ""
        return _joined(ctx, on, match[2])
    column, _, on = place.partition(".")
    return _joined(ctx, on or _indexed(column, platforms), column)


def _indexed(column: str, platforms: Sequence[str]) -> str:
    number = re.fullmatch(r"platforms\[(\d+)\]", column)
    return platforms[int(number[1])] if number and int(number[1]) < len(platforms) else ""


def _joined(ctx: Context, on: str, column: str) -> str:
    field = re.split(r"[.\[]", column, maxsplit=1)[0]
    name = COLUMNS.get(field, field.replace("_", " "))
    try:
        return f"{find_platform(ctx.reference.platforms, on).name}, {name}" if on else name
    except Invalid:
        return f"{on}, {name}"
