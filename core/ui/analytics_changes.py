"""What changed: whether the week is still the one that was learned, and which hours moved."""

import streamlit as st

from core.services.week_changes import find_changes
from core.timing.drift import Changes, MovedHour
from core.timing.effects import Effect
from core.timing.outcomes import MONTHS_PER_YEAR
from core.ui.analytics_bar import Choice
from core.ui.analytics_charts import effects_figure
from core.ui.analytics_tables import moved_table, offer_download
from core.ui.analytics_words import interval_words
from core.ui.charts import draw, ink, title
from core.ui.dashboard_words import posts, signed
from core.ui.queries import ask
from core.ui.state import house
from core.undefined import Undefined

SINCE = "analytics_since"


@st.fragment
def show_changes(choice: Choice) -> None:
    """Draw which hours moved since a month, or say that nothing did, or why nobody can tell."""
    with st.container(border=True):
        head = st.container()
        since = st.segmented_control(
            "Compare the posts since",
            list(_SINCE),
            default="Likeliest change",
            required=True,
            key=SINCE,
            bind="query-params",
        )
        changes = ask(find_changes, choice.history.channel_id, _month(_SINCE[since]))
        with head:
            title(changes.reason if isinstance(changes, Undefined) else changes.sentence)
        if not isinstance(changes, Undefined):
            _show(choice, changes)


_SINCE = {"Likeliest change": None, "Last month": 1, "3 months ago": 3, "6 months ago": 6}


def _month(back: int | None) -> int | None:
    """Return the month so many months before this one, as tallies number them."""
    now = house().now()
    return None if back is None else now.year * MONTHS_PER_YEAR + now.month - 1 - back


def _show(choice: Choice, changes: Changes) -> None:
    if changes.moved:
        figure = effects_figure([_as_effect(hour) for hour in changes.moved], ink())
        draw(figure, f"Hours that moved. {changes.sentence}", "analytics_changes")
    st.caption(
        f"{posts(changes.posts_since)} since {changes.since:%-d %B %Y} against {posts(changes.posts_before)} of up to "
        f"two years before. Each against the 40 before it, a post since then earned {signed(changes.level)} beside one "
        f"before ({interval_words(changes.level_interval)})."
    )
    if changes.moved:
        offer_download(lambda: moved_table(changes.moved), f"{choice.slug}-changes", "changes")


def _as_effect(hour: MovedHour) -> Effect:
    return Effect(hour.name, hour.posts_since, hour.change, hour.interval)
