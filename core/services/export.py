"""Export: everything of a workspace as CSV files and a manifest that says what they mean and what is left out."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy import select
from sqlmodel import SQLModel

from core.services.context import Context
from core.services.new_files import new_file, new_folder
from core.storage.migrate import known_schema
from core.storage.tables import (
    ApiKey,
    Channel,
    Event,
    GoogleAccount,
    IdempotencyKey,
    RefreshToken,
    SeenSignature,
    WebhookEndpoint,
    WebhookOutlet,
    Workspace,
    WorkspaceRow,
)
from core.storage.tenancy import ScopedSession

MANIFEST = "manifest.json"
LEFT_OUT = (
    "channels.secret: signing secrets and tokens; reveal one in Settings, or use `slotwise backup`",
    "google_accounts.secret: the credentials of Google accounts; add the accounts again, or use `slotwise backup`",
    "webhook_endpoints.secret and the secret of callbacks: reveal them in Settings",
    "events: what the changes were told as; the rows themselves are here",
    "api_keys: hashes and signing secrets; refresh tokens and signatures seen",
    "idempotency_keys: what repeated requests are compared with, of no use elsewhere",
    "the files of the outbox and media: `slotwise backup` keeps the outbox",
)
"""What an export never holds, as its manifest says."""

_SECRETS: dict[type[SQLModel], set[str]] = {
    Channel: {"secret"},
    WebhookEndpoint: {"secret"},
    GoogleAccount: {"secret"},
    ApiKey: {"hash", "signing_secret", "previous_hash", "previous_signing_secret"},
}
_MUTE: set[type[SQLModel]] = {IdempotencyKey, Event, WebhookOutlet, RefreshToken, SeenSignature}
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
"""What a spreadsheet would run. Leading quotes count too, so that taking one quote away always gives the text back."""
_BATCH = 2_000

OpenMember = Callable[[str], AbstractContextManager[TextIO]]


@dataclass(frozen=True)
class ExportReport:
    """A finished export: where it is, rows by table, and what it does not hold."""

    path: Path
    rows: Mapping[str, int]
    left_out: tuple[str, ...]


def export_workspace(ctx: Context, target: Path) -> ExportReport:
    """Write a workspace as CSV to a new folder, or to a new zip where `target` ends in `.zip`.

    All tables show one moment. Times are UTC (ISO 8601), lists and settings are JSON, an empty cell is nothing.
    Raises Duplicate where `target` exists, UnwritableFile where the disk refuses.
    """
    opened = _zip if target.suffix == ".zip" else _folder
    with opened(target) as open_member, ctx.read() as session:
        rows = {name: _write_table(open_member, session, table) for name, table in _tables()}
        with open_member(MANIFEST) as file:
            json.dump(_manifest(ctx, rows), file, indent=2)
    return ExportReport(target, rows, LEFT_OUT)


def _tables() -> Iterator[tuple[str, type[SQLModel]]]:
    tables: list[type[SQLModel]] = [Workspace, *WorkspaceRow.__subclasses__()]
    named = {str(table.__tablename__): table for table in tables if table not in _MUTE}
    yield from sorted(named.items())


def _write_table(open_member: OpenMember, session: ScopedSession, table: type[SQLModel]) -> int:
    mapped = table.__table__  # type: ignore[attr-defined]  # SQLModel adds it to every table class
    names = [column.name for column in mapped.columns if column.name not in _SECRETS.get(table, set())]
    query = select(*(getattr(table, name) for name in names)).order_by(*mapped.primary_key)
    result = session.execute(query, execution_options={"yield_per": _BATCH})
    count = 0
    with open_member(f"{mapped.name}.csv") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        for batch in result.partitions():
            writer.writerows(map(_cells, batch))
            count += len(batch)
    return count


def _cells(row: Iterable[Any]) -> list[Any]:
    return [spreadsheet_cell(value) for value in row]


def spreadsheet_cell(value: Any) -> Any:
    """Return a value as a cell of a CSV: text that a spreadsheet would run has one quote before it."""
    if isinstance(value, str):
        return f"'{value}" if _FORMULA.match(value) else value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return value


def _manifest(ctx: Context, rows: Mapping[str, int]) -> dict[str, Any]:
    return {
        "workspace": ctx.workspace,
        "schema": known_schema(),
        "exported_at": ctx.now().isoformat(),
        "rows": rows,
        "left_out": LEFT_OUT,
        "cells": "UTF-8; times in UTC; lists and settings as JSON; an empty cell is no value; a text that a "
        "spreadsheet would take for a formula (it starts with =, +, -, @, tab or return) has one ' before it",
    }


@contextmanager
def _folder(target: Path) -> Iterator[OpenMember]:
    with new_folder(target) as folder:
        yield lambda name: (folder / name).open("x", encoding="utf-8", newline="")


@contextmanager
def _zip(target: Path) -> Iterator[OpenMember]:
    with new_file(target) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        yield lambda name: io.TextIOWrapper(
            archive.open(name, "w", force_zip64=True), encoding="utf-8", newline="", errors="backslashreplace"
        )
