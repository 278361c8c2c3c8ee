"""The one place where identifiers are drawn."""

import base64
import secrets
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
    ENDPOINT = "hook"
    DELIVERY = "msg"


def new_id(prefix: IdPrefix) -> str:
    """Return a fresh identifier such as `item_3f2a…`: the prefix and 96 random bits."""
    return f"{prefix}_{uuid.uuid4().hex[:24]}"


def new_signing_secret() -> str:
    """Return a fresh Standard Webhooks secret: `whsec_` and 24 random bytes in base64."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
