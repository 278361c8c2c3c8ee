"""Where posts go, and how often they may."""

import streamlit as st

from core.services.channels import list_channels, list_peers
from core.ui.blanks import nothing_yet
from core.ui.channels_cards import show_channels
from core.ui.channels_dialogs import EDIT, show_dialogs
from core.ui.channels_peers import REMOVE, remove_dialog, show_peers
from core.ui.compose import compose_button
from core.ui.dialogs import open_dialog, opened
from core.ui.queries import ask
from core.ui.shell import page_head

with page_head("Channels"):
    st.button("Add channel", icon=":material/hub:", key="add_channel", on_click=open_dialog, args=(EDIT,))
    compose_button()

channels, peers = ask(list_channels), ask(list_peers)
if channels:
    show_channels(channels)
else:
    nothing_yet(
        ":material/hub:",
        "No channels yet",
        "A channel is one account or address your team posts on, with its own time zone, spacing and caps. "
        "The first one can stay on this machine: add an outbox channel and nothing leaves it.",
    )
if channels or peers:
    show_peers(peers)
show_dialogs()
if asked := opened(REMOVE):
    remove_dialog(asked)
