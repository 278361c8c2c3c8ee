"""What connections, rows, fields and syncs of Google Sheets are called; pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from core.services.sheet_views import ConnectionView, SyncCounts, SyncRunView
from core.sheets.rows import KnownState
from core.sheets.words import AccountKind, ConflictWinner, ConnectionStatus, SheetPermission
from core.ui.palette import Look
from core.ui.times import clock, day, duration, relative
from core.ui.wording import counted
from core.vocabulary import JobState

STATUS_LOOKS: Mapping[ConnectionStatus, Look] = {
    ConnectionStatus.CONNECTED: Look("Connected", "green", ":material/check_circle:"),
    ConnectionStatus.SYNCING: Look("Syncing", "violet", ":material/sync:"),
    ConnectionStatus.ERROR: Look("Needs attention", "red", ":material/error:"),
}
PAUSED = Look("Paused", "orange", ":material/pause_circle:")
DUE = Look("Sync is due", "blue", ":material/schedule:")

RUN_LOOKS: Mapping[JobState, Look] = {
    JobState.QUEUED: Look("Waiting", "gray", ":material/schedule:"),
    JobState.RUNNING: Look("Under way", "violet", ":material/sync:"),
    JobState.COMPLETED: Look("Done", "green", ":material/check_circle:"),
    JobState.FAILED: Look("Failed", "red", ":material/error:"),
    JobState.CANCELED: Look("Canceled", "gray", ":material/cancel:"),
}
ROW_LOOKS: Mapping[KnownState, Look] = {
    KnownState.PENDING: Look("Being read", "gray", ":material/hourglass_empty:"),
    KnownState.APPENDING: Look("Being added", "gray", ":material/hourglass_empty:"),
    KnownState.ACTIVE: Look("In the sheet", "green", ":material/check_circle:"),
    KnownState.MISSING: Look("Removed", "orange", ":material/delete:"),
    KnownState.KEPT_OUT: Look("Removed, decided", "gray", ":material/inventory_2:"),
}
TO_MEND = Look("To mend", "red", ":material/build:")

PERMISSIONS: Mapping[SheetPermission, str] = {
    SheetPermission.READ: "Only read",
    SheetPermission.WRITE: "Read and write back",
    SheetPermission.ADMIN: "Read, write back and add missing columns",
}
CONSEQUENCES: Mapping[SheetPermission, str] = {
    SheetPermission.READ: "Rows become posts. Nothing is written into it: what became of them is seen only here.",
    SheetPermission.WRITE: "Status, time and address are written where the sheet has columns for them. A hidden column "
    "with ids is added, so that sorting and inserting rows confuses nothing.",
    SheetPermission.ADMIN: "Status, time and address are written; columns for them are added where there are none. A "
    "hidden column with ids is added, so that sorting and inserting rows confuses nothing.",
}
ACCOUNT_KINDS: Mapping[AccountKind, str] = {
    AccountKind.SERVICE_ACCOUNT: "Service account",
    AccountKind.OAUTH: "Signed-in user",
}
FIELDS: Mapping[str, str] = {
    "title": "Title",
    "text": "Content",
    "audience": "Target audience",
    "tone": "Tone",
    "platforms": "Platform",
    "scheduled_time": "Scheduled time",
    "clock": "Time of day",
    "content_format": "Format",
    "status": "Status",
    "published_time": "Published time",
    "url": "Address of the post",
}
"""Fields of a sheet that are called otherwise than their id says."""

EVERY: Mapping[int, str] = {
    5: "Every 5 minutes",
    15: "Every 15 minutes",
    30: "Every 30 minutes",
    60: "Every hour",
    360: "Every 6 hours",
    1440: "Once a day",
    0: "Only when somebody asks",
}


def every_words(minutes: int | None) -> str:
    """Return how often a sheet is synced."""
    return EVERY.get(minutes or 0) or f"Every {minutes:,} minutes"


def field_name(field: str) -> str:
    """Return what people call a field of a sheet, or several of them."""
    return ", ".join(FIELDS.get(each) or each.replace("_", " ").capitalize() for each in field.split(", "))


def look_of(connection: ConnectionView, now: datetime) -> Look:
    """Return how a connection is shown; resting and waiting for the engine are said before the rest."""
    if connection.is_paused:
        return PAUSED
    if connection.status is ConnectionStatus.CONNECTED and is_due(connection, now):
        return DUE
    return STATUS_LOOKS[connection.status]


def is_due(connection: ConnectionView, now: datetime) -> bool:
    """Whether the engine should be syncing it, or is about to."""
    return connection.next_sync is not None and connection.next_sync <= now


def place_words(connection: ConnectionView) -> str:
    """Return spreadsheet, sheet and range."""
    parts = (connection.spreadsheet_title, connection.sheet_name or "first sheet", connection.range or "whole sheet")
    return " · ".join(part for part in parts if part)


def last_sync_words(connection: ConnectionView, zone: str, now: datetime) -> str:
    """Return when it was synced last, on the clocks of a zone."""
    at = connection.last_sync
    return f"Last sync {when(at, zone, now)} ({_about(at, now)})" if at else "Not synced yet"


def next_sync_words(connection: ConnectionView, now: datetime) -> str:
    """Return when it is synced next, or what it waits for."""
    if connection.status is ConnectionStatus.SYNCING:
        return "Being synced now"
    if connection.is_paused:
        return "No sync by itself while it is paused"
    if is_due(connection, now):
        return "The next sync begins in a moment"
    if connection.next_sync is None:
        return every_words(connection.every_minutes)
    return f"Next sync {_about(connection.next_sync, now)} · {every_words(connection.every_minutes).lower()}"


def _about(at: datetime, now: datetime) -> str:
    """Return how far away a moment is, without the seconds that nobody plans by."""
    is_near = abs(at - now) < _NEAR
    return relative(at if is_near else now + round((at - now) / _MINUTE) * _MINUTE, now)


_MINUTE, _NEAR = timedelta(minutes=1), timedelta(minutes=2)


def sentence(text: str) -> str:
    """Return a sentence as it begins."""
    return text[:1].upper() + text[1:]


def when(at: datetime, zone: str, now: datetime) -> str:
    """Return a time on the clocks of a zone, with the day where it is not today."""
    is_today = day(at, zone) == day(now, zone)
    return f"{clock(at, zone)} · {zone}" if is_today else f"{day(at, zone, now)}, {clock(at, zone)} · {zone}"


def did_words(counts: SyncCounts) -> str:
    """Return what a sync did, in one sentence."""
    parts = (
        f"{counted(counts.read, 'row')} read",
        f"{counts.created:,} new" if counts.created else "",
        f"{counts.updated:,} changed" if counts.updated else "",
        f"{counted(counts.written, 'cell')} written" if counts.written else "nothing to write",
    )
    return ", ".join(part for part in parts if part)


def found_words(counts: SyncCounts) -> str:
    """Return what a sync found that somebody should look at, as Markdown; "" for nothing."""
    parts = (
        f":red[{counted(counts.faults, 'row')} to mend]" if counts.faults else "",
        f":orange[{counted(counts.missing, 'row')} removed]" if counts.missing else "",
        f":blue[{counted(counts.conflicts, 'conflict')}]" if counts.conflicts else "",
    )
    return " · ".join(part for part in parts if part)


def took_words(run: SyncRunView, now: datetime) -> str:
    """Return how long a sync took, or has taken so far."""
    return duration((run.finished_at or now) - run.started_at)


def winner_words(winner: ConflictWinner) -> str:
    """Return whose value stands."""
    return "The sheet's" if winner is ConflictWinner.SHEET else "Slotwise's"


def posts_words(number: int) -> str:
    """Return `no post`, `1 post` or `3 posts`."""
    return counted(number, "post") if number else "no post"
