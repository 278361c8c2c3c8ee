"""Trials may draw whole days: what the draw of a trial gives arms to."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Add the column; every trial there is draws posts."""
    op.add_column("trials", sa.Column("unit", sa.String(32), nullable=False, server_default="posts"))
