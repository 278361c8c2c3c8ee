"""Fifty clients, cut connections, processes killed and started again: every accepted key has exactly one effect."""

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from threading import Event, Semaphore
from typing import Any

import httpx
import pytest
from api_bodies import CALENDAR, CALENDARS, ITEMS, a_calendar, an_item
from api_server import Victim, victims
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from core.bootstrap import assemble
from core.services.events import newest_event_id
from core.settings import Settings

CLIENTS = 50
ITEMS_EACH = 3
MOST_TRIES = 400
LOOK_SECONDS = 0.5
"""How often a socket that hears nothing looks whether it has heard all."""
FAR_OFF = "2030-01-01T10:00:00Z"
"""The servers have the machine's clock."""


@dataclass
class Done:
    """What one client was told: by key the answer that was accepted, and how its requests went."""

    accepted: dict[str, bytes] = field(default_factory=dict)
    canceled: set[str] = field(default_factory=set)
    ended: Counter[str] = field(default_factory=Counter)


@dataclass
class Client:
    """Sends mixed requests and repeats each until it is answered, with the same key."""

    victim: Victim
    number: int
    requests: int
    rng: Random
    answered: Semaphore = field(default_factory=lambda: Semaphore(0))
    done: Done = field(default_factory=Done)
    known: list[dict[str, Any]] = field(default_factory=list)

    def run(self) -> Done:
        """Send them all."""
        for number in range(self.requests):
            kind = self.rng.choices(("create", "cancel", "read", "list", "wrong"), (4, 1, 2, 2, 1))[0]
            getattr(self, kind)(f"key-{self.number}-{number}")
            self.answered.release()
        return self.done

    def create(self, key: str) -> None:
        """Create a calendar; sometimes the connection is cut before the answer is read."""
        body = a_calendar(*[an_item(scheduled_time=FAR_OFF) for _ in range(ITEMS_EACH)], title=key)
        answer = self.until_answered("POST", CALENDAR, body, key)
        assert answer.status_code == 201, answer.text
        self.done.accepted[key] = answer.content
        self.known.append(answer.json()["data"])

    def cancel(self, key: str) -> None:
        """Cancel an item of a calendar this client has made."""
        if not self.known:
            return
        item = self.rng.choice(self.rng.choice(self.known)["items"])["id"]
        if item not in self.done.canceled:
            answer = self.until_answered("POST", f"{ITEMS}/{item}/cancel", {}, key)
            assert answer.status_code == 200, answer.text
            self.done.canceled.add(item)

    def read(self, _: str) -> None:
        """Read what was created: it is there, whole."""
        if self.known:
            known = self.rng.choice(self.known)
            answer = self.until_answered("GET", f"{CALENDAR}/{known['id']}?expand=items,metrics", None, None)
            assert len(answer.json()["data"]["items"]) == ITEMS_EACH

    def list(self, _: str) -> None:
        """Read a page."""
        assert self.until_answered("GET", f"{CALENDAR}?limit=10", None, None).status_code == 200

    def wrong(self, key: str) -> None:
        """Send what is refused as a whole because of its last item."""
        body = a_calendar(an_item(scheduled_time=FAR_OFF), an_item(platform="nowhere"), title=key)
        assert self.until_answered("POST", CALENDAR, body, key).status_code == 422

    def until_answered(self, method: str, path: str, body: Any, key: str | None) -> httpx.Response:
        """Send until an answer comes that is none of a broken or busy server."""
        for _ in range(MOST_TRIES):
            if key and self.rng.random() < 0.1:
                self.cut_off(path, body, key)
            try:
                with self.victim.served.client(**({"Idempotency-Key": key} if key else {})) as client:
                    answer = client.request(method, path, json=body)
            except httpx.TransportError as error:
                self.done.ended[type(error).__name__] += 1
                self.victim.process_is_up.wait()
                continue
            self.done.ended[str(answer.status_code)] += 1
            if answer.status_code not in {429, 500, 503} and b"idempotency_in_progress" not in answer.content:
                assert answer.status_code != 409, answer.text
                return answer
        raise AssertionError(f"{path} was never answered: {self.done.ended}")

    def cut_off(self, path: str, body: Any, key: str) -> None:
        """Send a request and leave: at once, in its middle, or in the middle of its answer."""
        text = json.dumps(body).encode()
        lines = [f"POST {path} HTTP/1.1", f"Host: {self.victim.served.host}", f"Idempotency-Key: {key}"]
        lines += ["Content-Type: application/json", f"Content-Length: {len(text)}", "", ""]
        wire = "\r\n".join(lines).encode() + text
        try:
            with self.victim.served.connect() as line:
                line.sendall(wire[: self.rng.choice((len(wire), len(wire), len(wire) - 5))])
                if self.rng.random() < 0.5:
                    line.settimeout(0.2)
                    line.recv(20)
        except OSError:
            self.done.ended["cut"] += 1


@dataclass
class Socket:
    """A socket that is opened again after every end, where it left off, and notes what it hears."""

    victim: Victim
    is_open: Event = field(default_factory=Event)
    last: int = 0
    until: int | None = None
    """The last event there is, once nobody makes more."""
    heard: list[int] = field(default_factory=list)
    items: set[str] = field(default_factory=set)
    ends: int = 0

    def listen(self) -> None:
        """Listen until the last event is heard."""
        while not self._has_heard_all():
            try:
                self._hear()
            except (OSError, WebSocketException):
                self.ends += 1
                self.victim.process_is_up.wait()

    def _has_heard_all(self) -> bool:
        return self.until is not None and self.last >= self.until

    def _hear(self) -> None:
        after = f"?last_event_id={self.last}" if self.last else ""
        address = f"ws://{self.victim.served.host}/api/v1/scheduling/ws{after}"
        with connect(address, compression=None, proxy=None) as line:
            line.send('{"type": "ping"}')
            while not self._has_heard_all():
                with suppress(TimeoutError):
                    self._note(json.loads(line.recv(timeout=LOOK_SECONDS)))

    def _note(self, message: dict[str, Any]) -> None:
        self.is_open.set()
        assert message["data"].get("complete", True), message
        if message["id"] is not None:
            self.last = int(message["id"])
        if message["type"] == "item_updated":
            self.heard.append(self.last)
            self.items.add(message["data"]["item_id"])


def kill_again_and_again(victim: Victim, times: int, each: int, answered: Semaphore, over: Event) -> int:
    """Kill the server after every so many answers, while the clients go on; give how often."""
    killed = 0
    while killed < times:
        for _ in range(each):
            answered.acquire()
        if over.is_set():
            break
        victim.process_is_up.clear()
        victim.kill()
        victim.start()
        victim.process_is_up.set()
        killed += 1
    return killed


def every(client: httpx.Client, path: str) -> Iterator[dict[str, Any]]:
    """Yield everything a list has, page by page."""
    cursor: str | None = None
    while True:
        page = client.get(path, params={"limit": 200, **({"cursor": cursor} if cursor else {})}).json()
        yield from page["data"]
        if (cursor := page["meta"]["next_cursor"]) is None:
            return


def check(victim: Victim, told: list[Done], line: Socket) -> None:
    """Compare what the clients were told, and what the socket heard, with what is there."""
    accepted = {key: json.loads(body) for done in told for key, body in done.accepted.items()}
    with victim.served.client() as client:
        calendars, items = list(every(client, CALENDARS)), list(every(client, CALENDAR))
        again = {key: repeat(client, key).content for key in list(accepted)[::10]}
        after = list(every(client, CALENDARS))
    assert Counter(each["title"] for each in calendars) == Counter(accepted.keys())
    assert {each["id"] for each in calendars} == {each["id"] for each in accepted.values()}
    counts = Counter(each["calendar_id"] for each in items)
    assert {counts[each["id"]] for each in calendars} == {ITEMS_EACH}
    assert len(items) == len({each["id"] for each in items}) == ITEMS_EACH * len(calendars)
    canceled = {each["id"] for each in items if each["status"] == "canceled"}
    assert canceled == {item for done in told for item in done.canceled}
    assert line.items == {each["id"] for each in items}
    assert line.heard == sorted(set(line.heard))
    assert all(json.loads(body) == accepted[key] for key, body in again.items())
    assert len(after) == len(calendars)


def repeat(client: httpx.Client, key: str) -> httpx.Response:
    """Send a request once more that was accepted long ago."""
    body = a_calendar(*[an_item(scheduled_time=FAR_OFF) for _ in range(ITEMS_EACH)], title=key)
    answer = client.post(CALENDAR, json=body, headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.headers["idempotency-replayed"]) == (201, "true")
    return answer


def newest_event(folder: Path, url: str) -> int:
    """Give the id of the last event there is."""
    house = assemble(Settings(data_dir=folder, database_url=url))
    newest = newest_event_id(house.context())
    house.close()
    return newest


def storm(folder: Path, url: str, *, clients: int, requests: int, kills: int) -> Counter[str]:
    """Let so many clients send so many requests each to a server that is killed; give how the requests ended."""
    over, answered, wanted = Event(), Semaphore(0), clients * requests
    with victims(folder, url) as (victim,), ThreadPoolExecutor(clients + 2) as pool:
        victim.process_is_up.set()
        first = Client(victim, clients, 1, Random(1))
        first.create("first")  # a workspace without an event has no id to go on from
        line = Socket(victim, items={each["id"] for each in first.known[0]["items"]})
        listening = pool.submit(line.listen)
        assert line.is_open.wait(60)
        killing = pool.submit(kill_again_and_again, victim, kills, wanted // (kills + 1), answered, over)
        running = [pool.submit(Client(victim, each, requests, Random(each), answered).run) for each in range(clients)]
        try:
            told = [each.result() for each in running]
        finally:
            over.set()
            line.until = newest_event(folder, url)
            answered.release(wanted)  # a client that failed leaves nobody waiting for its answers
        assert killing.result() == kills
        listening.result()
        check(victim, [first.done, *told], line)
    return sum((done.ended for done in told), Counter())


@pytest.mark.slow
def test_a_server_that_is_killed_under_load_does_everything_exactly_once(tmp_path: Path) -> None:
    ended = storm(tmp_path / "data", f"sqlite:///{tmp_path / 'slotwise.db'}", clients=10, requests=12, kills=1)
    assert ended["201"] > 20
    assert set(ended) - {"200", "201", "409", "422", "cut"}  # some met the death of the server


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_fifty_clients_through_several_deaths_find_everything_done_exactly_once(
    database_url: str, tmp_path: Path
) -> None:
    ended = storm(tmp_path / "data", database_url, clients=CLIENTS, requests=20, kills=3)
    assert sum(ended.values()) >= 900
    assert ended["cut"] > 0
