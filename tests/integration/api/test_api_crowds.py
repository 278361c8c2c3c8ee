"""More callers than the server has threads: what has to go on does."""

import json
from concurrent.futures import ThreadPoolExecutor

import httpx
from api_bodies import CALENDAR, CALENDARS, a_calendar
from api_server import Served
from websockets.sync.client import connect

from core.services.context import Context

CROWD = 60
"""More than the 40 threads that serve requests."""


def create_one(served: Served) -> int:
    with served.client() as client:
        return client.post(CALENDAR, json=a_calendar()).status_code


def is_stuck(served: Served) -> bool:
    """Tell whether a request for a list is not answered any more."""
    try:
        with served.client() as client:
            client.get(CALENDARS, timeout=httpx.Timeout(60, read=0.5))
    except httpx.ReadTimeout:
        return True
    return False


def test_a_socket_is_let_in_and_answered_while_every_thread_waits_to_write(served: Served, ctx: Context) -> None:
    with ThreadPoolExecutor(CROWD) as crowd:
        with ctx.write():  # nobody else writes meanwhile
            waiting = [crowd.submit(create_one, served) for _ in range(CROWD)]
            while not is_stuck(served):
                assert not any(each.done() for each in waiting)
            with connect(f"ws://{served.host}/api/v1/scheduling/ws", proxy=None) as line:
                line.send('{"type": "ping"}')
                assert json.loads(line.recv(timeout=60))["type"] == "pong"
        assert {each.result() for each in waiting} == {201}
