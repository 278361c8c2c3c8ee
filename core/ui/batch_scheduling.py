"""The fourth step of a batch: how its rows are worked on, how many at once, when, and by which rules."""

from datetime import datetime

import streamlit as st

from core.calendar.zones import to_wall
from core.services.bulk_views import MOST_CONCURRENT
from core.ui.batch_choice import choose
from core.ui.batch_draft import change_settings, draft, seeded
from core.ui.batch_rules import show_rules
from core.ui.batch_tester import show_tester
from core.ui.batch_words import (
    MODE_MEANS,
    MODES,
    ORDER_MEANS,
    ORDERS,
    START_MEANS,
    STARTS,
    Start,
    concurrency_means,
    level_means,
)
from core.ui.optimizer_words import LEVELS
from core.ui.state import house, workspace
from core.ui.times import duration
from core.ui.wall_time import moment_input
from core.ui.wording import plain


def show_scheduling() -> None:
    """Draw the step."""
    left, right = st.columns(2, gap="large")
    with left:
        _ask_mode()
        _ask_level()
        _ask_concurrency()
        _ask_order()
    with right:
        _ask_start()
        _ask_end()
    show_rules()
    show_tester()


def _ask_mode() -> None:
    mode = choose("Mode", MODES, "mode", draft().settings.mode)
    change_settings(mode=mode)
    st.caption(MODE_MEANS[mode])


def _ask_level() -> None:
    level = choose("Optimization level", LEVELS, "level", draft().settings.level)
    change_settings(level=level)
    st.caption(level_means(level, draft().settings.mode))


def _ask_concurrency() -> None:
    most = st.number_input(
        "Rows at once", 0, MOST_CONCURRENT, step=1, key=seeded("concurrent", draft().settings.max_concurrent), width=200
    )
    change_settings(max_concurrent=int(most))
    words = concurrency_means(int(most), draft().settings.mode, MOST_CONCURRENT)
    st.caption(words if most else f":red[:material/error: {words}]")


def _ask_order() -> None:
    kept = draft().settings
    order = choose("Order of the rows", ORDERS, "order", kept.row_order)
    queue = st.toggle("Urgent rows first", key=seeded("queue", kept.priority_queue))
    change_settings(row_order=order, priority_queue=queue)
    first = "Rows of higher priority go before all others." if queue else "The priorities of rows change nothing."
    st.caption(f"{first} {ORDER_MEANS[order]}")


def _ask_start() -> None:
    kept, zone = draft().settings, workspace().timezone
    start = choose("Start", STARTS, "start_kind", kept.start)
    change_settings(start=start)
    st.caption(START_MEANS[start])
    if start is not Start.LATER:
        return
    at = _moment(f"Starts at · {plain(zone)}", "starts_at", kept.starts_at)
    change_settings(starts_at=at)
    if at is None:
        st.caption(":orange[:material/warning: Without a time the job waits until somebody starts it.]")
    elif at <= house().now():
        st.caption(":orange[:material/warning: This has passed: the job would begin at once.]")
    else:
        st.caption(f"In {duration(at - house().now())}.")


def _ask_end() -> None:
    kept = draft().settings
    at = _moment(f"Ends at · {plain(workspace().timezone)}", "ends_at", kept.ends_at)
    change_settings(ends_at=at)
    starts = kept.starts_at if draft().settings.start is Start.LATER and kept.starts_at else house().now()
    if at is None:
        st.caption("Without an end the job goes on until its last row.")
    elif at <= starts:
        st.caption(":red[:material/error: This is not after the start: choose a later time.]")
    else:
        st.caption(f"{duration(at - starts)} for all rows; what is not begun by then is left out and named.")


def _moment(label: str, name: str, kept: datetime | None) -> datetime | None:
    zone = workspace().timezone
    wall = to_wall(kept, zone).replace(tzinfo=None, second=0, microsecond=0) if kept else None
    return moment_input(label, zone, seeded(name, wall))
