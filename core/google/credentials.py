"""The secrets that open Google: what a person pastes is read, and becomes credentials that get tokens."""

import json
from collections.abc import Mapping
from typing import Any, TypeAlias

from google.oauth2 import credentials as oauth
from google.oauth2 import service_account

from core.google.contract import Identity
from core.google.errors import UnusableCredentials
from core.sheets.words import AccountKind

SCOPES = (
    "https://www.googleapis.com/auth/spreadsheets",
    "https://www.googleapis.com/auth/drive.metadata.readonly",
    "https://www.googleapis.com/auth/drive.file",
)
"""The least that reads and writes sheets, lists those that are shared, and makes new ones."""

Credentials: TypeAlias = service_account.Credentials | oauth.Credentials

_SERVICE_ACCOUNT = ("type", "project_id", "private_key_id", "private_key", "client_email", "client_id")
_USER = ("type", "client_id", "client_secret", "refresh_token")
_API_KEY = "AIza"


def read_credentials(text: str | bytes) -> Identity:
    """Return who a pasted or uploaded JSON is, without asking Google (UnusableCredentials).

    Of the JSON only what signs in is kept: no access token, and no address to send secrets to.
    """
    info = _object(text)
    if info.get("type") == "service_account":
        identity = _service_account(info)
    elif "refresh_token" in info:
        identity = _user(info)
    else:
        raise UnusableCredentials(_what_it_is_instead(info))
    open_credentials(identity, "https://localhost")  # a key that cannot sign is told at once
    return identity


def open_credentials(identity: Identity, token_url: str) -> Credentials:
    """Return credentials that get their tokens from `token_url` (UnusableCredentials: the key cannot sign)."""
    info = {**json.loads(identity.secret), "token_uri": token_url}
    if identity.kind is AccountKind.OAUTH:
        return oauth.Credentials(
            None,
            refresh_token=info["refresh_token"],
            token_uri=token_url,
            client_id=info["client_id"],
            client_secret=info["client_secret"],
        )
    try:
        credentials: service_account.Credentials = service_account.Credentials.from_service_account_info(
            info, scopes=SCOPES
        )
    except ValueError as error:
        raise UnusableCredentials("its private_key is damaged") from error
    return credentials


def _object(text: str | bytes) -> Mapping[str, Any]:
    try:
        shown = text.decode("utf-8-sig") if isinstance(text, bytes) else text.lstrip("\ufeff")
        if shown.strip().startswith(_API_KEY):
            raise UnusableCredentials("an API key opens only sheets that everybody may see")
        info = json.loads(shown)
    except (ValueError, RecursionError) as error:
        raise UnusableCredentials("it is no JSON") from error
    if not isinstance(info, dict):
        raise UnusableCredentials("it is no JSON object")
    return info


def _service_account(info: Mapping[str, Any]) -> Identity:
    _require(info, "private_key", "client_email")
    return Identity(AccountKind.SERVICE_ACCOUNT, info["client_email"], _kept(info, _SERVICE_ACCOUNT))


def _user(info: Mapping[str, Any]) -> Identity:
    _require(info, "client_id", "client_secret", "refresh_token")
    return Identity(AccountKind.OAUTH, None, _kept({**info, "type": "authorized_user"}, _USER))


def _require(info: Mapping[str, Any], *fields: str) -> None:
    for name in fields:
        if not isinstance(info.get(name), str) or not info[name]:
            raise UnusableCredentials(f"its {name} is missing")


def _kept(info: Mapping[str, Any], fields: tuple[str, ...]) -> str:
    return json.dumps({name: info[name] for name in fields if name in info}, sort_keys=True)


def _what_it_is_instead(info: Mapping[str, Any]) -> str:
    if "installed" in info or "web" in info:
        return "it is the file of an OAuth client, which has not been allowed to open anybody's sheets yet"
    return "it is of another kind"
