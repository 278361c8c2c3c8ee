"""The one renderer of errors for HTTP: every refusal has the contract's body, and no stack trace ever leaves."""

import json
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.api.refusals import Busy, InvalidJson, InvalidParameter, MethodNotAllowed, NoSuchPath, RateLimited
from core.errors import (
    DatabaseUnavailable,
    DstAmbiguous,
    DstGap,
    Duplicate,
    IdempotencyConflict,
    IdempotencyInProgress,
    Invalid,
    NotFound,
    Problem,
    SlotwiseError,
    StaleEdit,
    StateConflict,
    TimeInPast,
)
from core.google.errors import GoogleUnavailable, QuotaUsedUp
from core.services.plan_now import StillPlanning
from core.vocabulary import ErrorCode

REQUEST_ID = "slotwise.request_id"
"""Where a request's id stands in its ASGI scope."""

_MOST_SHOWN = 200
"""Signs of a value; the client has the rest, and nobody gets megabytes for sending megabytes."""

_log = structlog.get_logger(__name__)


class Detail(BaseModel):
    """One thing wrong: where it stands, how to mend it, and what stood there."""

    loc: str
    message: str
    value: str


class ErrorBody(BaseModel):
    """Why a request was refused; `error_code` is for programs, `error_message` for people."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "error_code": "validation_error",
                "error_message": "items[2].platform: this platform is not known; use one of youtube (got 'yuotube')",
                "error_class": "ValidationError",
                "details": [{"loc": "items[2].platform", "message": "use one of youtube", "value": "yuotube"}],
                "request_id": "req_5f0c1a9b2d3e4f5061728394",
            }
        }
    )

    error_code: ErrorCode
    error_message: str
    error_class: str
    details: list[Detail]
    request_id: str


def body_of(error: SlotwiseError, request_id: str) -> ErrorBody:
    """Return what a client reads of an error."""
    return ErrorBody(
        error_code=error.code,
        error_message=str(error),
        error_class=_class_of(error),
        details=[_detail(each) for each in _problems(error)],
        request_id=request_id,
    )


def _detail(problem: Problem) -> Detail:
    value = problem.value if len(problem.value) <= _MOST_SHOWN else f"{problem.value[:_MOST_SHOWN]}…"
    return Detail(loc=problem.place, message=problem.message, value=value)


def response_to(error: SlotwiseError, request_id: str) -> Response:
    """Return the answer to a request that ended in this error."""
    text = body_of(error, request_id).model_dump_json()
    return Response(text, error.status, _headers(error), media_type="application/json")


def install_errors(api: FastAPI) -> None:
    """Let every error of this application be rendered here."""

    async def refuse(request: Request, error: SlotwiseError) -> Response:
        return response_to(error, request_id_of(request.scope))

    async def refuse_shape(request: Request, error: RequestValidationError) -> Response:
        return await refuse(request, of_shape(error.errors()))

    async def refuse_route(request: Request, error: HTTPException) -> Response:
        return await refuse(request, _of_route(request, error))

    async def fail(request: Request, _: Exception) -> Response:
        return _internal_error(request_id_of(request.scope))  # the boundary around the application logs it

    api.add_exception_handler(Exception, fail)
    api.add_exception_handler(SlotwiseError, refuse)  # type: ignore[arg-type] # Starlette asks for Exception
    api.add_exception_handler(RequestValidationError, refuse_shape)  # type: ignore[arg-type]
    api.add_exception_handler(HTTPException, refuse_route)  # type: ignore[arg-type]


class ErrorBoundary:
    """Turns whatever nobody expected into a 500 without details; the log has the rest."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application; one of the places in Slotwise that catch everything."""
        begun = False

        async def watch(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except Exception:  # noqa: BLE001 - the error boundary of the API
            _log.exception("request_failed", request_id=request_id_of(scope), path=scope.get("path", ""))
            if not begun and scope["type"] == "http":
                await _internal_error(request_id_of(scope))(scope, receive, send)


def request_id_of(scope: Scope) -> str:
    """Return the id under which a request stands in the log."""
    return str(scope.get(REQUEST_ID, ""))


def _internal_error(request_id: str) -> JSONResponse:
    sentence = f"Something went wrong inside Slotwise. Its log tells what, under the request id {request_id}."
    body = ErrorBody(
        error_code=ErrorCode.INTERNAL_ERROR,
        error_message=sentence,
        error_class="InternalError",
        details=[],
        request_id=request_id,
    )
    return JSONResponse(body.model_dump(mode="json"), HTTPStatus.INTERNAL_SERVER_ERROR)


def _class_of(error: SlotwiseError) -> str:
    return "ValidationError" if isinstance(error, Invalid) else type(error).__name__


_PLACES: Mapping[type[SlotwiseError], Callable[[Any], tuple[str, str]]] = {
    InvalidParameter: lambda error: (error.place, error.value),
    TimeInPast: lambda error: ("scheduled_time", error.when),
    DstGap: lambda error: ("scheduled_time", error.wall),
    DstAmbiguous: lambda error: ("scheduled_time", error.wall),
    NotFound: lambda error: (f"{error.kind}_id", error.id),
    StaleEdit: lambda error: ("revision", str(error.expected)),
    StateConflict: lambda error: ("state", error.state),
    Duplicate: lambda error: (error.kind, error.name),
    IdempotencyConflict: lambda error: ("Idempotency-Key", error.key),
    IdempotencyInProgress: lambda error: ("Idempotency-Key", error.key),
}
"""Place and value of errors that are about one thing."""


def _problems(error: SlotwiseError) -> Sequence[Problem]:
    if isinstance(error, Invalid):
        return error.problems
    find_place = _PLACES.get(type(error))
    return () if find_place is None else (Problem(*find_place(error), str(error)),)


def _headers(error: SlotwiseError) -> dict[str, str]:
    match error:
        case RateLimited() | Busy():
            return {"Retry-After": str(error.retry_after)}
        case DatabaseUnavailable() | StillPlanning():
            return {"Retry-After": "5"}
        case QuotaUsedUp() | GoogleUnavailable():
            return {"Retry-After": "60"}  # Google counts by the minute, and asks for as much patience with its faults
        case MethodNotAllowed():
            return {"Allow": error.allowed}
    return {"WWW-Authenticate": "Bearer"} if error.status == HTTPStatus.UNAUTHORIZED else {}


def of_shape(faults: Sequence[Any], depth: int = 1) -> SlotwiseError:
    """Return what is wrong with a body by pydantic's faults, whose places begin after `depth` words."""
    if any(fault["type"] == "json_invalid" for fault in faults):
        return InvalidJson(reason=str(faults[0].get("ctx", {}).get("error", faults[0]["msg"])))
    return Invalid(tuple(_problem(fault, depth) for fault in faults))


def _problem(fault: Any, depth: int) -> Problem:
    place = place_of(fault["loc"][depth:]) or str(next(iter(fault["loc"]), "body"))
    given = fault["type"] != "missing"
    return Problem(place, _shown(fault.get("input")) if given else "", fault["msg"])


def place_of(parts: Sequence[Any]) -> str:
    """Return a place as the contract writes it: `items[2].scheduled_time`."""
    return "".join(_step(part) for part in parts).lstrip(".")


def _step(part: Any) -> str:
    return f"[{part}]" if isinstance(part, int) else f".{part}"


def _shown(value: object) -> str:
    """Return what stood there as the client wrote it: null, true, [1, 2]."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _of_route(request: Request, error: HTTPException) -> SlotwiseError:
    path = request.scope["path"]
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return MethodNotAllowed(method=request.method, path=path, allowed=", ".join(_allowed(request)))
    if error.status_code == HTTPStatus.NOT_FOUND:
        return NoSuchPath(path=path)
    return InvalidJson(reason=str(error.detail))


def _allowed(request: Request) -> list[str]:
    """Return the methods of every route at this path: Starlette's own answer names those of the first one only."""
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    routes = [each for each in iter_route_contexts(request.app.routes) if each.methods]
    methods = {method for each in routes if each.path_regex.match(path) for method in each.methods or ()}
    return sorted(methods | {"HEAD"} if "GET" in methods else methods) or [
        "GET",
        "HEAD",
    ]  # none: a file of the documents
