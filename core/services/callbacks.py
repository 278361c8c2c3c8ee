"""Callbacks of items: which outcomes an item's own addresses can be told of, and what is wrong with an address."""

from collections.abc import Iterator, Mapping

from core.errors import Problem
from core.publishing.addresses import Forbidden, check_endpoint
from core.services.context import Context
from core.vocabulary import EventType

CALLBACKS = {
    EventType.ITEM_PUBLISHED: "on_published",
    EventType.ITEM_FAILED: "on_failed",
    EventType.ITEM_SKIPPED: "on_skipped",
    EventType.ITEM_CANCELED: "on_canceled",
    EventType.ITEM_UNCONFIRMED: "on_unconfirmed",
}
"""The callback that is told of an event."""

JOB_CALLBACKS = {EventType.JOB_COMPLETED: "on_completed", EventType.JOB_FAILED: "on_failed"}
"""The callback of a bulk job that is told of an event."""


def callback_problems(ctx: Context, callbacks: Mapping[str, str]) -> Iterator[Problem]:
    """Yield what is wrong with an item's callbacks, placed as in `callbacks.on_published`."""
    names = sorted(CALLBACKS.values())
    for name, address in callbacks.items():
        if name not in names:
            yield Problem(f"callbacks.{name}", address, f"there is no such callback; use {', '.join(names)}")
            continue
        url = check_endpoint(address, allow_private=ctx.allow_private)
        if isinstance(url, Forbidden):
            yield Problem(f"callbacks.{name}", address, url.reason)
