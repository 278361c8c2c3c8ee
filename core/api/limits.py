"""How many requests a workspace may send, and how often somebody may guess at keys."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from limits import RateLimitItem, RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from core.api.refusals import RateLimited
from core.errors import Invalid, Problem, TokenExpired, Unauthenticated
from core.settings import Settings

GUESSES_PER_MINUTE = 30
"""Requests without a valid key that one address may send; a person who mistypes stays far below."""

SHOWN_OF_A_KEY = 11
"""The public part of an API key; guesses are counted for each, so that nobody's own key is shut by others' guesses."""


@dataclass(frozen=True)
class Allowance:
    """What a workspace has left: `reset` is the Unix second from which on more than `remaining` is there."""

    limit: int
    remaining: int
    reset: int

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Return the headers that tell a client."""
        values = {b"x-ratelimit-limit": self.limit, b"x-ratelimit-remaining": self.remaining}
        return [(name, str(value).encode()) for name, value in {**values, b"x-ratelimit-reset": self.reset}.items()]


class RequestLimits:
    """Counts in this process, in moving windows: a burst at once, and no more than the rate in the long run."""

    def __init__(self, settings: Settings) -> None:
        """Refuse numbers that make no window (Invalid)."""
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._requests = _window(settings)
        self._guesses = RateLimitItemPerMinute(GUESSES_PER_MINUTE, namespace="guesses")

    def take(self, workspace: str, now: datetime) -> Allowance:
        """Count one request of a workspace and return what is left (RateLimited)."""
        if not self._limiter.hit(self._requests, workspace):
            raise self._refusal(self._requests, workspace, now)
        return self.left(workspace)

    def left(self, workspace: str) -> Allowance:
        """Return what a workspace has left, without counting."""
        stats = self._limiter.get_window_stats(self._requests, workspace)
        return Allowance(self._requests.amount, max(stats.remaining, 0), math.ceil(stats.reset_time))

    @contextmanager
    def guess(self, address: str, secret: str, now: datetime) -> Iterator[None]:
        """Count the block where it refuses a key or token; who has had too many refused is not heard (RateLimited)."""
        who = f"{address} {secret[:SHOWN_OF_A_KEY]}"
        if not self._limiter.test(self._guesses, who):
            raise self._refusal(self._guesses, who, now)
        try:
            yield
        except (Unauthenticated, TokenExpired):
            self._limiter.hit(self._guesses, who)
            raise

    def _refusal(self, item: RateLimitItem, who: str, now: datetime) -> RateLimited:
        reset: float = self._limiter.get_window_stats(item, who).reset_time
        wait = max(1, math.ceil(reset - now.timestamp()))
        return RateLimited(limit=item.amount, window=item.get_expiry(), retry_after=wait)


def _window(settings: Settings) -> RateLimitItem:
    seconds, rest = divmod(settings.api_burst, settings.api_requests_per_second)
    if rest or not seconds:
        fix = f"choose a multiple of SLOTWISE_API_REQUESTS_PER_SECOND ({settings.api_requests_per_second})"
        raise Invalid((Problem("SLOTWISE_API_BURST", str(settings.api_burst), fix),))
    return RateLimitItemPerSecond(settings.api_burst, seconds, namespace="requests")
