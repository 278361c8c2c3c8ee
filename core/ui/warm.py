"""Loads what the first visitor would wait for, while nobody waits."""

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
