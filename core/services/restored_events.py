"""What a restore does about events: nobody is told of the past a second time, and no number is used twice."""

from sqlalchemy import Connection, text, update
from sqlmodel import col

from core.storage.engines import is_sqlite
from core.storage.tables import WebhookDelivery
from core.vocabulary import DeliveryState

LEAP = 1_000_000
"""Events that may have come after the back-up; a reader who knows one of their numbers must not find another event."""

HELD = "It was waiting when the back-up was made, so it may have been delivered since. Replay it if it was not."


def silence_past(connection: Connection) -> int:
    """Count all events as told, stop deliveries under way, leap with the numbers; return how many were stopped."""
    connection.execute(text("UPDATE webhook_outlets SET position = (SELECT COALESCE(MAX(pk), 0) FROM events)"))
    waiting = update(WebhookDelivery).where(col(WebhookDelivery.state) == DeliveryState.PENDING)
    stopped = connection.execute(waiting.values(state=DeliveryState.FAILED, last_error=HELD)).rowcount
    _leap(connection)
    return stopped


def _leap(connection: Connection) -> None:
    newest = "(SELECT COALESCE(MAX(pk), 0) FROM events)"
    if is_sqlite(connection.engine):
        connection.execute(text("DELETE FROM sqlite_sequence WHERE name = 'events'"))
        connection.execute(text(f"INSERT INTO sqlite_sequence (name, seq) SELECT 'events', {newest} + {LEAP}"))
    else:
        connection.execute(text(f"SELECT setval(pg_get_serial_sequence('events', 'pk'), {newest} + {LEAP})"))
