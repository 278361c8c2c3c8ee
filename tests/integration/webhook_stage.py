"""What tests of webhooks share: a courier whose deliveries go to this machine, and a crew without threads."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from random import Random

import publishing_stage  # noqa: F401 - it makes `receivers` importable
from receivers import Receiver, refuse, running_receiver  # noqa: F401 - tests take them from here

from core.bootstrap import Slotwise
from core.engine.runner import Runner
from core.publishing.sending import Sender, webhook_client
from core.services.context import Context
from core.services.courier import Courier, DeliveryPoint, nothing
from core.services.webhook_fanout import fan_out
from core.services.webhook_sending import Receiver as Address
from core.services.webhook_sending import deliver, send_due
from core.services.webhook_views import EndpointDraft, EndpointView
from core.services.webhooks import add_endpoint, reveal_secret


@dataclass
class OneByOne:
    """A crew without threads: each receiver is served before the next."""

    courier: Courier
    runner: Runner
    served: list[Address] = field(default_factory=list)

    def room(self) -> int:
        return 100

    def busy(self) -> Collection[Address]:
        return ()

    def take_on(self, receiver: Address) -> None:
        self.served.append(receiver)
        deliver(self.courier, receiver)

    def attempt(self, name: str, subject: str, call: Callable[[], object]) -> bool:
        return self.runner.run(name, call, subject)


def courier_of(
    house: Slotwise, at: Callable[[DeliveryPoint], None] = nothing, timeout: float = 0.5, *, allow_private: bool = True
) -> Courier:
    """Give a courier that reaches receivers on this machine and waits half a second for them."""
    sender = Sender(webhook_client(timeout), allow_private=allow_private, longest_seconds=timeout * 2)
    return Courier("courier_1", house.db, house.clock, house.vault, sender, Random(1), at)


def tell_all(courier: Courier) -> OneByOne:
    """Let one courier do everything there is to do now; a failure fails the test."""
    crew = OneByOne(courier, Runner(courier.clock))
    fan_out(courier, crew.attempt)
    send_due(courier, crew)
    assert crew.runner.last_error() is None
    return crew


def here(ctx: Context) -> Context:
    """Give a context in which addresses on this machine may be entered."""
    return replace(ctx, allow_private=True)


def endpoint(ctx: Context, receiver: Receiver, *types: str) -> EndpointView:
    """Give an endpoint at a receiver, which verifies with its secret."""
    made = add_endpoint(here(ctx), EndpointDraft(receiver.url, types=types))
    receiver.secret, receiver.minds_the_time = reveal_secret(ctx, made.id), False
    return made
