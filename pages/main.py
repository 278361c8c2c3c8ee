"""The frame: holds the only navigation and runs the chosen page inside the error boundary."""

import streamlit as st

from core.ui import shell, state
from core.ui.calendar_undo import offer_undo
from core.ui.compose import show_compose

shell.configure()
page = st.navigation(shell.navigation())
with shell.boundary():
    shell.sidebar()
    state.speak()
    offer_undo()
    page.run()
    show_compose()
