"""API keys, the refresh tokens given for them, and the signatures already seen."""

import sqlalchemy as sa
from alembic import op

from core.storage.migrations.guards import guard
from core.storage.tables.base import same_workspace
from core.storage.types import Moment

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create the tables, keys first; secrets that lie in clear in older tables are encrypted by the next start."""
    _create_api_keys()
    _create_refresh_tokens()
    _create_seen_signatures()
    for table in ("api_keys", "refresh_tokens", "seen_signatures"):
        guard(table)


def _create_api_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=True),
        sa.Column("last_used_at", Moment(), nullable=True),
        sa.Column("revoked_at", Moment(), nullable=True),
        sa.Column("signing_secret", sa.String(), nullable=True),
        sa.Column("signature_required", sa.Boolean(), nullable=False),
        sa.Column("previous_hash", sa.String(), nullable=True),
        sa.Column("previous_signing_secret", sa.String(), nullable=True),
        sa.Column("previous_until", Moment(), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("workspace_id", "id", name="uq_api_keys_own"),
        sa.UniqueConstraint("prefix", name="uq_api_keys_prefix"),
    )


def _create_refresh_tokens() -> None:
    op.create_table(
        "refresh_tokens",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("family", sa.String(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("issued_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("used_at", Moment(), nullable=True),
        sa.Column("revoked_at", Moment(), nullable=True),
        *same_workspace("refresh_tokens", [("key_id", "api_keys")]),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_index("ix_refresh_tokens_family", "refresh_tokens", ["family"], unique=False)


def _create_seen_signatures() -> None:
    op.create_table(
        "seen_signatures",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        *same_workspace("seen_signatures", [("key_id", "api_keys")]),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("key_id", "digest"),
    )
    op.create_index("ix_seen_signatures_expires", "seen_signatures", ["expires_at"], unique=False)
