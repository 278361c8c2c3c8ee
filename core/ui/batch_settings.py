"""What is set for a batch beside its rows, and what its rows become by it; without a screen."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from core.bulk.words import Mode, Operation, RowOrder
from core.content.adapting import Adaptation, adapted
from core.services.bulk_rows import piece_for, with_known_platforms
from core.services.bulk_sheets import Meaning
from core.services.bulk_views import RowDraft
from core.services.context import Context
from core.ui.batch_words import Start
from core.vocabulary import ContentFormat, OptimizationLevel, Priority


@dataclass(frozen=True)
class Settings:
    """Everything but the rows; a template keeps these, without the name and the times."""

    operation: Operation = Operation.SCHEDULE_CONTENT
    platforms: tuple[str, ...] = ()
    content_format: ContentFormat | None = None
    channels: Mapping[str, str] = field(default_factory=dict)
    tags: str = ""
    shortens: bool = False
    hashtags: bool = False
    name: str = ""
    priority: Priority = Priority.NORMAL
    deadline_minutes: int | None = None
    on_completed: str = ""
    on_failed: str = ""
    mode: Mode = Mode.SMART
    level: OptimizationLevel = OptimizationLevel.BALANCED
    max_concurrent: int = 3
    priority_queue: bool = True
    row_order: RowOrder = RowOrder.AS_LISTED
    start: Start = Start.NOW
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    rules: tuple[dict[str, Any], ...] = ()


def completed_rows(ctx: Context, meaning: Meaning, chosen: Settings) -> tuple[RowDraft, ...]:
    """Return rows with what the step Output adds where they say nothing themselves."""
    read = zip(meaning.rows, meaning.times, strict=True)
    return tuple(_adapted(ctx, _completed(ctx, row, when, chosen), chosen) for row, when in read)


def _completed(ctx: Context, row: RowDraft, when: str, chosen: Settings) -> RowDraft:
    platforms = with_known_platforms(ctx, row).platforms or chosen.platforms
    return replace(
        row,
        platforms=platforms,
        scheduled_times=dict.fromkeys(platforms, when) if when else {},
        content_format=row.content_format or chosen.content_format,
        tags=tuple(dict.fromkeys((*row.tags, *split_tags(chosen.tags)))),
        channel_ids={name: channel for name, channel in chosen.channels.items() if name in platforms},
    )


def split_tags(text: str) -> Iterable[str]:
    """Return the tags in a text with commas."""
    return (tag for each in text.split(",") if (tag := each.strip().lstrip("#")))


def _adapted(ctx: Context, row: RowDraft, chosen: Settings) -> RowDraft:
    """Return a row with a text of its own for each platform where the adaptation changes it."""
    if chosen.operation is not Operation.SCHEDULE_CONTENT or not (chosen.shortens or chosen.hashtags):
        return row
    how = Adaptation(chosen.shortens, chosen.hashtags)
    texts: dict[str, str] = {}
    for name in row.platforms:
        platform = ctx.reference.platforms.get(name)
        piece = platform and piece_for(row, platform)
        limits = platform and piece and platform.formats.get(piece.content_format)
        if platform and piece and limits:
            text = adapted(platform, limits, piece.text, row.tags, how)
            texts |= {name: text} if text != piece.text else {}
    return replace(row, texts=texts) if texts else row
