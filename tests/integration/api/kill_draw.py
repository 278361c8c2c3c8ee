"""Lets posts join a trial in a process of its own, which is killed once the draw is written and not yet committed."""

import os
import signal
import sys
from datetime import datetime
from pathlib import Path

from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from core.bootstrap import assemble
from core.services.trial_assigning import assign_items
from core.settings import Settings
from core.storage.tables import TrialAssignment


def die(session: Session) -> None:
    """Say what is written by now, and be killed."""
    session.flush()
    lines = session.connection().execute(select(func.count()).select_from(TrialAssignment)).scalar_one()
    print(f"{lines} lines written", flush=True)  # noqa: T201 - the answer
    os.kill(os.getpid(), signal.SIGKILL)


def draw(data_dir: str, url: str, trial_id: str, moment: str, *item_ids: str) -> None:
    """Draw and die."""
    now = datetime.fromisoformat(moment)
    house = assemble(Settings(data_dir=Path(data_dir), database_url=url), lambda: now)
    event.listen(Session, "before_commit", die)
    assign_items(house.context(), trial_id, item_ids)


if __name__ == "__main__":
    draw(*sys.argv[1:])
