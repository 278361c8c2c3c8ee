"""The guards every workspace table gets: row-level security on PostgreSQL, a pinned workspace on SQLite."""

from alembic import op

from core.storage.doors import APPLICATION_ROLE

ALL_RIGHTS = "SELECT, INSERT, UPDATE, DELETE"


def guard(table: str, rights: str = ALL_RIGHTS) -> None:
    """Confine a table that has a `workspace_id` to the workspace that the door names."""
    if op.get_bind().dialect.name == "postgresql":
        secure(table, "workspace_id", rights)
    else:
        _pin_workspace(table)


def secure(table: str, owner: str, rights: str = ALL_RIGHTS) -> None:
    """Let the application's role see and write only rows whose `owner` is the workspace that the door named."""
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


def freeze(table: str) -> None:
    """Let nobody edit a table's rows: PostgreSQL refuses by the rights `guard` gives, SQLite by a trigger."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER {table}_frozen BEFORE UPDATE ON {table} "
            "BEGIN SELECT RAISE(ABORT, 'a ledger is added to, never edited'); END"
        )


def number(table: str, column: str = "pk") -> None:
    """Let the application's role draw the numbers of a table's new rows."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"GRANT USAGE ON SEQUENCE {table}_{column}_seq TO {APPLICATION_ROLE}")
