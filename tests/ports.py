"""A port for a server that is started, ended and started again, while other tests open connections of their own."""

import socket
from random import SystemRandom

BELOW_THE_SYSTEMS_OWN = range(20_000, 32_000)
"""Linux gives clients ports from 32768 on: while a server is down, one of those would be taken by anybody's client."""


def free_port() -> int:
    """Return a port of this machine on which nobody listens."""
    while True:
        port = SystemRandom().choice(BELOW_THE_SYSTEMS_OWN)
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return port
