"""Batches: several calls in one, each done by itself, so that one that fails affects no other."""

import json
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from math import fsum
from typing import TypeVar

from anyio import to_thread
from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, ValidationError

from core.api.access import SchedulingWriter
from core.api.answers import refusals
from core.api.errors import ErrorBody, of_shape
from core.api.optimizing import optimize
from core.api.plan_desk import PlanDesk
from core.api.posting import Post, Posted, sent
from core.api.routers import calendars, items
from core.api.shapes.batches import (
    MOST_OPERATIONS,
    BatchAnswer,
    BatchBody,
    CancelCalendar,
    CancelItem,
    FailureShape,
    OperationBody,
    ResultShape,
    SuccessShape,
    UpdateCalendar,
    UpdateItem,
)
from core.api.shapes.calendars import NewCalendarBody, calendar_shape
from core.api.shapes.optimizations import OptimizeBody
from core.api.wire import Metadata
from core.errors import Invalid, Problem, SlotwiseError
from core.services.calendars import cancel_calendar
from core.services.context import Context
from core.services.idempotency import Answer
from core.services.moves import cancel_item
from core.services.plan_views import SECONDS
from core.vocabulary import ErrorCode, OptimizationLevel

router = APIRouter(prefix="/v1/scheduling/batch", tags=["Batches"])

B = TypeVar("B", bound=BaseModel)
Operation = Callable[[Context, Metadata, Post], Answer]

LONGEST_SEARCH_SECONDS = 200.0
"""A hundred plans at the level `speed`: nobody holds a connection for longer."""

BEGUN, DONE = MOST_OPERATIONS, MOST_OPERATIONS + 1
"""Steps beside those of the operations."""

_TRY_AGAIN = frozenset({ErrorCode.INTERNAL_ERROR, ErrorCode.UNAVAILABLE})
_PLANS = frozenset({"optimize", "optimize_schedule"})


@router.post("", response_model=BatchAnswer, responses=refusals(409))
async def run(body: BatchBody, access: SchedulingWriter, post: Posted, desk: PlanDesk) -> Response:
    """Do up to 100 operations; with an Idempotency-Key a repetition goes on after the last one that was done."""
    _refuse_long(body.operations)

    def work() -> Response:
        with post.alone(access.ctx):
            return sent(_carry_out(access.ctx, body.operations, post))

    if any(one.type in _PLANS for one in body.operations):
        return await desk.run(work)
    return await to_thread.run_sync(work)


def _carry_out(ctx: Context, operations: Sequence[OperationBody], post: Post) -> Answer:
    """Do what was not done before; of the whole only that it was done is remembered, for its parts are already."""
    post.mark(ctx, BEGUN)  # a key that belongs to another batch is refused before anything is done
    known = post.known(ctx, DONE)
    answer = _answer([_outcome(ctx, number, one, post) for number, one in enumerate(operations)])
    if known is None and all(one.error is None or one.error.error_code not in _TRY_AGAIN for one in answer.results):
        post.mark(ctx, DONE)
    return Answer(HTTPStatus.OK.value, answer.model_dump_json(), replayed=known is not None)


def _create(ctx: Context, data: Metadata, post: Post) -> Answer:
    body = _read(NewCalendarBody, data)
    return post.step(ctx, 0, lambda joined: (HTTPStatus.CREATED, calendars.created(joined, body)))


def _optimize(ctx: Context, data: Metadata, post: Post) -> Answer:
    return optimize(ctx, _read(OptimizeBody, data), post)


def _update(ctx: Context, data: Metadata, post: Post) -> Answer:
    def change(joined: Context) -> tuple[int, BaseModel]:
        if "item_id" in data:
            of_item = _read(UpdateItem, data)
            return HTTPStatus.OK, items.resource(
                items.edited(joined, of_item.item_id, of_item, of_item.expected_revision)
            )
        body = _read(UpdateCalendar, data)
        edited = calendars.edited(joined, body.schedule_id, body, body.expected_revision)
        return HTTPStatus.OK, calendars.resource(calendar_shape(edited))

    return post.step(ctx, 0, change)


def _cancel(ctx: Context, data: Metadata, post: Post) -> Answer:
    def change(joined: Context) -> tuple[int, BaseModel]:
        if "item_id" in data:
            of_item = _read(CancelItem, data)
            return HTTPStatus.OK, items.resource(cancel_item(joined, of_item.item_id, of_item.expected_revision))
        body = _read(CancelCalendar, data)
        canceled = cancel_calendar(joined, body.schedule_id, body.expected_revision)
        return HTTPStatus.OK, calendars.resource(calendar_shape(canceled))

    return post.step(ctx, 0, change)


OPERATIONS: Mapping[str, Operation] = {
    "create": _create,
    "create_schedule": _create,
    "optimize": _optimize,
    "optimize_schedule": _optimize,
    "update": _update,
    "cancel": _cancel,
}


def _outcome(ctx: Context, number: int, one: OperationBody, post: Post) -> ResultShape:
    """Do one operation; whatever is wrong with it is its own answer."""
    place = f"operations[{number}]"
    do = OPERATIONS.get(one.type)
    if do is None:
        unknown = Problem(f"{place}.type", one.type, f"use one of {', '.join(OPERATIONS)}")
        return _result(number, post.refused(Invalid((unknown,))))
    part = post.part(number, f"{place}.data.")
    try:
        return _result(number, do(ctx, one.data, part))
    except SlotwiseError as error:
        return _result(number, part.refused(error))


def _result(number: int, answer: Answer) -> ResultShape:
    if answer.status >= HTTPStatus.BAD_REQUEST:
        refused = ErrorBody.model_validate_json(answer.body)
        return ResultShape(index=number, status="error", result=None, error=refused)
    return ResultShape(index=number, status="success", result=json.loads(answer.body), error=None)


def _read(shape: type[B], data: Metadata) -> B:
    """Return a body as the single call reads it (Invalid by its places)."""
    try:
        return shape.model_validate(data)
    except ValidationError as error:
        raise of_shape(error.errors(), depth=0) from error


def _refuse_long(operations: Sequence[OperationBody]) -> None:
    """Refuse more plans than may be searched for in one call (Invalid)."""
    levels = [one.data.get("level", OptimizationLevel.SPEED) for one in operations if one.type in _PLANS]
    seconds = fsum(SECONDS.get(level, 0.0) for level in levels if isinstance(level, str))  # type: ignore[call-overload]
    if seconds > LONGEST_SEARCH_SECONDS:
        fix = f"plans of one batch may search for {LONGEST_SEARCH_SECONDS:g} seconds in all; use the level speed"
        raise Invalid((Problem("operations", f"{seconds:g} seconds", fix),))


def _answer(results: list[ResultShape]) -> BatchAnswer:
    done = [SuccessShape(index=one.index, result=one.result) for one in results if one.result is not None]
    failed = [FailureShape(index=one.index, error=one.error) for one in results if one.error is not None]
    return BatchAnswer(results=results, successful=done, failed=failed)
