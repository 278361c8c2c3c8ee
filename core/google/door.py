"""Opens Google for the accounts of one process, and keeps for each its tokens, connections and quota budget."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from random import Random
from threading import Event, Lock

import requests

from core.clock import Clock, Stopwatch, stopwatch
from core.google.budget import QuotaBudget
from core.google.client import BoundedClient, Hosts, Surroundings
from core.google.credentials import open_credentials, read_credentials
from core.google.gateway import Google
from core.google.tokens import TIMEOUTS, Timeouts, TokenAuth

INTERACTIVE, BACKGROUND = timedelta(seconds=15), timedelta(minutes=3)
"""How long one request waits for quota and between attempts: for somebody at a screen, and in a sync."""

SIGNED_IN_PERSON = "the Google account that gave permission"


@dataclass(frozen=True)
class _Account:
    """What all requests in one name share."""

    email: str | None
    session: requests.Session
    auth: TokenAuth
    budget: QuotaBudget


class GoogleDoor:
    """Opens Google with a secret; threads share it, and with it the minute's requests of each account."""

    def __init__(
        self, hosts: Hosts, clock: Clock, rng: Random, *, stopwatch: Stopwatch = stopwatch,
        pause: Callable[[float], bool] | None = None, timeouts: Timeouts = TIMEOUTS,
    ) -> None:  # fmt: skip
        self._around = Surroundings(hosts, clock, stopwatch, pause or Event().wait, rng, timeouts)
        self._accounts = _Accounts(self._around)

    def until(self, stopping: Event) -> "GoogleDoor":
        """Return this door for somebody who waits no longer once `stopping` is set (GoogleUnavailable)."""
        other = copy(self)
        other._around = replace(self._around, pause=stopping.wait)  # noqa: SLF001 - of the same class
        return other

    def open(self, secret: str, patience: timedelta = INTERACTIVE) -> Google:
        """Return Google as the credentials' owner sees it; nothing is asked yet (UnusableCredentials)."""
        account = self._accounts.of(secret)
        who = account.email or SIGNED_IN_PERSON
        client = BoundedClient(account.session, account.auth, who, account.budget, self._around, patience)
        return Google(client, account.email)

    def close(self) -> None:
        """Close the connections."""
        self._accounts.close()


class _Accounts:
    """The accounts that were opened so far."""

    def __init__(self, around: Surroundings) -> None:
        self._around, self._lock = around, Lock()
        self._opened: dict[str, _Account] = {}
        self._budgets: dict[str, QuotaBudget] = {}

    def of(self, secret: str) -> _Account:
        """Return the account of a secret, the same each time."""
        key = sha256(secret.encode()).hexdigest()
        with self._lock:
            if key not in self._opened:
                self._opened[key] = self._open(secret)
            return self._opened[key]

    def close(self) -> None:
        """Close the connections of all accounts."""
        with self._lock:
            for account in self._opened.values():
                account.session.close()
                account.auth.close()
            self._opened.clear()

    def _open(self, secret: str) -> _Account:
        """Two keys of one service account share its budget."""
        identity = read_credentials(secret)
        auth = TokenAuth(open_credentials(identity, self._around.hosts.token_url), self._around.timeouts)
        session = requests.Session()
        session.auth = auth
        budget = self._budgets.setdefault(identity.email or identity.secret, QuotaBudget(self._around.stopwatch))
        return _Account(identity.email, session, auth, budget)
