"""What can go wrong between a program and Google, one function each."""

import socket
import struct
from collections.abc import Callable

from google_server import Conversation
from google_world import Fault

PAGE = "<!DOCTYPE html><html><title>Error {status} (Server Error)!!1</title><p>The server encountered an error."
STATES = {
    400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE",
}  # fmt: skip


def refuse(status: int, words: str = "made up by a test", **headers: str) -> Fault:
    """Answer an error as JSON without doing anything: 403, 404, 429 (with `Retry_After="2"` or without), 500, 503."""
    error = {"error": {"code": status, "message": words, "status": STATES[status]}}
    return lambda call: call.tell(status, error, **headers)


def too_many(retry_after: int | None = None) -> Fault:
    """Answer 429, with or without a Retry-After."""
    return refuse(429, "Quota exceeded", **({} if retry_after is None else {"Retry_After": str(retry_after)}))


def usage_limit(call: Conversation) -> None:
    """Answer 403 as Drive does when its own limits are reached."""
    told = {"domain": "usageLimits", "reason": "userRateLimitExceeded", "message": "User Rate Limit Exceeded."}
    call.tell(403, {"error": {"errors": [told], "code": 403, "message": told["message"]}})


def page(status: int) -> Fault:
    """Answer an HTML page, as Google's front ends do with 502 and 503."""
    return lambda call: call.tell(status, PAGE.format(status=status))


def drop(call: Conversation) -> None:
    """Break the connection without doing anything."""
    call.note(0, 0)
    call.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    call.connection.close()


def apply_then_drop(call: Conversation) -> None:
    """Do what is asked, then break the connection without a word."""
    call.apply()
    drop(call)


def apply_then_hang(call: Conversation) -> None:
    """Do what is asked and stay silent until the caller has long stopped listening."""
    call.apply()
    call.note(0, 0)
    call.google.closing.wait()


def apply_then_fail(status: int) -> Fault:
    """Do what is asked and answer a page that says otherwise."""

    def play(call: Conversation) -> None:
        call.apply()
        call.tell(status, PAGE.format(status=status))

    return play


def expire_token(call: Conversation) -> None:
    """End the caller's token, and answer as to anyone without one."""
    call.google.tokens.expire()
    call.serve()


def before(action: Callable[[], object]) -> Fault:
    """Let somebody do something just before the request is done: a user sorts between our read and our write."""

    def play(call: Conversation) -> None:
        action()
        call.serve()

    return play


def after(action: Callable[[], object]) -> Fault:
    """Let something happen when the request is done and before it is answered: the caller is killed."""

    def play(call: Conversation) -> None:
        answer = call.apply()
        action()
        call.tell(*answer)

    return play
