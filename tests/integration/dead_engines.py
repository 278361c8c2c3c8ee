"""Engines that died on this machine."""

import os
import signal

from core.bootstrap import Slotwise
from core.storage.presence import Presence


def die_here(house: Slotwise, name: str) -> None:
    """Let a process of its own enter as this engine and be killed."""
    pid = os.fork()
    if pid == 0:
        Presence(house.settings.data_dir / "engines").enter(name)
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(pid, 0)
