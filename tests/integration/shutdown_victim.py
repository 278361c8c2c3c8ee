"""Slotwise as a user starts it, on a machine whose clock is an hour behind from the moment a file is there.

The first argument is that file, the others are Streamlit's.
"""

import sys
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import apscheduler.schedulers.base
import apscheduler.triggers.interval
from streamlit.web.cli import main

import core.clock

SET_BACK = Path(sys.argv.pop(1))


class Turned(datetime):
    """The time of day as this machine shows it."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "Turned":
        """Read the clock."""
        shown = super().now(tz)
        return shown - timedelta(hours=1) if SET_BACK.exists() else shown


# Everything of Slotwise imports its clock from there, later than this.
core.clock.system_clock = lambda: datetime.fromtimestamp(Turned.now(UTC).timestamp(), UTC)
apscheduler.schedulers.base.datetime = Turned
apscheduler.triggers.interval.datetime = Turned

if __name__ == "__main__":
    main()
