"""The grid of posts to be placed: one row a post, each checked against its channel's platform."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from core.services.channels import ChannelView
from core.services.contents import Piece
from core.services.fill_views import FillDraft
from core.ui.compose_fields import format_name, formats_of, problems_with
from core.ui.palette import platform_name
from core.vocabulary import ContentFormat

_GRID = "fill_grid"
_EMPTY_ROWS = 3


@dataclass(frozen=True)
class DraftRows:
    """The rows that say something, as drafts, and what is wrong with them, by row."""

    drafts: tuple[FillDraft, ...]
    problems: tuple[str, ...]


def ask_rows(channels: Mapping[str, ChannelView]) -> DraftRows:
    """Draw the grid and return what stands in it."""
    names = {f"{platform_name(channel.platform)} · {channel.name}": channel for channel in channels.values()}
    formats = {format_name(each): each for each in formats_of(channels.values())}
    first = {"Title": "", "Text": "", "Format": None, "Channel": next(iter(names), None)}
    edited = st.data_editor(
        pd.DataFrame([first] * _EMPTY_ROWS, dtype="object"),
        num_rows="dynamic",
        hide_index=True,
        key=_GRID,
        column_config={
            "Title": st.column_config.TextColumn(width="medium"),
            "Text": st.column_config.TextColumn(width="large"),
            "Format": st.column_config.SelectboxColumn(options=list(formats), help="Empty: what the channel is for"),
            "Channel": st.column_config.SelectboxColumn(options=list(names), required=True, default=first["Channel"]),
        },
        alt="Posts to place: title, text, format and channel",
    )
    drafts, problems = [], []
    for number, row in enumerate(_records(edited), 1):
        if (channel := names.get(row["Channel"])) and (_text(row, "Title") or _text(row, "Text")):
            draft = _draft(row, channel, formats)
            drafts.append(draft)
            problems += [f"Row {number}: {message}" for message in _messages(draft, channel)]
    return DraftRows(tuple(drafts), tuple(problems))


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): cell for name, cell in row.items()} for row in frame.to_dict("records")]


def _draft(row: Mapping[str, Any], channel: ChannelView, formats: Mapping[str, ContentFormat]) -> FillDraft:
    usual = formats_of([channel])
    plainest = ContentFormat.TEXT if ContentFormat.TEXT in usual else usual[0]
    chosen = formats.get(_text(row, "Format"), plainest)
    return FillDraft(_text(row, "Title"), _text(row, "Text"), chosen, (channel.id,))


def _messages(draft: FillDraft, channel: ChannelView) -> Iterator[str]:
    piece = Piece(draft.title, draft.text, draft.content_format)
    yield from dict.fromkeys(problem.message for problem in problems_with(piece, [channel]))


def _text(row: Mapping[str, Any], name: str) -> str:
    """Return a cell as text; an empty one is None or NaN to pandas."""
    value = row[name]
    return value.strip() if isinstance(value, str) else ""
