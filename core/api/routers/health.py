"""Health and metrics: for whoever watches over an installation."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST

from core.api.access import AdminReader
from core.api.answers import Responses, refusals
from core.api.health import health_response
from core.api.scrape import Scrape
from core.api.shapes.health import HealthShape

router = APIRouter(tags=["Health"])

_DEGRADED: Responses = {503: {"model": HealthShape, "description": "Something keeps items from going out on time."}}
_TEXT: Responses = {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}


@router.get("/health", response_model=HealthShape, responses=_DEGRADED)
@router.get("/v1/health", response_model=HealthShape, responses=_DEGRADED)
@router.get("/v1/scheduling/health", response_model=HealthShape, responses=_DEGRADED)
def check(request: Request) -> Response:
    """Say whether the database answers and an engine is at work; no key is needed."""
    return health_response(request.app.state.house)


async def _scrape(request: Request) -> Scrape:
    scrape: Scrape = request.app.state.scrape
    return scrape


@router.get("/metrics", response_class=PlainTextResponse, responses=_TEXT | refusals())
def metrics(access: AdminReader, scrape: Annotated[Scrape, Depends(_scrape)]) -> Response:
    """Read the metrics of this process and installation, as Prometheus collects them."""
    return Response(scrape.text(access.house), media_type=CONTENT_TYPE_LATEST)
