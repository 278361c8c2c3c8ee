"""The regions of the Analytics page: each one answers one question and offers its data."""

from collections.abc import Sequence

import polars as pl
import streamlit as st

from core.services.analytics import ChannelWeek, PostView, Results, posts_behind, top_posts
from core.timing.effects import Effect
from core.timing.summary import FormatEffect
from core.ui.analytics_bar import Choice
from core.ui.analytics_charts import effects_figure, hours_figure, trend_figure, week_figure
from core.ui.analytics_tables import effect_table, offer_download, post_table
from core.ui.analytics_words import (
    OBSERVED,
    format_finding,
    hour_finding,
    trend_finding,
    week_finding,
    weekday_finding,
)
from core.ui.charts import clicked, draw, draw_clickable, ink
from core.ui.compose_fields import format_name
from core.ui.dashboard_words import basis_badge, posts
from core.ui.queries import ask
from core.ui.wording import plain
from core.undefined import Undefined
from core.vocabulary import ContentFormat

HOUR, WEEK_CHART = "analytics_hour", "analytics_week"


def show_headline(choice: Choice, week: ChannelWeek) -> None:
    """Draw the finding of the whole week in words, what it rests on, and what it is not."""
    word, icon, colour = basis_badge(week.basis, week.posts)
    with st.container(border=True):
        st.badge(word, icon=icon, color=colour)
        st.subheader(plain(week.effects.usual_range), anchor=False)
        if week.is_borrowed and choice.content_format:
            name = format_name(choice.content_format).lower()
            st.caption(
                f":material/info: {posts(week.format_posts)} of the format {plain(name)} are too few to time it by "
                "itself, so the hours below rest on your posts of all formats."
            )
        st.caption(OBSERVED)


@st.fragment
def show_week(choice: Choice, week: ChannelWeek) -> None:
    """Draw the hours of the week and, where one is chosen, the posts behind it."""
    finding = week_finding(week)
    with st.container(border=True):
        _title(finding)
        chart = st.container()
        with st.container(horizontal=True, vertical_alignment="bottom"):
            cell = _choose_hour(week)
            offer_download(lambda: effect_table(week.effects.cells), f"{choice.slug}-hours-of-the-week", "cells")
        with chart:
            figure = week_figure(week.effects, cell, ink(), choice.zone)
            draw_clickable(figure, f"Hours of the week. {finding}.", WEEK_CHART, _pick)
            most = max(effect.n for effect in week.effects.cells)
            st.caption(
                f"Colour: what an hour's posts earn against your average. Dot: how many posts, the largest {most:,}. "
                "A stroke: no posts yet, so nothing is known. Click an hour for its posts."
            )
        if cell is not None:
            _show_behind(choice, week, cell)


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
    behind = ask(posts_behind, choice.history.channel_id, cell, None if week.is_borrowed else choice.content_format)
    if not behind:
        st.markdown(f":material/help: No posts on {effect.name} yet: nothing is known of this hour.")
        return
    st.markdown(f"**{posts(len(behind))} on {effect.name}**, newest first; {effect.n:,} of this hour count so far.")
    st.caption("A post counts once it is a week old when measured, and when there is one before it to compare with.")
    _show_posts(behind, choice, f"{choice.slug}-{effect.name.lower().replace(' ', '-').replace(':', '')}", "behind")


def show_days_and_hours(choice: Choice, week: ChannelWeek) -> None:
    """Draw the effect of weekdays and of hours of the day, each with its interval."""
    left, right = st.columns([2, 3])
    with left.container(border=True, height="stretch"):
        finding = weekday_finding(week)
        _title(finding)
        draw(effects_figure(week.effects.weekdays, ink()), f"Weekdays. {finding}.", "analytics_weekdays")
        offer_download(lambda: effect_table(week.effects.weekdays), f"{choice.slug}-weekdays", "weekdays")
    with right.container(border=True, height="stretch"):
        finding = hour_finding(week)
        _title(finding)
        draw(hours_figure(week.effects.hours, ink(), choice.zone), f"Hours of the day. {finding}.", "analytics_hours")
        offer_download(lambda: effect_table(week.effects.hours), f"{choice.slug}-hours", "hours")


def show_trend(choice: Choice, trend: pl.DataFrame) -> None:
    """Draw engagement and number of posts per week, or say why there is no trend."""
    with st.container(border=True):
        if trend.is_empty():
            _title("No trend to show yet")
            st.markdown(_no_trend(choice))
            return
        finding = trend_finding(trend)
        _title(finding)
        draw(trend_figure(trend, ink()), f"Engagement per week. {finding}.", "analytics_trend")
        st.caption(
            f"Line: the median post of a week; band: the middle half. {posts(int(trend['posts'].sum()))} measured a "
            "week after they went out or later; younger ones would look too low."
        )
        offer_download(lambda: trend, f"{choice.slug}-weeks", "trend")


def _no_trend(choice: Choice) -> str:
    if choice.history.undated == choice.history.posts:
        return "This history has no dates, only hours and weekdays: it shows when posts do well, not how they develop."
    return (
        "A week counts once its posts are a week old and measured. The posts here are younger, or have no result yet."
    )


def show_formats(choice: Choice, results: Results) -> None:
    """Draw what each content format earns."""
    effects = [_as_effect(effect) for effect in results.formats]
    if not effects:
        return
    with st.container(border=True):
        finding = format_finding(effects)
        _title(finding)
        draw(effects_figure(effects, ink()), f"Content formats. {finding}.", "analytics_formats")
        few = [f"{effect.name} ({posts(effect.n)})" for effect in effects if isinstance(effect.lift, Undefined)]
        st.caption(
            "Each post against the 40 before it, so that growth favours no format."
            + (f" Too few to compare: {', '.join(few)}." if few else "")
        )
        offer_download(lambda: effect_table(effects), f"{choice.slug}-formats", "formats")


def _as_effect(effect: FormatEffect) -> Effect:
    return Effect(format_name(ContentFormat(effect.content_format)), effect.posts, effect.lift, effect.interval)


def show_best_and_worst(choice: Choice) -> None:
    """List the posts that earned most and least."""
    with st.container(border=True):
        _title("Best and worst content")
        for tab, key in zip(st.tabs(["Most engagement", "Least engagement"]), ("best", "worst"), strict=True):
            with tab:
                found = ask(top_posts, choice.history.channel_id, choice.content_format, worst=key == "worst")
                _show_posts(found, choice, f"{choice.slug}-{key}", key)


def _show_posts(found: Sequence[PostView], choice: Choice, file_name: str, key: str) -> None:
    table = post_table(found, choice.zone)
    is_dated = table["published"].null_count() < table.height
    st.dataframe(
        table,
        hide_index=True,
        key=f"{key}_posts",
        alt=f"Posts: {key}",
        column_order=["engagement", "title", "published" if is_dated else "hour", "format", "link"],
        column_config={
            "title": st.column_config.TextColumn("Post", width="large"),
            "published": st.column_config.DatetimeColumn(f"Published, {choice.zone}", format="D MMM YYYY, HH:mm"),
            "hour": "Hour of the week",
            "format": "Format",
            "engagement": st.column_config.NumberColumn("Engagement", format="%,.0f", width="small"),
            "link": st.column_config.LinkColumn("Link", display_text="Open"),
        },
    )
    offer_download(lambda: table, file_name, key)


def _title(finding: str) -> None:
    st.markdown(f"#### {plain(finding)}")
