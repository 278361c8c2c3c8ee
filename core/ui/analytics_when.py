"""When to post: the finding, the week as a map, one weekday's curve, weekdays and hours with their intervals."""

import streamlit as st

from core.services.analytics import ChannelWeek, posts_behind
from core.services.week_analysis import explain_hour
from core.timing.pooling import MOST_LENT
from core.timing.week import WEEKDAYS
from core.ui.analytics_bar import Choice
from core.ui.analytics_charts import effects_figure, hours_figure
from core.ui.analytics_day_chart import day_figure
from core.ui.analytics_posts import show_posts
from core.ui.analytics_tables import effect_table, estimate_table, offer_download
from core.ui.analytics_week_chart import Measure, week_figure
from core.ui.analytics_words import OBSERVED, day_finding, hour_explanation, hour_finding, week_finding, weekday_finding
from core.ui.charts import clicked, draw, draw_clickable, ink, title
from core.ui.compose_fields import format_name
from core.ui.dashboard_words import basis_badge, posts
from core.ui.queries import ask
from core.ui.wording import plain

HOUR, DAY, WEEK_CHART = "analytics_hour", "analytics_day", "analytics_week"


def show_headline(choice: Choice, week: ChannelWeek) -> None:
    """Draw the finding of the whole week in words, what it rests on, and what it is not."""
    word, icon, colour = basis_badge(week.basis, week.posts)
    with st.container(border=True):
        st.badge(word, icon=icon, color=colour)
        st.subheader(plain(week.effects.usual_range), anchor=False)
        if week.is_borrowed and choice.content_format:
            name = format_name(choice.content_format).lower()
            st.caption(
                f":material/info: {posts(week.format_posts)} of the format {plain(name)} count in full. Your posts of "
                f"other formats help out: those of an hour count for {MOST_LENT:.0f} of them at most."
            )
        st.caption(OBSERVED)


@st.fragment
def show_week(choice: Choice, week: ChannelWeek) -> None:
    """Draw the hours of the week and, where one is chosen, the posts behind it."""
    finding = week_finding(week)
    with st.container(border=True):
        title(finding)
        chart = st.container()
        with st.container(horizontal=True, vertical_alignment="bottom"):
            measure = Measure(
                st.segmented_control(
                    "Colour", list(Measure), default=Measure.LIFT, required=True, key="analytics_colour"
                )
            )
            cell = _choose_hour(week)
            offer_download(lambda: effect_table(week.effects.cells), f"{choice.slug}-hours-of-the-week", "cells")
        with chart:
            figure = week_figure(week.effects, cell, ink(), choice.zone, measure)
            draw_clickable(figure, f"Hours of the week. {finding}.", WEEK_CHART, _pick)
            most = max(effect.n for effect in week.effects.cells)
            st.caption(
                f"{_COLOURS[measure]} Dot: how many posts, the largest {most:,}. A stroke: no posts yet. Click an "
                "hour for its posts."
            )
        if cell is not None:
            _show_behind(choice, week, cell)


_COLOURS = {
    Measure.LIFT: "Colour: what an hour's posts earn against your average.",
    Measure.UNCERTAINTY: "Colour: how far apart the bounds of the 90 % interval lie; the paler, the surer.",
}


def _pick() -> None:
    cell = clicked(WEEK_CHART)
    if cell is not None:
        st.session_state[HOUR] = cell


def _choose_hour(week: ChannelWeek) -> int | None:
    cells = week.effects.cells
    cell: int | None = st.selectbox(
        "Posts behind an hour",
        range(len(cells)),
        None,
        format_func=lambda cell: cells[cell].name,
        key=HOUR,
        bind="query-params",
        placeholder="Choose an hour, or click it",
        width=260,
    )
    return cell


def _show_behind(choice: Choice, week: ChannelWeek, cell: int) -> None:
    effect = week.effects.cells[cell]
    why = ask(explain_hour, choice.history.channel_id, cell, choice.content_format)
    behind = ask(posts_behind, choice.history.channel_id, cell, None if week.is_borrowed else choice.content_format)
    if not behind:
        st.markdown(f":material/help: No posts on {effect.name} yet: nothing is known of this hour.")
        st.markdown(plain(hour_explanation(effect.name, why)))
        return
    st.markdown(plain(hour_explanation(effect.name, why)))
    for reason in why.reasons:
        st.markdown(f"- {plain(reason)}")
    st.markdown(f"**{posts(len(behind))} on {effect.name}**, newest first; {effect.n:,} of this hour count so far.")
    st.caption("A post counts once it is a week old when measured, and when there is one before it to compare with.")
    show_posts(behind, choice, f"{choice.slug}-{effect.name.lower().replace(' ', '-').replace(':', '')}", "behind")


@st.fragment
def show_day(choice: Choice, week: ChannelWeek) -> None:
    """Draw the curve of one weekday with its interval."""
    with st.container(border=True):
        head = st.container()
        day = st.segmented_control(
            "Weekday",
            range(len(WEEKDAYS)),
            default=_busiest_day(week),
            required=True,
            format_func=lambda day: WEEKDAYS[day][:3],
            key=DAY,
            bind="query-params",
            label_visibility="collapsed",
        )
        finding = day_finding(week, day)
        with head:
            title(finding)
        draw(
            day_figure(week.effects, day, ink(), choice.zone),
            f"{WEEKDAYS[day]} by the hour. {finding}.",
            "analytics_curve",
        )
        st.caption(
            f"Line and band: what we expect of {WEEKDAYS[day]}'s hours, with its 90 % interval. Dots: posts there. "
            f"Pale lines: the other days. Dotted: expected before your own posts ({plain(week.baseline_name)})."
        )
        offer_download(lambda: estimate_table(week.effects), f"{choice.slug}-week-curve", "curve")


def _busiest_day(week: ChannelWeek) -> int:
    return max(range(len(WEEKDAYS)), key=lambda day: week.effects.weekdays[day].n)


def show_days_and_hours(choice: Choice, week: ChannelWeek) -> None:
    """Draw the effect of weekdays and of hours of the day, each with its interval."""
    left, right = st.columns([2, 3])
    with left.container(border=True, height="stretch"):
        finding = weekday_finding(week)
        title(finding)
        draw(effects_figure(week.effects.weekdays, ink()), f"Weekdays. {finding}.", "analytics_weekdays")
        offer_download(lambda: effect_table(week.effects.weekdays), f"{choice.slug}-weekdays", "weekdays")
    with right.container(border=True, height="stretch"):
        finding = hour_finding(week)
        title(finding)
        draw(hours_figure(week.effects.hours, ink(), choice.zone), f"Hours of the day. {finding}.", "analytics_hours")
        offer_download(lambda: effect_table(week.effects.hours), f"{choice.slug}-hours", "hours")
