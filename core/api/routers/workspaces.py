"""Workspaces: read and edit one's own; on a machine that nobody else can reach, all of them."""

from typing import Annotated

from fastapi import APIRouter, Path

from core.api.access import Access, AdminReader, AdminWriter
from core.api.answers import refusals
from core.api.shapes.administration import WorkspacePatch, WorkspaceShape, workspace_shape
from core.api.wire import Listing, Resource, whole_listing
from core.bootstrap import LOCAL_OWNER
from core.errors import NotFound
from core.services.context import Context
from core.services.workspaces import WorkspaceView, edit_workspace, find_workspace, list_workspaces

router = APIRouter(prefix="/v1/workspaces", tags=["Workspaces"])

WorkspaceId = Annotated[str, Path(max_length=64, examples=["ws_5f0c1a9b2d3e4f5061728394"])]
IN_USE = "active"
"""The state of every workspace: none can be closed yet."""


@router.get("", responses=refusals())
def list_own(access: AdminReader) -> Listing[WorkspaceShape]:
    """List the workspaces that the caller may enter."""
    found = list_workspaces(access.house.db) if _is_local(access) else (find_workspace(access.ctx),)
    return whole_listing([workspace_shape(each) for each in found])


@router.get("/{workspace_id}", responses=refusals(404))
def read(workspace_id: WorkspaceId, access: AdminReader) -> Resource[WorkspaceShape]:
    """Read a workspace."""
    return _resource(find_workspace(_entered(access, workspace_id)))


@router.patch("/{workspace_id}", responses=refusals(404))
def edit(workspace_id: WorkspaceId, body: WorkspacePatch, access: AdminWriter) -> Resource[WorkspaceShape]:
    """Change a workspace: name, time zone and publishing policy."""
    with _entered(access, workspace_id).together() as ctx:
        return _resource(edit_workspace(ctx, body.edit(find_workspace(ctx))))


def _entered(access: Access, workspace_id: str) -> Context:
    """Return the context in a workspace the caller may enter; any other one does not exist for them (NotFound)."""
    if workspace_id != access.caller.workspace and not _is_local(access):
        raise NotFound(kind="workspace", id=workspace_id)
    return access.ctx.within(workspace_id)


def _is_local(access: Access) -> bool:
    """Say whether the caller was let in without a key, as the person at this machine."""
    return access.caller.key_id is None and access.caller.actor == LOCAL_OWNER


def _resource(workspace: WorkspaceView) -> Resource[WorkspaceShape]:
    return Resource(data=workspace_shape(workspace), id=workspace.id, state=IN_USE)
