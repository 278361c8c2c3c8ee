"""How long requests may go on once the web server is asked to end."""

import signal

LAST_WORDS_SECONDS = 3
"""An answer that is on its way takes less; a client that stopped in the middle of its request never ends."""


def bound_farewell() -> None:
    """Let the web server that runs in this process end requests that are not over a few seconds after SIGTERM.

    Its own patience is without end. Streamlit makes the server and has no setting for this, so it is found as the one
    that answers the signal; without one, as in tests that run no server, nothing is changed.
    """
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    config = getattr(server, "config", None)
    if hasattr(config, "timeout_graceful_shutdown"):
        config.timeout_graceful_shutdown = LAST_WORDS_SECONDS
