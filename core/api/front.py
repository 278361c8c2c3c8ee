"""The addresses at the root that belong to the API: health, and the way to its documents."""

from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route

from core.api.health import health


def _to_documents(request: Request) -> RedirectResponse:
    return RedirectResponse(f"/api{request.url.path}")


ROOT_ROUTES = (Route("/health", health), Route("/docs", _to_documents), Route("/redoc", _to_documents))
