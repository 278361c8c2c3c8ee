"""Scores by content format: what a slot is worth to a post of one format, where that differs from the channel's."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from core.planning.grid import Extra, Floats, GridProblem


@dataclass(frozen=True, eq=False)
class ByFormat:
    """An item of a format (`formats`, by item) earns priority * (1 + the score of its format on the channel).

    `scores` (one number per slot, by channel and format) need not be complete: without, the channel's scores hold.
    """

    formats: Mapping[str, str]
    scores: Mapping[tuple[str, str], Floats]

    def extras(self, problem: GridProblem) -> Iterator[Extra]:
        """Yield priority * (score of the format - score of the channel), one array for all items alike."""
        own = {channel.id: channel.scores for channel in problem.channels}
        known: dict[tuple[str, str, float], Floats] = {}
        for item in problem.items:
            for channel in item.channels:
                kind = channel, self.formats.get(item.id, "")
                if kind in self.scores:
                    if (*kind, item.priority) not in known:
                        known[*kind, item.priority] = item.priority * (self.scores[kind] - own[channel])
                    yield Extra(item.id, channel, known[*kind, item.priority])
