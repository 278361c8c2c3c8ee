"""Runs the steps on the connection that core.storage.migrate opened."""

from alembic import context
from sqlmodel import SQLModel

import core.storage.tables  # noqa: F401 - fills SQLModel.metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=SQLModel.metadata, compare_type=True)
context.run_migrations()
