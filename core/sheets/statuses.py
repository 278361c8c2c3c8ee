"""The words in the Status column."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.sheets.plans import Fault
from core.vocabulary import ItemState


@dataclass(frozen=True, slots=True)
class PostStatus:
    """One post of a row: the platform as people call it, its state, and why it is in it where that has to be said."""

    platform: str
    state: ItemState
    reason: str = ""


def status_of(posts: Sequence[PostStatus]) -> str:
    """Return the status of a row: one word where its posts agree, else one for each, the most urgent first."""
    raise NotImplementedError


def error_status(faults: Sequence[Fault]) -> str:
    """Return the status of a row that cannot be followed: what is wrong and how to mend it."""
    raise NotImplementedError
