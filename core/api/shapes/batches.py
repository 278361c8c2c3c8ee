"""Batches on the wire: several calls in one, each by itself."""

from typing import Annotated, Any, Literal

from pydantic import AliasChoices, ConfigDict, Field

from core.api.errors import ErrorBody
from core.api.shapes.calendars import FIRST_CALL, CalendarPatch
from core.api.shapes.item_moves import NoteBody
from core.api.shapes.items import Id, ItemPatch
from core.api.wire import Body, Metadata, Shape

MOST_OPERATIONS = 100
CalendarName = Annotated[Id, Field(validation_alias=AliasChoices("schedule_id", "calendar_id"))]


class OperationBody(Body):
    """One operation: what is to be done, and the body that the single call would have."""

    type: str = Field(
        max_length=40,
        description="`create` (or `create_schedule`): as POST calendar. `optimize` (or `optimize_schedule`): as POST "
        "optimize. `update`: as PATCH of a calendar or item, with its `schedule_id` or `item_id`. `cancel`: of either, "
        "by the same names.",
    )
    data: Metadata


class BatchBody(Body):
    """Operations that are done one after the other, each in a transaction of its own."""

    model_config = ConfigDict(
        **Body.model_config, json_schema_extra={"examples": [{"operations": [{"type": "create", "data": FIRST_CALL}]}]}
    )

    operations: list[OperationBody] = Field(min_length=1, max_length=MOST_OPERATIONS)


class UpdateCalendar(CalendarPatch):
    """What to change of which calendar."""

    schedule_id: CalendarName


class UpdateItem(ItemPatch):
    """What to change of which item."""

    item_id: Id


class CancelCalendar(NoteBody):
    """Which calendar to cancel."""

    schedule_id: CalendarName


class CancelItem(NoteBody):
    """Which item to cancel."""

    item_id: Id


class SuccessShape(Shape):
    """An operation that was done: `result` is what the single call answers."""

    index: int
    result: dict[str, Any]


class FailureShape(Shape):
    """An operation of which nothing was done, and why."""

    index: int
    error: ErrorBody


class ResultShape(Shape):
    """What became of an operation: its result or its error, the other one is null."""

    index: int
    status: Literal["success", "error"]
    result: dict[str, Any] | None
    error: ErrorBody | None


class BatchAnswer(Shape):
    """What became of every operation, in their order, and the same divided by outcome."""

    results: list[ResultShape]
    successful: list[SuccessShape]
    failed: list[FailureShape]
