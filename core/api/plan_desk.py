"""Where plans are worked out while clients wait: a few at once, a few in line, and others are told to come back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import Depends, Request

from core.api.refusals import Busy

T = TypeVar("T")

AT_ONCE = 2
"""Each is a thread that searches: more would slow each other down, and everything else."""

IN_LINE = 8
RETRY_SECONDS = 5


@dataclass
class Desk:
    """The threads of one application that plan; the others stay free for all other calls."""

    at_once: int = AT_ONCE
    in_line: int = IN_LINE
    _present: int = 0
    _threads: CapacityLimiter | None = field(default=None)

    async def run(self, work: Callable[[], T]) -> T:
        """Return what `work` returns, which may take a minute (Busy: too many wait already).

        A server that ends does not wait for it: whoever is started next goes on with the plan.
        """
        if self._present >= self.at_once + self.in_line:
            raise Busy(retry_after=RETRY_SECONDS)
        self._threads = self._threads or CapacityLimiter(self.at_once)  # it belongs to the event loop that runs
        self._present += 1
        try:
            return await to_thread.run_sync(work, limiter=self._threads, abandon_on_cancel=True)
        finally:
            self._present -= 1


async def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.plan_desk
    return desk


PlanDesk = Annotated[Desk, Depends(_desk)]
