"""What goes on in the whole installation, in numbers: for whoever watches over it, no workspace told apart."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlalchemy.orm import Session
from sqlmodel import select

from core.services.heartbeat import InstallationStatus, installation_status
from core.storage.doors import Database
from core.storage.tables import ContentScheduleItem, JobRun, PublishAttempt
from core.vocabulary import ItemState, JobState, LedgerStep


@dataclass(frozen=True)
class InstallationFigures:
    """The engine, items by state, lines of the ledger of attempts by what happened, and open runs of jobs by state."""

    engine: InstallationStatus
    items: Mapping[ItemState, int]
    ledger: Mapping[LedgerStep, int]
    runs: Mapping[JobState, int]


def installation_figures(db: Database, now: datetime) -> InstallationFigures:
    """Return the figures at present (DatabaseUnavailable)."""
    item, line, run = ContentScheduleItem, PublishAttempt, JobRun
    with db.system(writable=False) as session:
        items = _counted(session, item.state)
        ledger = _counted(session, line.step)
        runs = _counted(session, run.state)
    return InstallationFigures(
        engine=installation_status(db, now),
        items={state: items.get(state, 0) for state in ItemState},
        ledger={step: ledger.get(step, 0) for step in LedgerStep},
        runs={state: runs.get(state, 0) for state in JobState},
    )


def _counted(session: Session, word: Any) -> Mapping[Any, int]:
    """Return how many rows there are of each word of a column."""
    return {row[0]: row[1] for row in session.execute(select(word, func.count()).group_by(word))}
