"""What posts earned and what was recommended."""

import sqlalchemy as sa
from alembic import op

from core.storage.tables.base import SERIAL, same_workspace
from core.storage.types import Moment

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the tables, those that others refer to first."""
    _create_platform_timing_data()
    _create_post_outcomes()
    _create_recommended_schedule_slots()
    _create_performance_kpi_events()


def _create_platform_timing_data() -> None:
    op.create_table(
        "platform_timing_data",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("pk", SERIAL, nullable=False),
        sa.Column("channel_id", sa.String(), nullable=False),
        sa.Column("content_format", sa.String(), nullable=False),
        sa.Column("hour_of_week", sa.Integer(), nullable=False),
        sa.Column("posts", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("mean", sa.Float(), nullable=False),
        sa.Column("m2", sa.Float(), nullable=False),
        *same_workspace("platform_timing_data", [("channel_id", "channels")]),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("pk"),
        sa.UniqueConstraint("channel_id", "content_format", "hour_of_week", name="uq_platform_timing_data_cell"),
    )


def _create_post_outcomes() -> None:
    op.create_table(
        "post_outcomes",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("pk", SERIAL, nullable=False),
        sa.Column("channel_id", sa.String(), nullable=False),
        sa.Column("post_id", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=True),
        sa.Column("published_at", Moment(), nullable=True),
        sa.Column("hour_of_week", sa.Integer(), nullable=True),
        sa.Column("content_format", sa.String(32), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("engagement", sa.Float(), nullable=True),
        sa.Column("measured_at", Moment(), nullable=False),
        sa.Column("fingerprint", sa.BigInteger(), nullable=False),
        *same_workspace("post_outcomes", [("channel_id", "channels")]),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("pk"),
        sa.UniqueConstraint("channel_id", "post_id", name="uq_post_outcomes_post"),
        sa.UniqueConstraint("workspace_id", "pk", name="uq_post_outcomes_own"),
    )
    op.create_index("ix_post_outcomes_time", "post_outcomes", ["channel_id", "published_at"], unique=False)


def _create_recommended_schedule_slots() -> None:
    op.create_table(
        "recommended_schedule_slots",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("channel_id", sa.String(), nullable=False),
        sa.Column("content_format", sa.String(32), nullable=True),
        sa.Column("window_start", Moment(), nullable=False),
        sa.Column("window_end", Moment(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("expected_lift", sa.Float(), nullable=False),
        sa.Column("interval_low", sa.Float(), nullable=False),
        sa.Column("interval_high", sa.Float(), nullable=False),
        sa.Column("sample_size", sa.Integer(), nullable=False),
        sa.Column("basis", sa.String(32), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        *same_workspace("recommended_schedule_slots", [("channel_id", "channels")]),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("id"),
    )


def _create_performance_kpi_events() -> None:
    op.create_table(
        "performance_kpi_events",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("outcome_pk", sa.BigInteger(), nullable=False),
        sa.Column("metric", sa.String(32), nullable=False),
        sa.Column("measured_at", Moment(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "outcome_pk"],
            ["post_outcomes.workspace_id", "post_outcomes.pk"],
            name="fk_performance_kpi_events_outcome_pk",
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("outcome_pk", "metric", "measured_at"),
        sqlite_with_rowid=False,
    )
