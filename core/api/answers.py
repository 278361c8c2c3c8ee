"""What calls may answer besides success, for the documents: the gate's refusals everywhere, a route's by name."""

from http import HTTPStatus
from typing import Any

from core.api.errors import ErrorBody
from core.api.posting import REPLAYED

Responses = dict[int | str, dict[str, Any]]

MEANINGS: dict[int, str] = {
    400: "The body is not JSON, or a parameter cannot be read (`invalid_json`, `invalid_parameter`).",
    401: "No valid key or token (`unauthenticated`, `token_expired`, `invalid_signature`).",
    403: "The key lacks a scope, or the request comes from elsewhere (`insufficient_scope`, `forbidden`).",
    404: "There is no such thing in this workspace (`not_found`).",
    405: "The path has no such method (`method_not_allowed`).",
    408: "The body took too long to arrive (`request_timeout`).",
    409: "The state, an edit meanwhile or an idempotency key stands against it "
    "(`state_conflict`, `duplicate`, `idempotency_conflict`, `idempotency_in_progress`).",
    413: "The body is too large (`payload_too_large`).",
    415: "The body is not application/json (`unsupported_media_type`).",
    422: "Something in it cannot be meant; `details` names every place "
    "(`validation_error`, `time_in_past`, `dst_gap`, `dst_ambiguous`, `constraint_infeasible`).",
    429: "Too many requests; `Retry-After` says how many seconds to wait (`rate_limited`).",
    500: "Slotwise is at fault; its log knows the `request_id` (`internal_error`).",
    503: "The database, or the planner, cannot be used at the moment; `Retry-After` says for how long (`unavailable`).",
}

EVERYWHERE = (400, 401, 403, 408, 413, 415, 422, 429, 500, 503)
"""What the gate or the boundary may answer before or instead of a route."""

CREATED: Responses = {
    HTTPStatus.CREATED.value: {
        "headers": {
            REPLAYED: {"description": "`true` where this is the first answer once more.", "schema": {"type": "string"}}
        }
    },
    409: {"model": ErrorBody, "description": MEANINGS[409]},
}
"""What a call that creates something may answer."""


def refusals(*statuses: int) -> Responses:
    """Return the refusals of a route by status, beside those that are possible everywhere."""
    return {status: {"model": ErrorBody, "description": MEANINGS[status]} for status in statuses}
