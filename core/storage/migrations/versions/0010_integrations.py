"""What integrators send: their own ids of contents, the batch a calendar belongs to, how late an item may be."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the columns; nothing there is so far came from an integrator."""
    op.add_column("contents", sa.Column("external_id", sa.String(), nullable=True))
    op.create_index("ix_contents_external", "contents", ["workspace_id", "external_id"], unique=False)
    op.add_column("content_calendars", sa.Column("bulk_job_id", sa.String(), nullable=True))
    op.execute("DELETE FROM idempotency_keys")  # they remembered ids, from now on whole answers; they last a day anyway
    op.add_column("content_schedule_items", sa.Column("lateness_grace_seconds", sa.Integer(), nullable=True))
