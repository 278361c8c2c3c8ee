"""The words of trials as enums: states, strategies, what is drawn and measured, stopping rules; the legal moves."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from core.errors import StateConflict


class TrialState(StrEnum):
    """Where a trial stands."""

    DRAFT = "draft"
    RUNNING = "running"
    STOPPED = "stopped"
    DECIDED = "decided"


class Strategy(StrEnum):
    """How an arm chooses the time of a post, within the week it was planned for, or the day where days are drawn.

    RECOMMENDED: the planner's best free slot. USUAL: the hours the channel posted in most before the trial. WINDOWS:
    weekdays and hours that are named. AS_PLANNED: the time the post came with.
    """

    RECOMMENDED = "recommended"
    USUAL = "usual"
    WINDOWS = "windows"
    AS_PLANNED = "as_planned"


class DrawUnit(StrEnum):
    """What the draw gives an arm to; the value is the word for many of them.

    POSTS: each post by itself, which sees the smallest effects. DAYS: whole local days, a switchback, for audiences
    that one post spoils or warms up for the next; posts keep their day, and days are what is counted.
    """

    POSTS = "posts"
    DAYS = "days"

    @property
    def singular(self) -> str:
        """The word for one of them."""
        return self.removesuffix("s")


class StoppingRule(StrEnum):
    """When a trial may be judged: once, at its planned end, or at any look by always-valid intervals."""

    FIXED = "fixed"
    SEQUENTIAL = "sequential"


class Measure(StrEnum):
    """What arms are compared by.

    OUTCOME: the log distance from the channel's level, comparable across growth and ages. ENGAGEMENT: the count of a
    post a week old or older. EARLY_ENGAGEMENT: its count at two days of age.
    """

    OUTCOME = "outcome"
    ENGAGEMENT = "engagement"
    EARLY_ENGAGEMENT = "early_engagement"


TRIAL = "trial"
"""How errors and the audit log name a trial."""

TRIAL_MOVES: Mapping[TrialState, frozenset[TrialState]] = MappingProxyType(
    {
        TrialState.DRAFT: frozenset({TrialState.RUNNING}),
        TrialState.RUNNING: frozenset({TrialState.STOPPED}),
        TrialState.STOPPED: frozenset({TrialState.DECIDED}),
        TrialState.DECIDED: frozenset(),
    }
)
"""Which states a trial may take next."""


def check_trial_move(current: TrialState, wanted: TrialState) -> None:
    """Raise StateConflict unless a trial may go from `current` to `wanted`."""
    if wanted not in TRIAL_MOVES[current]:
        raise StateConflict(TRIAL, current, wanted)
