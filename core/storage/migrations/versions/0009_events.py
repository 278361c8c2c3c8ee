"""What happened and who is told: events, webhook endpoints, deliveries with their attempts, callbacks of items."""

import sqlalchemy as sa
from alembic import op

from core.storage.migrations.guards import ALL_RIGHTS, freeze, guard, number
from core.storage.tables.base import SERIAL, same_workspace
from core.storage.types import Moment

revision = "0009"
down_revision = "0008"

NUMBERED = ("events", "webhook_outlets", "webhook_attempts")
LEDGERS = ("events", "webhook_attempts")
"""Lines are added and, once they are old, removed; they are never edited."""


def upgrade() -> None:
    """Create the tables; what happened before is told to nobody."""
    _create_events()
    _create_webhook_outlets()
    _create_webhook_endpoints()
    _create_webhook_deliveries()
    _create_webhook_attempts()
    for table in (*LEDGERS, "webhook_outlets", "webhook_endpoints", "webhook_deliveries"):
        guard(table, "SELECT, INSERT, DELETE" if table in LEDGERS else ALL_RIGHTS)
    for table in LEDGERS:
        freeze(table)
    for table in NUMBERED:
        number(table)
    op.add_column("content_schedule_items", sa.Column("callbacks", sa.JSON(), nullable=False, server_default="{}"))


def _create_events() -> None:
    op.create_table(
        "events",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("pk", SERIAL, nullable=False),
        sa.Column("type", sa.String(32), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("calendar_id", sa.String(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("pk"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_workspace", "events", ["workspace_id", "pk"], unique=False)
    op.create_index("ix_events_at", "events", ["at"], unique=False)


def _create_webhook_outlets() -> None:
    op.create_table(
        "webhook_outlets",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("pk", SERIAL, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("callback_secret", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("pk"),
        sa.UniqueConstraint("workspace_id", name="uq_webhook_outlets_workspace"),
    )


def _create_webhook_endpoints() -> None:
    op.create_table(
        "webhook_endpoints",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("types", sa.JSON(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("disabled_reason", sa.String(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("workspace_id", "id", name="uq_webhook_endpoints_own"),
    )


def _create_webhook_deliveries() -> None:
    op.create_table(
        "webhook_deliveries",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("receiver", sa.String(), nullable=False),
        sa.Column("endpoint_id", sa.String(), nullable=True),
        sa.Column("event_pk", sa.BigInteger(), nullable=True),
        sa.Column("type", sa.String(32), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("earlier", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", Moment(), nullable=False),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("delivered_at", Moment(), nullable=True),
        *same_workspace("webhook_deliveries", [("endpoint_id", "webhook_endpoints")]),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("workspace_id", "id", name="uq_webhook_deliveries_own"),
        sa.UniqueConstraint("workspace_id", "receiver", "event_pk", name="uq_webhook_deliveries_event"),
    )
    op.create_index("ix_webhook_deliveries_due", "webhook_deliveries", ["state", "next_attempt_at"], unique=False)
    columns = ["workspace_id", "created_at"]
    op.create_index("ix_webhook_deliveries_created", "webhook_deliveries", columns, unique=False)


def _create_webhook_attempts() -> None:
    op.create_table(
        "webhook_attempts",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("pk", SERIAL, nullable=False),
        sa.Column("delivery_id", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        *same_workspace("webhook_attempts", [("delivery_id", "webhook_deliveries")]),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("pk"),
    )
    op.create_index("ix_webhook_attempts_delivery", "webhook_attempts", ["delivery_id"], unique=False)
