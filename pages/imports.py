"""Teach Slotwise from what you posted."""

import streamlit as st

st.title("Import history")
st.caption("Teach Slotwise from what you posted.")
