"""Rows of a connected sheet as drafts of posts: what each one says, and what in it cannot be read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from core.content.platforms import find_platform
from core.errors import Invalid, Problem
from core.services.bulk_sheets import row_of, word_faults
from core.services.bulk_views import RowDraft
from core.services.channels import list_channels
from core.services.context import Context
from core.sheets.cells import fault_of, text
from core.sheets.fields import CLOCK_FIELD, USER_FIELDS, Values, named
from core.sheets.plans import Fault
from core.sheets.rows import SheetRow
from core.sheets.times import ReadTime, read_times

_WHEN, _CLOCK = USER_FIELDS.index("scheduled_time"), USER_FIELDS.index(CLOCK_FIELD)
_FIELDS = {
    "scheduled_at": "scheduled_time",
    "scheduled_times": "scheduled_time",
    "channel_id": "platforms",
    "platform": "platforms",
}
"""The fields of a sheet, by what services call them."""


@dataclass(frozen=True)
class Reading:
    """One row as it is read: its draft, the moment it names (None: the planner chooses), and what cannot be read.

    `moment` is in the zone of the sheet, so that whoever refuses it names it as the cell does.
    `faults` are by field; while a cell `is_broken`, as #REF! is, its row is left as it was.
    """

    row_id: str
    position: int
    draft: RowDraft
    moment: datetime | None
    faults: tuple[Fault, ...]
    is_broken: bool = False


class Reader:
    """Reads rows in the zone of a sheet; what a date means, all dates of its column decide together."""

    def __init__(self, ctx: Context, rows: Sequence[SheetRow], zone: str) -> None:
        self._platforms, self._zone = ctx.reference.platforms, ZoneInfo(zone)
        cells, clocks = [row.values[_WHEN] for row in rows], [row.values[_CLOCK] for row in rows]
        times = read_times(cells, zone, clocks=clocks)
        self._times = {row.position: time for row, time in zip(rows, times, strict=True)}
        self._cells = {row.position: cell for row, cell in zip(rows, cells, strict=True)}
        self._channels = {channel.name.strip().casefold(): channel for channel in list_channels(ctx) if channel.active}

    def read(self, row_id: str, position: int, values: Values) -> Reading:
        """Return what a row says."""
        cells = {field: text(cell).strip() for field, cell in named(values).items()} | {"scheduled_time": ""}
        time = self._times.get(position, ReadTime(None))
        draft, problems = self._draft(cells, time, position)
        if time.problem:
            problems.append(("scheduled_time", Problem("", text(self._cells[position]), time.problem)))
        problems += word_faults(cells)
        faults = tuple(Fault(row_id, position, field, each.value, each.message) for field, each in problems)
        moment = time.moment.astimezone(self._zone) if time.moment else None
        return Reading(row_id, position, draft, moment, faults, any(map(fault_of, values)))

    def _draft(self, cells: Mapping[str, str], time: ReadTime, line: int) -> tuple[RowDraft, list[tuple[str, Problem]]]:
        """Return a draft whose platforms are known, with what is wrong with the others."""
        draft = row_of(cells, line, "")
        channels: dict[str, str] = {}
        platforms: list[str] = []
        problems = [] if draft.platforms else [("platforms", Problem("", "", "name the platform to post on"))]
        for name in draft.platforms:
            channel = self._channels.get(name.casefold())
            try:
                platforms.append(channel.platform if channel else find_platform(self._platforms, name).id)
            except Invalid as error:
                problems += (("platforms", each) for each in error.problems)
            if channel:
                channels[channel.platform] = channel.id
        known = tuple(dict.fromkeys(platforms))
        times = dict.fromkeys(known, time.moment.isoformat()) if time.moment else {}
        return replace(draft, platforms=known, channel_ids=channels, scheduled_times=times), problems


def faults_of(reading: Reading, problems: Sequence[Problem]) -> tuple[Fault, ...]:
    """Return what a service found wrong with a row's posts, by field; each thing once."""
    found = (
        Fault(reading.row_id, reading.position, _field(problem.place), problem.value, problem.message)
        for problem in problems
    )
    return tuple(dict.fromkeys(found))


def _field(place: str) -> str:
    """Return the field that a problem's place names, as in `items[3].scheduled_at`."""
    field = place.rsplit("].", 1)[-1].split("[", 1)[0].split(".", 1)[0]
    return _FIELDS.get(field, field)
