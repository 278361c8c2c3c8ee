"""A/B trials of timing: trials, their arms, and the ledger of the draw."""

import sqlalchemy as sa
from alembic import op

from core.storage.migrations.guards import freeze, guard, number
from core.storage.tables.base import SERIAL, same_workspace
from core.storage.types import Moment

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Create the tables."""
    _create_trials()
    _create_arms()
    _create_assignments()
    for table in ("trials", "trial_arms"):
        guard(table)
    guard("trial_assignments", "SELECT, INSERT")
    freeze("trial_assignments")
    for table in ("trial_arms", "trial_assignments"):
        number(table)


def _create_trials() -> None:
    ends = ("looked_at", "started_at", "ends_at", "stopped_at", "decided_at")
    op.create_table(
        "trials",
        sa.Column("workspace_id", sa.String(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("id", "name", "hypothesis")),
        *(sa.Column(name, sa.String(32), nullable=False) for name in ("state", "measure", "stopping")),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("channel_ids", "calendar_ids")),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("control", "seed")),
        *(sa.Column(name, sa.Float(), nullable=False) for name in ("alpha", "detect")),
        sa.Column("weeks", sa.Integer(), nullable=False),
        sa.Column("planned_posts", sa.Integer(), nullable=True),
        sa.Column("takes_new", sa.Boolean(), nullable=False),
        sa.Column("registration", sa.JSON(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=True),
        sa.Column("looks", sa.Integer(), nullable=False),
        *(sa.Column(name, Moment(), nullable=True) for name in ends),
        sa.Column("stop_reason", sa.String(), nullable=False),
        sa.Column("decision", sa.JSON(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *(sa.Column(name, Moment(), nullable=False) for name in ("created_at", "updated_at")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("workspace_id", "id", name="uq_trials_own"),
    )
    op.create_index("ix_trials_created", "trials", ["workspace_id", "created_at", "id"], unique=False)


def _create_arms() -> None:
    op.create_table(
        "trial_arms",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("pk", SERIAL, nullable=False),
        sa.Column("trial_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("strategy", sa.String(32), nullable=False),
        sa.Column("windows", sa.JSON(), nullable=False),
        *same_workspace("trial_arms", [("trial_id", "trials")]),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("pk"),
        sa.UniqueConstraint("trial_id", "name", name="uq_trial_arms_name"),
    )


def _create_assignments() -> None:
    op.create_table(
        "trial_assignments",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("pk", SERIAL, nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("trial_id", "item_id", "channel_id")),
        sa.Column("content_format", sa.String(32), nullable=False),
        sa.Column("block", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("arm", sa.String(), nullable=False),
        *(sa.Column(name, Moment(), nullable=False) for name in ("planned_at", "slot_at", "assigned_at")),
        sa.Column("assigned_by", sa.String(), nullable=False),
        *same_workspace("trial_assignments", [("trial_id", "trials")]),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("pk"),
        sa.UniqueConstraint("item_id", name="uq_trial_assignments_item"),
        sa.UniqueConstraint("trial_id", "block", "number", name="uq_trial_assignments_place"),
    )
    op.create_index("ix_trial_assignments_trial", "trial_assignments", ["trial_id", "pk"], unique=False)
