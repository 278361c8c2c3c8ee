"""Which demand a fixed item contradicts: the other post, or the limit."""

import numpy as np

from core.planning.board import Board
from core.planning.grid_plan import Block, Infeasible
from core.planning.obstacles import BITS, Survey
from core.planning.phrases import SlotName

_REMEDY = "move one of them, or lift the limit"


def clash(board: Board, item: int, slot_name: SlotName) -> Infeasible:
    """Name what stands against a fixed item that found no place on a board with the fixed items before it."""
    instance = board.instance
    wanted = instance.problem.items[item]
    slot = wanted.fixed or 0
    option = instance.options_of(item)[0]
    bits = int(Survey(board).of(option).bits[slot])
    block = next(block for block in Block if bits & BITS[block])
    against = _against(board, option, slot, block)
    reason = (
        f"{wanted.id} is fixed at {slot_name(slot)} of {wanted.channels[0]}, which {against} does not allow ({block})"
    )
    return Infeasible(wanted.id, against, block, f"{reason}; {_REMEDY}.")


def _against(board: Board, option: int, slot: int, block: Block) -> str:
    """Return the fixed item nearest by among those that make the limit bind, else the limit's own name."""
    instance, channel = board.instance, int(board.instance.options.channel[option])
    placed = board.placed
    channels = instance.options.channel[board.option[placed]]
    partners = {other for rule in instance.apart_of.get(int(instance.options.item[option]), ())
                for other in instance.members[rule].tolist()}  # fmt: skip
    together = np.array([
        {
            Block.SPACING: own == channel,
            Block.DAY_CAP: own == channel and bool(instance.day[channel, at] == instance.day[channel, slot]),
            Block.WEEK_CAP: own == channel and bool(instance.week[channel, at] == instance.week[channel, slot]),
            Block.KEPT_APART: other in partners,
        }.get(block, bool(at == slot and block is not Block.CLOSED))
        for other, own, at in zip(placed.tolist(), channels.tolist(), board.slot[placed].tolist(), strict=True)
    ], dtype=np.bool_)  # fmt: skip
    if not together.any():
        return f"{block} of {instance.problem.channels[channel].id}"
    near = placed[together]
    return instance.problem.items[int(near[np.abs(board.slot[near] - slot).argmin()])].id
