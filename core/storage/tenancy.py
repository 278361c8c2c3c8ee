"""Keeps a session inside its workspace: a criterion on every query, a check on every write.

PostgreSQL adds row-level security below this; on SQLite this is the fence. The same hooks note which watched rows
change, so that the door can write their events, and refuse the changes they would not see.
"""

from functools import lru_cache
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction, UOWTransaction, with_loader_criteria
from sqlalchemy.orm.util import LoaderCriteriaOption
from sqlalchemy.sql.dml import Insert, Update

from core.errors import TenancyViolation, UntoldChange
from core.storage.tables import Revision, Workspace, WorkspaceRow
from core.storage.touches import WATCHED, Touches

MOST_WORKSPACES = 1_000
"""Whose criteria are kept: making them takes as long as two queries."""

TOLD = "slotwise_told"
"""Execution option of a bulk change whose events somebody sees to; only `change_told` sets it."""


class ScopedSession(Session):
    """A session of one workspace; the door that opened it begins and ends its transaction."""

    workspace: str
    writable: bool
    criteria: tuple[LoaderCriteriaOption, ...]
    touches: Touches

    def commit(self) -> None:
        """Refused: the door commits when its block ends."""
        raise RuntimeError("the door commits; leave its block instead")


def fence(session: ScopedSession, workspace: str, *, writable: bool) -> None:
    """Confine a new session to its workspace before it is used."""
    session.workspace, session.writable, session.criteria = workspace, writable, _criteria(workspace)
    session.touches = Touches()
    event.listen(session, "after_transaction_create", _begin_savepoint)
    event.listen(session, "after_soft_rollback", _end_savepoint)
    event.listen(session, "do_orm_execute", _confine_statement)
    event.listen(session, "before_flush", _confine_flush)


def _confine_statement(state: ORMExecuteState) -> None:
    session = _scoped(state.session)
    if not state.is_orm_statement:
        raise TenancyViolation(what="raw SQL cannot be confined to a workspace; use the mapped tables")
    if not (state.is_select or session.writable):
        raise TenancyViolation(what="the reading door does not write")
    refuse_untold(state)
    if isinstance(state.statement, Insert):
        _check_insert(session, state)
        return
    if isinstance(state.statement, Update) and "workspace_id" in _assigned(state.statement):
        raise TenancyViolation(what="a row never moves to another workspace")
    state.statement = state.statement.options(*session.criteria)


def refuse_untold(state: ORMExecuteState) -> None:
    """Refuse a bulk change of a watched table that nobody tells of (UntoldChange)."""
    if state.bind_mapper is None or state.is_select or state.execution_options.get(TOLD, False):
        return
    removes_what_is_old = state.is_delete and not isinstance(state.session, ScopedSession)
    table = state.bind_mapper.class_
    if table in WATCHED and not removes_what_is_old:
        raise UntoldChange(table=table.__name__)


def _begin_savepoint(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        _scoped(session).touches.mark(transaction)


def _end_savepoint(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        _scoped(session).touches.go_back(transaction)


@lru_cache(maxsize=MOST_WORKSPACES)
def _criteria(workspace: str) -> tuple[LoaderCriteriaOption, ...]:
    # Lambdas, not expressions: only they are applied to aliases of a table as well. One for the class that all tables
    # of a workspace share, not one for each: every statement carries them. SQLAlchemy tries a lambda on the first class
    # it is for, so Revision goes first: WorkspaceRow itself has no columns.
    tenant = with_loader_criteria(Workspace, lambda table: table.id == workspace, include_aliases=True)
    owned = (
        with_loader_criteria(table, lambda table: table.workspace_id == workspace, include_aliases=True)
        for table in (Revision, WorkspaceRow)
    )
    return (tenant, *owned)


def _assigned(statement: Update) -> set[str]:
    return set(statement.compile().params)


def _check_insert(session: ScopedSession, state: ORMExecuteState) -> None:
    """Stamp rows that name no workspace and refuse those that name another one."""
    given: Any = state.parameters or {}
    for row in given if isinstance(given, list) else [given]:
        if row.setdefault("workspace_id", session.workspace) != session.workspace:
            raise TenancyViolation(what=f"insert for workspace {row['workspace_id']!r}")


def _confine_flush(session: Session, context: UOWTransaction, instances: object) -> None:  # noqa: ARG001 - SQLAlchemy's signature
    scoped = _scoped(session)
    for row in (*session.new, *session.dirty, *session.deleted):
        if not scoped.writable:
            raise TenancyViolation(what="the reading door does not write")
        _check_row(row, scoped.workspace)
    scoped.touches.note_flush(session)


def _check_row(row: object, workspace: str) -> None:
    if isinstance(row, Workspace):
        owner = row.id
    elif isinstance(row, WorkspaceRow):
        row.workspace_id = row.workspace_id or workspace
        owner = row.workspace_id
    else:
        raise TenancyViolation(what=f"{type(row).__name__} belongs to no workspace")
    if owner != workspace:
        raise TenancyViolation(what=f"{type(row).__name__} of workspace {owner!r}")


def refuse_writes(session: Session, context: UOWTransaction, instances: object) -> None:  # noqa: ARG001 - SQLAlchemy's signature
    """Keep a session that only reads from writing rows."""
    if session.new or session.dirty or session.deleted:
        raise TenancyViolation(what="the reading door does not write")


def refuse_told_rows(session: Session, context: UOWTransaction, instances: object) -> None:  # noqa: ARG001 - SQLAlchemy's signature
    """Keep the system door from changing watched rows: it writes no events (UntoldChange)."""
    for row in (*session.new, *session.dirty):
        if isinstance(row, WATCHED):
            raise UntoldChange(table=type(row).__name__)


def _scoped(session: Session) -> ScopedSession:
    if not isinstance(session, ScopedSession):
        raise TypeError(f"a door opens ScopedSession, not {type(session).__name__}")
    return session
