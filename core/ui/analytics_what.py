"""What works: the trend, content formats, best and worst content."""

import polars as pl
import streamlit as st

from core.services.analytics import Results, top_posts
from core.timing.effects import Effect
from core.timing.summary import FormatEffect
from core.ui.analytics_bar import Choice
from core.ui.analytics_charts import effects_figure, trend_figure
from core.ui.analytics_posts import show_posts
from core.ui.analytics_tables import effect_table, offer_download
from core.ui.analytics_words import format_finding, trend_finding
from core.ui.charts import draw, ink, title
from core.ui.compose_fields import format_name
from core.ui.dashboard_words import posts
from core.ui.queries import ask
from core.undefined import Undefined
from core.vocabulary import ContentFormat


def show_trend(choice: Choice, trend: pl.DataFrame) -> None:
    """Draw engagement and number of posts per week, or say why there is no trend."""
    with st.container(border=True):
        if trend.is_empty():
            title("No trend to show yet")
            st.markdown(_no_trend(choice))
            return
        finding = trend_finding(trend)
        title(finding)
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
        title(finding)
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
        title("Best and worst content")
        for tab, key in zip(st.tabs(["Most engagement", "Least engagement"]), ("best", "worst"), strict=True):
            with tab:
                found = ask(top_posts, choice.history.channel_id, choice.content_format, worst=key == "worst")
                show_posts(found, choice, f"{choice.slug}-{key}", key)
