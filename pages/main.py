"""The frame: holds the only navigation and runs the chosen page inside the error boundary."""

import streamlit as st

from core.ui import shell, state

shell.configure()
page = st.navigation(shell.navigation())
with shell.boundary():
    shell.sidebar()
    state.speak()
    page.run()
