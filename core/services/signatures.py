"""Signatures of calls: what is signed, whether a signature is good, and that none is good twice."""

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import IntegrityError

from core.errors import InvalidSignature
from core.services.access import Caller
from core.services.vault import Vault
from core.storage.doors import Database
from core.storage.tables import SeenSignature

TOLERANCE = timedelta(minutes=5)
"""How far a call's clock may be from ours, to either side."""
_REMEMBERED = 2 * TOLERANCE
"""Twice as long as a signature is good after its timestamp: the machine that forgets may have another clock."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIMESTAMP = re.compile(r"[0-9]{1,15}")
_SIGNATURE = re.compile(r"[0-9a-fA-F]{64}")


@dataclass(frozen=True)
class SignedCall:
    """A call as it came; `urls` are the spellings of its address that count: absolute, and path with query."""

    method: str
    urls: Sequence[str]
    body: bytes = field(repr=False)
    timestamp: str | None = None
    signature: str | None = None


def sign(secret: str, method: str, url: str, body: bytes, timestamp: str) -> str:
    """Return hex HMAC-SHA256 of method, URL, body and timestamp (Unix milliseconds), with a line feed between them."""
    signed = b"\n".join((method.upper().encode(), url.encode(errors="surrogatepass"), body, timestamp.encode()))
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def check_signature(db: Database, vault: Vault, caller: Caller, call: SignedCall, now: datetime) -> None:
    """Refuse a call whose signature is wrong, too old, used before, or missing where its key asks for one.

    Raises InvalidSignature, and UnreadableSecret where the vault lost the key's secret. Calls that are not signed and
    need not be pass without the database; of a signed one it remembers the signature for as long as it would be good.
    """
    if call.signature is None and call.timestamp is None and not caller.signers.required:
        return
    if caller.key_id is None or not caller.signers.sealed:
        raise InvalidSignature(
            reason="this key has no signing secret; leave the headers out, or make a key that signs."
        )
    signature, timestamp = call.signature, call.timestamp
    if signature is None or timestamp is None:
        raise InvalidSignature(reason="X-Signature and X-Timestamp must both be there.")
    sent_at = _moment(timestamp, now)
    if not _SIGNATURE.fullmatch(signature) or not _is_good(vault, caller, call, signature.lower(), timestamp):
        raise InvalidSignature(reason="it does not fit this call and this key's signing secret.")
    _refuse_replay(db, caller.workspace, caller.key_id, signature.lower(), sent_at + _REMEMBERED)


def _moment(timestamp: str, now: datetime) -> datetime:
    if not _TIMESTAMP.fullmatch(timestamp):
        raise InvalidSignature(reason="X-Timestamp is not a number of milliseconds since 1970.")
    off = timedelta(milliseconds=int(timestamp)) - (now - _EPOCH)
    if abs(off) > TOLERANCE:
        minutes, side = abs(off) // timedelta(minutes=1), "ahead of" if off > timedelta() else "behind"
        raise InvalidSignature(reason=f"X-Timestamp is {minutes} minutes {side} this server's clock.")
    return _EPOCH + timedelta(milliseconds=int(timestamp))


def _is_good(vault: Vault, caller: Caller, call: SignedCall, signature: str, timestamp: str) -> bool:
    """Compare with every secret and spelling in constant time, without stopping at the one that fits."""
    secrets = [vault.decrypt(sealed, "The signing secret of this API key") for sealed in caller.signers.sealed]
    good = [
        hmac.compare_digest(sign(secret, call.method, url, call.body, timestamp), signature)
        for secret in secrets
        for url in call.urls
    ]
    return any(good)


def _refuse_replay(db: Database, workspace: str, key_id: str, signature: str, expires_at: datetime) -> None:
    """Remember the signature; the database lets nobody in any process do so twice."""
    seen = SeenSignature(workspace_id=workspace, key_id=key_id, digest=signature, expires_at=expires_at)
    try:
        with db.system() as session:
            session.add(seen)
    except IntegrityError as error:
        raise InvalidSignature(reason="it was used before; sign every call anew.") from error
