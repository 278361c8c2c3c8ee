"""The addresses at the root that belong to the API: health, and the way to its documents."""

import re

from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from core.api.health import health


def _to_documents(request: Request) -> RedirectResponse:
    return RedirectResponse(f"/api{request.url.path}")


ROOT_ROUTES = (Route("/health", health), Route("/docs", _to_documents), Route("/redoc", _to_documents))


def mounted(api: ASGIApp) -> Mount:
    """Return the API at its address.

    Paths with a line break belong to it too: by Starlette's own expression they would be nobody's, and be answered
    by the dashboard.
    """
    mount = Mount("/api", api)
    mount.path_regex = re.compile(mount.path_regex.pattern, re.DOTALL)
    return mount
