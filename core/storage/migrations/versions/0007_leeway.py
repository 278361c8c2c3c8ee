"""How far the planner may move an item: whether its time is kept, and the window it stays in."""

import sqlalchemy as sa
from alembic import op

from core.storage.types import Moment

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the columns; every item there is may be moved freely until somebody says otherwise."""
    op.add_column("content_schedule_items", sa.Column("fixed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("content_schedule_items", sa.Column("not_before", Moment(), nullable=True))
    op.add_column("content_schedule_items", sa.Column("not_after", Moment(), nullable=True))
