"""The front door: `streamlit run Home.py` serves dashboard, API and engine from one process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st

from core.api.app import create_api
from core.api.farewell import bound_farewell
from core.api.front import ROOT_ROUTES, mounted
from core.api.local_mode import is_loopback
from core.api.sockets import AtRoot
from core.bootstrap import running
from core.engine.lifespan import engine_lifespan
from core.settings import load_settings
from core.ui.failures import show_failure
from core.ui.warm import warm_up


@asynccontextmanager
async def lifespan(app: object) -> AsyncIterator[None]:
    """Run the engine while the application runs."""
    bound_farewell()
    warm_up()
    async with engine_lifespan(app):
        yield


exposed = not is_loopback(st.get_option("server.address") or "")
api = create_api(running, load_settings(), exposed=exposed)
app = st.App(
    "pages/main.py",
    lifespan=lifespan,
    routes=[mounted(api), AtRoot(api).route(), *ROOT_ROUTES],
    on_script_error=show_failure,
)
