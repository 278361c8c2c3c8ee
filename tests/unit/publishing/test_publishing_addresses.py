"""Which addresses a webhook may go to, and that it goes to the one that was checked."""

import socket
from datetime import UTC, datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.publishing.addresses import (
    Forbidden,
    Unresolved,
    is_allowed,
    parse_endpoint,
    resolve_endpoint,
    system_resolve,
)
from core.publishing.contract import ChannelAccess, Post, Published, Refused
from core.publishing.webhook import WebhookPublisher
from core.vocabulary import ContentFormat, Refusal

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NEVER = [
    "0.0.0.0",  # noqa: S104  # refused here, not bound to
    "169.254.169.254",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2002:7f00:1::",
    "fe80::1",
    "fe80::1%1",
    "fec0::1",
    "ff02::1",
]
PRIVATE = [
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "::1",
    "fc00::1",
    "fd12:3456:789a::1",
]
PUBLIC = ["1.1.1.1", "8.8.8.8", "93.184.216.34", "172.32.0.1", "192.169.0.1", "2606:4700:4700::1111"]


@pytest.mark.parametrize("address", NEVER)
def test_addresses_that_hide_another_or_serve_a_network_are_always_refused(address: str) -> None:
    assert not is_allowed(address, allow_private=False)
    assert not is_allowed(address, allow_private=True)


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_need_the_operators_word(address: str) -> None:
    assert not is_allowed(address, allow_private=False)
    assert is_allowed(address, allow_private=True)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_allowed(address: str) -> None:
    assert is_allowed(address, allow_private=False)


@pytest.mark.parametrize(
    "text",
    ["", "nonsense", "https://", "http://example.com/", "ftp://example.com/", "https://a\nb/", "https://a:0/"],
)
def test_what_is_not_an_https_address_is_refused(text: str) -> None:
    assert isinstance(parse_endpoint(text, allow_private=False), Forbidden)


def test_of_several_answers_only_the_public_ones_are_used() -> None:
    url = httpx.URL("https://example.com/hook")
    answer = resolve_endpoint(url, lambda *_: ("10.0.0.1", "93.184.216.34"), allow_private=False)
    assert answer == ("93.184.216.34",)


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "0177.0.0.1", "localhost", "[::1]"])
def test_loopback_in_disguise_is_still_loopback(host: str) -> None:
    url = parse_endpoint(f"https://{host}/", allow_private=False)
    if isinstance(url, httpx.URL):
        assert isinstance(resolve_endpoint(url, system_resolve, allow_private=False), Forbidden | Unresolved)


@given(text=st.text().map("https://{}".format) | st.text())
def test_no_text_whatever_breaks_the_reading_of_an_address(text: str) -> None:
    url = parse_endpoint(text, allow_private=True)
    if isinstance(url, httpx.URL):
        resolve_endpoint(url, lambda *_: ("127.0.0.1",), allow_private=True)


def test_a_label_that_only_looks_like_an_international_name_is_just_a_name() -> None:
    assert parse_endpoint("https://xn--a/", allow_private=False) == httpx.URL("https://xn--a/")


def due() -> Post:
    return Post(
        item_id="item_1",
        delivery_id="delivery_1",
        workspace_id="ws_1",
        channel_id="chan_1",
        platform="instagram",
        content_format=ContentFormat.TEXT,
        title="Spring",
        text="It is here.",
        scheduled_at=datetime(2026, 3, 1, 9, tzinfo=UTC),
    )


def test_the_connection_goes_to_the_checked_address_and_names_the_host() -> None:
    answers = iter([("93.184.216.34",), ("127.0.0.1",)])
    seen: list[httpx.Request] = []

    def receive(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, stream=httpx.ByteStream(b"{}"))

    client = httpx.Client(transport=httpx.MockTransport(receive))
    publisher = WebhookPublisher(client, allow_private=False, resolve=lambda *_: next(answers))
    access = ChannelAccess("chan_1", {"url": "https://bücher.example:8443/hook?key=1"}, SECRET)
    assert isinstance(publisher.fire(due(), access, {}, datetime.now(UTC)), Published)
    assert str(seen[0].url) == "https://93.184.216.34:8443/hook?key=1"
    assert seen[0].headers["host"] == "xn--bcher-kva.example:8443"
    assert seen[0].extensions["sni_hostname"] == "xn--bcher-kva.example"


def test_a_host_that_is_not_found_is_worth_another_try() -> None:
    def resolve(host: str, port: int) -> tuple[str, ...]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    publisher = WebhookPublisher(httpx.Client(), allow_private=False, resolve=resolve)
    access = ChannelAccess("chan_1", {"url": "https://nowhere.example/"}, SECRET)
    answer = publisher.fire(due(), access, {}, datetime.now(UTC))
    assert isinstance(answer, Refused)
    assert answer.refusal is Refusal.TRANSIENT
    assert "nowhere.example" in answer.reason


def test_the_secret_is_not_printed_with_the_access() -> None:
    assert SECRET not in repr(ChannelAccess("chan_1", {}, SECRET))
