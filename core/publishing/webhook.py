"""The webhook channel: each item goes to a receiver as one signed HTTP call (Standard Webhooks)."""

# ruff: noqa: ARG002  # every publisher takes the contract's arguments, needed or not

import json
from datetime import datetime

import httpx

from core.publishing.addresses import Forbidden, Resolve, parse_endpoint, system_resolve
from core.publishing.answers import read_answer
from core.publishing.contract import (
    CannotTell,
    ChannelAccess,
    Firing,
    LookUp,
    Post,
    Preparation,
    Ready,
    Refused,
    StepState,
)
from core.publishing.payload import payload
from core.publishing.sending import SECRET_PREFIX, Answered, Message, NotSent, Sender, Unanswered, signer_of
from core.vocabulary import Refusal

URL_SETTING = "url"


class WebhookPublisher:
    """Posts to the address in the channel's setting `url`, signed with the channel's `whsec_` secret."""

    def __init__(self, client: httpx.Client, *, allow_private: bool, resolve: Resolve = system_resolve) -> None:
        self._sender = Sender(client, allow_private=allow_private, resolve=resolve)

    def prepare(self, post: Post, access: ChannelAccess, now: datetime) -> Preparation:
        """Check address and secret; nothing is asked of the network."""
        message = self._message(post, access, now)
        return message if isinstance(message, Refused) else Ready({})

    def check(self, post: Post, access: ChannelAccess, state: StepState, now: datetime) -> Preparation:
        """Nothing to wait for."""
        return Ready(state)

    def fire(self, post: Post, access: ChannelAccess, state: StepState, now: datetime) -> Firing:
        """Send once; a failure after the request began to leave is an unknown outcome."""
        message = self._message(post, access, now)
        if isinstance(message, Refused):
            return message
        match self._sender.send(message, now):
            case Answered(status, headers, body):
                return read_answer(status, headers, body, now)
            case NotSent(reason, is_forbidden):
                return Refused(Refusal.INVALID if is_forbidden else Refusal.TRANSIENT, reason)
            case Unanswered(reason):
                return Refused(Refusal.UNKNOWN_OUTCOME, f"The receiver may have taken the item: {reason}.")

    def look_up(self, post: Post, access: ChannelAccess, state: StepState, now: datetime) -> LookUp:
        """A receiver cannot be asked; it tells deliveries apart by `webhook-id`."""
        return CannotTell(
            f"A webhook receiver cannot be asked what it has taken. Look there for webhook-id {post.delivery_id}."
        )

    def _message(self, post: Post, access: ChannelAccess, now: datetime) -> Message | Refused:
        """Write what is sent, or say which of the channel's settings to mend."""
        url = parse_endpoint(access.settings.get(URL_SETTING, ""), allow_private=self._sender.allow_private)
        if isinstance(url, Forbidden):
            return Refused(Refusal.INVALID, url.reason)
        signer = signer_of(access.secret or "")
        if signer is None:
            return Refused(Refusal.INVALID, f"The channel's secret must be {SECRET_PREFIX} followed by base64.")
        return Message(url, signer, post.delivery_id, json.dumps(payload(post, now)))
