"""What an answer of Google's means that is no success, decided from its status and body alone."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from core.google.errors import (
    CredentialsRefused,
    GoogleError,
    GoogleSwitchedOff,
    GoogleUnavailable,
    NoDriveSpace,
    NotASpreadsheet,
    OutsideTab,
    RangeProtected,
    RequestRefused,
    SheetFull,
    SheetNotFound,
    SheetNotShared,
    SheetReadOnly,
    TabMissing,
)

_RATE_REASONS = {"rateLimitExceeded", "userRateLimitExceeded", "dailyLimitExceeded", "quotaExceeded"}
_OFF_REASONS = {"SERVICE_DISABLED", "accessNotConfigured"}
_SCOPE_REASONS = {"ACCESS_TOKEN_SCOPE_INSUFFICIENT", "insufficientPermissions"}
_SPACE_REASON = "storageQuotaExceeded"
_NO_SUCH_RANGE = re.compile(r"Unable to parse range: (?P<tab>.*?)(?:![^!]*)?$")
_BEYOND = re.compile(r"Range \((?P<tab>.*?)(?:![^!]*)?\) exceeds grid limits")
_NO_SUCH_TAB = re.compile(r"No (?:grid|sheet) with id: (?P<tab>\d+)")
_FULL = re.compile(r"above the limit of|maximum of \d+ characters|exceeds the limit of", re.IGNORECASE)
_PROTECTED = "protected cell or object"
_OFFICE_FILE = "not supported for this document"
_LONGEST_SAID = 300
_NO_REASON = "no reason given"
_CLIENT_ERRORS = range(400, 500)


@dataclass(frozen=True)
class Asked:
    """What the answer is to: in whose name, whether it was a change, and of which service."""

    who: str
    is_change: bool
    service: str


@dataclass(frozen=True)
class Said:
    """An error as Google words it; all of it empty where the body is no JSON of Google's."""

    message: str = ""
    reasons: frozenset[str] = frozenset()


def is_rate_limit(status: int, body: bytes) -> bool:
    """Tell whether an answer means "too many requests"; Drive says so with 403 as well."""
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return True
    return status == HTTPStatus.FORBIDDEN and not said(body).reasons.isdisjoint(_RATE_REASONS)


def read_refusal(status: int, body: bytes, asked: Asked) -> GoogleError:
    """Return the error behind a status other than 2xx; rate limits and expired tokens are the caller's."""
    answer = said(body)
    match status:
        case HTTPStatus.BAD_REQUEST:
            return _bad_request(answer.message, asked)
        case HTTPStatus.UNAUTHORIZED:
            return CredentialsRefused(asked.who, "it does not accept the token it has just given out", _NEW_CREDENTIALS)
        case HTTPStatus.FORBIDDEN:
            return _forbidden(answer, asked)
        case HTTPStatus.NOT_FOUND:
            return SheetNotFound(asked.who)
    if status in _CLIENT_ERRORS and status != HTTPStatus.REQUEST_TIMEOUT:
        return RequestRefused(status, answer.message or _NO_REASON)
    return GoogleUnavailable(f"it answered {status}")


def said(body: bytes) -> Said:
    """Read an error's body: message and reasons, as Sheets and as Drive write them."""
    try:
        error = json.loads(body)["error"]
        message, details, errors = error["message"], error.get("details", ()), error.get("errors", ())
        reasons = frozenset(each["reason"] for each in (*details, *errors) if "reason" in each)
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):  # HTML of a proxy, or cut short
        return Said()
    return Said(_one_line(message), reasons)


def _one_line(message: object) -> str:
    shown = "".join(character for character in " ".join(str(message).split()) if character.isprintable())
    return shown[:_LONGEST_SAID].rstrip(".")


def _bad_request(message: str, asked: Asked) -> GoogleError:
    if found := _BEYOND.search(message):
        return OutsideTab(_title(found))
    if found := _NO_SUCH_RANGE.search(message) or _NO_SUCH_TAB.search(message):
        return TabMissing(_title(found))
    if _PROTECTED in message:
        return RangeProtected(asked.who)
    if _OFFICE_FILE in message:
        return NotASpreadsheet()
    if _FULL.search(message):
        return SheetFull(message)
    return RequestRefused(HTTPStatus.BAD_REQUEST, message or _NO_REASON)


def _title(found: re.Match[str]) -> str:
    """Return a sheet's title as a person reads it: without the quotes of a range."""
    tab = found["tab"]
    return tab[1:-1].replace("''", "'") if tab.startswith("'") and tab.endswith("'") else tab


def _forbidden(answer: Said, asked: Asked) -> GoogleError:
    if not answer.reasons.isdisjoint(_OFF_REASONS):
        return GoogleSwitchedOff(asked.who, asked.service)
    if not answer.reasons.isdisjoint(_SCOPE_REASONS):
        todo = "Give permission again, for Google Sheets and Google Drive, and replace the account's credentials."
        return CredentialsRefused(asked.who, f"the permission given does not include the {asked.service}", todo)
    if _SPACE_REASON in answer.reasons:
        return NoDriveSpace(asked.who)
    if _PROTECTED in answer.message:
        return RangeProtected(asked.who)
    return SheetReadOnly(asked.who) if asked.is_change else SheetNotShared(asked.who)


def read_token_refusal(details: Mapping[str, Any] | str, who: str) -> CredentialsRefused:
    """Return why the token endpoint gave no token, from its answer (RFC 6749 §5.2)."""
    code, description = ("", details) if isinstance(details, str) else (
        str(details.get("error", "")), str(details.get("error_description") or ""),
    )  # fmt: skip
    for word, why, todo in _TOKEN_REFUSALS:
        if word in description or word == code:
            return CredentialsRefused(who, why, todo)
    return CredentialsRefused(who, _one_line(f"{code}: {description}" if code else description), _NEW_CREDENTIALS)


_NEW_CREDENTIALS = "Make new credentials in the Google Cloud console and replace those of this account."
_TOKEN_REFUSALS = (
    ("Invalid JWT Signature", "the key was deleted or revoked", _NEW_CREDENTIALS),
    ("account not found", "the service account was deleted or switched off", _NEW_CREDENTIALS),
    ("timeframe", "the clock of this machine is wrong", "Set the clock, best by a time server, then try again."),
    ("deleted_client", "the OAuth client was deleted", _NEW_CREDENTIALS),
    ("invalid_client", "the OAuth client or its secret is not known any more", _NEW_CREDENTIALS),
    ("unauthorized_client", "the OAuth client may not do this", _NEW_CREDENTIALS),
    ("invalid_grant", "the permission was withdrawn or has run out", "Sign in again and replace the credentials."),
)
"""A word of the description or a code, and what it means; the first that fits."""
