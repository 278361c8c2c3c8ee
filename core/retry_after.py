"""How long a server asks to be left alone."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST_RETRY_AFTER = timedelta(days=1)
"""A server that asks for more patience is asked again after a day all the same."""

_SECONDS = re.compile(r"[0-9]{1,9}")


def retry_after(value: str | None, now: datetime) -> datetime | None:
    """Return when to come back (RFC 9110 §10.2.3: seconds or a date), between now and a day from now."""
    if value is None:
        return None
    if _SECONDS.fullmatch(value.strip()):
        return now + min(timedelta(seconds=int(value)), LONGEST_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)  # "-0000" reads as a time without zone
    return min(max(aware, now), now + LONGEST_RETRY_AFTER)
