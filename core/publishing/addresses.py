"""Where a webhook may go: the public internet over TLS, unless the operator allows this machine's own network.

A host's name is resolved once and the connection goes to an address that was checked, so a name that changes
its answer between check and connection (DNS rebinding) gains nothing.
"""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Network, ip_address

import httpx

Resolve = Callable[[str, int], tuple[str, ...]]
"""Returns a host's addresses in the order to try; raises OSError when the name is not known."""

_DEFAULT_PORTS = {"https": 443, "http": 80}
_HIGHEST_PORT = 65535
LONGEST_URL = 2000
_NEVER = (
    IPv6Network("::ffff:0:0/96"),  # IPv4-mapped
    IPv6Network("64:ff9b::/96"),  # NAT64
    IPv6Network("64:ff9b:1::/48"),  # NAT64 inside one network
    IPv6Network("2001::/32"),  # Teredo
    IPv6Network("2002::/16"),  # 6to4
    IPv6Network("fec0::/10"),  # site-local, deprecated, and global to Python
)
"""Mostly ranges in which an IPv6 address hides an IPv4 address that the checks would not see."""


@dataclass(frozen=True)
class Forbidden:
    """The address must not be used; `reason` says why and what to do."""

    reason: str


@dataclass(frozen=True)
class Unresolved:
    """The host has no address at present."""

    reason: str


def parse_endpoint(text: str, *, allow_private: bool) -> httpx.URL | Forbidden:
    """Return the address of a receiver as a URL, without asking the network anything."""
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        return Forbidden(f"The webhook address is not a URL: {error}. Write it as https://host/path.")
    schemes = ("https", "http") if allow_private else ("https",)
    if url.scheme not in schemes or not url.raw_host:
        return Forbidden(f"The webhook address must start with {' or '.join(f'{scheme}://' for scheme in schemes)}.")
    if not 0 < _port(url) <= _HIGHEST_PORT:
        return Forbidden(f"The webhook address has port {_port(url)}; ports go from 1 to {_HIGHEST_PORT}.")
    return url


def check_endpoint(text: str, *, allow_private: bool) -> httpx.URL | Forbidden:
    """Return the address of a receiver that somebody enters, without asking the network anything.

    Hosts that certainly are not public are refused at once; what a name stands for is checked at every sending.
    """
    if len(text) > LONGEST_URL:
        return Forbidden(f"The webhook address has {len(text)} characters; at most {LONGEST_URL} are possible.")
    url = parse_endpoint(text, allow_private=allow_private)
    if isinstance(url, Forbidden) or not _is_certainly_refused(url, allow_private=allow_private):
        return url
    return _not_public(url.raw_host.decode("ascii"), "")


def _is_certainly_refused(url: httpx.URL, *, allow_private: bool) -> bool:
    host = url.raw_host.decode("ascii").rstrip(".").lower()
    try:
        return not is_allowed(host, allow_private=allow_private)
    except ValueError:  # a name
        return not allow_private and (host == "localhost" or host.endswith(".localhost"))


def _not_public(host: str, addresses: str) -> Forbidden:
    return Forbidden(
        f"The webhook's host {host} is not on the public internet{addresses}. "
        "Use a public host; an operator can allow private ones with SLOTWISE_WEBHOOK_ALLOW_PRIVATE."
    )


def resolve_endpoint(
    url: httpx.URL, resolve: Resolve, *, allow_private: bool
) -> tuple[str, ...] | Forbidden | Unresolved:
    """Return the checked addresses behind the URL's host, in the order to try; ask the network once."""
    host = url.raw_host.decode("ascii")
    try:
        addresses = resolve(host, _port(url))
    except (OSError, UnicodeError) as error:  # UnicodeError: a label of more than 63 characters
        return Unresolved(f"The webhook's host {host} cannot be found: {error}.")
    allowed = tuple(address for address in addresses if is_allowed(address, allow_private=allow_private))
    if not allowed:
        return _not_public(host, f" ({', '.join(addresses) or 'no address'})")
    return allowed


def is_allowed(address: str, *, allow_private: bool) -> bool:
    """Say whether a connection to this numeric address may be made.

    Link-local addresses stay refused even when private ones are allowed: cloud machines keep their keys there.
    """
    ip = ip_address(address)
    if any(ip in network for network in _NEVER):
        return False
    if ip.is_loopback:  # before `is_reserved`, which counts ::1 in
        return allow_private
    if ip.is_multicast or ip.is_link_local or ip.is_unspecified or ip.is_reserved:
        return False
    return allow_private or ip.is_global


def system_resolve(host: str, port: int) -> tuple[str, ...]:
    """Ask the machine's resolver, which puts the addresses it can reach first (RFC 6724)."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(answer[4][0]) for answer in answers))


def _port(url: httpx.URL) -> int:
    return _DEFAULT_PORTS[url.scheme] if url.port is None else url.port
