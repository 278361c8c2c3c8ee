"""What is answered without a key: this machine's own requests, as long as nobody has one (DNS rebinding, CSRF)."""

import ipaddress
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from core.api.refusals import ForeignOrigin
from core.errors import Unauthenticated

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
"""Headers of a proxy: who stands behind it is not known to be on this machine."""


def is_loopback(host: str) -> bool:
    """Say whether a name or numeric address, with or without a port, means this machine."""
    name = urlsplit(f"//{host}").hostname or "" if _is_host(host) else ""
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def check_local(method: str, headers: Headers) -> None:
    """Refuse a request that may come from elsewhere: by way of a proxy, or from a page of another site.

    Raises Unauthenticated (through a proxy a key is needed) and ForeignOrigin.
    """
    if any(name in headers for name in _FORWARDED):
        raise Unauthenticated(reason="This came through a proxy, so it needs a key.")
    hosts = headers.getlist("host")
    if len(hosts) != 1 or not is_loopback(hosts[0]):
        fix = "Call http://localhost or http://127.0.0.1, or create an API key"
        raise ForeignOrigin(header="Host", value=", ".join(hosts), fix=fix)
    if method not in SAFE_METHODS:
        check_origin(headers)


def check_origin(headers: Headers) -> None:
    """Refuse what a page of another site sends (ForeignOrigin); a program that is no browser names no origin."""
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    own = f"://{headers.get('host', '')}"
    foreign = origin is not None and not (origin.startswith("http") and origin.partition("://")[2] == own[3:])
    if foreign or site in {"cross-site", "same-site"}:
        fix = "Pages of other sites cannot write here; create an API key and call from a server"
        raise ForeignOrigin(header="Origin", value=origin or f"({site})", fix=fix)


def _is_host(host: str) -> bool:
    return not set(host) & set("/?#@\\ ")
