"""Preferences, blackout windows, workspace, API keys, webhooks and audit log."""

import streamlit as st

from core.ui.compose import compose_button
from core.ui.settings_audit import show_audit
from core.ui.settings_blackouts import show_blackouts
from core.ui.settings_keys import show_keys
from core.ui.settings_preferences import show_preferences
from core.ui.settings_webhooks import show_webhooks
from core.ui.settings_workspace import show_workspace
from core.ui.shell import page_head

TABS = {
    "Preferences": show_preferences,
    "Blackout windows": show_blackouts,
    "Workspace": show_workspace,
    "API keys": show_keys,
    "Webhooks": show_webhooks,
    "Audit log": show_audit,
}

with page_head("Settings"):
    compose_button()
tabs = st.tabs(list(TABS), key="settings", on_change="rerun", bind="query-params")
for tab, show in zip(tabs, TABS.values(), strict=True):
    if tab.open:
        with tab:
            show()
