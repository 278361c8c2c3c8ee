"""Bulk jobs: jobs, their rows, templates and drafts."""

import sqlalchemy as sa
from alembic import op

from core.storage.migrations.guards import guard, number
from core.storage.tables.base import SERIAL, same_workspace
from core.storage.types import Moment

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Create the tables."""
    _create_jobs()
    _create_rows()
    _create_templates()
    for table in ("bulk_jobs", "bulk_rows", "bulk_templates"):
        guard(table)
    number("bulk_rows")


def _create_jobs() -> None:
    moments = ("starts_at", "ends_at", "deadline_at", "served_at", "rest_until", "told_at")
    op.create_table(
        "bulk_jobs",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        *(sa.Column(name, sa.String(32), nullable=False) for name in ("operation", "priority", "state", "mode")),
        *(sa.Column(name, sa.String(32), nullable=False) for name in ("level", "row_order")),
        sa.Column("max_concurrent", sa.Integer(), nullable=False),
        sa.Column("priority_queue", sa.Boolean(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("deadline_ms", sa.BigInteger(), nullable=True),
        *(sa.Column(name, Moment(), nullable=True) for name in moments),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("rules", "callbacks", "source")),
        sa.Column("calendar_id", sa.String(), nullable=True),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("step", sa.String(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("total", "done", "failed", "skipped")),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("pace", "throttle")),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        *(sa.Column(name, Moment(), nullable=True) for name in ("queued_at", "started_at", "finished_at")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("workspace_id", "id", name="uq_bulk_jobs_own"),
    )
    op.create_index("ix_bulk_jobs_state", "bulk_jobs", ["state"], unique=False)
    op.create_index("ix_bulk_jobs_created", "bulk_jobs", ["workspace_id", "created_at", "id"], unique=False)
    counted = ["workspace_id", "state", "done", "failed", "version"]
    op.create_index("ix_bulk_jobs_counts", "bulk_jobs", counted, unique=False)


def _create_rows() -> None:
    op.create_table(
        "bulk_rows",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("pk", SERIAL, nullable=False),
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("payload", "platforms", "result", "reasons")),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("priority", sa.String(32), nullable=False),
        sa.Column("complexity", sa.Float(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(), nullable=True),
        *(sa.Column(name, Moment(), nullable=True) for name in ("not_before", "lease_until")),
        *(sa.Column(name, Moment(), nullable=True) for name in ("started_at", "finished_at")),
        *same_workspace("bulk_rows", [("job_id", "bulk_jobs")]),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("pk"),
        sa.UniqueConstraint("job_id", "number", name="uq_bulk_rows_number"),
    )
    op.create_index("ix_bulk_rows_turn", "bulk_rows", ["job_id", "state", "turn"], unique=False)
    op.create_index("ix_bulk_rows_state", "bulk_rows", ["state", "lease_until"], unique=False)
    op.create_index("ix_bulk_rows_started", "bulk_rows", ["job_id", "started_at"], unique=False)
    op.create_index("ix_bulk_rows_shown", "bulk_rows", ["job_id", "state", "number"], unique=False)


def _create_templates() -> None:
    op.create_table(
        "bulk_templates",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("workspace_id", "kind", "name", name="uq_bulk_templates_name"),
    )
