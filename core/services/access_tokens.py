"""Access tokens: JWTs that stand for an API key for a quarter of an hour, written and read here alone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt

from core.errors import TokenExpired, Unauthenticated
from core.services.vault import Vault
from core.vocabulary import Scope

LIFETIME = timedelta(minutes=15)
ISSUER = "slotwise"
LONGEST = 4096
"""Characters of a token that is looked at; ours are far shorter."""
_ALGORITHM, _TYPE = "HS256", "at+jwt"
_PURPOSE = "access tokens"
_SKEW_SECONDS = 60
"""How far the clocks of two machines of one installation may lie apart."""
_CLAIMS = ["iss", "sub", "ws", "scope", "fam", "gen", "iat", "exp", "jti"]
_HEADER = jwt.encode({}, bytes(32), _ALGORITHM, headers={"typ": _TYPE}).partition(".")[0]
"""The header of every token we write. Any other, whatever algorithm it names, is not ours: nothing of it is read."""


@dataclass(frozen=True)
class Claims:
    """What a token says: `generation` is that of the key's secret it was exchanged for."""

    key_id: str
    workspace: str
    scopes: frozenset[Scope]
    family: str
    generation: int


def looks_like_token(presented: str) -> bool:
    """Tell whether a text has the form of a JWT."""
    return presented.isascii() and presented.count(".") == len(("header", "claims", "signature")) - 1


def write_access_token(vault: Vault, claims: Claims, token_id: str, now: datetime, expires_at: datetime) -> str:
    """Return the signed token; the key is derived from the vault's first."""
    body = {
        "iss": ISSUER,
        "sub": claims.key_id,
        "ws": claims.workspace,
        "scope": " ".join(sorted(claims.scopes)),
        "fam": claims.family,
        "gen": claims.generation,
        "iat": int(now.timestamp()),
        "exp": int(expires_at.timestamp()),
        "jti": token_id,
    }
    return jwt.encode(body, vault.derive(_PURPOSE)[0], _ALGORITHM, headers={"typ": _TYPE})


def read_access_token(vault: Vault, token: str, now: datetime) -> Claims:
    """Return what a token of ours says (Unauthenticated; TokenExpired, but only for one that is ours)."""
    if len(token) > LONGEST or token.partition(".")[0] != _HEADER:
        raise _foreign()
    body = _verified(vault, token)
    try:
        scopes = frozenset(map(Scope, str(body["scope"]).split()))
        claims = Claims(str(body["sub"]), str(body["ws"]), scopes, str(body["fam"]), int(body["gen"]))
        issued, expires = int(body["iat"]), int(body["exp"])
    except (ValueError, TypeError) as error:
        raise _foreign() from error
    if issued > now.timestamp() + _SKEW_SECONDS:
        raise _foreign()
    if expires <= now.timestamp():
        fix = "Get a new one with the refresh token, or with the API key."
        raise TokenExpired(kind="access token", fix=fix)
    return claims


def _verified(vault: Vault, token: str) -> dict[str, Any]:
    """Return the claims if one of the vault's keys signed them; times are judged by the caller's clock, not here."""
    options: Any = {"require": _CLAIMS, "verify_exp": False, "verify_iat": False, "verify_nbf": False}
    for key in vault.derive(_PURPOSE):
        try:
            return jwt.decode(token, key, algorithms=[_ALGORITHM], issuer=ISSUER, options=options)
        except jwt.InvalidSignatureError:
            continue
        except jwt.InvalidTokenError as error:
            raise _foreign() from error
    raise _foreign()


def _foreign() -> Unauthenticated:
    return Unauthenticated(reason="This is not an access token of this installation.")
