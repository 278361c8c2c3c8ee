"""Access: who calls, in which workspace, and what they may do there."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlmodel import col, select

from core.errors import InsufficientScope, Unauthenticated
from core.services.access_tokens import Claims, looks_like_token, read_access_token
from core.services.presented_keys import (
    looks_like_key,
    open_key,
    overlaps,
    refuse_dead,
    refuse_older,
    scopes_of,
)
from core.services.scopes import ALL_SCOPES, implied
from core.services.vault import Vault
from core.storage.doors import Database
from core.storage.ids import API_KEY_MARK, IdPrefix, new_id
from core.storage.tables import ApiKey, RefreshToken
from core.vocabulary import Scope


@dataclass(frozen=True)
class Signers:
    """How calls of a key are signed: whether they must be, and the secrets (ciphertext) that are good for it now."""

    required: bool = False
    sealed: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Caller:
    """Who calls; `key_id` is None for the owner in local mode. `scopes` has in it what the given ones contain."""

    workspace: str
    actor: str
    scopes: frozenset[Scope]
    key_id: str | None = None
    signers: Signers = Signers()
    revision: int | None = field(default=None, compare=False)
    """How many writes the workspace had seen when they were let in, where that could be read along with the key."""

    def require(self, scope: Scope) -> None:
        """Refuse a caller without this scope (InsufficientScope names it)."""
        if scope not in self.scopes:
            fix = "Use an API key that has it, or make one in Settings, under API keys."
            raise InsufficientScope(scope=scope.value, fix=fix)


_ANY_KEY = select(ApiKey.id).limit(1)


def is_local(db: Database) -> bool:
    """Tell whether calls need no key: only while none was ever made in any workspace of this installation.

    A revoked or expired key counts too: otherwise the end of the last one would open everything to everybody who
    reaches this machine's loopback address.
    """
    return db.glance(_ANY_KEY) is None


def local_caller(workspace: str, actor: str) -> Caller:
    """Return the owner of an installation without keys, who may do everything."""
    return Caller(workspace, actor, ALL_SCOPES)


def authenticate(db: Database, vault: Vault, now: datetime, presented: str) -> Caller:
    """Return whose API key or access token this is (Unauthenticated, TokenExpired).

    Each call reads the database once and remembers nothing: a key revoked a moment ago is refused, and with it the
    tokens it was exchanged for.
    """
    if looks_like_key(presented):
        good = open_key(db, now, presented)
        return replace(_caller(good.row, now), revision=good.revision)
    if looks_like_token(presented):
        return _token_caller(db, now, read_access_token(vault, presented, now))
    raise Unauthenticated(reason="This is neither an API key nor an access token.")


def _token_caller(db: Database, now: datetime, claims: Claims) -> Caller:
    """Return whom a token stands for, while its key and family do and it claims no more than its key may do."""
    revoked = select(RefreshToken.hash).where(
        RefreshToken.family == claims.family, col(RefreshToken.revoked_at).is_not(None)
    )
    with db.system(writable=False) as session:
        found = session.execute(select(ApiKey, revoked.exists()).where(ApiKey.id == claims.key_id)).one_or_none()
    if found is None or found[1]:
        raise Unauthenticated(reason="This access token was revoked.")
    key: ApiKey = found[0]
    refuse_dead(key, now)
    refuse_older(key, claims.generation, now)
    if key.workspace_id != claims.workspace or not claims.scopes <= scopes_of(key):
        raise Unauthenticated(reason="This access token claims more than its API key may do.")
    caller = _caller(key, now)
    return Caller(caller.workspace, caller.actor, implied(claims.scopes), key.id, caller.signers)


def _caller(key: ApiKey, now: datetime) -> Caller:
    secrets = (key.signing_secret, key.previous_signing_secret if overlaps(key, now) else None)
    signers = Signers(key.signature_required, tuple(secret for secret in secrets if secret))
    actor = f"{key.name} ({API_KEY_MARK}_{key.prefix})"
    return Caller(key.workspace_id, actor, scopes_of(key), key.id, signers)


def new_request_id() -> str:
    """Return the name under which a request stands in logs and answers."""
    return new_id(IdPrefix.REQUEST)
