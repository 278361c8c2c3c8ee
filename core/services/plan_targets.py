"""What an integrator wants planned: items by their own names of contents, and constraints that leave a time at all."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import col

from core.content.platforms import find_platform
from core.errors import Invalid, Problem, StateConflict
from core.services.calendars import CALENDAR
from core.services.context import Context
from core.services.item_rows import joined, views
from core.services.item_times import shown
from core.services.item_views import ItemView
from core.services.moves import MOVABLE
from core.services.plan_ground import survey
from core.services.plan_options import refuse_senseless
from core.services.plan_subject import wanted_items
from core.services.plan_views import AS_USUAL, PlanOptions
from core.services.rows import find
from core.storage.tables import ContentCalendar, ContentScheduleItem
from core.storage.tenancy import ScopedSession
from core.vocabulary import ErrorCode


@dataclass(frozen=True)
class Target:
    """An item that may move: its content, by our id or the integrator's, its platform, and the time it is seen at."""

    content_id: str
    platform: str
    at: datetime | None = None


def find_targets(ctx: Context, calendar_id: str, targets: Sequence[Target]) -> frozenset[str]:
    """Return the ids of the open items that are meant; a content that goes out several times means each of its items.

    Raises NotFound (calendar), Invalid with every target that names no open item (`targets[0].content_id`) and
    StateConflict for one that stands at another time than the integrator knows.
    """
    with ctx.read() as session:
        find(session, ContentCalendar, calendar_id, CALENDAR)
        items = _open_items(session, calendar_id)
    meant = [list(_named(ctx, items, number, target)) for number, target in enumerate(targets)]
    missing = [number for number, found in enumerate(meant) if not found]
    if missing:
        fix = "no item of this calendar that is not out yet has this content on this platform"
        raise Invalid(tuple(Problem(f"targets[{n}].content_id", targets[n].content_id, fix) for n in missing))
    return frozenset(
        item.id for target, found in zip(targets, meant, strict=True) for item in _at_its_time(target, found)
    )


def names_of_contents(session: ScopedSession, item_ids: Sequence[str]) -> Mapping[str, str]:
    """Return what an integrator calls the content of each item."""
    found = views(session, joined().where(col(ContentScheduleItem.id).in_(item_ids)))
    return {item.id: item.external_id or item.content_id for item in found}


def refuse_infeasible(ctx: Context, calendar_id: str, options: PlanOptions) -> None:
    """Refuse constraints that leave no time on any channel the items go to, though there would be one without them.

    Raises Invalid (`constraint_infeasible`; also as `refuse_senseless`, and where nothing can move), NotFound and
    StateConflict. What leaves some items without a time is the plan's to tell.
    """
    refuse_senseless(options, ctx.reference.platforms, ctx.now())
    with ctx.read() as session:
        channels, items, starts, ends = wanted_items(session, ctx, calendar_id, options)
        used = [channels[key] for key in dict.fromkeys(item.channel_id for item in items)]
        ground = survey(session, used, starts, ends, options)
        if any(own.open.any() for own in ground.channels.values()):
            return
        without = survey(session, used, starts, ends, AS_USUAL)
    if any(own.open.any() for own in without.channels.values()):
        given = ", ".join(_given(options))
        fix = f"together these leave no time from {shown(starts)} to {shown(ends)}; loosen one of them"
        raise Invalid((Problem("constraints", given, fix, ErrorCode.CONSTRAINT_INFEASIBLE),))


_CLOSING = ("allowed_weekdays", "allowed_hours", "allowed_from", "allowed_to", "not_before", "not_after", "blackouts")


def _given(options: PlanOptions) -> Iterator[str]:
    return (name for name in _CLOSING if getattr(options, name))


def _open_items(session: ScopedSession, calendar_id: str) -> tuple[ItemView, ...]:
    item = ContentScheduleItem
    return views(session, joined().where(col(item.calendar_id) == calendar_id, col(item.state).in_(MOVABLE)))


def _named(ctx: Context, items: Sequence[ItemView], number: int, target: Target) -> Iterator[ItemView]:
    try:
        platform = find_platform(ctx.reference.platforms, target.platform).id
    except Invalid as error:
        raise Invalid(tuple(replace(each, place=f"targets[{number}].platform") for each in error.problems)) from error
    for item in items:
        if item.platform == platform and target.content_id in {item.external_id, item.content_id}:
            yield item


def _at_its_time(target: Target, found: Sequence[ItemView]) -> Sequence[ItemView]:
    if target.at is None:
        return found
    there = [item for item in found if item.scheduled_at == target.at]
    if not there:
        stands = " and ".join(shown(item.scheduled_at) for item in found)
        kind = f"item of content {target.content_id!r} on {found[0].platform}"
        raise StateConflict(kind=kind, state=f"at {stands}", wanted=f"moved from {shown(target.at)}; read it again")
    return there
