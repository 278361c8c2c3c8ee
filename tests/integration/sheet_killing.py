"""Orders syncs of a process that dies on its way."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from walk_stage import SheetStage

from core.settings import ROOT


@dataclass
class Victim:
    """A process that forks one for every order; `kill` may be called by anybody while it is under way."""

    process: "subprocess.Popen[str]"
    pid: int = 0
    died: int = 0
    peak: int = 0

    def __post_init__(self) -> None:
        self.is_born = Event()

    def sync(self, stage: SheetStage, dies_at: int = 0) -> bool:
        """Let it sync; True when it was killed. What is left of its hold on the sheet runs out meanwhile."""
        self.is_born.clear()
        order = {
            "url": stage.google.url, "connection": stage.connection.id, "now": stage.clock().isoformat(),
            "dies_at": dies_at,
        }  # fmt: skip
        print(json.dumps(order), file=self.process.stdin, flush=True)
        self.pid = int(self._line())
        self.is_born.set()
        code, self.peak = map(int, self._line().split())
        assert code in {0, -signal.SIGKILL}, code
        stage.clock.move(stage.desk().lease)
        self.died += code != 0
        return code != 0

    def kill(self) -> None:
        """Kill -9 the process that syncs at present."""
        self.is_born.wait()
        os.kill(self.pid, signal.SIGKILL)

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()


@contextmanager
def running_victim(stage: SheetStage) -> Iterator[Victim]:
    """Start the process of an installation, and end it with the block."""
    settings = stage.house.settings
    command = [
        sys.executable,
        str(Path(__file__).with_name("sheet_victim.py")),
        str(settings.data_dir),
        settings.database_url,
    ]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own process
        yield Victim(process)
        process.communicate()
