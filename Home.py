"""The front door: `streamlit run Home.py` serves dashboard, health check and engine from one process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from starlette.routing import Route

from core.api.health import health
from core.engine.lifespan import engine_lifespan
from core.ui.failures import show_failure
from core.ui.warm import warm_up


@asynccontextmanager
async def lifespan(app: object) -> AsyncIterator[None]:
    """Run the engine while the application runs."""
    warm_up()
    async with engine_lifespan(app):
        yield


app = st.App(
    "pages/main.py",
    lifespan=lifespan,
    routes=[Route("/health", health)],
    on_script_error=show_failure,
)
