"""Workspaces: create, list, edit, and the number that every write moves."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam
from sqlalchemy.orm import Session
from sqlmodel import col, select

from core.calendar.zones import load_zone
from core.errors import Invalid, Problem
from core.services.audit import Action, record
from core.services.context import Context
from core.services.rows import find
from core.storage.doors import Database
from core.storage.ids import IdPrefix, new_id
from core.storage.tables import Revision, Workspace
from core.vocabulary import LatenessPolicy

DEFAULT_NAME = "My team"
NAME_LIMIT = 100

_REVISION = select(Revision.value).where(Revision.workspace_id == bindparam("workspace"))


@dataclass(frozen=True)
class WorkspaceView:
    """A workspace and its publishing policy."""

    id: str
    name: str
    timezone: str
    lateness_policy: LatenessPolicy
    lateness_grace_minutes: int
    max_attempts: int


@dataclass(frozen=True)
class WorkspaceEdit:
    """The policy of a workspace as a person wants it."""

    name: str
    timezone: str
    lateness_policy: LatenessPolicy
    lateness_grace_minutes: int
    max_attempts: int


def list_workspaces(db: Database) -> tuple[WorkspaceView, ...]:
    """Return all workspaces of this installation, oldest first."""
    with db.system(writable=False) as session:
        rows = session.scalars(select(Workspace).order_by(col(Workspace.created_at), col(Workspace.id)))
        return tuple(_view(row) for row in rows)


def create_workspace(db: Database, name: str, timezone: str, now: datetime) -> WorkspaceView:
    """Add an empty workspace (Invalid: name or zone)."""
    _check(name, timezone)
    with db.system() as session:
        return _view(_add(session, name.strip(), timezone, now))


def ensure_workspace(db: Database, timezone: str, now: datetime) -> WorkspaceView:
    """Return the oldest workspace, creating one in a new installation; two processes may ask at once."""
    load_zone(timezone)
    with db.system() as session:
        if session.get_bind().dialect.name == "postgresql":
            session.connection().exec_driver_sql("LOCK TABLE workspaces IN SHARE ROW EXCLUSIVE MODE")
        first = session.scalars(select(Workspace).order_by(col(Workspace.created_at)).limit(1)).first()
        return _view(first or _add(session, DEFAULT_NAME, timezone, now))


def find_workspace(ctx: Context) -> WorkspaceView:
    """Return the workspace of this context."""
    with ctx.read() as session:
        return _view(find(session, Workspace, ctx.workspace, "workspace"))


def edit_workspace(ctx: Context, edit: WorkspaceEdit) -> WorkspaceView:
    """Change name, zone and publishing policy (Invalid names the field)."""
    _check(edit.name, edit.timezone)
    _check_policy(edit)
    with ctx.write() as session:
        row = find(session, Workspace, ctx.workspace, "workspace")
        row.sqlmodel_update({**vars(edit), "name": edit.name.strip()})
        record(session, ctx, Action.EDITED, "workspace", row.id)
        return _view(row)


def read_revision(ctx: Context) -> int:
    """Return how many writes this workspace has seen; caches are keyed by it.

    Every kept answer costs this query, so it goes through no session and names the workspace itself.
    """
    if ctx.transaction is not None:
        wanted = select(Revision.value).where(Revision.workspace_id == ctx.workspace)
        return ctx.transaction.scalars(wanted).one_or_none() or 0
    return revision_of(ctx.db, ctx.workspace)


def revision_of(db: Database, workspace: str) -> int:
    """Return how many writes a workspace has seen, 0 where there is none."""
    found = db.glance(_REVISION, workspace=workspace)
    return int(found[0]) if found else 0


def _add(session: Session, name: str, timezone: str, now: datetime) -> Workspace:
    row = Workspace(id=new_id(IdPrefix.WORKSPACE), name=name, timezone=timezone, created_at=now)
    session.add(row)
    session.flush()
    session.add(Revision(workspace_id=row.id))
    return row


def _check(name: str, timezone: str) -> None:
    load_zone(timezone)
    if not 1 <= len(name.strip()) <= NAME_LIMIT:
        raise Invalid((Problem("name", name, f"use 1 to {NAME_LIMIT} characters"),))


def _check_policy(edit: WorkspaceEdit) -> None:
    problems = []
    if not 0 <= edit.lateness_grace_minutes <= 7 * 24 * 60:
        problems.append(Problem("lateness_grace_minutes", str(edit.lateness_grace_minutes), "use 0 to 10080 minutes"))
    if not 1 <= edit.max_attempts <= 20:  # noqa: PLR2004 - the sentence beside it says the bound
        problems.append(Problem("max_attempts", str(edit.max_attempts), "use 1 to 20 tries"))
    if problems:
        raise Invalid(tuple(problems))


def _view(row: Workspace) -> WorkspaceView:
    return WorkspaceView(
        row.id, row.name, row.timezone, row.lateness_policy, row.lateness_grace_minutes, row.max_attempts
    )
