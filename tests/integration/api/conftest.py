"""The whole API as a client meets it: gate and routes over an installation, mounted where Home.py mounts them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from api_server import Served, front_door, serving
from fastapi import FastAPI

from core.api import openapi
from core.bootstrap import Slotwise
from core.logs import set_up_logs


@pytest.fixture(autouse=True, scope="session")
def _logs() -> None:
    """Log as the engine's lifespan sets it up."""
    set_up_logs("ERROR", as_json=True)


@pytest.fixture(autouse=True, scope="session")
def _the_api_is_described_once() -> Iterator[None]:
    """Keep the OpenAPI document: it is the same for every application, which would make it anew for half a second."""
    make, made = openapi._document, dict[str, Any]()

    def document(api: FastAPI) -> dict[str, Any]:
        return made or made.update(make(api)) or made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(openapi, "_document", document)
        yield


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
def api(house: Slotwise) -> Iterator[httpx.Client]:
    """Give a client on this machine, in local mode: it acts as the owner of the first workspace."""
    inner = httpx.ASGITransport(front_door(house))
    with (
        start_blocking_portal() as portal,
        httpx.Client(transport=InProcess(portal, inner), base_url="http://localhost") as client,
    ):
        yield client


@pytest.fixture
def served(house: Slotwise) -> Iterator[Served]:
    """Give the same API behind a real socket, for what only a connection can show."""
    with serving(front_door(house)) as server:
        yield server
