"""What can be wrong with a bulk job and its rows, found before anything is written."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlmodel import select

from core.bulk.words import Mode, Operation
from core.calendar.zones import load_zone
from core.content.platforms import Platform, find_platform
from core.errors import Invalid, Problem
from core.publishing.addresses import Forbidden, check_endpoint
from core.services.bulk_rows import no_time, piece_for, read_moment
from core.services.bulk_views import MOST_CONCURRENT, MOST_ROWS, NewJob, RowDraft, Schedule
from core.services.contents import platform_problems
from core.services.context import Context
from core.services.item_times import shown, time_problem
from core.services.own_channels import IS_OWN
from core.storage.tables import Channel, SheetConnection
from core.vocabulary import ErrorCode

NAMES = range(3, 101)
CALLBACKS = ("on_completed", "on_failed")
LONGEST_DEADLINE_MS = 31 * 24 * 3600 * 1000
NO_ROOM = "the planner found no time for it, and a dry run says why; give it a time, or the job a later end"


def job_problems(ctx: Context, new: NewJob) -> Iterator[Problem]:
    """Yield what is wrong with a job whatever its rows are, placed by field (`name`, `schedule.ends_at`)."""
    if len(new.name.strip()) not in NAMES:
        yield Problem("name", new.name, f"use {NAMES.start} to {NAMES.stop - 1} characters")
    if new.timezone is not None and (unknown := zone_problem(new.timezone)):
        yield unknown
    if len(new.rows) not in range(1, MOST_ROWS + 1):
        yield Problem("rows", f"{len(new.rows)} rows", f"a job has 1 to {MOST_ROWS:,} rows")
    if new.deadline_ms is not None and new.deadline_ms not in range(1, LONGEST_DEADLINE_MS + 1):
        yield Problem("deadline_ms", str(new.deadline_ms), "use 1 ms to 31 days")
    yield from _schedule_problems(ctx, new.schedule)
    yield from _callback_problems(ctx, new.callbacks)


def rows_problems(ctx: Context, new: NewJob, rows: Sequence[RowDraft], zone: str) -> Iterator[Problem]:
    """Yield what is wrong with the rows, each placed as in `rows[2].scheduled_times.youtube`."""
    if zone_problem(zone) or len(rows) > MOST_ROWS:
        return
    check = RowCheck.of(ctx, new, zone)
    for number, row in enumerate(rows):
        for problem in check.problems(row):
            yield replace(problem, place=f"rows[{number}].{problem.place}")


@dataclass(frozen=True)
class RowCheck:
    """What rows are checked against: the operation, the zone of their times, the channels and connections there are."""

    ctx: Context
    operation: Operation
    zone: str
    is_smart: bool
    channels: Mapping[str, Channel]
    connections: frozenset[str]

    @classmethod
    def of(cls, ctx: Context, new: NewJob, zone: str) -> "RowCheck":
        """Read what is needed, once for all rows."""
        with ctx.read() as session:
            channels = {row.id: row for row in session.scalars(select(Channel).where(IS_OWN))}
            connections = frozenset(session.scalars(select(SheetConnection.id)))
        return cls(ctx, new.operation, zone, new.schedule.mode is Mode.SMART, channels, connections)

    def problems(self, row: RowDraft) -> Iterator[Problem]:
        """Yield what is wrong with a row, placed by column."""
        match self.operation:
            case Operation.SCHEDULE_CONTENT:
                yield from self._of_content(row)
            case Operation.GENERATE_CONTENT if not row.title.strip():
                yield Problem("title", row.title, "say what is to be written about")
            case Operation.PUBLISH if not row.item_id:
                yield Problem("item_id", "", "name the item that is to be published")
            case Operation.OPTIMIZE_SCHEDULE if not row.calendar_id:
                yield Problem("calendar_id", "", "name the calendar that is to be optimized")
            case Operation.SYNC_SHEET if row.connection_id not in self.connections:
                yield Problem("connection_id", row.connection_id or "", "there is no such connection in this workspace")

    def _of_content(self, row: RowDraft) -> Iterator[Problem]:
        if not row.platforms:
            yield Problem("platforms", "", "name at least one platform")
        for name in row.scheduled_times:
            if name not in row.platforms:
                yield Problem(f"scheduled_times.{name}", name, "this platform is not among the row's platforms")
        for number, name in enumerate(row.platforms):
            try:
                platform = find_platform(self.ctx.reference.platforms, name)
            except Invalid as error:
                yield from (replace(each, place=f"platforms[{number}]") for each in error.problems)
                continue
            yield from self._on_platform(row, platform)

    def _on_platform(self, row: RowDraft, platform: Platform) -> Iterator[Problem]:
        text = row.scheduled_times.get(platform.id) or row.placed.get(platform.id)
        if text:
            yield from self._time_problems(text, f"scheduled_times.{platform.id}")
        elif not self.is_smart:
            yield no_time(platform.id)
        yield from platform_problems(self.ctx, platform.id, piece_for(row, platform))
        yield from self._channel_problems(row, platform)

    def _time_problems(self, text: str, place: str) -> Iterator[Problem]:
        try:
            when = read_moment(text, self.zone, place)
        except Invalid as error:
            yield from error.problems
            return
        if problem := time_problem(when, self.ctx.now()):
            yield replace(problem, place=place, value=text)

    def _channel_problems(self, row: RowDraft, platform: Platform) -> Iterator[Problem]:
        known = [channel for channel in self.channels.values() if channel.platform == platform.id]
        fitting = [channel for channel in known if channel.active]
        named, place = row.channel_ids.get(platform.id), f"channel_ids.{platform.id}"
        if named is not None:
            yield from self._named_problems(named, place, platform)
        elif len(fitting) > 1:
            choices = ", ".join(f"{channel.id} ({channel.name})" for channel in fitting)
            yield Problem(place, "", f"{platform.name} has several channels; name one of {choices}")
        elif known and not fitting:
            names = ", ".join(channel.name for channel in known)
            yield Problem(place, names, f"no channel on {platform.name} is switched on; switch one on in Channels")

    def _named_problems(self, named: str, place: str, platform: Platform) -> Iterator[Problem]:
        channel = self.channels.get(named)
        if channel is None or channel.platform != platform.id:
            yield Problem(place, named, f"there is no such active channel on {platform.name} in this workspace")
        elif not channel.active:
            yield Problem(place, channel.name, "this channel is switched off; switch it on or choose another")


def unplaced_problems(ctx: Context, new: NewJob, rows: Sequence[RowDraft]) -> Iterator[Problem]:
    """Yield the posts of a smart job for which the planner found no time: they would only fail later."""
    if new.schedule.mode is not Mode.SMART or new.operation is not Operation.SCHEDULE_CONTENT:
        return
    for number, row in enumerate(rows):
        for name in row.platforms:
            if name in ctx.reference.platforms and not (row.scheduled_times.get(name) or row.placed.get(name)):
                yield Problem(f"rows[{number}].scheduled_times.{name}", "", NO_ROOM)


def _schedule_problems(ctx: Context, schedule: Schedule) -> Iterator[Problem]:
    if schedule.max_concurrent not in range(1, MOST_CONCURRENT + 1):
        yield Problem("schedule.max_concurrent", str(schedule.max_concurrent), f"use 1 to {MOST_CONCURRENT}")
    starts, ends = schedule.starts_at, schedule.ends_at
    if ends is not None and ends <= ctx.now():
        yield Problem(
            "schedule.ends_at", shown(ends), "has already passed; choose a later time", ErrorCode.TIME_IN_PAST
        )
    if starts is not None and ends is not None and ends <= starts:
        yield Problem("schedule.ends_at", shown(ends), f"choose a time after the start ({shown(starts)})")


def _callback_problems(ctx: Context, callbacks: Mapping[str, str]) -> Iterator[Problem]:
    for name, address in callbacks.items():
        if name not in CALLBACKS:
            yield Problem(f"callbacks.{name}", address, f"there is no such callback; use {', '.join(CALLBACKS)}")
        elif isinstance(url := check_endpoint(address, allow_private=ctx.allow_private), Forbidden):
            yield Problem(f"callbacks.{name}", address, url.reason)


def zone_problem(name: str) -> Problem | None:
    """Return what is wrong with a zone, None when it is one."""
    try:
        load_zone(name)
    except Invalid as error:
        return replace(error.problems[0], place="timezone")
    return None
