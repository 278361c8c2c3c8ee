"""A row three times: as the sheet shows it, as both sides last knew it, and as Slotwise says it now."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.sheets.fields import NOTHING, NOTHING_OWN, Values


class KnownState(StrEnum):
    """Where a row stands between the two sides."""

    PENDING = "pending"
    """Its id was given to a row of the sheet, but not yet seen beside that row's values: nothing is made of it yet."""
    APPENDING = "appending"
    """A post of ours that gets a row of its own: its id was not yet seen in the sheet."""
    ACTIVE = "active"
    MISSING = "missing"
    """Removed from the sheet; its posts are offered for cancellation."""
    KEPT_OUT = "kept_out"
    """Removed, and somebody has decided about its posts; only its id brings it back."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row of the sheet as it was read; `position` counts the sheet's rows from 1, `row_id` is "" where none is."""

    position: int
    row_id: str
    values: Values
    own: Values = NOTHING_OWN


@dataclass(frozen=True, slots=True)
class KnownRow:
    """What is stored of a row.

    `base` are the sheet's values that Slotwise has dealt with last, `ours` what Slotwise itself said then: whatever
    differs from its own base has changed since. `refused` are the fields whose base Slotwise could not take over (a
    date that is none): its own value stands beside it, unequal. `position` is where the row was seen last (0: nowhere);
    it only tells rows apart that cannot be told apart by anything else. `sent` is the base with what was written into
    the sheet since it was stored, () where nothing was.
    """

    row_id: str
    state: KnownState
    base: Values = NOTHING
    ours: Values = NOTHING
    refused: frozenset[str] = frozenset()
    position: int = 0
    sent: Values = ()

    @property
    def said(self) -> tuple[Values, ...]:
        """All that the row says as long as nobody changes it: its base, and what was sent if it has arrived."""
        return (self.base, self.sent) if self.sent else (self.base,)


@dataclass(frozen=True, slots=True)
class OurRow:
    """What Slotwise says of a row now.

    `values` always say the same in the same way (a time as `2026-05-01 09:00` in the sheet's zone, its clock ""): they
    are only compared with KnownRow.ours. `cells` are how the sheet would write them, () where that is no different.
    `changed_at` is when its shared fields were last changed here. `closed` says why they can no longer follow the sheet
    ("already published"), "" while they can.
    """

    row_id: str
    values: Values = NOTHING
    cells: Values = ()
    own: Values = NOTHING_OWN
    changed_at: datetime | None = None
    closed: str = ""
