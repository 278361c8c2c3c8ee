"""Unmodified gspread whose connections to Google end at the stub."""

import json
from typing import Any
from urllib.parse import urlsplit

import gspread
from google.auth.transport.requests import AuthorizedSession, Request
from google.oauth2.credentials import Credentials
from google.oauth2.service_account import Credentials as ServiceAccount
from google_tokens import SCOPES
from google_world import Google
from requests import ConnectionError, PreparedRequest, Response, Session  # noqa: A004 - requests' own
from requests.adapters import HTTPAdapter

ROBOT = "robot@made-up.iam.gserviceaccount.com"
"""The service account that tests share their sheets with."""


class ToStub(HTTPAdapter):
    """Leads connections to Google's hosts to the stub."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url

    def send(self, request: PreparedRequest, *rest: Any, **more: Any) -> Response:
        """Send the request there, with its path and query as they are."""
        parts = urlsplit(request.url or "")
        request.url = f"{self.url}{parts.path}{'?' if parts.query else ''}{parts.query}"
        return super().send(request, *rest, **more)


class Nowhere(HTTPAdapter):
    """Leads nowhere: google-auth asks a further service of Google, in a thread of its own, where an account belongs."""

    def send(self, request: PreparedRequest, *_: Any, **__: Any) -> Response:
        """Fail at once."""
        raise ConnectionError(request=request)


def session_to(google: Google, credentials: Any) -> AuthorizedSession:
    """Give a signed-in session that reaches the stub under Google's own addresses."""
    signing_in = Session()
    signing_in.mount("https://", Nowhere())
    session = AuthorizedSession(credentials, auth_request=Request(signing_in))
    session.mount("https://", ToStub(google.url))
    return session


def robot(google: Google, scopes: tuple[str, ...] = SCOPES, email: str = ROBOT) -> gspread.Client:
    """Sign in with the key of a service account."""
    account = google.tokens.accounts.get(email)
    key = json.loads(google.tokens.service_account(email)) if account is None else account.secret
    credentials = ServiceAccount.from_service_account_info(key, scopes=scopes)
    return gspread.Client(auth=credentials, session=session_to(google, credentials))


def person(google: Google, email: str) -> gspread.Client:
    """Sign in as a person who gave consent."""
    kept = json.loads(google.tokens.person(email))
    credentials = Credentials(
        None, refresh_token=kept["refresh_token"], token_uri=kept["token_uri"], client_id=kept["client_id"],
        client_secret=kept["client_secret"],
    )  # fmt: skip
    return gspread.Client(auth=credentials, session=session_to(google, credentials))
