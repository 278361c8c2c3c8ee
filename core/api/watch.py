"""What is noted of every request: one line in the log, and the metrics."""

from dataclasses import dataclass

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import Message

_log = structlog.get_logger(__name__)

UNROUTED = "(none)"
"""The route of requests that belong to none; their paths are not kept apart, for anybody may invent them."""


@dataclass
class Seen:
    """What is known of a request when it ends; no header, query or body, for they may hold secrets."""

    request_id: str
    method: str
    path: str
    route: str = UNROUTED
    workspace: str = ""
    key_id: str | None = None
    status: int = 0
    size: int = 0

    def note(self, message: Message) -> None:
        """Take status and size from what is sent."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
        elif message["type"] == "http.response.body":
            self.size += len(message.get("body", b""))


class RequestMetrics:
    """Counts requests and their seconds, by route and status."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._count = Counter(
            "slotwise_http_requests", "Requests answered.", ("method", "route", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "slotwise_http_request_seconds", "Seconds until the answer was sent.", ("route",), registry=self.registry
        )

    def record(self, seen: Seen, seconds: float) -> None:
        """Count a request and write its line."""
        self._count.labels(seen.method, seen.route, str(seen.status)).inc()
        self._seconds.labels(seen.route).observe(seconds)
        _log.info("request", **vars(seen), ms=round(seconds * 1000, 1))
