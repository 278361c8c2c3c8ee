"""Every situation Slotwise expects to go wrong, with a sentence the user can act on.

An error's message is its docstring, filled with its fields; `status` and `code` are what HTTP answers.
"""

import inspect
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar


class ErrorCode(StrEnum):
    """The machine-readable kinds of error, as written in the API contract."""

    UNAUTHENTICATED = "unauthenticated"
    TOKEN_EXPIRED = "token_expired"  # noqa: S105 - a word, no secret
    INVALID_SIGNATURE = "invalid_signature"
    FORBIDDEN = "forbidden"
    INSUFFICIENT_SCOPE = "insufficient_scope"
    NOT_FOUND = "not_found"
    STATE_CONFLICT = "state_conflict"
    IDEMPOTENCY_CONFLICT = "idempotency_conflict"
    DUPLICATE = "duplicate"
    VALIDATION_ERROR = "validation_error"
    TIME_IN_PAST = "time_in_past"
    DST_GAP = "dst_gap"
    DST_AMBIGUOUS = "dst_ambiguous"
    INTERNAL_ERROR = "internal_error"
    UNAVAILABLE = "unavailable"


@dataclass(eq=False)
class SlotwiseError(Exception):
    """Something went wrong inside Slotwise."""

    status: ClassVar[int] = 500
    code: ClassVar[ErrorCode] = ErrorCode.INTERNAL_ERROR

    def __str__(self) -> str:
        """Return the docstring with the fields filled in."""
        return inspect.cleandoc(self.__doc__ or "").format(**vars(self))


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one input: where it stands, what stood there, and how to mend it."""

    place: str
    value: str
    message: str

    def __str__(self) -> str:
        """Return place, value and fix on one line."""
        shown = self.value if len(self.value) <= _SHOWN else self.value[:_SHOWN] + "…"
        return f"{self.place}: {self.message} (got {shown!r})"


_SHOWN = 80


@dataclass(eq=False)
class Invalid(SlotwiseError):
    """{summary}"""

    problems: tuple[Problem, ...]
    summary: str = field(init=False)
    status: ClassVar[int] = 422
    code: ClassVar[ErrorCode] = ErrorCode.VALIDATION_ERROR

    def __post_init__(self) -> None:
        """Write the summary from the problems."""
        self.summary = "; ".join(map(str, self.problems))


@dataclass(eq=False)
class NotFound(SlotwiseError):
    """There is no {kind} {id!r} in this workspace."""

    kind: str
    id: str
    status: ClassVar[int] = 404
    code: ClassVar[ErrorCode] = ErrorCode.NOT_FOUND


@dataclass(eq=False)
class Unauthenticated(SlotwiseError):
    """{reason} Send `Authorization: Bearer <API key or access token>`; keys are made in Settings, under API keys."""

    reason: str
    status: ClassVar[int] = 401
    code: ClassVar[ErrorCode] = ErrorCode.UNAUTHENTICATED


@dataclass(eq=False)
class TokenExpired(SlotwiseError):
    """This {kind} has expired. {fix}"""

    kind: str
    fix: str
    status: ClassVar[int] = 401
    code: ClassVar[ErrorCode] = ErrorCode.TOKEN_EXPIRED


@dataclass(eq=False)
class InvalidSignature(SlotwiseError):
    """The call's signature is refused: {reason} Sign METHOD, URL, BODY and X-Timestamp (Unix ms), each on a line, by HMAC-SHA256."""

    reason: str
    status: ClassVar[int] = 401
    code: ClassVar[ErrorCode] = ErrorCode.INVALID_SIGNATURE


@dataclass(eq=False)
class InsufficientScope(SlotwiseError):
    """The scope {scope} is missing. {fix}"""

    scope: str
    fix: str
    status: ClassVar[int] = 403
    code: ClassVar[ErrorCode] = ErrorCode.INSUFFICIENT_SCOPE


@dataclass(eq=False)
class StateConflict(SlotwiseError):
    """This {kind} is {state}; it cannot become {wanted}."""

    kind: str
    state: str
    wanted: str
    status: ClassVar[int] = 409
    code: ClassVar[ErrorCode] = ErrorCode.STATE_CONFLICT


@dataclass(eq=False)
class StaleEdit(SlotwiseError):
    """This {kind} was changed by somebody else in the meantime (you edited version {expected}, it is now {actual}). Reload it and apply your change again."""

    kind: str
    expected: int
    actual: int
    status: ClassVar[int] = 409
    code: ClassVar[ErrorCode] = ErrorCode.STATE_CONFLICT


@dataclass(eq=False)
class Duplicate(SlotwiseError):
    """There already is a {kind} {name!r}. {fix}"""

    kind: str
    name: str
    fix: str
    status: ClassVar[int] = 409
    code: ClassVar[ErrorCode] = ErrorCode.DUPLICATE


@dataclass(eq=False)
class IdempotencyConflict(SlotwiseError):
    """The idempotency key {key!r} was used before with another request. Send a new key for a new request."""

    key: str
    status: ClassVar[int] = 409
    code: ClassVar[ErrorCode] = ErrorCode.IDEMPOTENCY_CONFLICT


@dataclass(eq=False)
class TimeInPast(SlotwiseError):
    """{when} has already passed. Choose a later time."""

    when: str
    status: ClassVar[int] = 422
    code: ClassVar[ErrorCode] = ErrorCode.TIME_IN_PAST


@dataclass(eq=False)
class DstGap(SlotwiseError):
    """{wall} does not exist in {zone}: the clocks jump from {before} to {after}. Choose a time outside the gap."""

    wall: str
    zone: str
    before: str
    after: str
    status: ClassVar[int] = 422
    code: ClassVar[ErrorCode] = ErrorCode.DST_GAP


@dataclass(eq=False)
class DstAmbiguous(SlotwiseError):
    """{wall} happens twice in {zone}: as {first} (fold 0) and as {second} (fold 1). Say which one you mean."""

    wall: str
    zone: str
    first: str
    second: str
    status: ClassVar[int] = 422
    code: ClassVar[ErrorCode] = ErrorCode.DST_AMBIGUOUS


@dataclass(eq=False)
class UnreadableFile(SlotwiseError):
    """{name} cannot be read: {reason}. {fix}"""

    name: str
    reason: str
    fix: str
    status: ClassVar[int] = 422
    code: ClassVar[ErrorCode] = ErrorCode.VALIDATION_ERROR


@dataclass(eq=False)
class UnwritableFile(SlotwiseError):
    """{name} cannot be written: {reason}. Free some space there or choose another place; nothing was half-written."""

    name: str
    reason: str
    status: ClassVar[int] = 503
    code: ClassVar[ErrorCode] = ErrorCode.UNAVAILABLE


@dataclass(eq=False)
class UnusableSecretKey(SlotwiseError):
    """The secret key {where} cannot be used: {reason}. {fix}"""

    where: str
    reason: str
    fix: str
    status: ClassVar[int] = 503
    code: ClassVar[ErrorCode] = ErrorCode.UNAVAILABLE


@dataclass(eq=False)
class UnreadableSecret(SlotwiseError):
    """{what} was stored under another secret key and cannot be read. Put that key back (SLOTWISE_SECRET_KEY, or secret.key in the data folder) and restart, or give a new secret."""

    what: str
    status: ClassVar[int] = 503
    code: ClassVar[ErrorCode] = ErrorCode.UNAVAILABLE


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
    code: ClassVar[ErrorCode] = ErrorCode.FORBIDDEN


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
    code: ClassVar[ErrorCode] = ErrorCode.UNAVAILABLE


@dataclass(eq=False)
class NewerSchema(SlotwiseError):
    """{where} was written by a newer Slotwise (schema {found}; this one knows {known}). Update Slotwise, then try again."""

    where: str
    found: str
    known: str
    status: ClassVar[int] = 503
    code: ClassVar[ErrorCode] = ErrorCode.UNAVAILABLE
