"""Every situation Slotwise expects to go wrong, with a sentence the user can act on.

An error's message is its docstring, filled with its fields; `status` and `code` are what HTTP answers.
"""

import inspect
from dataclasses import dataclass, field
from typing import ClassVar

from core.vocabulary import ErrorCode


@dataclass(eq=False)
class SlotwiseError(Exception):
    """Something went wrong inside Slotwise."""

    status: ClassVar[int] = 500
    code = ErrorCode.INTERNAL_ERROR

    def __str__(self) -> str:
        """Return the docstring with the fields filled in."""
        return inspect.cleandoc(self.__doc__ or "").format(**vars(self))


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one input: where it stands, what stood there, and how to mend it."""

    place: str
    value: str
    message: str
    code: ErrorCode = ErrorCode.VALIDATION_ERROR
    """The kind of problem, for callers that tell kinds apart."""

    def __str__(self) -> str:
        """Return place, value and fix on one line; of an empty field there is no value to show."""
        if not self.value:
            return f"{self.place}: {self.message}"
        shown = self.value if len(self.value) <= _SHOWN else self.value[:_SHOWN] + "…"
        return f"{self.place}: {self.message} (got {shown!r})"


_SHOWN = 80


@dataclass(eq=False)
class Invalid(SlotwiseError):
    """{summary}"""

    problems: tuple[Problem, ...]
    summary: str = field(init=False)
    status: ClassVar[int] = 422
    code = ErrorCode.VALIDATION_ERROR

    def __post_init__(self) -> None:
        """Write the summary from the problems; the code is theirs where all are of one kind."""
        self.summary = "; ".join(map(str, self.problems))
        kinds = {problem.code for problem in self.problems}
        self.code = kinds.pop() if len(kinds) == 1 else ErrorCode.VALIDATION_ERROR


@dataclass(eq=False)
class NotFound(SlotwiseError):
    """There is no {kind} {id!r} in this workspace."""

    kind: str
    id: str
    status: ClassVar[int] = 404
    code = ErrorCode.NOT_FOUND


@dataclass(eq=False)
class Unauthenticated(SlotwiseError):
    """{reason} Send `Authorization: Bearer <API key or access token>`; keys are made in Settings, under API keys."""

    reason: str = "This needs a valid API key or access token."
    status: ClassVar[int] = 401
    code = ErrorCode.UNAUTHENTICATED


@dataclass(eq=False)
class TokenExpired(SlotwiseError):
    """This {kind} has expired. {fix}"""

    kind: str = "access token"
    fix: str = "Get a new one with the refresh token, or with the API key."
    status: ClassVar[int] = 401
    code = ErrorCode.TOKEN_EXPIRED


@dataclass(eq=False)
class InvalidSignature(SlotwiseError):
    """The call's signature is refused: {reason} Sign METHOD, URL, BODY and X-Timestamp (Unix ms), each on a line, by HMAC-SHA256."""

    reason: str
    status: ClassVar[int] = 401
    code = ErrorCode.INVALID_SIGNATURE


@dataclass(eq=False)
class InsufficientScope(SlotwiseError):
    """The scope {scope} is missing. {fix}"""

    scope: str
    fix: str = "Use a key that has it."
    status: ClassVar[int] = 403
    code = ErrorCode.INSUFFICIENT_SCOPE


@dataclass(eq=False)
class StateConflict(SlotwiseError):
    """This {kind} is {state}; it cannot become {wanted}."""

    kind: str
    state: str
    wanted: str
    status: ClassVar[int] = 409
    code = ErrorCode.STATE_CONFLICT


@dataclass(eq=False)
class StaleEdit(SlotwiseError):
    """This {kind} was changed by somebody else in the meantime (you edited version {expected}, it is now {actual}). Reload it and apply your change again."""

    kind: str
    expected: int
    actual: int
    status: ClassVar[int] = 409
    code = ErrorCode.STATE_CONFLICT


@dataclass(eq=False)
class Duplicate(SlotwiseError):
    """There already is a {kind} {name!r}. {fix}"""

    kind: str
    name: str
    fix: str
    status: ClassVar[int] = 409
    code = ErrorCode.DUPLICATE


@dataclass(eq=False)
class IdempotencyConflict(SlotwiseError):
    """The idempotency key {key!r} was used before with another request. Send a new key for a new request."""

    key: str
    status: ClassVar[int] = 409
    code = ErrorCode.IDEMPOTENCY_CONFLICT


@dataclass(eq=False)
class IdempotencyInProgress(SlotwiseError):
    """The first request with the idempotency key {key!r} is still running. Ask again in a moment."""

    key: str
    status: ClassVar[int] = 409
    code = ErrorCode.IDEMPOTENCY_IN_PROGRESS


@dataclass(eq=False)
class TimeInPast(SlotwiseError):
    """{when} has already passed. Choose a later time."""

    when: str
    status: ClassVar[int] = 422
    code = ErrorCode.TIME_IN_PAST


@dataclass(eq=False)
class DstGap(SlotwiseError):
    """{wall} does not exist in {zone}: the clocks jump from {before} to {after}. Choose a time outside the gap."""

    wall: str
    zone: str
    before: str
    after: str
    status: ClassVar[int] = 422
    code = ErrorCode.DST_GAP


@dataclass(eq=False)
class DstAmbiguous(SlotwiseError):
    """{wall} happens twice in {zone}: as {first} (fold 0) and as {second} (fold 1). Say which one you mean."""

    wall: str
    zone: str
    first: str
    second: str
    status: ClassVar[int] = 422
    code = ErrorCode.DST_AMBIGUOUS


@dataclass(eq=False)
class UnreadableFile(SlotwiseError):
    """{name} cannot be read: {reason}. {fix}"""

    name: str
    reason: str
    fix: str
    status: ClassVar[int] = 422
    code = ErrorCode.VALIDATION_ERROR


@dataclass(eq=False)
class UnwritableFile(SlotwiseError):
    """{name} cannot be written: {reason}. Free some space there or choose another place; nothing was half-written."""

    name: str
    reason: str
    status: ClassVar[int] = 503
    code = ErrorCode.UNAVAILABLE


@dataclass(eq=False)
class UnusableSecretKey(SlotwiseError):
    """The secret key {where} cannot be used: {reason}. {fix}"""

    where: str
    reason: str
    fix: str
    status: ClassVar[int] = 503
    code = ErrorCode.UNAVAILABLE


@dataclass(eq=False)
class UnreadableSecret(SlotwiseError):
    """{what} was stored under another secret key and cannot be read. Put that key back (SLOTWISE_SECRET_KEY, or secret.key in the data folder) and restart, or give a new secret."""

    what: str
    status: ClassVar[int] = 503
    code = ErrorCode.UNAVAILABLE


@dataclass(eq=False)
class BadReferenceData(SlotwiseError):
    """{file}, line {line}, {field}: {reason}."""

    file: str
    line: int
    field: str
    reason: str


@dataclass(eq=False)
class TenancyViolation(SlotwiseError):
    """A row of another workspace was refused: {what}."""

    what: str
    status: ClassVar[int] = 403
    code = ErrorCode.FORBIDDEN


@dataclass(eq=False)
class UntoldChange(SlotwiseError):
    """{table} was about to change without its events: change row by row through the write door, or by `change_told`."""

    table: str


@dataclass(eq=False)
class DatabaseUnavailable(SlotwiseError):
    """The database {where} cannot be used: {reason}. {fix}"""

    where: str
    reason: str
    fix: str
    status: ClassVar[int] = 503
    code = ErrorCode.UNAVAILABLE


@dataclass(eq=False)
class NewerSchema(SlotwiseError):
    """{where} was written by a newer Slotwise (schema {found}; this one knows {known}). Update Slotwise, then try again."""

    where: str
    found: str
    known: str
    status: ClassVar[int] = 503
    code = ErrorCode.UNAVAILABLE


@dataclass(eq=False)
class SyncFailed(SlotwiseError):
    """{why} {fix}"""

    why: str
    fix: str
    status: ClassVar[int] = 422
    code = ErrorCode.VALIDATION_ERROR
