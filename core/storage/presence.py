"""Which engines live on this machine: each locks a file of its own, which the system unlocks when the engine dies."""

import sys
from pathlib import Path
from typing import IO

if sys.platform != "win32":
    import fcntl


class Presence:
    """The engines of one data folder, by name; nothing is known of those on other machines, nor on Windows.

    Of an engine of which nothing is known its silence tells (`core.services.heartbeat`).
    """

    def __init__(self, folder: Path) -> None:
        """Nobody is there yet."""
        self._folder = folder
        self._held: dict[str, IO[bytes]] = {}

    def enter(self, name: str) -> None:
        """Be there until `leave`, or until this process ends in whatever way."""
        if sys.platform == "win32":
            return
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._held[name] = (self._folder / name).open("wb")
        fcntl.flock(self._held[name], fcntl.LOCK_EX)

    def leave(self, name: str) -> None:
        """Be there no more, and remove what the dead have left."""
        if sys.platform == "win32":
            return
        self._held.pop(name).close()
        for file in self._folder.iterdir():
            if self.is_gone(file.name):
                file.unlink(missing_ok=True)

    def is_gone(self, name: str) -> bool:
        """Say whether an engine was on this machine and is no more."""
        if sys.platform == "win32":
            return False
        if name in self._held:
            return False
        try:
            with (self._folder / name).open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except (FileNotFoundError, BlockingIOError):
            return False
        return True
