"""Everything the stub keeps: spreadsheets, who may see them, what was asked, what will go wrong."""

import re
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from threading import Event, RLock
from typing import TYPE_CHECKING, Literal

from google_contract import Method
from google_grid import Tab
from google_hand import Hand
from google_ranges import BadRequest
from google_tokens import Token, Tokens

from core.clock import Clock, system_clock

if TYPE_CHECKING:
    from google_server import Conversation

Role = Literal["reader", "writer", "owner"]
Fault = Callable[["Conversation"], None]
MINUTE = timedelta(minutes=1)
QUOTA = 60
OWNER, SIZE = "marta@example.com", (1000, 26)


class Refused(Exception):
    """Google answers with this status and these words."""

    def __init__(self, status: int, code: str, words: str, reason: str = "") -> None:
        super().__init__(words)
        self.status, self.code, self.words, self.reason = status, code, words, reason


NOT_FOUND = Refused(404, "NOT_FOUND", "Requested entity was not found.", "notFound")
FORBIDDEN = Refused(403, "PERMISSION_DENIED", "The caller does not have permission", "insufficientFilePermissions")


@dataclass
class Spreadsheet:
    """A file in Drive with its tabs, from left to right."""

    id: str
    title: str
    owner: str
    created_at: datetime
    modified_at: datetime
    time_zone: str = "Europe/Berlin"
    tabs: list[Tab] = field(default_factory=list)
    roles: dict[str, Role] = field(default_factory=dict)
    is_trashed: bool = False
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def titles(self) -> list[str]:
        """The names of its tabs."""
        return [tab.title for tab in self.tabs]

    def tab(self, title: str) -> Tab:
        """Find a tab by its title."""
        return next(tab for tab in self.tabs if tab.title == title)

    def tab_of(self, gid: object) -> Tab:
        """Find a tab by its number."""
        found = next((tab for tab in self.tabs if tab.gid == int(str(gid or 0))), None)
        if found is None:
            raise BadRequest(f"No grid with id: {gid}")
        return found

    def role_of(self, email: str) -> Role | None:
        """Tell what somebody may do with it."""
        return "owner" if email == self.owner else self.roles.get(email, self.roles.get("anyone"))


@dataclass(frozen=True)
class Call:
    """One request that came in."""

    method: str
    email: str
    asked: int
    answered: int
    status: int


@dataclass
class Google:
    """The stub's whole state; `lock` is held while anything is read or changed."""

    clock: Clock = system_clock
    url: str = ""
    quota: int = QUOTA
    files: dict[str, Spreadsheet] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    planned: deque[tuple[str, Fault]] = field(default_factory=deque)
    weather: Callable[[str], Fault | None] = lambda _: None
    recent: dict[tuple[str, str], deque[datetime]] = field(default_factory=dict)
    lock: RLock = field(default_factory=RLock)
    closing: Event = field(default_factory=Event)
    tokens: Tokens = field(init=False)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.tokens = Tokens(self.clock)

    def keep_time(self, clock: Clock) -> None:
        """Let a test's clock tell the time from now on: of quotas, tokens and edits."""
        self.clock = self.tokens.clock = clock

    # --- What a test prepares --------------------------------------------------------------------------------------

    def sheet(
        self, title: str, rows: Sequence[Sequence[object]] = (), *, owner: str = OWNER, tab: str = "Sheet1",
        size: tuple[int, int] = SIZE, **roles: Role,
    ) -> Hand:  # fmt: skip
        """Make a spreadsheet that a person typed, and give the hand of its owner on its first tab."""
        file = self.new_file(title, owner, tab, size)
        file.roles |= roles
        hand = Hand(self, file, file.tabs[0])
        hand.type_rows("A1", rows)
        return hand

    def hand(self, file_id: str, tab: str) -> Hand:
        """Give the hand of somebody on a tab of a spreadsheet."""
        file = self.files[file_id]
        return Hand(self, file, file.tab(tab))

    def new_file(self, title: str, owner: str, tab: str = "Sheet1", size: tuple[int, int] = SIZE) -> Spreadsheet:
        """Make an empty spreadsheet."""
        with self.lock:
            file = Spreadsheet(f"1sheet{next(self.numbers):04}", title, owner, self.clock(), self.clock())
            file.tabs.append(Tab(0, tab, *size))
            self.files[file.id] = file
        return file

    def will(self, *faults: Fault, on: str = "") -> None:
        """Let the next requests whose method matches `on` meet these faults, one each."""
        self.planned.extend((on, fault) for fault in faults)

    def count(self, on: str = "") -> int:
        """Count the requests whose method matches."""
        return sum(re.search(on, call.method) is not None for call in self.calls)

    def tally(self) -> Counter[tuple[str, int]]:
        """Count requests by method and status."""
        return Counter((call.method, call.status) for call in self.calls)

    # --- What happens to a request ---------------------------------------------------------------------------------

    def fault_for(self, method: str) -> Fault | None:
        """Take the fault that is meant for this request."""
        with self.lock:
            for number, (on, fault) in enumerate(self.planned):
                if re.search(on, method):
                    del self.planned[number]
                    return fault
            return self.weather(method)

    def admit(self, token: Token, method: Method) -> None:
        """Refuse a call the token does not cover, or one too many of this minute; Drive has no quota worth a count."""
        if not token.scopes & method.scopes():
            raise Refused(403, "PERMISSION_DENIED", "Request had insufficient authentication scopes.", "forbidden")
        if method.document != "sheets.v4":
            return
        kind = "Read" if method.spec["httpMethod"] == "GET" else "Write"
        recent, now = self.recent.setdefault((token.email, kind), deque()), self.clock()
        while recent and recent[0] <= now - MINUTE:
            recent.popleft()
        if len(recent) >= self.quota:
            raise too_many(kind)
        recent.append(now)

    def file_for(self, file_id: str, email: str, *, writes: bool) -> Spreadsheet:
        """Find a spreadsheet somebody may see, or change."""
        file = self.files.get(file_id)
        if file is None:
            raise NOT_FOUND
        role = file.role_of(email)
        if role is None or (writes and role == "reader"):
            raise FORBIDDEN
        return file

    @contextmanager
    def changing(self, file: Spreadsheet) -> Iterator[None]:
        """Hold everybody else off while a file changes, and stamp it."""
        with self.lock:
            yield
            file.modified_at = self.clock()


def too_many(kind: str) -> Refused:
    """Say that the quota of a minute is used up."""
    words = f"Quota exceeded for quota metric '{kind} requests' and limit '{kind} requests per minute per user'"
    return Refused(429, "RESOURCE_EXHAUSTED", words, "RATE_LIMIT_EXCEEDED")
