"""Preferences, blackout windows, workspace and audit log."""

import streamlit as st

st.title("Settings")
st.caption("Preferences, blackout windows, workspace and audit log.")
