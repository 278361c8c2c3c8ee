"""Repeating a post by the clock on the wall: the times a rule gives it, and a copy at each of them."""

from core.calendar.recurrence import Recurrence
from core.errors import Invalid, Problem
from core.services.context import Context
from core.services.item_rows import view_of, views_of
from core.services.item_views import ItemView
from core.services.moves import repeat
from core.services.open_slots import refuse_stale
from core.services.own_channels import own_channel
from core.services.slot_offers import judges_of, offers_at, rule_times
from core.services.slot_room import rooms_of
from core.services.slot_views import SlotsProposal


def propose_repeat(ctx: Context, item_id: str, rule: Recurrence) -> SlotsProposal:
    """Return the rule's times on the item's channel, each with what speaks against it (NotFound, Invalid).

    That it is the same content does not: that is what a repetition is. Nothing is stored.
    """
    with ctx.read() as session:
        item = view_of(session, item_id)
        channel = own_channel(session, item.channel_id)
        judge = judges_of(session, ctx, [channel], {channel.id: item.content_format})[channel.id]
        times = rule_times(rule, channel.timezone, ctx.now())
        room = rooms_of(session, [channel], ctx.now(), max(times, default=ctx.now()))[channel.id]
        return SlotsProposal(tuple(offers_at(times, judge, room)))


def repeat_item(ctx: Context, item_id: str, proposal: SlotsProposal) -> tuple[ItemView, ...]:
    """Schedule the item's content once more at each kept time, in their order, or nothing.

    The copies share the content until one of them is edited; canceling them is the undo. Raises NotFound,
    StateConflict (a time is not free any more, the calendar is canceled) and Invalid (times on another channel, past).
    """
    with ctx.write() as session:
        own = view_of(session, item_id).channel_id
        if any(offer.channel_id != own for offer in proposal.kept):
            raise Invalid((Problem("channel_id", item_id, "a post is repeated on its own channel; propose again"),))
        times = [new.scheduled_at for new in refuse_stale(session, ctx, proposal)]
        return views_of(session, repeat(session, ctx, item_id, times))
