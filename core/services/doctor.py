"""Doctor: looks at an installation, sound or not, and says what is wrong and how to mend it."""

import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel, col

from core.errors import SlotwiseError
from core.services.backup import existing_database
from core.services.reference import load_reference
from core.services.sealing import unreadable_secrets
from core.services.vault import Vault
from core.services.vault_key import find_keys
from core.settings import ROOT, Settings
from core.storage.doors import Database
from core.storage.engines import WRITES, is_sqlite
from core.storage.failures import explain
from core.storage.migrate import check_schema as refuse_newer
from core.storage.migrate import known_schema, schema_of
from core.storage.tables import AuditEntry, ContentScheduleItem, EngineHeartbeat, ScheduleAssignment
from core.vocabulary import ItemState, Severity

FRESH = timedelta(minutes=1)
"""An engine beats every tick; one that was silent for longer is gone."""
CLOCK_SLACK = timedelta(minutes=5)
LITTLE_SPACE, NO_SPACE = 1_000_000_000, 100_000_000
"""Free bytes below which an operator should act soon, and at once."""
_OTHERS_WRITE, _OTHERS_READ = 0o022, 0o044
"""Permission bits that let others write, and read."""


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be, and what to do about it."""

    severity: Severity
    sentence: str
    fix: str = ""
    """Empty where the sentence says it already."""


@dataclass(frozen=True)
class Patient:
    """What a check may look at, and the moment it looks."""

    settings: Settings
    now: datetime

    @cached_property
    def db(self) -> Database:
        """The database, opened when the first check asks for it (DatabaseUnavailable)."""
        return Database(existing_database(self.settings))

    def count(self, table: type[SQLModel], *where: ColumnElement[bool]) -> int:
        """Count the rows of all workspaces for which every condition holds."""
        with self.db.system(writable=False) as session:
            return session.scalars(select(func.count()).select_from(table).where(*where)).one()


@dataclass(frozen=True)
class Check:
    """A question to the installation; one that needs the database is not asked while that cannot be used."""

    ask: Callable[[Patient], Finding | None]
    needs_database: bool = True


@dataclass(frozen=True)
class CheckResult:
    """What one check found; `skipped` where the database it needs cannot be used."""

    name: str
    finding: Finding | None = None
    skipped: bool = False


def examine(settings: Settings, now: datetime) -> tuple[CheckResult, ...]:
    """Run every check; an installation that cannot even start is examined as far as it goes."""
    patient = Patient(settings, now)
    results: dict[str, CheckResult] = {}
    try:
        for name, check in HEALTH_CHECKS.items():
            barred = check.needs_database and any(_is_bad(results[gate]) for gate in GATES if gate in results)
            results[name] = CheckResult(name, skipped=True) if barred else CheckResult(name, _ask(check, patient))
    finally:
        if "db" in vars(patient):
            patient.db.close()
    return tuple(results.values())


def has_errors(results: Iterable[CheckResult]) -> bool:
    """Tell whether something has to be mended before Slotwise can do its work."""
    return any(map(_is_bad, results))


def _is_bad(result: CheckResult) -> bool:
    return result.finding is not None and result.finding.severity is Severity.ERROR


def _ask(check: Check, patient: Patient) -> Finding | None:
    try:
        return check.ask(patient)
    except SlotwiseError as error:
        return Finding(Severity.ERROR, str(error))
    except DBAPIError as error:
        return Finding(Severity.ERROR, str(explain(error, patient.db.engine.url)))


# --- The machine -------------------------------------------------------------------------------------------------


def check_reference(patient: Patient) -> Finding | None:  # noqa: ARG001 - every check is asked alike
    """Platforms and baseline can be read."""
    load_reference(ROOT / "data" / "reference")
    return None


def check_data_dir(patient: Patient) -> Finding | None:
    """The data folder is there, writable, and nobody else may write to it."""
    folder = patient.settings.data_dir
    if not folder.is_dir():
        return Finding(Severity.WARNING, f"The data folder {folder} is not there.", "The first start makes it.")
    if not os.access(folder, os.W_OK | os.X_OK):
        fix = "Give the user that runs Slotwise the right to write there, or set SLOTWISE_DATA_DIR."
        return Finding(Severity.ERROR, f"The data folder {folder} cannot be written to.", fix)
    if os.name == "posix" and folder.stat().st_mode & _OTHERS_WRITE:
        return Finding(Severity.WARNING, f"Others may write to the data folder {folder}.", f"Run: chmod go-w {folder}")
    return None


def check_secret_key(patient: Patient) -> Finding | None:
    """The secret key can be used, and nobody else reads its file."""
    find_keys(patient.settings)
    file = patient.settings.secret_file
    if os.name != "posix" or not file.exists() or not file.stat().st_mode & (_OTHERS_WRITE | _OTHERS_READ):
        return None
    return Finding(Severity.WARNING, f"Others may read the secret key {file}.", f"Run: chmod go= {file}")


def check_disk(patient: Patient) -> Finding | None:
    """There is room for what comes."""
    folder = next(place for place in (patient.settings.data_dir, *patient.settings.data_dir.parents) if place.is_dir())
    free = shutil.disk_usage(folder).free
    if free >= LITTLE_SPACE:
        return None
    severity = Severity.ERROR if free < NO_SPACE else Severity.WARNING
    fix = "Free some space, or move old back-ups elsewhere."
    return Finding(severity, f"Only {free // 1_000_000} MB are free on the disk of {folder}.", fix)


# --- The database ------------------------------------------------------------------------------------------------


def check_database(patient: Patient) -> Finding | None:
    """The database answers and can be written to."""
    with patient.db.engine.execution_options(**{WRITES: True}).connect() as connection:
        if is_sqlite(patient.db.engine):  # a read-only file lets a transaction begin; a write, never kept, tells
            connection.exec_driver_sql("CREATE TABLE doctor_was_here (n INTEGER)")
            return None
        read_only = connection.exec_driver_sql("SHOW transaction_read_only").scalar()
    if read_only == "off":
        return None
    fix = "Point SLOTWISE_DATABASE_URL to the primary server."
    return Finding(Severity.ERROR, "The database accepts no writes.", fix)


def check_schema(patient: Patient) -> Finding | None:
    """The tables are those of this version."""
    found, known = schema_of(patient.db.engine), known_schema()
    if found == known:
        return None
    refuse_newer(found, "The database")
    sentence = f"The database has schema {found or 'none'}; this Slotwise has {known}."
    fix = "Make a back-up, then start Slotwise once: it brings the tables up to date."
    return Finding(Severity.ERROR, sentence, fix)


def check_integrity(patient: Patient) -> Finding | None:
    """The file is sound and no row points to nowhere (SQLite; a server looks after itself)."""
    if not is_sqlite(patient.db.engine):
        return None
    with patient.db.engine.connect() as connection:
        found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
        orphan = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    fix = "Restore the last good back-up with `slotwise restore`."
    if found != "ok":
        return Finding(Severity.ERROR, f"The database file is damaged: {found}.", fix)
    if orphan is not None:
        sentence = f"Row {orphan[1]} of the table {orphan[0]} points to a row of {orphan[2]} that is not there."
        return Finding(Severity.ERROR, sentence, fix)
    return None


def check_clock(patient: Patient) -> Finding | None:
    """The clock does not run behind what was already written."""
    with patient.db.system(writable=False) as session:
        stamps = [session.scalars(select(func.max(column))).one() for column in _STAMPS]
    newest = max((stamp for stamp in stamps if stamp), default=patient.now)
    if newest <= patient.now + CLOCK_SLACK:
        return None
    shown = "%Y-%m-%d %H:%M UTC"
    sentence = f"The clock says {patient.now:{shown}}, but the database holds something from {newest:{shown}}."
    return Finding(Severity.ERROR, sentence, "Set the clock, best by NTP: items go out by it.")


# --- The work ----------------------------------------------------------------------------------------------------


def check_engine(patient: Patient) -> Finding | None:
    """Somebody is there to publish."""
    beats = select(func.max(col(EngineHeartbeat.last_tick))).where(col(EngineHeartbeat.stopped_at).is_(None))
    with patient.db.system(writable=False) as session:
        last = session.scalars(beats).one()
    if last is not None and last >= patient.now - FRESH:
        return None
    since = f"since {last:%Y-%m-%d %H:%M} UTC" if last else "on this database"
    fix = "Run `slotwise serve`, with SLOTWISE_ENGINE not set to false."
    return Finding(Severity.WARNING, f"No engine is running {since}: scheduled items do not go out.", fix)


def check_claims(patient: Patient) -> Finding | None:
    """No item hangs in the hands of an engine that is gone."""
    stuck = patient.count(ScheduleAssignment, col(ScheduleAssignment.lease_until) < patient.now - FRESH)
    if not stuck:
        return None
    fix = "A running engine takes them up by itself; start it, and look at its log if they stay."
    return Finding(Severity.WARNING, f"{stuck} claims on items are past their lease.", fix)


def check_unconfirmed(patient: Patient) -> Finding | None:
    """No item waits for somebody to say whether it went out."""
    waiting = patient.count(ContentScheduleItem, col(ContentScheduleItem.state) == ItemState.UNCONFIRMED)
    if not waiting:
        return None
    fix = "Look at the platform, then settle each one on the dashboard under Needs attention."
    return Finding(Severity.WARNING, f"{waiting} items may or may not have gone out.", fix)


def check_secrets(patient: Patient) -> Finding | None:
    """Every secret in the database can be read with the secret key there is."""
    lost = unreadable_secrets(patient.db, Vault(find_keys(patient.settings)))
    if not lost:
        return None
    named = ", ".join(lost[:_NAMED]) + (f" and {len(lost) - _NAMED} more" if len(lost) > _NAMED else "")
    fix = (
        "Put the key back they were stored with (SLOTWISE_SECRET_KEY or secret.key), or give new ones in the dashboard."
    )
    return Finding(Severity.ERROR, f"Secrets stored under another key cannot be read: {named}.", fix)


_NAMED = 5
"""Secrets a finding lists; who has lost one key has lost many."""
_STAMPS = (AuditEntry.at, EngineHeartbeat.last_tick)

HEALTH_CHECKS = {
    "reference": Check(check_reference, needs_database=False),
    "data_dir": Check(check_data_dir, needs_database=False),
    "secret_key": Check(check_secret_key, needs_database=False),
    "disk": Check(check_disk, needs_database=False),
    "database": Check(check_database),
    "schema": Check(check_schema),
    "integrity": Check(check_integrity),
    "clock": Check(check_clock),
    "engine": Check(check_engine),
    "claims": Check(check_claims),
    "unconfirmed": Check(check_unconfirmed),
    "secrets": Check(check_secrets),
}
GATES = ("database", "schema")
"""Checks whose error makes the later ones that need the database pointless."""
