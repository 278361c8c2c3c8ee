"""Opens Google for the accounts of one process, and keeps for each its tokens, connections and quota budget."""

from collections.abc import Callable
from dataclasses import dataclass
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
        self._stopping, self._lock = Event(), Lock()
        self._around = Surroundings(hosts, clock, stopwatch, pause or self._stopping.wait, rng, timeouts)
        self._accounts: dict[str, _Account] = {}
        self._budgets: dict[str, QuotaBudget] = {}

    def open(self, secret: str, patience: timedelta = INTERACTIVE) -> Google:
        """Return Google as the credentials' owner sees it; nothing is asked yet (UnusableCredentials)."""
        key = sha256(secret.encode()).hexdigest()
        with self._lock:
            account = self._accounts.get(key)
            if account is None:
                account = self._accounts[key] = self._account(secret)
        who = account.email or SIGNED_IN_PERSON
        client = BoundedClient(account.session, account.auth, who, account.budget, self._around, patience)
        return Google(client, account.email)

    def close(self) -> None:
        """End all waiting and close the connections."""
        self._stopping.set()
        with self._lock:
            for account in self._accounts.values():
                account.session.close()
                account.auth.close()
            self._accounts.clear()

    def _account(self, secret: str) -> _Account:
        """Two keys of one service account share its budget."""
        identity = read_credentials(secret)
        auth = TokenAuth(open_credentials(identity, self._around.hosts.token_url), self._around.timeouts)
        session = requests.Session()
        session.auth = auth
        name = identity.email or identity.secret
        budget = self._budgets.setdefault(name, QuotaBudget(self._around.stopwatch))
        return _Account(identity.email, session, auth, budget)
