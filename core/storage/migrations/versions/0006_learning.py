"""What is learned, month by month: exact tallies of outcomes, snapshots at two days of age, peers, exploration."""

import sqlalchemy as sa
from alembic import op

from core.storage.migrations.guards import guard
from core.storage.tables.base import same_workspace

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the tallies and add the columns; a channel is tallied with its next import."""
    op.create_table(
        "timing_tallies",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("channel_id", sa.String(), nullable=False),
        sa.Column("content_format", sa.String(), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("hour_of_week", sa.Integer(), nullable=False),
        sa.Column("posts", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("squares", sa.BigInteger(), nullable=False),
        *same_workspace("timing_tallies", [("channel_id", "channels")]),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("channel_id", "content_format", "month", "hour_of_week"),
        sqlite_with_rowid=False,
    )
    guard("timing_tallies")
    op.add_column("post_outcomes", sa.Column("early_engagement", sa.Float(), nullable=True))
    op.add_column("post_outcomes", sa.Column("outcome", sa.Integer(), nullable=True))
    op.add_column("channels", sa.Column("is_peer", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("channels", sa.Column("exploration_percent", sa.Integer(), nullable=False, server_default="0"))
