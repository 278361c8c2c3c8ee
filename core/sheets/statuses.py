"""The words in the Status column."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.bulk.columns import COLUMNS
from core.sheets.cells import text
from core.sheets.fields import CLOCK_FIELD
from core.sheets.plans import Fault
from core.vocabulary import ItemState

WORDS: Mapping[ItemState, str] = {
    ItemState.UNCONFIRMED: "Needs a look",
    ItemState.FAILED: "Failed",
    ItemState.REJECTED: "Rejected",
    ItemState.AWAITING_APPROVAL: "Waiting for approval",
    ItemState.PENDING: "Waiting for a time",
    ItemState.PUBLISHING: "Publishing",
    ItemState.SCHEDULED: "Scheduled",
    ItemState.SKIPPED: "Skipped",
    ItemState.CANCELED: "Canceled",
    ItemState.PUBLISHED: "Published",
}
"""What a state is called in a sheet; of several posts the first of these comes first."""

_URGENCY = {state: place for place, state in enumerate(WORDS)}

ERROR = "Error: "
"""How the status of a row begins that cannot be followed."""

MOST_OF_STATUS = 500
"""Characters of a status: it is read in a narrow column."""

_SHOWN = 40
"""Characters of a cell that an error repeats."""


@dataclass(frozen=True, slots=True)
class PostStatus:
    """One post of a row: the platform as people call it, its state, and why it is in it where that has to be said."""

    platform: str
    state: ItemState
    reason: str = ""


def status_of(posts: Sequence[PostStatus]) -> str:
    """Return the status of a row: one word where its posts agree, else one for each, the most urgent first.

    `Published` or `Failed on TikTok: the video is too long; Published on YouTube, LinkedIn`; "" without posts.
    """
    groups: dict[tuple[ItemState, str], list[str]] = {}
    for post in sorted(posts, key=lambda post: (_URGENCY[post.state], post.reason)):
        groups.setdefault((post.state, post.reason), []).append(post.platform)
    said = (_said(state, reason, platforms if len(groups) > 1 else ()) for (state, reason), platforms in groups.items())
    return _cut("; ".join(said))


def _said(state: ItemState, reason: str, platforms: Iterable[str]) -> str:
    names = ", ".join(dict.fromkeys(platforms))
    return f"{WORDS[state]}{' on ' if names else ''}{names}{': ' if reason else ''}{' '.join(reason.split())}"


def fault_words(faults: Iterable[Fault]) -> str:
    """Return what is wrong with a row that cannot be followed and how to mend it, "" without faults."""
    return _cut("; ".join(f"{field_title(each.field)}{_shown(text(each.value))}: {each.message}" for each in faults))


def joined_faults(*faults: str) -> str:
    """Return the faults of one row as one, each once; an earlier version kept each as the sheet shows it."""
    said = [each.removeprefix(ERROR) for each in faults if each]
    return "; ".join(each for place, each in enumerate(said) if not any(each in before for before in said[:place]))


def error_status(fault: str) -> str:
    """Return the status of a row with this fault, "" without one."""
    return _cut(f"{ERROR}{fault}") if fault else ""


def field_title(field: str) -> str:
    """Return what people call a field (`scheduled_time` → `Scheduled Time`)."""
    return "Time of Day" if field == CLOCK_FIELD else COLUMNS.get(field, (field.replace("_", " "),))[0].title()


def _shown(value: str) -> str:
    short = " ".join(value.split())
    return f" “{short if len(short) <= _SHOWN else short[: _SHOWN - 1] + '…'}”" if short else ""


def _cut(status: str) -> str:
    return status if len(status) <= MOST_OF_STATUS else f"{status[: MOST_OF_STATUS - 1].rstrip()}…"
