"""The health check: can this installation do its work at the moment."""

from http import HTTPStatus
from importlib.metadata import version

from starlette.requests import Request
from starlette.responses import JSONResponse

from core.bootstrap import running
from core.errors import SlotwiseError
from core.services.heartbeat import EngineState, engine_status

OK, DEGRADED = "ok", "degraded"
AT_WORK = frozenset({EngineState.RUNNING, EngineState.LATE})
"""A late engine still publishes; starting it anew would only make it later."""


def health(_request: Request) -> JSONResponse:
    """Answer GET /health: 200 while the database answers and an engine is at work, else 503 with the reason."""
    body = {"version": version("slotwise"), **_findings()}
    return JSONResponse(body, HTTPStatus.OK if body["status"] == OK else HTTPStatus.SERVICE_UNAVAILABLE)


def _findings() -> dict[str, str]:
    try:
        engine = engine_status(running().context())
    except SlotwiseError as error:
        return {"status": DEGRADED, "database": str(error), "engine": "unknown"}
    return {"status": OK if engine.state in AT_WORK else DEGRADED, "database": OK, "engine": engine.sentence}
