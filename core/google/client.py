"""The HTTP client that gspread is given: bounded in attempts, time, quota and memory, and logged."""

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from itertools import count
from random import Random
from typing import Any
from urllib.parse import urlsplit

import structlog
from google.auth.exceptions import GoogleAuthError
from gspread.http_client import FileType, HTTPClient, ParamsType
from requests import Response, Session
from requests.exceptions import ReadTimeout

from core.clock import Clock, Stopwatch
from core.google.answers import Asked, is_rate_limit, read_refusal
from core.google.budget import Quota, QuotaBudget
from core.google.errors import AnswerTooLarge, GoogleUnavailable, OutcomeUnknown, QuotaUsedUp
from core.google.failures import NETWORK_ERRORS, Trouble, read_failure, read_token_failure
from core.google.tokens import Timeouts, TokenAuth
from core.retry_after import retry_after

SHEETS, DRIVE = "https://sheets.googleapis.com", "https://www.googleapis.com"
SERVICES = {SHEETS: "Google Sheets API", DRIVE: "Google Drive API"}

MOST_ATTEMPTS = 6
FIRST_WAIT, LONGEST_WAIT = 2.0, 64.0
"""Seconds: waits are drawn from 2, 4, 8, 16, 32 at most; Google's minute of quota passes meanwhile."""
_QUOTA_STEPS = 3
_MINUTE = 60.0

ANSWER_BYTES = 12 * 1024 * 1024
ANSWER_SECONDS = 120.0
_CHUNK = 64 * 1024

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Hosts:
    """Where Google is: where tokens are got, and in whose place Sheets and Drive are asked."""

    token_url: str
    sheets_url: str = SHEETS
    drive_url: str = DRIVE

    def of(self, host: str) -> str:
        """Return what is asked in place of one of Google's hosts."""
        return (self.sheets_url if host == SHEETS else self.drive_url).rstrip("/")


@dataclass(frozen=True)
class Surroundings:
    """What a client needs of the world; `pause(seconds)` answers whether Slotwise is stopping meanwhile."""

    hosts: Hosts
    clock: Clock
    stopwatch: Stopwatch
    pause: Callable[[float], bool]
    rng: Random
    timeouts: Timeouts


@dataclass(frozen=True)
class Call:
    """One request as gspread asks for it."""

    method: str
    endpoint: str

    @property
    def host(self) -> str:
        """Which of Google's hosts gspread asks."""
        return SHEETS if self.endpoint.startswith(SHEETS) else DRIVE

    @property
    def is_change(self) -> bool:
        """Whether it changes anything."""
        return self.method != "GET"

    @property
    def is_repeatable(self) -> bool:
        """Whether made twice it changes no more than once: reading, and writing values to a fixed range."""
        return not self.is_change or self.endpoint.endswith("/values:batchUpdate")

    @property
    def quota(self) -> Quota | None:
        """What it is counted under; Drive's limits are far away and come as an answer."""
        return None if self.host == DRIVE else Quota.WRITE if self.is_change else Quota.READ


class BoundedClient(HTTPClient):
    """Makes requests in one name; session, signing and budget are shared with others of that name.

    No attempt begins later than `patience` after the first could have.
    """

    def __init__(
        self,
        session: Session,
        auth: TokenAuth,
        who: str,
        budget: QuotaBudget,
        around: Surroundings,
        patience: timedelta,
    ) -> None:
        super().__init__(auth.credentials, session)
        self._auth, self.who, self._budget, self._around = auth, who, budget, around
        self._patience = patience.total_seconds()
        self.requests = 0

    def request(
        self,
        method: str,
        endpoint: str,
        params: ParamsType | None = None,
        data: bytes | None = None,
        json: Mapping[str, Any] | None = None,
        files: FileType = None,
        headers: MutableMapping[str, str] | None = None,
    ) -> Response:
        """Make a request, again where that helps and is safe (GoogleError)."""
        sent = {"params": params, "data": data, "json": json, "files": files, "headers": headers}
        call, is_renewed = Call(method.upper(), endpoint), False
        deadline = self._around.stopwatch() + self._patience
        for attempt in count(1):
            self._await_quota(call, deadline)
            outcome = self._try(call, sent, attempt)
            if isinstance(outcome, Response):
                return outcome
            if outcome.refused_token and not is_renewed:
                self._auth.forget(outcome.refused_token)
                is_renewed = True
            else:
                self._await_retry(call, outcome, attempt, deadline)
        raise AssertionError(call)  # count() has no end

    def sign_in(self) -> None:
        """Get an access token and ask nothing else; one attempt (CredentialsRefused, GoogleUnavailable)."""
        try:
            self._auth.sign_in()
        except GoogleAuthError as error:
            raise read_token_failure(error, self.who).error from error

    def _await_quota(self, call: Call, deadline: float) -> None:
        """Wait until the quota has room (QuotaUsedUp where that takes too long)."""
        if call.quota is None:
            return
        patience = deadline - self._around.stopwatch()
        wait = self._budget.take(call.quota, patience)
        if wait > patience:
            raise self._quota_used_up(wait)
        self._pause(wait)

    def _await_retry(self, call: Call, trouble: Trouble, attempt: int, deadline: float) -> None:
        """Wait before the next attempt, or raise where there is to be none."""
        error, is_quota = trouble.error, isinstance(trouble.error, QuotaUsedUp)
        if trouble.may_be_done and not call.is_repeatable and isinstance(error, GoogleUnavailable):
            raise OutcomeUnknown(error.why)
        if not (is_quota or isinstance(error, GoogleUnavailable)) or attempt >= MOST_ATTEMPTS:
            raise error
        drawn = longest_wait(attempt, is_quota=is_quota) * self._around.rng.random()
        wait = max(drawn, trouble.again_in or 0)
        if self._around.stopwatch() + wait > deadline:
            raise self._quota_used_up(wait) if is_quota else error
        self._pause(wait)

    def _pause(self, seconds: float) -> None:
        if seconds > 0 and self._around.pause(seconds):
            raise GoogleUnavailable("Slotwise is stopping")

    def _quota_used_up(self, wait: float) -> QuotaUsedUp:
        return QuotaUsedUp(self.who, self._around.clock() + timedelta(seconds=wait))

    def _try(self, call: Call, sent: Mapping[str, Any], attempt: int) -> Response | Trouble:
        """Send once and read the answer."""
        started, self.requests = self._around.stopwatch(), self.requests + 1
        seen: dict[str, object] = {"method": call.method, "path": urlsplit(call.endpoint).path, "attempt": attempt}
        try:
            response = self._exchange(call, sent)
            trouble = self._judge(call, response)
            seen |= {"status": response.status_code, "bytes": len(response.content)}
        except NETWORK_ERRORS as error:
            trouble = read_failure(error)
        except GoogleAuthError as error:
            trouble = read_token_failure(error, self.who)
        ms = round((self._around.stopwatch() - started) * 1000, 1)
        if trouble is None:
            _log.info("google_request", **seen, ms=ms)
            return response
        _log.warning("google_request_failed", **seen, ms=ms, reason=trouble.error.reason)
        return trouble

    def _exchange(self, call: Call, sent: Mapping[str, Any]) -> Response:
        address = self._around.hosts.of(call.host) + call.endpoint.removeprefix(call.host)
        response = self.session.request(
            call.method, address, **sent, timeout=self._around.timeouts, stream=True, allow_redirects=False
        )
        with response:
            response._content = self._bounded_body(response)  # noqa: SLF001 - as `content` keeps it, but bounded
        return response

    def _bounded_body(self, response: Response) -> bytes:
        """Read an answer of no more bytes than are kept in memory, within two minutes."""
        body, deadline = bytearray(), self._around.stopwatch() + ANSWER_SECONDS
        for chunk in response.iter_content(_CHUNK):
            body += chunk
            if len(body) > ANSWER_BYTES:
                raise AnswerTooLarge
            if self._around.stopwatch() > deadline:
                raise ReadTimeout
        return bytes(body)

    def _judge(self, call: Call, response: Response) -> Trouble | None:
        status, body = response.status_code, response.content
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            is_json = body.lstrip()[:1] == b"{"
            return None if is_json else Trouble(GoogleUnavailable("it answered without JSON"), may_be_done=True)
        again_in = self._asked_to_wait(response)
        if is_rate_limit(status, body):
            return Trouble(self._quota_used_up(again_in or _MINUTE), again_in=again_in)
        error = read_refusal(status, body, Asked(self.who, call.is_change, SERVICES[call.host]))
        token = response.request.headers["Authorization"] if status == HTTPStatus.UNAUTHORIZED else None
        return Trouble(error, isinstance(error, GoogleUnavailable), again_in, token)

    def _asked_to_wait(self, response: Response) -> float | None:
        now = self._around.clock()
        moment = retry_after(response.headers.get("Retry-After"), now)
        return None if moment is None else (moment - now).total_seconds()


def longest_wait(attempt: int, *, is_quota: bool) -> float:
    """Return the most seconds to wait after attempt number `attempt` (from 1); full jitter draws from zero up to it.

    min(LONGEST, FIRST · 2^(attempt - 1)); used-up quota begins three steps further, for it comes back by the minute.
    """
    steps = attempt - 1 + (_QUOTA_STEPS if is_quota else 0)
    return min(LONGEST_WAIT, FIRST_WAIT * 2.0**steps)
