"""The API as one application: its routers behind the gate."""

from collections.abc import Callable
from importlib.metadata import version

from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp

from core.api.admission import Door
from core.api.documents import install_documents
from core.api.errors import ErrorBoundary, install_errors
from core.api.gate import Gate
from core.api.kept import Store
from core.api.limits import RequestLimits
from core.api.openapi import install_openapi
from core.api.plan_desk import Desk
from core.api.routers import (
    analytics,
    audit,
    batch,
    bulk,
    calendars,
    channels,
    exceptions,
    health,
    items,
    keys,
    optimizations,
    platforms,
    preferences,
    recommendations,
    sheet_lists,
    sheets,
    trials,
    webhooks,
    workspaces,
)
from core.api.scrape import Scrape
from core.api.socket_hub import Hub
from core.api.sockets import Sockets
from core.api.watch import RequestMetrics
from core.bootstrap import Slotwise
from core.settings import Settings

ROUTERS: tuple[APIRouter, ...] = (
    recommendations.router,
    calendars.router,
    items.router,
    optimizations.router,
    batch.router,
    bulk.router,
    sheets.router,
    sheet_lists.router,
    platforms.router,
    preferences.router,
    exceptions.router,
    analytics.router,
    trials.router,
    channels.router,
    audit.router,
    workspaces.router,
    webhooks.router,
    keys.router,
    health.router,
)
"""One a resource, in the order of the documents."""


def create_api(house: Callable[[], Slotwise], settings: Settings, *, exposed: bool) -> ASGIApp:
    """Return the ASGI application to mount at /api.

    `house` returns the installation or raises, and is asked for every request: the API comes up before the database
    does. `exposed`: the server listens beyond this machine, so that nothing is answered without a key.
    """
    api, metrics, door, limits = _routes(), RequestMetrics(), Door(exposed), RequestLimits(settings)
    api.state.house, api.state.limits, api.state.scrape = house, limits, Scrape(metrics.registry)
    api.router.routes.extend(Sockets(house, door, limits, Hub()).routes())
    return Gate(ErrorBoundary(api), house, door, limits, metrics, api.state.kept)


def _routes() -> FastAPI:
    api = FastAPI(title="Slotwise", version=version("slotwise"), docs_url=None, redoc_url=None, redirect_slashes=False)
    api.state.kept, api.state.plan_desk = Store(), Desk()
    for router in ROUTERS:
        api.router.routes.extend(router.routes)  # include_router would build each route anew for every application
    install_documents(api)
    install_errors(api)
    install_openapi(api)
    return api
