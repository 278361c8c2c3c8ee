"""The rules of a bulk job applied to its rows: who goes first, who waits, who is left out, and why."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from core.bulk.words import RowState
from core.errors import Invalid, Problem
from core.rules.conflicts import Finding, Stretch, find_conflicts
from core.rules.decide import Decision, decide
from core.rules.effects import load_of
from core.rules.facts import Load, RowFacts
from core.rules.parse import parse_rules
from core.rules.rule import Rule
from core.services.bulk_rows import complexity
from core.services.bulk_views import NewJob, RowDraft
from core.storage.tables import BulkJob, BulkRow
from core.storage.tenancy import ScopedSession
from core.vocabulary import Priority, Severity

PLACE = "schedule.rules"
_LOOKED_BACK = 200
"""Rows begun last among which those are looked for that a rule's interval counts from."""


def rules_of(new: NewJob) -> tuple[Rule, ...]:
    """Return the rules of a job that is to be created (Invalid by their places)."""
    return parse_rules([dict(rule) for rule in new.schedule.rules], PLACE)


def rules_problems(new: NewJob, zone: str, now: datetime) -> Iterator[Problem]:
    """Yield what is wrong with the rules by themselves, and what they cannot mean together."""
    try:
        rules = rules_of(new)
    except Invalid as error:
        yield from error.problems
        return
    for finding in findings(new, rules, zone, now):
        if finding.severity is Severity.ERROR:
            yield Problem(PLACE, ", ".join(finding.rules), finding.message)


def findings(new: NewJob, rules: Sequence[Rule], zone: str, now: datetime) -> tuple[Finding, ...]:
    """Return what rules contradict, errors first."""
    starts, ends = new.schedule.starts_at or now, new.schedule.ends_at
    return find_conflicts(rules, zone, Stretch(starts, ends) if ends is not None and starts < ends else None)


def facts_of(draft: RowDraft, number: int, priority: Priority, created_at: datetime | None = None) -> RowFacts:
    """Return a row as rules see it."""
    return RowFacts(
        number, priority, complexity(draft), frozenset(draft.tags), frozenset(draft.platforms), created_at=created_at
    )


def foretold(rules: Iterable[Rule], row: RowFacts, at: datetime, zone: str) -> Decision:
    """Return what the rules would do to a row at a moment at which nothing else runs."""
    return decide(rules, row, at, zone)


@dataclass(frozen=True)
class RowRules:
    """The rules of a job at one moment, with what is running of it already."""

    rules: tuple[Rule, ...]
    at: datetime
    zone: str
    load: Load

    @classmethod
    def of(cls, session: ScopedSession, job: BulkJob, at: datetime) -> "RowRules":
        """Read the rules and the load of a job."""
        rules = parse_rules(job.rules) if job.rules else ()
        return cls(rules, at, job.timezone, _load(session, job, rules))

    @property
    def is_pacing(self) -> bool:
        """Whether a row's turn depends on which others were begun."""
        return any(rule.has_limit for rule in self.rules)

    def decide(self, job: BulkJob, row: BulkRow) -> Decision:
        """Return what becomes of a row now."""
        return decide(self.rules, _facts(job, row), self.at, self.zone, self.load)


def kept_reasons(decision: Decision) -> list[dict[str, Any]]:
    """Return the reasons of a decision as they are kept with the row, the deciding one first."""
    return [
        {"rule": reason.rule_name, "action": reason.action.value, "sentence": reason.sentence}
        for reason in decision.reasons
    ]


def _facts(job: BulkJob, row: BulkRow) -> RowFacts:
    own = Priority(row.payload.get("priority", job.priority))
    tags, platforms = frozenset(row.payload.get("tags", ())), frozenset(row.platforms)
    return RowFacts(row.number, own, row.complexity, tags, platforms, job.created_at, row.tries)


def _load(session: ScopedSession, job: BulkJob, rules: Sequence[Rule]) -> Load:
    """Return what runs of a job, and when rows were begun, as far as any rule asks."""
    if not any(rule.has_limit for rule in rules):
        return Load()
    rows = select(BulkRow).where(BulkRow.job_id == job.id)
    running = session.scalars(rows.where(BulkRow.state == RowState.RUNNING)).all()
    begun = rows.where(col(BulkRow.started_at).is_not(None)).order_by(col(BulkRow.started_at).desc())
    started = session.scalars(begun.limit(_LOOKED_BACK)).all()
    return load_of(
        rules,
        [_facts(job, row) for row in running],
        [(_facts(job, row), row.started_at) for row in started if row.started_at is not None],
    )
