"""The health check: can this installation do its work at the moment."""

from importlib.metadata import version

from starlette.requests import Request
from starlette.responses import JSONResponse

from core.bootstrap import running
from core.errors import SlotwiseError
from core.services.workspaces import read_revision

OK, DEGRADED = "ok", "degraded"


def health(_request: Request) -> JSONResponse:
    """Answer GET /health: 200 while the database can be read, else 503 with the reason."""
    trouble = _database_trouble()
    body = {
        "status": DEGRADED if trouble else OK,
        "version": version("slotwise"),
        "database": trouble or OK,
    }
    return JSONResponse(body, 503 if trouble else 200)


def _database_trouble() -> str | None:
    try:
        read_revision(running().context())
    except SlotwiseError as error:
        return str(error)
    return None
