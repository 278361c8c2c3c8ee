"""Platforms: what each accepts, when research says to post there and how often."""

from fastapi import APIRouter

from core.api.access import SchedulingReader
from core.api.answers import refusals
from core.api.shapes.references import PlatformShape, platform_shapes
from core.api.wire import Listing, whole_listing

router = APIRouter(prefix="/v1/scheduling/platforms", tags=["Platforms"])


@router.get("", responses=refusals())
def list_platforms(access: SchedulingReader) -> Listing[PlatformShape]:
    """List the platforms of this installation."""
    return whole_listing(platform_shapes(access.ctx.reference))
