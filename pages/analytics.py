"""What worked: hours, weekdays, formats and posts, with how sure each figure is."""

import streamlit as st

from core.services.analytics import channel_results, list_histories, week_effects
from core.ui import analytics_what as what
from core.ui import analytics_when as when
from core.ui.analytics_bar import View, choose, choose_view, clear_format, no_channels, no_history
from core.ui.analytics_changes import show_changes
from core.ui.analytics_formats import show_format_times
from core.ui.analytics_frequency import show_frequency
from core.ui.analytics_trust import show_backtest
from core.ui.blanks import nothing_found
from core.ui.compose import compose_button
from core.ui.queries import ask
from core.ui.shell import page_head
from core.ui.zone_warning import warn_of_zone

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
    warn_of_zone(channel_id, choice.history.channel_name)
    with st.skeleton(height=600):
        week = ask(week_effects, channel_id, content_format)
    if content_format and not week.format_posts:
        nothing_found("posts", clear_format, key="clear_format")
    else:
        when.show_headline(choice, week)
        match choose_view():
            case View.WHEN:
                when.show_week(choice, week)
                when.show_day(choice, week)
                when.show_days_and_hours(choice, week)
                show_format_times(choice)
            case View.WHAT:
                results = ask(channel_results, channel_id, content_format)
                what.show_trend(choice, results.trend)
                what.show_formats(choice, results)
                show_frequency(choice)
                what.show_best_and_worst(choice)
            case View.TRUST:
                show_backtest(choice)
                show_changes(choice)
