"""What waits to be sent to one socket: bounded, so that a client that reads too slowly cannot fill the memory."""

import asyncio
from collections import deque

MOST_MESSAGES = 5_000
MOST_CHARACTERS = 8 * 1024 * 1024


class Overflow(Exception):
    """More waits for a socket than it may hold: its client reads too slowly."""


class FrameQueue:
    """Frames in the order in which they are to be sent; for one event loop."""

    def __init__(self, messages: int = MOST_MESSAGES, characters: int = MOST_CHARACTERS) -> None:
        self._messages, self._characters = messages, characters
        self._frames: deque[str] = deque()
        self._size = 0
        self._filled, self._drained = asyncio.Event(), asyncio.Event()
        self._drained.set()

    def add(self, frame: str) -> None:
        """Add a frame (Overflow: there is no room for it)."""
        if not self._frames:
            self._filled.set()
            self._drained.clear()
        self._size += len(frame)
        self._frames.append(frame)
        if self._size > self._characters or len(self._frames) > self._messages:
            raise Overflow

    async def filled(self) -> None:
        """Wait until there is something to send."""
        if not self._frames:
            self._drained.set()
            self._filled.clear()
            await self._filled.wait()

    def pop(self) -> str | None:
        """Take the next frame, None when there is none."""
        if not self._frames:
            return None
        frame = self._frames.popleft()
        self._size -= len(frame)
        return frame

    async def drained(self) -> None:
        """Wait until everything is sent."""
        await self._drained.wait()
