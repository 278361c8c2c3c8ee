"""What the database itself refuses: other workspaces' rows and edits of the ledgers."""

from alembic import op

from core.storage.doors import APPLICATION_ROLE

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
    if op.get_bind().dialect.name == "postgresql":
        _create_role()
        _secure("workspaces", "id")
        for table in WORKSPACE_TABLES:
            _secure(table, "workspace_id")
    else:
        for table in WORKSPACE_TABLES:
            _pin_workspace(table)
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


def _secure(table: str, owner: str) -> None:
    """Let the application's role see and write only rows of the workspace that the door named."""
    rights = "SELECT, INSERT" if table in LEDGERS else "SELECT, INSERT, UPDATE, DELETE"
    mine = f"{owner} = current_setting('slotwise.workspace', true)"
    op.execute(f"GRANT {rights} ON {table} TO {APPLICATION_ROLE}")
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY own_workspace ON {table} TO {APPLICATION_ROLE} USING ({mine}) WITH CHECK ({mine})")


def _pin_workspace(table: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_stays BEFORE UPDATE OF workspace_id ON {table} "
        "WHEN NEW.workspace_id IS NOT OLD.workspace_id "
        "BEGIN SELECT RAISE(ABORT, 'a row never moves to another workspace'); END"
    )


def _freeze(table: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_frozen BEFORE UPDATE ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'a ledger is added to, never edited'); END"
    )
