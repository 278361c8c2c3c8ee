"""Tokens: an API key is exchanged for a short-lived access token and a refresh token that works once."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session
from sqlmodel import col, select, update

from core.errors import SlotwiseError, TokenExpired, Unauthenticated
from core.services.access_tokens import LIFETIME, Claims, write_access_token
from core.services.presented_keys import GoodKey, open_key, refuse_dead, refuse_older, scopes_of, secret_hash
from core.services.vault import Vault
from core.storage.doors import Database
from core.storage.ids import REFRESH_MARK, IdPrefix, new_id, new_refresh_token
from core.storage.tables import ApiKey, RefreshToken
from core.vocabulary import Scope

REFRESHABLE = timedelta(days=30)
"""How long a refresh token may wait for its use."""
_TOKEN = re.compile(rf"{REFRESH_MARK}_[A-Za-z0-9_-]{{43}}")


@dataclass(frozen=True)
class TokenPair:
    """What a client gets; `expires_in` are the seconds of the access token, sent as `Authorization: Bearer`."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int
    scopes: frozenset[Scope]
    workspace: str


def exchange(db: Database, vault: Vault, now: datetime, api_key: str) -> TokenPair:
    """Return the first pair of a new family (Unauthenticated)."""
    key = open_key(db, now, api_key)
    with db.system() as session:
        return _issue(session, vault, key, new_id(IdPrefix.FAMILY), now)


def refresh(db: Database, vault: Vault, now: datetime, token: str) -> TokenPair:
    """Return a new pair for a refresh token, which is used up by that (Unauthenticated, TokenExpired).

    One that was used before is in two hands: its whole family is revoked, access tokens too, and that is committed
    although the call is refused. Of two calls with one token at once exactly one wins, and the other comes second.
    """
    if not _TOKEN.fullmatch(token):
        raise Unauthenticated(reason="This is not a refresh token.")
    with db.system() as session:
        outcome = _next_pair(session, vault, secret_hash(token), now)
    if isinstance(outcome, SlotwiseError):
        raise outcome
    return outcome


def _next_pair(session: Session, vault: Vault, token_hash: str, now: datetime) -> TokenPair | SlotwiseError:
    """Return the pair, or the refusal that is raised once the transaction is committed."""
    key = _locked_key(session, token_hash)
    row = session.get(RefreshToken, token_hash)
    if key is None or row is None:
        return Unauthenticated(reason="This refresh token is not known.")
    if row.used_at is not None or row.revoked_at is not None:
        _revoke_family(session, row.family, now)
        reason = "This refresh token was used before or revoked; all tokens that followed from it are revoked now."
        return Unauthenticated(reason=reason)
    if row.expires_at <= now:
        return TokenExpired(kind="refresh token", fix="Exchange the API key again.")
    refuse_dead(key, now)
    refuse_older(key, row.generation, now)
    row.used_at = now
    return _issue(session, vault, GoodKey(key, row.generation), row.family, now)


def _locked_key(session: Session, token_hash: str) -> ApiKey | None:
    """Return the key of a token, held until the transaction ends.

    All refreshes of a key queue here: two of one family that lock its tokens in another order would wait for each
    other, and a token drawn while its family is revoked would be missed.
    """
    own = select(RefreshToken.key_id).where(RefreshToken.hash == token_hash).scalar_subquery()
    return session.scalars(select(ApiKey).where(ApiKey.id == own).with_for_update()).one_or_none()


def _revoke_family(session: Session, family: str, now: datetime) -> None:
    alive = (col(RefreshToken.family) == family, col(RefreshToken.revoked_at).is_(None))
    session.execute(update(RefreshToken).where(*alive).values(revoked_at=now))


def _issue(session: Session, vault: Vault, key: GoodKey, family: str, now: datetime) -> TokenPair:
    row, refresh_token = key.row, new_refresh_token()
    session.add(
        RefreshToken(
            workspace_id=row.workspace_id,
            hash=secret_hash(refresh_token),
            family=family,
            key_id=row.id,
            generation=key.generation,
            issued_at=now,
            expires_at=now + REFRESHABLE,
        )
    )
    expires_at = min(now + LIFETIME, row.expires_at or now + LIFETIME)
    claims = Claims(row.id, row.workspace_id, scopes_of(row), family, key.generation)
    access_token = write_access_token(vault, claims, new_id(IdPrefix.TOKEN), now, expires_at)
    seconds = int((expires_at - now).total_seconds())
    return TokenPair(access_token, refresh_token, seconds, claims.scopes, row.workspace_id)
