"""The front door: `streamlit run Home.py` serves dashboard and health check from one process."""

import streamlit as st
from starlette.routing import Route

from core.api.health import health
from core.ui.failures import show_failure

app = st.App("pages/main.py", routes=[Route("/health", health)], on_script_error=show_failure)
