"""Secrets at rest: which columns hold them, bringing all of them under the present key, and which it cannot read."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session
from sqlmodel import SQLModel, select, update

from core.services.vault import Vault
from core.storage.doors import Database
from core.storage.tables import ApiKey, Channel, GoogleAccount, WebhookEndpoint, WebhookOutlet


@dataclass(frozen=True)
class SecretColumn:
    """A column that the vault encrypts; `key` tells rows apart, `name` is what people call them."""

    table: type[SQLModel]
    column: str
    kind: str
    """What a row is called in a sentence."""
    key: str = "id"
    name: str = "name"


SECRETS = (
    SecretColumn(Channel, "secret", "channel"),
    SecretColumn(ApiKey, "signing_secret", "API key"),
    SecretColumn(ApiKey, "previous_signing_secret", "API key"),
    SecretColumn(WebhookEndpoint, "secret", "webhook endpoint", name="url"),
    SecretColumn(GoogleAccount, "secret", "Google account"),
    SecretColumn(WebhookOutlet, "callback_secret", "callbacks of workspace", "pk", "workspace_id"),
)
"""Every column that holds ciphertext."""


def open_channel(vault: Vault, channel: Channel) -> str | None:
    """Return a channel's secret as text, None where it has none (UnreadableSecret)."""
    if channel.secret is None:
        return None
    return vault.decrypt(channel.secret, f"The secret of the channel {channel.name}")


def seal_all(db: Database, vault: Vault) -> int:
    """Encrypt what older versions stored in clear and what an older key wrote; return how many values changed.

    No revision moves, for nothing changes that anybody is shown. Two processes may do it at once.
    """
    with db.system(writable=False) as session:
        stored = [(kind, key, value) for kind in SECRETS for key, _, value in _values(session, kind)]
    fresh = [(kind, key, old, new) for kind, key, old in stored if (new := vault.renew(old)) != old]
    if fresh:
        with db.system() as session:
            for kind, key, old, new in fresh:
                _replace(session, kind, key, old, new)
    return len(fresh)


def unreadable_secrets(db: Database, vault: Vault) -> tuple[str, ...]:
    """Return which secrets of all workspaces none of the keys can read, such as `channel News (chan_…)`."""
    with db.system(writable=False) as session:
        lost = (
            f"{kind.kind} {name} ({key})"
            for kind in SECRETS
            for key, name, value in _values(session, kind)
            if not vault.can_read(value)
        )
        return tuple(dict.fromkeys(lost))


def _values(session: Session, kind: SecretColumn) -> Iterator[tuple[Any, str, str]]:
    table: Any = kind.table
    column, key = getattr(table, kind.column), getattr(table, kind.key)
    rows = session.execute(select(key, getattr(table, kind.name), column).where(column.is_not(None)).order_by(key))
    yield from ((key, name, value) for key, name, value in rows)


def _replace(session: Session, kind: SecretColumn, key: Any, old: str, new: str) -> None:
    """Write the value anew unless somebody changed it meanwhile."""
    table: Any = kind.table
    same = (getattr(table, kind.key) == key, getattr(table, kind.column) == old)
    session.execute(update(kind.table).where(*same).values({kind.column: new}))
