"""The audit log: who changed what, and when."""

from typing import Annotated

from fastapi import APIRouter, Query

from core.api.access import AdminReader
from core.api.answers import refusals
from core.api.shapes.administration import AuditQuery, AuditShape, audit_shape
from core.api.wire import Listing, Paging, listing
from core.services.audit import AuditFilter, page_audit

router = APIRouter(prefix="/v1/audit", tags=["Audit"])


@router.get("", responses=refusals())
def read(query: Annotated[AuditQuery, Query()], access: AdminReader) -> Listing[AuditShape]:
    """List the lines of the log, newest first."""
    wanted = AuditFilter(query.actor, query.action, query.subject, query.subject_kind)
    page, following = page_audit(access.ctx, wanted, query.limit, query.cursor)
    return listing([audit_shape(line) for line in page], Paging(limit=query.limit), following)
