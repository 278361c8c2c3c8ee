"""The threads of one engine that sync sheets, so that a slow one holds up no other."""

from threading import Event

from core.engine.runner import Runner
from core.engine.serving import ServingCrew
from core.services.sheet_claims import DueSync, due_connections
from core.services.sheet_syncing import sync_if_free
from core.services.sheet_worker import SheetDesk


class SheetCrew(ServingCrew[DueSync]):
    """Syncs sheets that are due; `stopping` ends the waits of those that are under way."""

    def __init__(self, desk: SheetDesk, stopping: Event, runner: Runner, threads: int) -> None:
        self._desk, self._to_stop = desk, stopping
        super().__init__("sync sheet", self._sync, lambda due: due.connection_id, runner, threads)

    def wake(self) -> None:
        """Begin as many syncs as there are threads for."""
        if room := self.room():
            busy = self.busy()
            for due in [one for one in due_connections(self._desk) if one not in busy][:room]:
                self.take_on(due)

    def stop_taking(self) -> None:
        """Begin nothing new, and let nothing wait for Google any longer."""
        super().stop_taking()
        self._to_stop.set()

    def _sync(self, due: DueSync) -> None:
        sync_if_free(self._desk, due.workspace, due.connection_id)
