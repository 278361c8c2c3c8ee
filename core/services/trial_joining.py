"""The planned posts that may join a running trial: on its channels and calendars, free to move, not drawn before."""

from sqlmodel import col, select

from core.services.context import Context
from core.services.item_views import ItemFilter, ItemView
from core.services.items import LONGEST_PAGE, list_items
from core.services.moves import MOVABLE
from core.services.trial_assigning import MOST_ITEMS
from core.services.trial_rows import registered_row
from core.services.trial_slots import LEAD
from core.storage.tables import TrialAssignment


def joinable_items(ctx: Context, trial_id: str) -> tuple[ItemView, ...]:
    """Return the first planned posts that may join, in order of time, as many as one draw takes.

    Whether each has a free time for every arm is only seen at the draw. Raises NotFound and StateConflict (never
    started).
    """
    with ctx.read() as session:
        _, registration = registered_row(session, trial_id)
    wanted = ItemFilter(
        channel_ids=tuple(registration.zones),
        states=tuple(MOVABLE),
        starts=(ctx.now() + LEAD).replace(second=0, microsecond=0),
        ends=registration.ends_at,
    )
    found = list_items(ctx, wanted, LONGEST_PAGE).items
    with ctx.read() as session:
        ids = [item.id for item in found]
        drawn = set(session.scalars(select(TrialAssignment.item_id).where(col(TrialAssignment.item_id).in_(ids))))
    calendars = registration.calendar_ids
    may = [
        item
        for item in found
        if item.id not in drawn and not item.leeway.fixed and (not calendars or item.calendar_id in calendars)
    ]
    return tuple(may[:MOST_ITEMS])
