"""What worked: hours, weekdays, formats and posts, with how sure each figure is."""

import streamlit as st

from core.services.analytics import channel_results, list_histories, week_effects
from core.ui import analytics_regions as regions
from core.ui.analytics_bar import choose, clear_format, no_channels, no_history
from core.ui.blanks import nothing_found
from core.ui.compose import compose_button
from core.ui.queries import ask
from core.ui.shell import page_head

with page_head("Analytics"):
    compose_button()
histories = ask(list_histories)
choice = choose(histories) if histories else None
if choice is None:
    no_channels()
elif not choice.history.posts:
    no_history(choice.history)
else:
    channel_id, content_format = choice.history.channel_id, choice.content_format
    with st.skeleton(height=600):
        week = ask(week_effects, channel_id, content_format)
        results = ask(channel_results, channel_id, content_format)
    if content_format and content_format not in {effect.content_format for effect in results.formats}:
        nothing_found("posts", clear_format, key="clear_format")
    else:
        regions.show_headline(choice, week)
        regions.show_week(choice, week)
        regions.show_days_and_hours(choice, week)
        regions.show_trend(choice, results.trend)
        regions.show_formats(choice, results)
        regions.show_best_and_worst(choice)
