"""The hub of one process: it reads each workspace's new events once and hands them to all its sockets."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol, TypeVar

import structlog
from anyio import CapacityLimiter, to_thread
from sqlalchemy.exc import SQLAlchemyError

from core.api.socket_protocol import Shipment
from core.errors import SlotwiseError
from core.services.context import Context
from core.services.events import EventView, newest_event_id, read_events

T = TypeVar("T")

POLL_SECONDS = 0.25
PAGE = 500
THREADS = 4
"""How many read for sockets at once, in threads of their own."""
_log = structlog.get_logger(__name__)


class Listener(Protocol):
    """A socket as the hub sees it."""

    def tell(self, shipment: Shipment) -> None:
        """Take an event unless it has it already; it must not raise and not wait."""
        ...


@dataclass(eq=False)
class Feed:
    """The events of one workspace: `position` is the last that was handed out."""

    ctx: Context
    position: int
    listeners: set[Listener] = field(default_factory=set)


class Hub:
    """Reads while there are sockets, and rests while there are none; everything happens in one event loop."""

    def __init__(self, poll_seconds: float = POLL_SECONDS) -> None:
        self._poll_seconds = poll_seconds
        self._feeds: dict[str, Feed] = {}
        self._task: asyncio.Task[None] | None = None
        self._threads: CapacityLimiter | None = None

    async def ask(self, read: Callable[[], T]) -> T:
        """Return what `read` finds in the database; it waits for other sockets only, not for requests that pile up."""
        self._threads = self._threads or CapacityLimiter(THREADS)  # it belongs to the event loop that runs
        return await to_thread.run_sync(read, limiter=self._threads)

    def count(self, workspace: str) -> int:
        """Return how many sockets of a workspace are open."""
        feed = self._feeds.get(workspace)
        return len(feed.listeners) if feed else 0

    async def join(self, ctx: Context, listener: Listener) -> Feed:
        """Hand the events of the context's workspace to a listener from now on; the feed says from which one."""
        feed = self._feeds.get(ctx.workspace)
        if feed is None:
            newest = await self.ask(partial(newest_event_id, ctx))
            feed = self._feeds.setdefault(ctx.workspace, Feed(ctx, newest))
        feed.listeners.add(listener)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="socket-hub")
        return feed

    def leave(self, feed: Feed, listener: Listener) -> None:
        """Hand nothing more to a listener; with the last one of all the hub rests."""
        feed.listeners.discard(listener)
        if not feed.listeners and self._feeds.get(feed.ctx.workspace) is feed:
            del self._feeds[feed.ctx.workspace]

    async def _run(self) -> None:
        while self._feeds:
            for feed in tuple(self._feeds.values()):
                await self._catch_up(feed)
            await asyncio.sleep(self._poll_seconds)

    async def _catch_up(self, feed: Feed) -> None:
        """Hand out what is new; a database that cannot be read for a while is asked again at the next turn."""
        is_behind = True
        while is_behind and feed.listeners:
            try:
                page = await self.ask(partial(read_events, feed.ctx, feed.position, PAGE))
            except (SlotwiseError, SQLAlchemyError) as error:
                _log.warning("events_unread", workspace=feed.ctx.workspace, error=str(error))
                return
            _hand_out(feed, page)
            is_behind = len(page) == PAGE
            await asyncio.sleep(0)  # let the sockets send before the next page


def _hand_out(feed: Feed, page: tuple[EventView, ...]) -> None:
    for event in page:
        shipment = Shipment(event)
        feed.position = event.id
        for listener in tuple(feed.listeners):
            listener.tell(shipment)
