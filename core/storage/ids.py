"""The one place where identifiers are drawn."""

import uuid
from enum import StrEnum


class IdPrefix(StrEnum):
    """Says in an identifier what it belongs to."""

    WORKSPACE = "ws"
    CHANNEL = "chan"
    CONTENT = "cont"
    CALENDAR = "cal"
    ITEM = "item"
    CLAIM = "claim"
    EXCEPTION = "exc"
    PREFERENCE = "pref"
    SLOT = "slot"
    RUN = "run"
    WORKER = "worker"


def new_id(prefix: IdPrefix) -> str:
    """Return a fresh identifier such as `item_3f2a…`: the prefix and 96 random bits."""
    return f"{prefix}_{uuid.uuid4().hex[:24]}"
