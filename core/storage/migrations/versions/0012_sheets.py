"""Google Sheets: accounts, connections, the rows they know, conflicts and syncs."""

import sqlalchemy as sa
from alembic import op

from core.storage.migrations.guards import guard, number
from core.storage.tables.base import SERIAL, same_workspace
from core.storage.types import Moment

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Create the tables."""
    _create_accounts()
    _create_connections()
    _create_rows()
    _create_writes()
    _create_conflicts()
    _create_syncs()
    numbered = ("sheet_rows", "sheet_writes", "sheet_conflicts")
    for table in ("google_accounts", "sheet_connections", "sheet_syncs", *numbered):
        guard(table)
    for table in numbered:
        number(table)


def _create_accounts() -> None:
    op.create_table(
        "google_accounts",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("workspace_id", "id", name="uq_google_accounts_own"),
    )


def _create_connections() -> None:
    owners = [("account_id", "google_accounts"), ("calendar_id", "content_calendars")]
    op.create_table(
        "sheet_connections",
        sa.Column("workspace_id", sa.String(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("id", "name", "account_id")),
        sa.Column("calendar_id", sa.String(), nullable=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("spreadsheet_id", "spreadsheet_title")),
        sa.Column("sheet_name", sa.String(), nullable=False),
        sa.Column("gid", sa.BigInteger(), nullable=True),
        sa.Column("range", sa.String(), nullable=False),
        sa.Column("permissions", sa.String(32), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("every_minutes", sa.Integer(), nullable=True),
        sa.Column("mirrors", sa.Boolean(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=True) for name in ("sync_id", "worker")),
        *(sa.Column(name, Moment(), nullable=True) for name in ("lease_until", "due_at")),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.Column("last_sync", Moment(), nullable=True),
        *(sa.Column(name, sa.String(), nullable=True) for name in ("last_error", "next_step")),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("seen", "figures")),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *(sa.Column(name, Moment(), nullable=False) for name in ("created_at", "updated_at")),
        *same_workspace("sheet_connections", owners),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("workspace_id", "id", name="uq_sheet_connections_own"),
    )
    op.create_index("ix_sheet_connections_due", "sheet_connections", ["due_at"], unique=False)


def _create_rows() -> None:
    op.create_table(
        "sheet_rows",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("pk", SERIAL, nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("connection_id", "row_id")),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("base", "ours", "refused", "items")),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("fault", "cell_fault")),
        *same_workspace("sheet_rows", [("connection_id", "sheet_connections")]),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("pk"),
        sa.UniqueConstraint("connection_id", "row_id", name="uq_sheet_rows_row"),
    )
    op.create_index("ix_sheet_rows_state", "sheet_rows", ["connection_id", "state", "pk"], unique=False)


def _create_writes() -> None:
    op.create_table(
        "sheet_writes",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("pk", SERIAL, nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("connection_id", "row_id")),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("old", "new")),
        *same_workspace("sheet_writes", [("connection_id", "sheet_connections")]),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("pk"),
    )
    op.create_index("ix_sheet_writes_connection", "sheet_writes", ["connection_id", "pk"], unique=False)


def _create_conflicts() -> None:
    texts = ("connection_id", "row_id", "title", "field", "sheet_value", "our_value")
    op.create_table(
        "sheet_conflicts",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("pk", SERIAL, nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in texts),
        sa.Column("winner", sa.String(32), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        *same_workspace("sheet_conflicts", [("connection_id", "sheet_connections")]),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("pk"),
    )
    op.create_index("ix_sheet_conflicts_at", "sheet_conflicts", ["connection_id", "pk"], unique=False)


def _create_syncs() -> None:
    op.create_table(
        "sheet_syncs",
        sa.Column("workspace_id", sa.String(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("id", "connection_id")),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("worker", sa.String(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=True) for name in ("error", "next_step")),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("finished_at", Moment(), nullable=True),
        *same_workspace("sheet_syncs", [("connection_id", "sheet_connections")]),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_sheet_syncs_started", "sheet_syncs", ["connection_id", "started_at", "id"], unique=False)
