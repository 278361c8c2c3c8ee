"""The four figures of the day."""

import streamlit as st

from core.services.dashboard import Figures, figures
from core.timing.effects import Effect
from core.ui.dashboard_reads import ask_at, this_minute
from core.ui.dashboard_words import between, posts, signed
from core.ui.state import house
from core.ui.times import clock, day
from core.ui.wording import plain
from core.undefined import Undefined


def show_figures() -> None:
    """Draw what goes out today, this week's count, what waits for a person, and what timing was worth."""
    found = ask_at(this_minute(), figures)
    with st.grid(4, min_column_width=210):
        _today(found)
        _week(found)
        _waiting(found)
        _effect(found.timing_effect)


def _today(found: Figures) -> None:
    st.metric(
        "Going out today",
        f"{found.today:,}",
        _next(found),
        delta_color="off",
        delta_arrow="off",
        border=True,
        height="stretch",
    )


def _next(found: Figures) -> str:
    if found.next_at is None:
        return "Nothing is scheduled"
    now = house().now()
    today, then = day(now, found.timezone), day(found.next_at, found.timezone)
    when = clock(found.next_at, found.timezone)
    return f"Next at {when}" if today == then else f"Next {day(found.next_at, found.timezone, now)}, {when}"


def _week(found: Figures) -> None:
    st.metric(
        "Published this week",
        f"{found.week_published:,} of {found.week_planned:,}",
        border=True,
        height="stretch",
        chart_data=[count for _, count in found.published_by_day],
        chart_type="bar",
        delta_color="primary",
        help="Of what this week holds. The bars are the posts published on each of the last 14 days.",
    )


def _waiting(found: Figures) -> None:
    st.metric(
        "Needs attention",
        f"{found.waiting:,}",
        "See the list below" if found.waiting else "Nothing waits for you",
        delta_color="red" if found.waiting else "off",
        delta_arrow="off",
        border=True,
        height="stretch",
    )


def _effect(effect: Effect | Undefined) -> None:
    """Draw the effect with its interval, or why there is none to show."""
    value, words, help_text = _effect_words(effect)
    st.metric(
        "Effect of timing, 30 days",
        value,
        words,
        delta_color="off",
        delta_arrow="off",
        border=True,
        height="stretch",
        help=help_text,
    )


def _effect_words(effect: Effect | Undefined) -> tuple[str | None, str, str]:
    about = "What the hours you chose were worth against your channel's average hour."
    if isinstance(effect, Undefined):
        return None, plain(effect.reason), about
    if isinstance(effect.lift, Undefined) or isinstance(effect.interval, Undefined):
        return None, "Not enough posts to tell", about
    return (
        signed(effect.lift),
        f"90 % interval {between(effect.interval.low, effect.interval.high)}",
        f"{about} {plain(effect.name)}: {posts(effect.n)}.",
    )
