"""Who may call: API keys, the refresh tokens given for them, and the signatures already seen."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field

from core.storage.tables.base import WorkspaceRow, own, same_workspace
from core.storage.types import Moment


class ApiKey(WorkspaceRow, table=True):
    """A key, of which only hashes are kept; revoked keys stay, so that the log can name them.

    `hash` and `previous_hash` are SHA-256 of the secrets, the previous one good until `previous_until`; the secrets
    that sign requests are ciphertext. A rotation moves `generation`, so that tokens end with the secret they came of.
    """

    __tablename__ = "api_keys"
    __table_args__ = (
        own("api_keys"),
        UniqueConstraint("prefix", name="uq_api_keys_prefix"),
    )

    id: str = Field(primary_key=True)
    name: str
    prefix: str
    hash: str
    scopes: list[str] = Field(default_factory=list, sa_type=JSON)
    created_by: str
    created_at: datetime = Field(sa_type=Moment)
    expires_at: datetime | None = Field(default=None, sa_type=Moment)
    last_used_at: datetime | None = Field(default=None, sa_type=Moment)
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)
    signing_secret: str | None = None
    signature_required: bool = False
    previous_hash: str | None = None
    previous_signing_secret: str | None = None
    previous_until: datetime | None = Field(default=None, sa_type=Moment)
    generation: int = 1


class RefreshToken(WorkspaceRow, table=True):
    """One refresh token, by its SHA-256; all that follow from one exchange are a family and are revoked together."""

    __tablename__ = "refresh_tokens"
    __table_args__: tuple[Any, ...] = (
        *same_workspace("refresh_tokens", [("key_id", "api_keys")]),
        Index("ix_refresh_tokens_family", "family"),
    )

    hash: str = Field(primary_key=True)
    family: str
    key_id: str
    generation: int = 1
    issued_at: datetime = Field(sa_type=Moment)
    expires_at: datetime = Field(sa_type=Moment)
    used_at: datetime | None = Field(default=None, sa_type=Moment)
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)


class SeenSignature(WorkspaceRow, table=True):
    """A signature that was accepted and is refused from then on; forgotten once its timestamp is too old anyway."""

    __tablename__ = "seen_signatures"
    __table_args__: tuple[Any, ...] = (
        *same_workspace("seen_signatures", [("key_id", "api_keys")]),
        Index("ix_seen_signatures_expires", "expires_at"),
    )

    key_id: str = Field(primary_key=True)
    digest: str = Field(primary_key=True)
    expires_at: datetime = Field(sa_type=Moment)
