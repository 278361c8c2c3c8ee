"""Templates of bulk jobs that everybody sees, and the one draft that each person can come back to."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from core.bulk.words import TemplateKind
from core.errors import Invalid, NotFound, Problem, StaleEdit
from core.services.audit import Action, record
from core.services.context import Context
from core.storage.ids import IdPrefix, new_id
from core.storage.tables import BulkTemplate
from core.storage.tenancy import ScopedSession

TEMPLATE = "template"
"""How errors and the audit log name a template."""

DRAFT = "draft of a batch"

NAMES = range(1, 101)
MOST_TEMPLATES = 200


@dataclass(frozen=True)
class TemplateView:
    """The settings of a job under a name; `content` is what was saved."""

    id: str
    name: str
    content: Mapping[str, Any]
    created_by: str
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class DraftView:
    """What somebody left of a batch, None where nothing; its version counts on through every change."""

    content: Mapping[str, Any] | None
    version: int


def save_template(ctx: Context, name: str, content: Mapping[str, Any]) -> TemplateView:
    """Keep settings under a name, in place of what it held before (Invalid)."""
    if len(name.strip()) not in NAMES:
        raise Invalid((Problem("name", name, f"use {NAMES.start} to {NAMES.stop - 1} characters"),))
    with ctx.write() as session:
        _refuse_more(session, name.strip())
        row = _put(session, ctx, TemplateKind.TEMPLATE, name.strip(), content)
        action = Action.CREATED if row.version == 1 else Action.EDITED
        record(session, ctx, action, TEMPLATE, row.id, {"name": row.name})
        return _view(row)


def list_templates(ctx: Context) -> tuple[TemplateView, ...]:
    """Return the templates of the workspace by name."""
    rows = select(BulkTemplate).where(BulkTemplate.kind == TemplateKind.TEMPLATE).order_by(col(BulkTemplate.name))
    with ctx.read() as session:
        return tuple(map(_view, session.scalars(rows)))


def find_template(ctx: Context, template_id: str) -> TemplateView:
    """Return one template (NotFound)."""
    with ctx.read() as session:
        return _view(_template(session, template_id))


def delete_template(ctx: Context, template_id: str) -> None:
    """Remove a template; jobs that were made from it stay (NotFound)."""
    with ctx.write() as session:
        row = _template(session, template_id)
        session.delete(row)
        record(session, ctx, Action.DELETED, TEMPLATE, row.id, {"name": row.name})


def save_draft(ctx: Context, content: Mapping[str, Any], after: int | None = None) -> int:
    """Keep what the acting person has filled in so far, and return its version.

    `after` is the version it was made from, 0 where there was none: another tab that wrote meanwhile is not overwritten
    (StaleEdit). What screens keep of the workspace stays: nobody else sees a draft.
    """
    with _quietly(ctx) as session:
        row = _named(session, TemplateKind.DRAFT, ctx.actor)
        actual = row.version if row else 0
        if after is not None and actual != after:
            raise StaleEdit(kind=DRAFT, expected=after, actual=actual)
        return _put(session, ctx, TemplateKind.DRAFT, ctx.actor, content).version


def load_draft(ctx: Context) -> DraftView:
    """Return what the acting person left."""
    with ctx.read() as session:
        row = _named(session, TemplateKind.DRAFT, ctx.actor)
        return DraftView(None, 0) if row is None else DraftView(row.content or None, row.version)


def discard_draft(ctx: Context) -> int:
    """Forget what the acting person left, and return the version of having nothing.

    An empty draft stays behind: versions go on, so that a tab that still shows the old one is told.
    """
    with _quietly(ctx) as session:
        row = _named(session, TemplateKind.DRAFT, ctx.actor)
        return 0 if row is None else _put(session, ctx, TemplateKind.DRAFT, ctx.actor, {}).version


@contextmanager
def _quietly(ctx: Context) -> Iterator[ScopedSession]:
    """Open the writing door so that nothing that screens keep is read anew."""
    if ctx.transaction is not None:
        yield ctx.transaction
        return
    with ctx.db.write(ctx.workspace, moves_revision=False) as session:
        yield session


def _put(
    session: ScopedSession, ctx: Context, kind: TemplateKind, name: str, content: Mapping[str, Any]
) -> BulkTemplate:
    row, now = _named(session, kind, name), ctx.now()
    if row is not None:
        row.sqlmodel_update({"content": dict(content), "version": row.version + 1, "updated_at": now})
        return row
    row = BulkTemplate(
        id=new_id(IdPrefix.TEMPLATE),
        kind=kind,
        name=name,
        content=dict(content),
        created_by=ctx.actor,
        created_at=now,
        updated_at=now,
    )
    session.add(row)
    session.flush()
    return row


def _refuse_more(session: ScopedSession, name: str) -> None:
    rows = session.scalars(select(BulkTemplate.name).where(BulkTemplate.kind == TemplateKind.TEMPLATE)).all()
    if name not in rows and len(rows) >= MOST_TEMPLATES:
        raise Invalid((Problem("name", name, f"there are {MOST_TEMPLATES} templates; delete one first"),))


def _named(session: ScopedSession, kind: TemplateKind, name: str) -> BulkTemplate | None:
    rows = select(BulkTemplate).where(BulkTemplate.kind == kind, BulkTemplate.name == name)
    return session.scalars(rows).one_or_none()


def _template(session: ScopedSession, template_id: str) -> BulkTemplate:
    row = session.get(BulkTemplate, template_id)
    if row is None or row.kind is not TemplateKind.TEMPLATE:
        raise NotFound(kind=TEMPLATE, id=template_id)
    return row


def _view(row: BulkTemplate) -> TemplateView:
    return TemplateView(row.id, row.name, row.content, row.created_by, row.version, row.created_at, row.updated_at)
