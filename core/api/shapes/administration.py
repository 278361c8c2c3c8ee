"""Workspaces and the audit log on the wire."""

from typing import Annotated

from pydantic import Field

from core.api.shapes.calendars import Zone
from core.api.wire import Body, Metadata, Moment, Paging, Shape, Whole
from core.services.audit import Action, AuditView
from core.services.workspaces import WorkspaceEdit, WorkspaceView
from core.vocabulary import LatenessPolicy


class AuditQuery(Paging):
    """Which lines are wanted; what is left out does not restrict."""

    actor: str | None = Field(None, max_length=200)
    action: Action | None = None
    subject: str | None = Field(None, max_length=200, description="Id of what was changed.")
    subject_kind: str | None = Field(None, max_length=40, examples=["item"])


class AuditShape(Shape):
    """Who changed what, and when."""

    at: Moment
    actor: str
    action: str
    subject_kind: str
    subject_id: str
    detail: Metadata


class WorkspacePatch(Body):
    """What to change of a workspace; what is left out stays as it is."""

    name: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    timezone: Zone | None = None
    lateness_policy: LatenessPolicy | None = None
    lateness_grace_minutes: Annotated[Whole, Field(ge=0, le=10_080)] | None = None
    max_attempts: Annotated[Whole, Field(ge=1, le=20)] | None = None

    def edit(self, known: WorkspaceView) -> WorkspaceEdit:
        """Return the whole policy: what is said, and for the rest what stands."""
        stands = {name: getattr(known, name) for name in WorkspaceEdit.__dataclass_fields__}
        return WorkspaceEdit(**{**stands, **self.model_dump(exclude_none=True)})


class WorkspaceShape(Shape):
    """A workspace and its publishing policy: what becomes of items that are late, and how often one is tried."""

    id: str
    name: str
    timezone: str
    lateness_policy: LatenessPolicy
    lateness_grace_minutes: int
    max_attempts: int


def audit_shape(line: AuditView) -> AuditShape:
    """Return a line of the log as it is sent."""
    return AuditShape(**{**vars(line), "detail": dict(line.detail)})


def workspace_shape(workspace: WorkspaceView) -> WorkspaceShape:
    """Return a workspace as it is sent."""
    return WorkspaceShape(**vars(workspace))
