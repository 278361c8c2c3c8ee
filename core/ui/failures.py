"""The failing state of a page: what happened, what still works, what to do; never a stack trace."""

import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType

import streamlit as st
import structlog

from core.errors import SlotwiseError
from core.google.errors import GoogleError
from core.ui.state import refuse_next
from core.ui.wording import plain
from core.vocabulary import ErrorCode

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Explanation:
    """What a kind of error means to the person in front of the page."""

    title: str
    still_works: str


EXPLANATIONS = {
    ErrorCode.UNAVAILABLE: Explanation(
        "The data cannot be reached",
        "The other pages wait for the same data. Posts that fall due meanwhile follow the lateness policy afterwards.",
    ),
    ErrorCode.NOT_FOUND: Explanation(
        "This is not here any more", "Everything else in the workspace is as it was; the other pages work."
    ),
    ErrorCode.FORBIDDEN: Explanation("This is not yours to see", "The pages of your own workspace work."),
    ErrorCode.INTERNAL_ERROR: Explanation(
        "This page cannot be shown", "The other pages and the publishing in the background are not affected."
    ),
}
"""By error code; any other code was a refusal, described by REFUSED."""

REFUSED = Explanation("This was not possible", "Nothing was changed.")

GOOGLE_IS_OUT = (
    "Planned posts go out at their times, and all that is known of your sheets is shown. Later syncs catch up; nothing "
    "is lost."
)


def refusals() -> AbstractContextManager[None, bool]:
    """Say why an action was refused right where it was asked for; what was typed stays.

    The type says that the block may end early, so that a checker does not take what follows for unreachable.
    """
    return _Refusals()


class _Refusals(AbstractContextManager[None, bool]):
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, SlotwiseError) or breaks_page(error):
            return False
        say_refused(error)
        return True


def breaks_page(error: SlotwiseError) -> bool:
    """Whether the page cannot go on: our own data cannot be reached. Of Google's the page can do without."""
    return error.status >= HTTPStatus.INTERNAL_SERVER_ERROR and not isinstance(error, GoogleError)


def say_refused(error: SlotwiseError) -> None:
    """Say right here why something was refused; of what Google refuses also what to do, and what still works."""
    if not isinstance(error, GoogleError):
        st.error(plain(str(error)), icon=":material/block:")
        return
    icon = ":material/cloud_off:" if error.passes else ":material/block:"
    st.error(plain(error.fix), title=plain(error.reason), icon=icon)
    if error.passes:
        st.caption(f"**What still works:** {GOOGLE_IS_OUT}")


def attempt(action: Callable[..., None], *args: object) -> None:
    """Do what a button asks for; a refusal is said at the top of the next run. For use as `on_click`."""
    try:
        action(*args)
    except SlotwiseError as error:
        if breaks_page(error):
            raise
        refuse_next(plain(str(error)))


def show_failure(error: Exception) -> bool:
    """Draw the failing state; True tells Streamlit that the user has been told."""
    with st.container(border=True):
        if isinstance(error, SlotwiseError):
            _show(EXPLANATIONS.get(error.code, REFUSED), plain(str(error)))
        else:
            _show(EXPLANATIONS[ErrorCode.INTERNAL_ERROR], _recorded(error))
        st.button("Try again", icon=":material/refresh:", key=f"retry-{secrets.token_hex(4)}")
    return True


def _show(explanation: Explanation, what_happened: str) -> None:
    st.error(what_happened, title=explanation.title, icon=":material/error:")
    st.markdown(f"**What still works:** {explanation.still_works}")


def _recorded(error: Exception) -> str:
    """Log the error under a reference that the user can pass on."""
    reference = secrets.token_hex(4)
    _log.error("page failed", reference=reference, exc_info=error)
    return f"Slotwise made a mistake. It is recorded in the log under the reference **{reference}**."
