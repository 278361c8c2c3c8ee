"""Signs requests to Google: gets an access token when there is none, and for one thread at a time."""

import json
from http import HTTPStatus
from threading import Lock
from typing import Any, TypeAlias

import requests
import structlog
from google.auth.exceptions import TransportError
from google.auth.transport import Response
from google.auth.transport.requests import Request
from requests.auth import AuthBase

from core.google.credentials import Credentials

Timeouts: TypeAlias = tuple[float, float]
"""Seconds until a connection stands, and between two pieces of an answer."""
TIMEOUTS: Timeouts = (5.0, 60.0)

_log = structlog.get_logger(__name__)


class TokenRequest(Request):
    """One call of the token endpoint: bounded in time, never repeated here, never followed elsewhere."""

    def __init__(self, session: requests.Session, timeouts: Timeouts) -> None:
        super().__init__(session)
        self._timeouts = timeouts

    def __call__(self, url: str, method: str = "GET", *args: Any, **kwargs: Any) -> Response:
        """Call; a failing endpoint is a TransportError, so that google-auth does not wait and repeat by itself."""
        kwargs.update(timeout=self._timeouts, allow_redirects=False)
        response: Response = super().__call__(url, method, *args, **kwargs)  # type: ignore[no-untyped-call]
        _log.info("google_token_request", status=response.status)
        if response.status in _PASSING or response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise TransportError(f"the token endpoint answered {response.status}")
        if response.status == HTTPStatus.OK and not _is_object(response.data):
            raise TransportError("the token endpoint answered without JSON")
        return response


class TokenAuth(AuthBase):
    """Puts the access token into each request of a session.

    Not google-auth's AuthorizedSession: that one asks a further Google service in a thread of its own for each service
    account (regional access boundaries), and sends a request again by itself where the budget does not see it.
    """

    def __init__(self, credentials: Credentials, timeouts: Timeouts) -> None:
        self.credentials, self._lock = credentials, Lock()
        self._request = TokenRequest(requests.Session(), timeouts)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign a request; google-auth's errors are let through."""
        request.headers["Authorization"] = self.sign_in()
        return request

    def sign_in(self) -> str:
        """Return the header with an access token that is good at present (GoogleAuthError)."""
        with self._lock:
            if not self.credentials.valid:
                self.credentials.refresh(self._request)  # type: ignore[no-untyped-call]
            return f"Bearer {self.credentials.token}"

    def forget(self, refused: str) -> None:
        """Let the next request get a new token, unless another thread has got one since."""
        with self._lock:
            if f"Bearer {self.credentials.token}" == refused:
                self.credentials.token = None

    def close(self) -> None:
        """Close the connections to the token endpoint."""
        self._request.session.close()


_PASSING = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)


def _is_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except (ValueError, RecursionError):
        return False
