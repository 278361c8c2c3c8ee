"""What the database itself refuses: other workspaces' rows and edits of the ledgers."""

from alembic import op

from core.storage.doors import APPLICATION_ROLE
from core.storage.migrations.guards import ALL_RIGHTS, guard, secure

revision = "0004"
down_revision = "0003"

WORKSPACE_TABLES = (
    "audit_entries",
    "channels",
    "content_calendars",
    "content_schedule_items",
    "contents",
    "idempotency_keys",
    "job_runs",
    "performance_kpi_events",
    "platform_timing_data",
    "post_outcomes",
    "publish_attempts",
    "recommended_schedule_slots",
    "revisions",
    "schedule_assignments",
    "schedule_exceptions",
    "user_scheduling_preferences",
)
LEDGERS = ("publish_attempts", "audit_entries")


def upgrade() -> None:
    """Install the guards that the database in use offers."""
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    if is_postgresql:
        _create_role()
        secure("workspaces", "id")
    for table in WORKSPACE_TABLES:
        guard(table, "SELECT, INSERT" if table in LEDGERS else ALL_RIGHTS)
    if not is_postgresql:
        for table in LEDGERS:
            _freeze(table)


def _create_role() -> None:
    # A role belongs to the whole server, so another database of this server may have created it.
    op.execute(
        f"DO $$ BEGIN CREATE ROLE {APPLICATION_ROLE} NOLOGIN; "
        "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    )
    op.execute(f"GRANT {APPLICATION_ROLE} TO CURRENT_USER")
    op.execute(f"GRANT USAGE ON SCHEMA public TO {APPLICATION_ROLE}")
    op.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {APPLICATION_ROLE}")


def _freeze(table: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_frozen BEFORE UPDATE ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'a ledger is added to, never edited'); END"
    )
