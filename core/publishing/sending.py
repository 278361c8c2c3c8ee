"""Sends one signed message to one address: to checked addresses only, once, and for a bounded time."""

import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Timer
from typing import Any, TypeAlias

import httpx
from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

from core.publishing.addresses import Forbidden, Resolve, Unresolved, resolve_endpoint, system_resolve

SECRET_PREFIX = "whsec_"  # noqa: S105  # the public prefix of every secret, not a secret
ANSWER_BYTES = 64 * 1024
ANSWER_SECONDS = 10.0
"""How much of an answer is read, and for how long once its status is known."""
LONGEST_SECONDS = 60.0
"""After this time the connection is cut: a receiver that sends its answer byte by byte holds nobody up for longer."""

_NOTHING_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""Failures before the first byte of the request: refused, unreachable, no TLS."""


@dataclass(frozen=True)
class Message:
    """What is sent: `id` stays the same however often it is sent, `body` is JSON in ASCII."""

    url: httpx.URL
    signer: Webhook
    id: str
    body: str


@dataclass(frozen=True)
class Answered:
    """The receiver answered; `headers` has lower-case names, `body` may be cut short."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class NotSent:
    """Certainly nothing arrived; `is_forbidden`: the address is one that must not be used."""

    reason: str
    is_forbidden: bool = False


@dataclass(frozen=True)
class Unanswered:
    """The message began to leave, and nobody knows whether it arrived."""

    reason: str


Sending: TypeAlias = Answered | NotSent | Unanswered


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


def signer_of(secret: str) -> Webhook | None:
    """Return what signs with a `whsec_` secret, None where it is none."""
    if not secret.startswith(SECRET_PREFIX):
        return None
    try:
        return Webhook(secret)
    except (ValueError, EmptyWebhookSecretError):
        return None


class Sender:
    """Sends messages; shared by as many threads as like."""

    def __init__(
        self,
        client: httpx.Client,
        *,
        allow_private: bool,
        resolve: Resolve = system_resolve,
        longest_seconds: float = LONGEST_SECONDS,
    ) -> None:
        self._client = client
        self.allow_private = allow_private
        self._resolve = resolve
        self._longest_seconds = longest_seconds

    def send(self, message: Message, now: datetime) -> Sending:
        """Try the host's addresses in turn, going on only while nothing has left this machine."""
        addresses = resolve_endpoint(message.url, self._resolve, allow_private=self.allow_private)
        match addresses:
            case Forbidden(reason):
                return NotSent(reason, is_forbidden=True)
            case Unresolved(reason):
                return NotSent(reason)
        failure, headers = "", _signed_headers(message, now)
        for address in addresses:
            try:
                return self._exchange(self._request(message, address, headers))
            except _NOTHING_LEFT as error:
                failure = _words(error)
            except httpx.RequestError as error:
                return Unanswered(_words(error))
        return NotSent(f"The receiver {ascii_host(message.url)} cannot be reached: {failure}.")

    def _request(self, message: Message, address: str, headers: dict[str, str]) -> httpx.Request:
        """Build a request to the checked address that names the host in the Host header and in TLS."""
        return self._client.build_request(
            "POST",
            message.url.copy_with(host=address),
            headers=headers,
            content=message.body.encode("ascii"),
            extensions={"sni_hostname": ascii_host(message.url)},
        )

    def _exchange(self, request: httpx.Request) -> Answered:
        """Send and read the answer; once the status is known, a body that breaks off changes nothing."""
        wire = _Wire()
        request.extensions = {**request.extensions, "trace": wire.follow}
        watchdog = Timer(self._longest_seconds, wire.cut)
        watchdog.daemon = True
        watchdog.start()
        try:
            response = self._client.send(request, stream=True)
            try:
                return Answered(response.status_code, response.headers, _bounded_body(response))
            finally:
                response.close()
        finally:
            watchdog.cancel()


class _Wire:
    """The connection of one request, so that somebody else can cut it."""

    def __init__(self) -> None:
        self._stream: Any = None

    def follow(self, event: str, info: Mapping[str, Any]) -> None:
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._stream = info["return_value"]

    def cut(self) -> None:
        if self._stream is not None:
            with suppress(OSError):  # it is closed already
                self._stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)


def ascii_host(url: httpx.URL) -> str:
    """Return the host as it is looked up; `url.host` decodes international names and raises for some."""
    return url.raw_host.decode("ascii")


def _signed_headers(message: Message, now: datetime) -> dict[str, str]:
    """Return the headers of one sending: the id stays, the time is new on every try."""
    return {
        "Host": message.url.netloc.decode("ascii"),
        "Content-Type": "application/json",
        "Accept-Encoding": "identity",  # the answer is read raw, so that a small one cannot unpack into a large one
        "User-Agent": "Slotwise",
        "webhook-id": message.id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": message.signer.sign(message.id, now.astimezone(UTC), message.body),
    }


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
