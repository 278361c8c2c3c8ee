"""Calendars to plan: posts at times, what their channel learned, and a stopwatch that stands still."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count

from planned_posts import linkedin_draft

from core.services.calendars import NewCalendar, create_calendar
from core.services.channels import ChannelDraft, ChannelView, add_channel
from core.services.context import Context
from core.services.item_views import CalendarWithItems, Leeway
from core.services.new_items import NewItem
from core.services.optimizing import propose_plan
from core.services.plan_views import AS_USUAL, PlanOptions, PlanProposal
from core.vocabulary import OptimizationLevel

_names = count()


def standing_still() -> float:
    """Give a stopwatch's time: none goes by, so that a plan is cut by nothing."""
    return 0.0


def channel(ctx: Context, **changes: object) -> ChannelView:
    """Give a LinkedIn outbox in UTC that takes a post every two hours, unless changed."""
    draft: ChannelDraft = replace(linkedin_draft(), name=f"Page {next(_names)}", timezone="UTC", max_per_day=None)
    return add_channel(ctx, replace(draft, **changes))  # type: ignore[arg-type]


def piece(
    target: ChannelView, when: datetime, title: str = "", priority: int = 1, leeway: Leeway | None = None
) -> NewItem:
    """Give a text post of its own."""
    name = title or f"Post {next(_names)}"
    return NewItem(target.id, when, name, f"{name}: come and see.", priority=priority, leeway=leeway or Leeway())


def calendar(ctx: Context, posts: Sequence[NewItem]) -> CalendarWithItems:
    """Give a calendar of posts."""
    return create_calendar(ctx, NewCalendar("Spring", "UTC", tuple(posts)))


def proposed(ctx: Context, made: CalendarWithItems, options: PlanOptions = AS_USUAL) -> PlanProposal:
    """Give what is proposed for a calendar, however long it takes."""
    return propose_plan(ctx, made.calendar.id, options, OptimizationLevel.SPEED, elapsed=standing_still)


def times(proposal: PlanProposal) -> list[str]:
    """Give the times proposed, in UTC, in the order the posts have now."""
    return [f"{item.after:%a %d %H:%M}" for item in proposal.items]
