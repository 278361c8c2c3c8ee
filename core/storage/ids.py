"""The one place where identifiers are drawn."""

import base64
import secrets
import string
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
    JOB = "job"
    TEMPLATE = "tmpl"
    WORKER = "worker"
    REQUEST = "req"
    ENDPOINT = "hook"
    DELIVERY = "msg"
    API_KEY = "key"
    TOKEN = "tok"  # noqa: S105 - a word, no secret
    FAMILY = "fam"
    ACCOUNT = "acct"
    CONNECTION = "conn"
    SYNC = "sync"
    SHEET_ROW = "row"
    TRIAL = "trial"


def new_id(prefix: IdPrefix) -> str:
    """Return a fresh identifier such as `item_3f2a…`: the prefix and 96 random bits."""
    return f"{prefix}_{uuid.uuid4().hex[:24]}"


def new_trial_seed() -> str:
    """Return a fresh seed for the draw of a trial: 128 random bits."""
    return secrets.token_hex(16)


API_KEY_MARK, REFRESH_MARK = "sw", "swr"
"""What API keys and refresh tokens begin with, so that people and scanners know them when they see one."""
_PREFIX_LETTERS, _PREFIX_LENGTH = string.ascii_lowercase + string.digits, 8


def new_key_prefix() -> str:
    """Return the fresh part of an API key that may be shown: 8 letters and digits."""
    return "".join(secrets.choice(_PREFIX_LETTERS) for _ in range(_PREFIX_LENGTH))


def new_key_secret() -> str:
    """Return the fresh part of an API key that nobody may see: 256 random bits as 43 characters."""
    return secrets.token_urlsafe(32)


def new_refresh_token() -> str:
    """Return a fresh refresh token: `swr_` and 256 random bits."""
    return f"{REFRESH_MARK}_{secrets.token_urlsafe(32)}"


def new_request_secret() -> str:
    """Return a fresh secret that signs requests to the API: 256 random bits."""
    return f"sws_{secrets.token_urlsafe(32)}"


def new_vault_key() -> str:
    """Return a fresh Fernet key: 32 random bytes in URL-safe base64."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def new_signing_secret() -> str:
    """Return a fresh Standard Webhooks secret: `whsec_` and 24 random bytes in base64."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
