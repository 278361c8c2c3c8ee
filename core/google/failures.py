"""What a failed attempt to reach Google means: in which words, and whether the change may have been made."""

from dataclasses import dataclass, field

from google.auth.exceptions import GoogleAuthError, RefreshError, TransportError
from requests import exceptions as net
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from core.google.answers import read_token_refusal
from core.google.errors import GoogleError, GoogleUnavailable


@dataclass(frozen=True)
class Trouble:
    """Why an attempt failed; `may_be_done`: Google may have made the change all the same."""

    error: GoogleError
    may_be_done: bool = False
    again_in: float | None = None
    """Seconds that Google asks to be left alone."""
    refused_token: str | None = field(default=None, repr=False)
    """The header with an access token that is not good any more."""


NETWORK_ERRORS = (net.ConnectionError, net.Timeout, net.ChunkedEncodingError, net.ContentDecodingError)


def read_failure(error: net.RequestException) -> Trouble:
    """Return what a request without an answer means; texts of libraries are left out, for they hold addresses."""
    return Trouble(GoogleUnavailable(_words(error)), may_be_done=not _nothing_left(error))


def read_token_failure(error: GoogleAuthError, who: str) -> Trouble:
    """Return why there is no access token; nothing else was sent."""
    if isinstance(error, RefreshError) and not error.retryable:
        return Trouble(read_token_refusal(error.args[1] if len(error.args) > 1 else str(error), who))
    if isinstance(error.__cause__, net.RequestException):
        return Trouble(GoogleUnavailable(_words(error.__cause__)))
    return Trouble(GoogleUnavailable(str(error) if isinstance(error, TransportError) else "it gives out no tokens"))


def _nothing_left(error: net.RequestException) -> bool:
    """Tell whether certainly no byte of the request left this machine."""
    if isinstance(error, net.ConnectTimeout | net.SSLError | net.ProxyError):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError | ConnectTimeoutError)


def _words(error: net.RequestException) -> str:
    match error:
        case net.SSLError():
            return "its certificate is not accepted on this machine"
        case net.ProxyError():
            return "the proxy of this machine does not let through"
        case net.ConnectTimeout():
            return "no connection within 5 seconds"
        case net.ReadTimeout():
            return "no answer within a minute"
        case _ if _nothing_left(error):
            return "there is no connection; check the network of this machine"
        case _:
            return "the connection broke off"
