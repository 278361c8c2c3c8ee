"""One open socket: reads what the client asks, sends what it hears, and closes when the client cannot keep up."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from core.api.socket_hub import Feed, Hub
from core.api.socket_protocol import (
    LONGEST_MESSAGE,
    MOST_JOBS,
    Fault,
    Shipment,
    Subscription,
    Wish,
    error_frame,
    frame,
    read_event_id,
    read_message,
    resumed_frame,
    standing_name,
)
from core.api.socket_queue import FrameQueue, Overflow
from core.errors import DatabaseUnavailable, NotFound
from core.services.context import Context
from core.services.events import Standing, calendar_standing, is_known, job_standing, read_events
from core.vocabulary import ErrorCode

TOO_BIG, NOT_FOUND, TOO_SLOW = 1009, 4404, 4408
SEND_SECONDS = 10.0
_AT_ONCE = 100
"""How long a client may take to read so many messages."""
_PAGE = 500
_LOOKS = 5
"""How often a standing is read anew when events overtake it."""
_TOO_SLOW = "You read too slowly. Connect again with last_event_id."


class Closing(Exception):
    """The socket is to be closed with this code and reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class Session:
    """One socket of one caller; `look_again` raises once the caller may not listen any more."""

    def __init__(self, websocket: WebSocket, ctx: Context, hub: Hub, look_again: Callable[[], None]) -> None:
        self._websocket, self._ctx, self._hub, self._look_again = websocket, ctx, hub, look_again
        self._queue, self._overflown = FrameQueue(), asyncio.Event()
        self._subscription = Subscription()
        self._feed = Feed(ctx, 0)
        self._position, self._is_live = 0, False
        """Everything up to this event was put into the queue, or is not wanted: no message bears a later id, for a
        client that is cut off goes on after the last id it has seen."""

    async def run(self, query: Mapping[str, str], heartbeat: float) -> None:
        """Serve until the client leaves (WebSocketDisconnect) or has to go (Closing, or a refusal of `look_again`).

        `query` may name a `schedule_id`, and a `last_event_id` to go on from.
        """
        self._subscription = Subscription(query.get("schedule_id") or None)
        self._feed = await self._hub.join(self._ctx, self)
        after = read_event_id(query.get("last_event_id"))
        self._position, self._is_live = (self._feed.position, True) if after is None else (after, False)
        try:
            await _first_of(self._send_all(), self._listen(query), self._beat(heartbeat), self._watch())
        finally:
            self._hub.leave(self._feed, self)

    def tell(self, shipment: Shipment) -> None:
        """Take an event from the hub, unless this socket still catches up or has it already."""
        if self._is_live and shipment.event.id > self._position:
            self._position = shipment.event.id
            self._ship(shipment)

    # --- Sending ---

    def _ship(self, shipment: Shipment) -> None:
        for text in shipment.heard_by(self._subscription):
            self._put(text)

    def _put(self, text: str) -> None:
        try:
            self._queue.add(text)
        except Overflow:
            self._is_live = False
            self._overflown.set()

    async def _send_all(self) -> None:
        send, pop = self._websocket.send_text, self._queue.pop
        while True:
            await self._queue.filled()
            try:
                async with asyncio.timeout(SEND_SECONDS):
                    for _ in range(_AT_ONCE):
                        if (text := pop()) is None:
                            break
                        await send(text)
            except TimeoutError as error:
                raise Closing(TOO_SLOW, _TOO_SLOW) from error

    async def _watch(self) -> None:
        await self._overflown.wait()
        raise Closing(TOO_SLOW, _TOO_SLOW)

    async def _beat(self, heartbeat: float) -> None:
        """Say every now and then that we are here, and look whether the client may still be."""
        while True:
            await asyncio.sleep(heartbeat)
            with suppress(DatabaseUnavailable):  # nobody is sent away because the database is
                await self._hub.ask(self._look_again)
            self._put(frame("heartbeat", {}, self._position, self._ctx.now()))

    # --- Listening ---

    async def _listen(self, query: Mapping[str, str]) -> None:
        await self._begin(query)
        while True:
            wish = read_message(await self._receive())
            if isinstance(wish, Fault):
                self._complain(ErrorCode.VALIDATION_ERROR, wish.place, wish.reason)
            else:
                await self._follow(wish)

    async def _begin(self, query: Mapping[str, str]) -> None:
        given = query.get("last_event_id")
        after = None if given is None else read_event_id(given)
        if given is not None and after is None:
            self._complain(ErrorCode.VALIDATION_ERROR, "last_event_id", "send the id of the last message you have seen")
        if self._subscription.schedule and not await self._show_schedule(self._subscription.schedule):
            raise Closing(NOT_FOUND, "There is no such calendar in this workspace.")
        if after is not None:
            await self._resume(after)

    async def _receive(self) -> str:
        message = await self._websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1006))
        text = message.get("text")
        said: str = text if text is not None else message.get("bytes", b"").decode(errors="replace")
        if len(said) > LONGEST_MESSAGE:
            raise Closing(TOO_BIG, f"A message has at most {LONGEST_MESSAGE} characters.")
        return said

    async def _follow(self, wish: Wish) -> None:
        if wish.pong:
            self._put(frame("pong", {}, self._position, self._ctx.now()))
        if wish.resume_after is not None:
            self._is_live, self._position = False, wish.resume_after
        if wish.topics is not None:
            self._subscription = replace(self._subscription, topics=wish.topics)
        if wish.schedule and await self._show_schedule(wish.schedule):
            self._subscription = replace(self._subscription, schedule=wish.schedule)
        if wish.job:
            await self._show_job(wish.job)
        if wish.resume_after is not None:
            await self._resume(wish.resume_after)

    def _complain(self, code: ErrorCode, place: str, reason: str) -> None:
        self._put(error_frame(code, place, reason, self._ctx.now()))

    # --- How things stand ---

    async def _show_schedule(self, schedule: str) -> bool:
        try:
            standing = await self._standing(partial(calendar_standing, self._ctx, schedule))
        except NotFound as error:
            self._complain(ErrorCode.NOT_FOUND, "schedule_id", str(error))
            return False
        self._put(frame(standing_name(standing.type), standing.data, self._position, self._ctx.now()))
        return True

    async def _show_job(self, job: str) -> None:
        if len(self._subscription.jobs) >= MOST_JOBS:
            self._complain(ErrorCode.VALIDATION_ERROR, "job_id", f"one socket follows at most {MOST_JOBS} jobs")
            return
        try:
            standing = await self._standing(partial(job_standing, self._ctx, job))
        except NotFound as error:
            self._complain(ErrorCode.NOT_FOUND, "job_id", str(error))
            return
        self._put(frame(standing_name(standing.type), standing.data, self._position, self._ctx.now()))
        jobs = {**self._subscription.jobs, job: standing.after}
        self._subscription = replace(self._subscription, jobs=jobs)

    async def _standing(self, read: Callable[[], Standing]) -> Standing:
        """Return how something stands, not older than what this socket was told meanwhile."""
        standing = await self._hub.ask(read)
        for _ in range(_LOOKS):
            if self._position <= standing.after:
                break
            standing = await self._hub.ask(read)
        return standing

    # --- Going on ---

    async def _resume(self, after: int) -> None:
        """Send what came after an event, then go on with what comes; say so where something is missing.

        The position was set back to it, when this was asked for.
        """
        complete = await self._hub.ask(partial(is_known, self._ctx, after))
        self._put(resumed_frame(after, self._ctx.now(), complete=complete))
        self._position = after if complete else self._feed.position
        while not self._is_live:
            # Whatever the hub had handed out before this page is read is in it, or lies before it.
            handed_out = self._feed.position
            page = await self._hub.ask(partial(read_events, self._ctx, self._position, _PAGE))
            for event in page:
                self._ship(Shipment(event))
            self._position = page[-1].id if page else max(self._position, handed_out)
            if self._overflown.is_set():
                return
            self._is_live = self._position >= self._feed.position
            if not self._is_live:
                await self._queue.drained()


async def _first_of(*works: Coroutine[Any, Any, None]) -> None:
    """Run these side by side until one of them ends, and raise what it raised; the others are ended with it."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
