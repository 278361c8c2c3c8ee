"""Preferences: how often and when each platform is posted on."""

from collections.abc import Iterator, Mapping

from fastapi import APIRouter

from core.api.access import SchedulingReader, SchedulingWriter
from core.api.answers import refusals
from core.api.places import Faults, as_on_the_wire
from core.api.shapes.preferences import PreferenceBody, PreferencesBody, PreferenceShape, preference_shape
from core.api.wire import Listing, whole_listing
from core.content.platforms import find_platform
from core.errors import Invalid, Problem
from core.services.context import Context
from core.services.preferences import clear_preference, list_preferences, save_preference
from core.services.workspaces import find_workspace

router = APIRouter(prefix="/v1/scheduling/preferences", tags=["Preferences"])


@router.get("", responses=refusals())
def read(access: SchedulingReader) -> Listing[PreferenceShape]:
    """List the preferences that are set, by platform."""
    return _listing(access.ctx)


@router.put("", responses=refusals())
def save(body: PreferencesBody, access: SchedulingWriter) -> Listing[PreferenceShape]:
    """Set or clear the preferences of the platforms that are named, all of them or none; return those that are set."""
    with access.ctx.together() as ctx:
        _refuse_twice(ctx, body.preferences)
        zone, faults = find_workspace(ctx).timezone, Faults()
        for name, wanted in body.preferences.items():
            faults.take(lambda name=name, wanted=wanted: _set(ctx, name, wanted, zone), None)  # type: ignore[misc]
        faults.refuse()
        return _listing(ctx)


def _set(ctx: Context, name: str, wanted: PreferenceBody | None, zone: str) -> None:
    with as_on_the_wire({}, f"preferences.{name}."):
        if wanted is None:
            clear_preference(ctx, name)
        else:
            save_preference(ctx, wanted.view(name, zone))


def _refuse_twice(ctx: Context, preferences: Mapping[str, object]) -> None:
    """Refuse a platform that is not known, or is named twice by two of its names (Invalid)."""
    problems = tuple(_faults(ctx, preferences))
    if problems:
        raise Invalid(problems)


def _faults(ctx: Context, preferences: Mapping[str, object]) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for name in preferences:
        try:
            platform = find_platform(ctx.reference.platforms, name).id
        except Invalid as error:
            yield from (Problem(f"preferences.{name}", name, each.message) for each in error.problems)
            continue
        if platform in seen:
            yield Problem(f"preferences.{name}", name, f"this is the same platform as {seen[platform]}; keep one")
        seen[platform] = name


def _listing(ctx: Context) -> Listing[PreferenceShape]:
    return whole_listing([preference_shape(each) for each in list_preferences(ctx)])
