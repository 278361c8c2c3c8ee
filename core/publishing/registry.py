"""Every way out: one entry for each kind of channel."""

from collections.abc import Callable

from core.publishing.contract import Publisher
from core.publishing.outbox import OutboxPublisher
from core.publishing.sending import Sender, webhook_client
from core.publishing.webhook import WebhookPublisher
from core.settings import Settings
from core.vocabulary import ChannelKind


def open_outbox(settings: Settings) -> Publisher:
    """Return the outbox in the folder `outbox` of the data folder."""
    return OutboxPublisher(settings.data_dir / "outbox")


def open_webhook(settings: Settings) -> Publisher:
    """Return the webhook sender with the operator's timeout and network rules."""
    client = webhook_client(settings.webhook_timeout_seconds)
    return WebhookPublisher(client, allow_private=settings.webhook_allow_private)


PUBLISHERS: dict[ChannelKind, Callable[[Settings], Publisher]] = {
    ChannelKind.OUTBOX: open_outbox,
    ChannelKind.WEBHOOK: open_webhook,
}


def open_sender(settings: Settings) -> Sender:
    """Return the sender of events to webhook endpoints, with the operator's timeout and network rules."""
    client = webhook_client(settings.webhook_timeout_seconds)
    return Sender(client, allow_private=settings.webhook_allow_private)
