"""How often to post: busy weeks against quiet ones, and only what the interval supports."""

from collections.abc import Iterator

import streamlit as st

from core.services.frequency import frequency_advice
from core.timing.curve import Interval
from core.timing.effects import Effect
from core.timing.frequency import FrequencyAdvice
from core.ui.analytics_bar import Choice
from core.ui.analytics_charts import effects_figure
from core.ui.analytics_tables import offer_download
from core.ui.analytics_words import interval_words
from core.ui.charts import draw, ink, title
from core.ui.dashboard_words import posts, signed
from core.ui.queries import ask
from core.ui.wording import plain
from core.undefined import Undefined


def show_frequency(choice: Choice) -> None:
    """Draw what a post earned by the number of posts of its week, or say why nobody can tell."""
    advice = ask(frequency_advice, choice.history.channel_id)
    with st.container(border=True):
        if isinstance(advice, Undefined):
            title("How often to post cannot be told yet")
            st.markdown(plain(advice.reason))
            return
        title(_finding(advice))
        st.markdown(plain(advice.sentence))
        figure = effects_figure(list(_buckets(advice)), ink(), _words)
        draw(figure, f"Posts a week. {advice.sentence}", "analytics_frequency")
        st.caption(
            f"What a post earned by the number of posts of its week, against the line of its quarter: {advice.weeks} "
            f"whole weeks, {posts(advice.posts)} of all formats."
        )
        offer_download(lambda: advice.table, f"{choice.slug}-frequency", "frequency")


def _finding(advice: FrequencyAdvice) -> str:
    return (
        f"{signed(advice.per_post)} per post in weeks with {advice.more} posts, against weeks with {advice.fewer} "
        f"({interval_words(advice.per_post_interval)})"
    )


def _buckets(advice: FrequencyAdvice) -> Iterator[Effect]:
    for first, last, weeks, lift, low, high in advice.table.rows():
        if lift is not None:
            yield Effect(_bucket_name(first, last), weeks, lift, Interval(low, high))


def _bucket_name(first: int, last: int | None) -> str:
    if last is None:
        return f"{first} or more posts"
    return posts(first) if first == last else f"{first} to {last} posts"


def _words(effect: Effect) -> str:
    if isinstance(effect.lift, Undefined) or isinstance(effect.interval, Undefined):
        return effect.name
    return (
        f"{effect.name} a week<br>{signed(effect.lift)} a post ({interval_words(effect.interval)})<br>{effect.n} weeks"
    )
