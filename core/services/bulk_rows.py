"""Rows of bulk jobs: how they are kept, how hard they are, and which items they ask for."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from core.calendar.zones import parse_stamp
from core.content.platforms import Platform, find_platform
from core.errors import DstAmbiguous, DstGap, Invalid, Problem
from core.services.bulk_views import JobRowView, Reason, RowDraft
from core.services.contents import Piece
from core.services.context import Context
from core.services.incoming import IncomingItem, Words, usual_format
from core.storage.tables import BulkRow

_DRAFT = TypeAdapter(RowDraft)

_LONG_TEXT, _MEDIUM_WEIGHT, _MIDDLE = 1000, 0.5, 2.0


def stored(draft: RowDraft) -> dict[str, Any]:
    """Return a row as it is kept; what is left at its default is left out."""
    kept: dict[str, Any] = _DRAFT.dump_python(draft, mode="json", exclude_defaults=True)
    return kept


def draft_of(payload: Mapping[str, Any]) -> RowDraft:
    """Return a row as it was sent."""
    return _DRAFT.validate_python(payload)


def complexity(draft: RowDraft) -> float:
    """Return how hard a row is, 0 (one platform, no text) to 1.

    With x = one for each further platform, one for each 1000 characters, a half for each medium: x / (x + 2).
    """
    extra = max(len(draft.platforms) - 1, 0) + len(draft.text) / _LONG_TEXT + _MEDIUM_WEIGHT * len(draft.media)
    return extra / (extra + _MIDDLE)


def with_known_platforms(ctx: Context, draft: RowDraft) -> RowDraft:
    """Return a row with its platforms called as Slotwise does (`x` is twitter); unknown ones stay as they are."""

    def known(name: str) -> str:
        try:
            return find_platform(ctx.reference.platforms, name).id
        except Invalid:
            return name

    def renamed(values: Mapping[str, str]) -> dict[str, str]:
        return {known(platform): value for platform, value in values.items()}

    return replace(
        draft,
        platforms=tuple(dict.fromkeys(map(known, draft.platforms))),
        texts=renamed(draft.texts),
        scheduled_times=renamed(draft.scheduled_times),
        placed=renamed(draft.placed),
        channel_ids=renamed(draft.channel_ids),
    )


def read_moment(text: str, zone: str, place: str) -> datetime:
    """Return the instant of a row's time (Invalid by its place, also for what DST skips or repeats)."""
    try:
        return parse_stamp(text, zone, place=place)
    except DstGap as error:
        raise Invalid((Problem(place, text, str(error), error.code),)) from error
    except DstAmbiguous as error:
        raise Invalid((Problem(place, text, _twice(error), error.code),)) from error


def _twice(error: DstAmbiguous) -> str:
    """Say of a time that happens twice how each of the two is written."""
    first, second = (reading.replace(" (UTC", "").rstrip(")") for reading in (error.first, error.second))
    return (
        f"{error.wall} happens twice in {error.zone}, because the clocks are set back. "
        f"Write {first} for the first time or {second} for the second."
    )


def moments_of(draft: RowDraft, zone: str) -> Iterator[tuple[str, datetime]]:
    """Yield each platform of a row that has a time, with its instant (Invalid)."""
    for platform in draft.platforms:
        if text := draft.scheduled_times.get(platform) or draft.placed.get(platform):
            yield platform, read_moment(text, zone, f"scheduled_times.{platform}")


def piece_for(draft: RowDraft, platform: Platform) -> Piece:
    """Return what a row publishes on a platform; where that needs a text and there is none, the title is the text."""
    content_format = draft.content_format or usual_format(platform)
    limits = platform.formats.get(content_format)
    text = draft.texts.get(platform.id, draft.text)
    text = draft.title if limits is not None and limits.text_min and not text.strip() else text
    return Piece(draft.title, text, content_format, draft.tags, draft.media)


def incoming_of(ctx: Context, draft: RowDraft, zone: str) -> tuple[IncomingItem, ...]:
    """Return the items a row asks for, one for each of its platforms (Invalid: one has no time)."""
    moments = dict(moments_of(draft, zone))
    if missing := [platform for platform in draft.platforms if platform not in moments]:
        raise Invalid(tuple(no_time(platform) for platform in missing))
    return tuple(
        IncomingItem(
            platform,
            when,
            words=Words(**vars(piece_for(draft, find_platform(ctx.reference.platforms, platform)))),
            channel_id=draft.channel_ids.get(platform),
            metadata=draft.metadata,
        )
        for platform, when in moments.items()
    )


def no_time(platform: str) -> Problem:
    """Return what is wrong with a platform without a time where nothing chooses one."""
    return Problem(f"scheduled_times.{platform}", "", "give a time, or use the mode smart and the planner chooses one")


def row_view(row: BulkRow) -> JobRowView:
    """Return what may leave the services of a row."""
    return JobRowView(
        number=row.number,
        state=row.state,
        draft=draft_of(row.payload),
        result=row.result,
        error=row.error,
        reasons=tuple(Reason(**each) for each in row.reasons),
        priority=row.priority,
        complexity=row.complexity,
        not_before=row.not_before,
        tries=row.tries,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )
