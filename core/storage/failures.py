"""Turns what a database driver reports into a sentence with a fix."""

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from core.errors import DatabaseUnavailable

FIXES = {
    "database is locked": "Another program holds it; close it or wait, then try again",
    "readonly database": "Give this user the right to write to the file and its folder",
    "unable to open database file": "Check that the folder exists and may be written to",
    "disk is full": "Free some space on that disk, then try again; nothing was half-written",
    "no space left": "Free some space on that disk, then try again; nothing was half-written",
    "file is not a database": "Restore a back-up with `slotwise restore`",
    "malformed": "Restore a back-up with `slotwise restore`",
    "no such table": "Start Slotwise once, or run `slotwise doctor`, to create the tables",
    "connection refused": "Start PostgreSQL or correct SLOTWISE_DATABASE_URL",
    "could not connect": "Start PostgreSQL or correct SLOTWISE_DATABASE_URL",
    "connection failed": "Start PostgreSQL or correct SLOTWISE_DATABASE_URL",
    "server closed the connection": "Check PostgreSQL's log; Slotwise reconnects by itself",
    "disk i/o error": "Check the disk, then run `slotwise doctor`",
}
"""What a driver's message contains, and what the operator can do."""


def explain(error: DBAPIError, url: URL) -> Exception:
    """Return the expected error behind a driver's message, or the driver's error itself when it is a bug of ours."""
    message = str(error.orig)
    for sign, fix in FIXES.items():
        if sign in message.lower():
            where = url.render_as_string(hide_password=True)
            return DatabaseUnavailable(where=where, reason=message.strip().splitlines()[0], fix=fix + ".")
    return error
