"""The threads of one engine that tell webhook receivers."""

from core.engine.runner import Runner
from core.engine.serving import ServingCrew
from core.services.courier import Courier
from core.services.webhook_sending import Receiver, deliver


class CourierCrew(ServingCrew[Receiver]):
    """Serves receivers, each by one thread at a time."""

    def __init__(self, courier: Courier, runner: Runner, threads: int) -> None:
        self.courier = courier
        super().__init__("deliver", self._deliver, lambda receiver: receiver.key, runner, threads)

    def _deliver(self, receiver: Receiver) -> None:
        deliver(self.courier, receiver, lambda: not self.is_stopping)
