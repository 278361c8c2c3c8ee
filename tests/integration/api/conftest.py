"""The whole API as a client meets it: gate and routes over an installation, mounted where Home.py mounts them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from starlette.applications import Starlette
from starlette.routing import Mount

from core.api.app import create_api
from core.api.front import ROOT_ROUTES
from core.bootstrap import Slotwise
from core.settings import Settings

UNHURRIED = {"api_requests_per_second": 10_000, "api_burst": 10_000}


@dataclass
class InProcess(httpx.BaseTransport):
    """Hands requests of a client that waits to an ASGI application on an event loop of its own."""

    portal: BlockingPortal
    inner: httpx.ASGITransport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self.portal.call(self._answer, request)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        answer = await self.inner.handle_async_request(request)
        return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())


@pytest.fixture
def api(house: Slotwise, tmp_path: Path) -> Iterator[httpx.Client]:
    """Give a client on this machine, in local mode: it acts as the owner of the first workspace."""
    mounted = create_api(lambda: house, Settings(data_dir=tmp_path / "data", **UNHURRIED), exposed=False)
    inner = httpx.ASGITransport(Starlette(routes=[Mount("/api", mounted), *ROOT_ROUTES]))
    with (
        start_blocking_portal() as portal,
        httpx.Client(transport=InProcess(portal, inner), base_url="http://localhost") as client,
    ):
        yield client
