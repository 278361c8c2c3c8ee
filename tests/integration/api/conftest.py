"""The API on each kind of database, behind a real socket."""

from collections.abc import Iterator

import httpx
import pytest
from api_server import Served, front_door, serving

from core.bootstrap import Slotwise


@pytest.fixture
def served(house: Slotwise) -> Iterator[Served]:
    """Give the API in local mode; `house` and `clock` are what stands behind it."""
    with serving(front_door(house)) as server:
        yield server


@pytest.fixture
def api(served: Served) -> Iterator[httpx.Client]:
    """Give a client of the API, which calls as a program on this machine does."""
    with served.client() as client:
        yield client
