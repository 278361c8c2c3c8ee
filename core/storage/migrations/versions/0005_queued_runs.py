"""Runs that wait for an engine: what was ordered, who works on it, and how often it was begun."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the columns; runs of before waited for nobody."""
    op.add_column("job_runs", sa.Column("payload", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("job_runs", sa.Column("worker", sa.String(), nullable=True))
    op.add_column("job_runs", sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_job_runs_state", "job_runs", ["state"], unique=False)
