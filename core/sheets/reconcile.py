"""What both sides of a sheet must do so that they agree: who is which row, what changed where, and what goes where."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from core.sheets.plans import Plan
from core.sheets.rows import KnownRow, OurRow, SheetRow


def reconcile(
    rows: Iterable[SheetRow],
    known: Iterable[KnownRow],
    ours: Mapping[str, OurRow],
    *,
    edited_at: datetime,
    new_id: Callable[[], str],
    last_row: int,
    has_ids: bool = True,
) -> Plan:
    """Return what to do, the same for the same input; after it has been done, nothing.

    `rows` are all of the sheet's, `known` all that are stored, `ours` what Slotwise says of each. `edited_at` is the
    latest the sheet can have been edited. `last_row` is the last row in which anything stands at all: appended rows go
    below. Without `has_ids` (a sheet that may only be read) rows are told apart by what they say, and nothing is written.
    """
    raise NotImplementedError
