"""The drawn posts of a trial as a file: the ledger of the draw with what became of every post and what it earned."""

import csv
import io
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
from sqlmodel import col, select

from core.services.context import Context
from core.services.export import spreadsheet_cell
from core.services.trial_assigning import list_assignments
from core.services.trial_views import AssignmentView
from core.storage.tables import Content, ContentScheduleItem, TrialAssignment

_MOMENT = pa.timestamp("us", "UTC")
_MOMENTS = ("planned_at", "slot_at", "assigned_at", "scheduled_at", "published_at", "ripe_at")
_KINDS: Mapping[str, Any] = {
    **dict.fromkeys(_MOMENTS, _MOMENT),
    **dict.fromkeys(("value", "before"), pa.float64()),
    "number": pa.int64(),
    "is_moved": pa.bool_(),
}
_SCHEMA = pa.schema([(each.name, _KINDS.get(each.name, pa.string())) for each in fields(AssignmentView)])


def trial_as_csv(ctx: Context, trial_id: str) -> bytes:
    """Return the drawn posts as CSV; times in UTC, an empty cell is nothing, formulas are made harmless.

    Raises NotFound, StateConflict (it is a draft).
    """
    text = io.StringIO(newline="")
    lines = csv.writer(text)
    lines.writerow(_SCHEMA.names)
    lines.writerows(
        [spreadsheet_cell(each) for each in vars(unit).values()] for unit in list_assignments(ctx, trial_id)
    )
    return text.getvalue().encode()


def trial_as_parquet(ctx: Context, trial_id: str) -> bytes:
    """Return the same as a Parquet file."""
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([vars(unit) for unit in list_assignments(ctx, trial_id)], _SCHEMA), file)
    return file.getvalue()


def drawn_titles(ctx: Context, trial_id: str) -> Mapping[str, str]:
    """Return the titles of the drawn posts that are still there, by item."""
    rows = (
        select(ContentScheduleItem.id, Content.title)
        .join(Content, col(Content.id) == ContentScheduleItem.content_id)
        .join(TrialAssignment, col(TrialAssignment.item_id) == ContentScheduleItem.id)
        .where(TrialAssignment.trial_id == trial_id)
    )
    with ctx.read() as session:
        return {key: title for key, title in session.execute(rows)}  # noqa: C416 - dict() of rows hides the types
