"""Where posts go, and how often they may."""

import streamlit as st

st.title("Channels")
st.caption("Where posts go, and how often they may.")
