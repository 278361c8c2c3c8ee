"""A webhook receiver on this machine that follows Standard Webhooks, keeps what is visible and fails on demand."""

import json
import socket
import struct
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
Fault = Callable[["Conversation"], None]


@dataclass
class Receiver:
    """What the receiver was sent and what it shows: one visible post per `webhook-id`, however often it comes."""

    url: str = ""
    secret: str = SECRET
    minds_the_time: bool = True
    calls: int = 0
    ids: list[str] = field(default_factory=list)
    visible: dict[str, dict[str, Any]] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    faults: deque[Fault] = field(default_factory=deque)
    answer: bytes = b'{"id": "post-1", "url": "https://example.com/posts/1"}'
    lock: Lock = field(default_factory=Lock)
    closing: Event = field(default_factory=Event)


class Conversation(BaseHTTPRequestHandler):
    """One call, from request to answer or to the fault that takes its place."""

    receiver: Receiver

    def do_POST(self) -> None:  # the name http.server calls
        """Play the next fault, or take the post."""
        self.body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.receiver.lock:
            self.receiver.calls += 1
            self.receiver.ids.append(self.headers.get("webhook-id", ""))
            fault = self.receiver.faults.popleft() if self.receiver.faults else take_and_answer
        fault(self)

    def do_GET(self) -> None:  # the name http.server calls
        """Only somebody who followed a redirect comes here."""
        with self.receiver.lock:
            self.receiver.calls += 1
        answer(self, 200, b"{}")

    def log_message(self, *_: object) -> None:
        """Stay silent."""


def take(call: Conversation) -> bool:
    """Verify the signature and show the post once."""
    headers = {name.lower(): value for name, value in call.headers.items()}
    if not is_signed(call, headers):
        return False
    with call.receiver.lock:
        call.receiver.headers = headers
        call.receiver.visible.setdefault(headers["webhook-id"], json.loads(call.body))
    return True


def is_signed(call: Conversation, headers: dict[str, str]) -> bool:
    """Verify as Standard Webhooks says; a sender whose clock stands still is not held to the present time."""
    signer = Webhook(call.receiver.secret)
    if not call.receiver.minds_the_time:
        moment = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
        return headers["webhook-signature"] == signer.sign(headers["webhook-id"], moment, call.body.decode())
    try:
        signer.verify(call.body, headers, json_parse=False)
    except WebhookVerificationError:
        return False
    return True


def answer(call: Conversation, status: int, body: bytes, **headers: str) -> None:
    """Send a whole answer."""
    call.send_response(status)
    for name, value in headers.items():
        call.send_header(name.replace("_", "-"), value)
    call.send_header("Content-Length", str(len(body)))
    call.end_headers()
    call.wfile.write(body)


def take_and_answer(call: Conversation) -> None:
    """Do what a sound receiver does."""
    if take(call):
        answer(call, 200, call.receiver.answer, Content_Type="application/json")
    else:
        answer(call, 401, b"signature does not match")


def take_then_drop(call: Conversation) -> None:
    """Show the post, then break the connection without a word."""
    take(call)
    call.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    call.connection.close()
    call.close_connection = True


def take_then_hang(call: Conversation) -> None:
    """Show the post and answer only when the sender has long stopped listening."""
    take(call)
    call.receiver.closing.wait()
    call.close_connection = True


def take_then_break_off(call: Conversation) -> None:
    """Answer 200, promise a body and break off in the middle of it."""
    take(call)
    call.send_response(200)
    call.send_header("Content-Length", "1000")
    call.end_headers()
    call.wfile.write(b'{"id": "po')
    call.close_connection = True


def refuse(status: int, body: bytes = b"", **headers: str) -> Fault:
    """Answer this without showing the post."""
    return lambda call: answer(call, status, body, **headers)


@contextmanager
def running_receiver() -> Iterator[Receiver]:
    """Serve on a free loopback port until the block ends."""
    receiver = Receiver()
    handler = type("BoundConversation", (Conversation,), {"receiver": receiver})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        receiver.url = f"http://localhost:{server.server_address[1]}/hook"
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield receiver
        finally:
            receiver.closing.set()
            server.shutdown()
            thread.join()
