"""Editing an item: its text, channel, time, priority, leeway and lateness in one step; words make a slot a post."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.calendar.states import check_item_move
from core.errors import Invalid, StateConflict
from core.services.audit import Action
from core.services.calendars import refuse_closed
from core.services.contents import Piece, change_content, format_problems, piece_of, platform_problems
from core.services.context import Context
from core.services.item_rows import ITEM
from core.services.item_times import check_time
from core.services.item_views import ItemEdit, ItemView
from core.services.moves import MOVABLE, change_item, set_time
from core.services.new_items import leeway_columns, leeway_problems, priority_problem
from core.services.own_channels import posting_problems
from core.services.rows import find
from core.storage.tables import Channel, Content, ContentScheduleItem
from core.storage.tenancy import ScopedSession
from core.vocabulary import ItemState

EDITABLE = (*MOVABLE, ItemState.FAILED)
"""A failed item may be mended before it is tried again."""


def edit_item(ctx: Context, item_id: str, edit: ItemEdit, expected_version: int | None = None) -> ItemView:
    """Replace what a person may change of an item; the content's tags and media stay.

    An open slot that is given words becomes a scheduled post, checked like a new one; without words it stays open.
    Changing title, text or format changes the content only where no other item uses it; otherwise this item gets a
    content of its own and the others keep theirs. Raises NotFound (item, channel), StaleEdit, TimeInPast (a new time),
    StateConflict (it is being published, or out) and Invalid with everything the channel's platform would not accept.
    """

    def change(session: ScopedSession, row: ContentScheduleItem) -> Mapping[str, Any]:
        _check_state(row, edit)
        channel = find(session, Channel, edit.channel_id, "channel")
        content = find(session, Content, row.content_id, "content")
        wanted, is_slot = _wanted(content, edit), row.state is ItemState.PENDING and piece_of(content).is_empty
        _check(ctx, channel, wanted, edit, is_slot=is_slot)
        if is_slot and not wanted.is_empty:
            _schedule(session, ctx, row, edit)
        change_content(session, row, wanted, ctx.now())
        row.channel_id, row.priority, row.lateness_policy = channel.id, edit.priority, edit.lateness_policy
        row.sqlmodel_update(leeway_columns(edit.leeway))
        if row.scheduled_at == edit.scheduled_at:
            return {}
        check_time(edit.scheduled_at, ctx.now())
        return set_time(row, edit.scheduled_at)

    return change_item(ctx, item_id, expected_version, Action.EDITED, change)


def _check_state(row: ContentScheduleItem, edit: ItemEdit) -> None:
    if row.state not in EDITABLE:
        raise StateConflict(kind=ITEM, state=row.state, wanted="edited")
    if row.state not in MOVABLE and row.scheduled_at != edit.scheduled_at:
        raise StateConflict(kind=ITEM, state=row.state, wanted="scheduled for another time without a retry")


def _schedule(session: ScopedSession, ctx: Context, row: ContentScheduleItem, edit: ItemEdit) -> None:
    """Make the open slot that is being written a post that goes out, as a new one would."""
    check_time(edit.scheduled_at, ctx.now())
    refuse_closed(session, row.calendar_id)
    check_item_move(row.state, ItemState.SCHEDULED)
    row.state = ItemState.SCHEDULED


def _wanted(content: Content, edit: ItemEdit) -> Piece:
    return replace(piece_of(content), title=edit.title, text=edit.text, content_format=edit.content_format)


def _check(ctx: Context, channel: Channel, wanted: Piece, edit: ItemEdit, *, is_slot: bool) -> None:
    if is_slot and wanted.is_empty:
        problems = [*format_problems(ctx, channel.platform, wanted.content_format), *posting_problems(channel)]
    else:
        problems = [*platform_problems(ctx, channel.platform, wanted), *posting_problems(channel)]
    if problem := priority_problem(edit.priority):
        problems.append(problem)
    problems.extend(leeway_problems(edit.leeway))
    if problems:
        raise Invalid(tuple(problems))
