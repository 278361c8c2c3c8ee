"""Loads what the first visitor would wait for, while nobody waits."""

import gc
from importlib import import_module
from threading import Thread

FIRST_NEEDED = ("core.services.recommendations", "core.services.dashboard", "plotly.graph_objects", "pandas")
"""The estimator's algebra and the charts take more than a second to load. Modules of screens stay out: outside of a
visit Streamlit complains about their decorators."""


def warm_up() -> None:
    """Load them in the background; a visitor who comes earlier waits for the rest as before."""
    Thread(target=_load, name="warm-up", daemon=True).start()


def _load() -> None:
    for name in FIRST_NEEDED:
        import_module(name)
    # Streamlit collects garbage after every run of a page: looking through all that is loaded would take 0.2 s of each.
    gc.collect()
    gc.freeze()
