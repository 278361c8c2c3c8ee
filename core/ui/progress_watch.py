"""Notices, while nothing moves by itself, that somebody else made, began or changed a bulk job."""

from dataclasses import dataclass, replace

import streamlit as st

from core.errors import DatabaseUnavailable
from core.services.bulk_board import jobs_mark
from core.ui.state import context, revision

LOOK_SECONDS = 3

_SEEN = "jobs_seen"


@dataclass(frozen=True)
class Seen:
    """What the page shows: the workspace's revision, and the mark of its jobs."""

    revision: int
    mark: tuple[int, int]


def seen_now() -> Seen:
    """Return how things stand; take it before the page reads, so that nothing falls between the two."""
    return Seen(revision(), jobs_mark(context()))


def watch_from(seen: Seen) -> None:
    """Draw the page anew once a job is new or has another state; drawing nothing, it cannot flicker."""
    st.session_state[_SEEN] = seen
    _look()


@st.fragment(run_every=LOOK_SECONDS)
def _look() -> None:
    """Look at one number; only where something was written, at the jobs; only where those changed, draw."""
    try:
        seen: Seen = st.session_state[_SEEN]
        at = revision()
        if at == seen.revision:
            return
        if jobs_mark(context()) != seen.mark:
            st.rerun()
        st.session_state[_SEEN] = replace(seen, revision=at)
    except DatabaseUnavailable:
        return  # the pill says so; the page stays as it is
