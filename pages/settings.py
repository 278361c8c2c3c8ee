"""Preferences, blackout windows, workspace and audit log."""

import streamlit as st

from core.ui.settings_audit import show_audit
from core.ui.settings_blackouts import show_blackouts
from core.ui.settings_preferences import show_preferences
from core.ui.settings_workspace import show_workspace

TABS = {
    "Preferences": show_preferences,
    "Blackout windows": show_blackouts,
    "Workspace": show_workspace,
    "Audit log": show_audit,
}

st.title("Settings", anchor=False)
tabs = st.tabs(list(TABS), key="settings", on_change="rerun", bind="query-params")
for tab, show in zip(tabs, TABS.values(), strict=True):
    if tab.open:
        with tab:
            show()
