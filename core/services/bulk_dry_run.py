"""A dry run: every row checked without writing, what will go where and when, and what rules would do to it."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from core.calendar.zones import to_wall
from core.errors import Invalid, Problem
from core.rules.conflicts import Finding
from core.services.bulk_checks import zone_problem
from core.services.bulk_clashes import Clash, clashes_of
from core.services.bulk_jobs import every_problem
from core.services.bulk_placing import Placing, Unplaced, place_rows
from core.services.bulk_rows import moments_of
from core.services.bulk_rules import facts_of, findings, foretold, kept_reasons, rules_of
from core.services.bulk_views import NewJob, Reason, RowDraft
from core.services.context import Context
from core.services.workspaces import find_workspace

_ROW = re.compile(r"rows\[(\d+)\]\.(.*)", re.DOTALL)


@dataclass(frozen=True)
class RowFault:
    """Something wrong with a row: its number from 1, its line in the file where it has one, the column, the remedy."""

    number: int
    line: int | None
    column: str
    value: str
    message: str


@dataclass(frozen=True)
class PlannedPost:
    """One post as it would be scheduled; `is_placed`: the planner chose the time."""

    number: int
    title: str
    platform: str
    scheduled_at: datetime
    is_placed: bool


@dataclass(frozen=True)
class RuledRow:
    """What the rules would do to a row if its turn came when the job starts."""

    number: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class DryRun:
    """What would happen; `per_day` counts posts by platform and local day. `rows` are those of the job, with times.

    `clashes` speak against times; they keep nothing from starting.
    """

    total: int
    problems: tuple[Problem, ...]
    faults: tuple[RowFault, ...]
    planned: tuple[PlannedPost, ...]
    unplaced: tuple[Unplaced, ...]
    conflicts: tuple[Finding, ...]
    ruled: tuple[RuledRow, ...]
    per_day: tuple[tuple[date, str, int], ...]
    rows: tuple[RowDraft, ...]
    clashes: tuple[Clash, ...] = ()

    @property
    def is_ready(self) -> bool:
        """Whether the job can be created as it is."""
        return not (self.problems or self.faults or self.unplaced)


def dry_run(ctx: Context, new: NewJob) -> DryRun:
    """Return what a job would do and everything that is wrong with it; nothing is written.

    Rows of a smart job without a time are placed by the planner, for as long as the job's level says.
    """
    zone = new.timezone or find_workspace(ctx).timezone
    if zone_problem(zone):
        return DryRun(len(new.rows), every_problem(ctx, new, (), zone), (), (), (), (), (), (), new.rows)
    placing = place_rows(ctx, new)
    found = every_problem(ctx, replace(new, rows=placing.rows), placing.rows, zone)
    planned = tuple(_planned(placing.rows, zone))
    return DryRun(
        total=len(new.rows),
        problems=tuple(problem for problem in found if not _ROW.fullmatch(problem.place)),
        faults=tuple(_faults(found, placing)),
        planned=planned,
        unplaced=placing.unplaced,
        conflicts=_conflicts(ctx, new, zone),
        ruled=tuple(_ruled(ctx, new, zone)),
        per_day=_per_day(planned, zone),
        rows=placing.rows,
        clashes=clashes_of(ctx, placing.rows, [_at(post) for post in planned]),
    )


def _at(post: PlannedPost) -> tuple[int, str, datetime]:
    return post.number, post.platform, post.scheduled_at


def _faults(problems: Sequence[Problem], placing: Placing) -> Iterator[RowFault]:
    for problem in problems:
        if match := _ROW.fullmatch(problem.place):
            number = int(match[1])
            yield RowFault(number + 1, placing.rows[number].line, match[2], problem.value, problem.message)


def _planned(rows: Sequence[RowDraft], zone: str) -> Iterator[PlannedPost]:
    for number, row in enumerate(rows, start=1):
        try:
            moments = list(moments_of(row, zone))
        except Invalid:
            continue  # it is among the faults
        for platform, when in moments:
            yield PlannedPost(number, row.title, platform, when, not row.scheduled_times.get(platform))


def _conflicts(ctx: Context, new: NewJob, zone: str) -> tuple[Finding, ...]:
    try:
        return findings(new, rules_of(new), zone, ctx.now())
    except Invalid:
        return ()  # they are among the problems


def _ruled(ctx: Context, new: NewJob, zone: str) -> Iterator[RuledRow]:
    try:
        rules = rules_of(new)
    except Invalid:
        return
    starts = new.schedule.starts_at or ctx.now()
    for number, row in enumerate(new.rows, start=1):
        decision = foretold(rules, facts_of(row, number, row.priority or new.priority), starts, zone)
        if decision.reasons:
            yield RuledRow(number, tuple(Reason(**each) for each in kept_reasons(decision)))


def _per_day(planned: Sequence[PlannedPost], zone: str) -> tuple[tuple[date, str, int], ...]:
    counts = Counter((to_wall(post.scheduled_at, zone).date(), post.platform) for post in planned)
    return tuple((day, platform, count) for (day, platform), count in sorted(counts.items()))
