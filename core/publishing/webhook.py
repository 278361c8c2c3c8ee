"""The webhook channel: each item goes to a receiver as one signed HTTP call (Standard Webhooks)."""

# ruff: noqa: ARG002  # every publisher takes the contract's arguments, needed or not

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

from core.publishing.addresses import Forbidden, Resolve, Unresolved, parse_endpoint, resolve_endpoint, system_resolve
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
from core.vocabulary import Refusal

URL_SETTING = "url"
SECRET_PREFIX = "whsec_"  # noqa: S105  # the public prefix of every secret, not a secret
ANSWER_BYTES = 64 * 1024
ANSWER_SECONDS = 10.0
"""How much of an answer is read, and for how long once its status is known."""

_NOTHING_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""Failures before the first byte of the request: refused, unreachable, no TLS."""


@dataclass(frozen=True)
class _Endpoint:
    """A channel's receiver, with settings that make sense."""

    url: httpx.URL
    signer: Webhook


def webhook_client(timeout_seconds: float) -> httpx.Client:
    """Return the HTTP client webhooks are sent with.

    No proxy from the environment and no redirect: both would leave the checked address. No connection is kept
    for later: one that the receiver has just closed would turn a post into an unknown outcome.
    """
    return httpx.Client(
        timeout=timeout_seconds,
        follow_redirects=False,
        trust_env=False,
        verify=httpx.create_ssl_context(),  # still reads SSL_CERT_FILE, for an operator's own authority
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
    )


class WebhookPublisher:
    """Posts to the address in the channel's setting `url`, signed with the channel's `whsec_` secret."""

    def __init__(self, client: httpx.Client, *, allow_private: bool, resolve: Resolve = system_resolve) -> None:
        self._client = client
        self._allow_private = allow_private
        self._resolve = resolve

    def prepare(self, post: Post, access: ChannelAccess, now: datetime) -> Preparation:
        """Check address and secret; nothing is asked of the network."""
        endpoint = self._endpoint(access)
        return endpoint if isinstance(endpoint, Refused) else Ready({})

    def check(self, post: Post, access: ChannelAccess, state: StepState, now: datetime) -> Preparation:
        """Nothing to wait for."""
        return Ready(state)

    def fire(self, post: Post, access: ChannelAccess, state: StepState, now: datetime) -> Firing:
        """Send once; a failure after the request began to leave is an unknown outcome."""
        endpoint = self._endpoint(access)
        if isinstance(endpoint, Refused):
            return endpoint
        addresses = resolve_endpoint(endpoint.url, self._resolve, allow_private=self._allow_private)
        match addresses:
            case Forbidden(reason):
                return Refused(Refusal.INVALID, reason)
            case Unresolved(reason):
                return Refused(Refusal.TRANSIENT, reason)
        return self._send(endpoint, addresses, post, now)

    def look_up(self, post: Post, access: ChannelAccess, state: StepState, now: datetime) -> LookUp:
        """A receiver cannot be asked; it tells deliveries apart by `webhook-id`."""
        return CannotTell(
            f"A webhook receiver cannot be asked what it has taken. Look there for webhook-id {post.delivery_id}."
        )

    def _endpoint(self, access: ChannelAccess) -> _Endpoint | Refused:
        """Read the channel's settings, or say which of them to mend."""
        url = parse_endpoint(access.settings.get(URL_SETTING, ""), allow_private=self._allow_private)
        if isinstance(url, Forbidden):
            return Refused(Refusal.INVALID, url.reason)
        signer = _signer(access.secret or "")
        if signer is None:
            return Refused(Refusal.INVALID, f"The channel's secret must be {SECRET_PREFIX} followed by base64.")
        return _Endpoint(url, signer)

    def _send(self, endpoint: _Endpoint, addresses: tuple[str, ...], post: Post, now: datetime) -> Firing:
        """Try the host's addresses in turn, going on only while nothing has left this machine."""
        body = json.dumps(payload(post, now))
        headers = _signed_headers(endpoint, post.delivery_id, body, now)
        failure = ""
        for address in addresses:
            try:
                return self._exchange(self._request(endpoint.url, address, headers, body), now)
            except _NOTHING_LEFT as error:
                failure = _words(error)
            except httpx.RequestError as error:
                return Refused(Refusal.UNKNOWN_OUTCOME, f"The receiver may have taken the item: {_words(error)}.")
        return Refused(Refusal.TRANSIENT, f"The receiver {_ascii_host(endpoint.url)} cannot be reached: {failure}.")

    def _request(self, url: httpx.URL, address: str, headers: dict[str, str], body: str) -> httpx.Request:
        """Build a request to the checked address that names the host in the Host header and in TLS."""
        return self._client.build_request(
            "POST",
            url.copy_with(host=address),
            headers=headers,
            content=body.encode("ascii"),
            extensions={"sni_hostname": _ascii_host(url)},
        )

    def _exchange(self, request: httpx.Request, now: datetime) -> Firing:
        """Send and read the answer; once the status is known, a body that breaks off changes nothing."""
        response = self._client.send(request, stream=True)
        try:
            body = _bounded_body(response)
        finally:
            response.close()
        return read_answer(response.status_code, response.headers, body, now)


def _signer(secret: str) -> Webhook | None:
    if not secret.startswith(SECRET_PREFIX):
        return None
    try:
        return Webhook(secret)
    except (ValueError, EmptyWebhookSecretError):
        return None


def _signed_headers(endpoint: _Endpoint, delivery_id: str, body: str, now: datetime) -> dict[str, str]:
    """Return the headers of one sending: the id stays, the time is new on every try."""
    return {
        "Host": endpoint.url.netloc.decode("ascii"),
        "Content-Type": "application/json",
        "Accept-Encoding": "identity",  # the answer is read raw, so that a small one cannot unpack into a large one
        "User-Agent": "Slotwise",
        "webhook-id": delivery_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": endpoint.signer.sign(delivery_id, now.astimezone(UTC), body),
    }


def _ascii_host(url: httpx.URL) -> str:
    """Return the host as it is looked up; `url.host` decodes international names and raises for some."""
    return url.raw_host.decode("ascii")


def _bounded_body(response: httpx.Response) -> bytes:
    """Read what fits the bounds of bytes and seconds."""
    body = b""
    deadline = time.monotonic() + ANSWER_SECONDS
    try:
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > ANSWER_BYTES or time.monotonic() > deadline:
                break
    except httpx.RequestError:
        return body
    return body[:ANSWER_BYTES]


def _words(error: httpx.RequestError) -> str:
    """Say what failed: some errors of the network carry no text of their own."""
    return str(error) or type(error).__name__
