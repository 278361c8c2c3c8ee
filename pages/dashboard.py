"""What goes out, what waits for a person, and when to post next."""

import streamlit as st

from core.services.channels import list_channels
from core.ui.calendar_dialogs import show_item_dialogs
from core.ui.compose import compose_button
from core.ui.dashboard_advice import ask_platform, show_advice
from core.ui.dashboard_agenda import show_recent, show_upcoming
from core.ui.dashboard_attention import show_attention
from core.ui.dashboard_figures import show_figures
from core.ui.dashboard_fill import fill_button, show_fill
from core.ui.dashboard_welcome import show_welcome
from core.ui.dashboard_why import show_why
from core.ui.queries import ask
from core.ui.shell import boundary, page_head
from core.ui.zone_warning import warn_of_zone

EVERY = "5s"


@st.fragment(run_every=EVERY)
@boundary()
def today() -> None:
    """Draw what changes by itself while somebody looks: figures and what waits."""
    show_figures()
    show_attention()
    for channel in ask(list_channels):
        warn_of_zone(channel.id, channel.name)


@st.fragment(run_every=EVERY)
@boundary()
def week() -> None:
    """Draw what goes out next and what went out last."""
    show_upcoming()
    show_recent()


head = page_head("Dashboard")
if ask(list_channels):
    with head.container(horizontal=True, width="content"):
        fill_button()
        compose_button()
    today()
    platform = ask_platform()
    best_times = st.container()
    week()
    with best_times.skeleton(height=420), best_times, boundary():
        show_advice(platform)
else:
    show_welcome()
show_why()
show_fill()
show_item_dialogs()
