"""What goes out: contents, calendars, items, claims, attempts."""

import sqlalchemy as sa
from alembic import op

from core.storage.tables.base import SERIAL, same_workspace
from core.storage.types import Moment

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables, those that others refer to first."""
    _create_content_calendars()
    _create_contents()
    _create_content_schedule_items()
    _create_publish_attempts()
    _create_schedule_assignments()


def _create_content_calendars() -> None:
    op.create_table(
        "content_calendars",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("workspace_id", "id", name="uq_content_calendars_own"),
    )


def _create_contents() -> None:
    op.create_table(
        "contents",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("content_format", sa.String(32), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("media", sa.JSON(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("tone", sa.String(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("workspace_id", "id", name="uq_contents_own"),
    )


def _create_content_schedule_items() -> None:
    op.create_table(
        "content_schedule_items",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("calendar_id", sa.String(), nullable=False),
        sa.Column("content_id", sa.String(), nullable=False),
        sa.Column("channel_id", sa.String(), nullable=False),
        sa.Column("scheduled_at", Moment(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("lateness_policy", sa.String(32), nullable=True),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("recommended_slot_id", sa.String(), nullable=True),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("remote_id", sa.String(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("published_at", Moment(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        *same_workspace(
            "content_schedule_items",
            [("calendar_id", "content_calendars"), ("channel_id", "channels"), ("content_id", "contents")],
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("workspace_id", "id", name="uq_content_schedule_items_own"),
    )
    op.create_index("ix_items_calendar", "content_schedule_items", ["calendar_id"], unique=False)
    op.create_index("ix_items_due", "content_schedule_items", ["state", "due_at"], unique=False)
    op.create_index("ix_items_time", "content_schedule_items", ["workspace_id", "scheduled_at"], unique=False)


def _create_publish_attempts() -> None:
    op.create_table(
        "publish_attempts",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("pk", SERIAL, nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(32), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("worker", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        *same_workspace("publish_attempts", [("item_id", "content_schedule_items")]),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("pk"),
        sa.UniqueConstraint("item_id", "attempt", "step", name="uq_publish_attempts_step"),
    )


def _create_schedule_assignments() -> None:
    op.create_table(
        "schedule_assignments",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("worker", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("claimed_at", Moment(), nullable=False),
        sa.Column("lease_until", Moment(), nullable=False),
        *same_workspace("schedule_assignments", [("item_id", "content_schedule_items")]),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("item_id", name="uq_schedule_assignments_item"),
    )
    op.create_index(op.f("ix_schedule_assignments_lease_until"), "schedule_assignments", ["lease_until"], unique=False)
