"""The front door: `streamlit run Home.py` serves dashboard, health check and engine from one process."""

import streamlit as st
from starlette.routing import Route

from core.api.health import health
from core.engine.lifespan import engine_lifespan
from core.ui.failures import show_failure

app = st.App(
    "pages/main.py",
    lifespan=engine_lifespan,
    routes=[Route("/health", health)],
    on_script_error=show_failure,
)
