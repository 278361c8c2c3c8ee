"""What the API refuses before a use case is asked: unreadable, oversized, too many or misplaced requests."""

from dataclasses import dataclass
from typing import ClassVar

from core.errors import SlotwiseError
from core.vocabulary import ErrorCode


@dataclass(eq=False)
class InvalidJson(SlotwiseError):
    """The body is not JSON that can be used: {reason}."""

    reason: str
    status: ClassVar[int] = 400
    code = ErrorCode.INVALID_JSON


@dataclass(eq=False)
class InvalidParameter(SlotwiseError):
    """{place}: {reason} (got {value!r})."""

    place: str
    value: str
    reason: str
    status: ClassVar[int] = 400
    code = ErrorCode.INVALID_PARAMETER


@dataclass(eq=False)
class NoSuchPath(SlotwiseError):
    """There is nothing at {path!r}. The API's calls are listed at /api/docs."""

    path: str
    status: ClassVar[int] = 404
    code = ErrorCode.NOT_FOUND


@dataclass(eq=False)
class MethodNotAllowed(SlotwiseError):
    """{method} is not possible at {path!r}. Use {allowed}."""

    method: str
    path: str
    allowed: str
    status: ClassVar[int] = 405
    code = ErrorCode.METHOD_NOT_ALLOWED


@dataclass(eq=False)
class TooSlow(SlotwiseError):
    """The body did not arrive within {seconds:g} seconds. Send it again, or send less at once."""

    seconds: float
    status: ClassVar[int] = 408
    code = ErrorCode.REQUEST_TIMEOUT


@dataclass(eq=False)
class PayloadTooLarge(SlotwiseError):
    """The body is larger than {most:,} bytes. Send it in several requests."""

    most: int
    status: ClassVar[int] = 413
    code = ErrorCode.PAYLOAD_TOO_LARGE


@dataclass(eq=False)
class UnsupportedMediaType(SlotwiseError):
    """The body is {found!r}; send it as application/json."""

    found: str
    status: ClassVar[int] = 415
    code = ErrorCode.UNSUPPORTED_MEDIA_TYPE


@dataclass(eq=False)
class RateLimited(SlotwiseError):
    """Too many requests: {limit} within {window} seconds are allowed. Wait {retry_after} seconds, then try again."""

    limit: int
    window: int
    retry_after: int
    status: ClassVar[int] = 429
    code = ErrorCode.RATE_LIMITED


@dataclass(eq=False)
class Busy(SlotwiseError):
    """Slotwise is working out as many plans as it can at once. Ask again in {retry_after} seconds."""

    retry_after: int
    status: ClassVar[int] = 503
    code = ErrorCode.UNAVAILABLE


@dataclass(eq=False)
class ForeignOrigin(SlotwiseError):
    """{header} {value!r} is refused: while nobody has a key, only this machine is answered. {fix}."""

    header: str
    value: str
    fix: str
    status: ClassVar[int] = 403
    code = ErrorCode.FORBIDDEN
