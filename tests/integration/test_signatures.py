"""Signed calls: what fits, what is too old, and that no signature is good twice, in any process."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from keys_at_hand import at_once, new_key, who
from planned_posts import StandingClock

from core.bootstrap import Slotwise, assemble
from core.errors import InvalidSignature, UnreadableSecret
from core.services.access import Caller, local_caller
from core.services.api_keys import NewKey, rotate_key
from core.services.context import Context
from core.services.pruning import prune
from core.services.scopes import ALL_SCOPES
from core.services.signatures import SignedCall, check_signature, sign
from core.services.vault import Vault
from core.services.workspaces import read_revision
from core.storage.tables import SeenSignature
from core.vocabulary import Signing

URL, PATH = "https://slotwise.example/api/v1/scheduling/calendar?dry=1", "/api/v1/scheduling/calendar?dry=1"
BODY = '{"title": "März"}'.encode()
MS = timedelta(milliseconds=1)


@pytest.fixture
def key(ctx: Context) -> NewKey:
    """Give a key that must sign."""
    return new_key(ctx, signing=Signing.REQUIRED)


@pytest.fixture
def caller(house: Slotwise, key: NewKey) -> Caller:
    """Give whoever holds that key."""
    return who(house, key.secret)


def milliseconds(at: datetime) -> str:
    return str((at - datetime(1970, 1, 1, tzinfo=UTC)) // MS)


def call_of(key: NewKey, at: datetime, url: str = URL, secret: str | None = None) -> SignedCall:
    """Give a call as a client signs it."""
    timestamp = milliseconds(at)
    signature = sign(secret or key.signing_secret or "", "POST", url, BODY, timestamp)
    return SignedCall("POST", (URL, PATH), BODY, timestamp, signature)


def check(house: Slotwise, caller: Caller, call: SignedCall) -> None:
    check_signature(house.db, house.vault, caller, call, house.now())


def seen(house: Slotwise) -> int:
    with house.db.system(writable=False) as session:
        return session.query(SeenSignature).count()


def test_the_signature_is_the_contracts() -> None:
    # printf 'POST\n/x\n{}\n1700000000000' | openssl dgst -sha256 -hmac secret
    expected = "20e42f506b7ff19b6d6bebbbae1804de57185d3271745888d7fb671b7e86bef2"
    assert sign("secret", "POST", "/x", b"{}", "1700000000000") == expected


@pytest.mark.parametrize("url", [URL, PATH])
def test_either_spelling_of_the_address_is_good(house: Slotwise, key: NewKey, caller: Caller, url: str) -> None:
    check(house, caller, call_of(key, house.now(), url))


def test_hex_in_capitals_is_good(house: Slotwise, key: NewKey, caller: Caller) -> None:
    call = call_of(key, house.now())
    check(house, caller, replace(call, signature=(call.signature or "").upper()))


@pytest.mark.parametrize(
    "change",
    [
        {"method": "PUT"},
        {"urls": ("https://slotwise.example/api/v1/scheduling/calendar",)},
        {"urls": ()},
        {"body": BODY + b" "},
        {"body": b""},
        {"signature": "0" * 64},
        {"signature": ""},
        {"signature": "é" * 64},
        {"signature": "0" * 63 + "\n"},
        {"signature": None},
        {"timestamp": None},
        {"timestamp": ""},
        {"timestamp": "now"},
        {"timestamp": "-1"},
        {"timestamp": "1e12"},
        {"timestamp": "٣" * 13},
        {"timestamp": "9" * 400},
    ],
)
def test_a_call_that_is_not_what_was_signed_is_refused(
    house: Slotwise, key: NewKey, caller: Caller, change: dict[str, object]
) -> None:
    with pytest.raises(InvalidSignature):
        check(house, caller, replace(call_of(key, house.now()), **change))
    assert seen(house) == 0


def test_another_timestamp_than_the_signed_one_is_refused(house: Slotwise, key: NewKey, caller: Caller) -> None:
    moved = replace(call_of(key, house.now()), timestamp=milliseconds(house.now() + MS))
    with pytest.raises(InvalidSignature, match="does not fit"):
        check(house, caller, moved)


@pytest.mark.parametrize("minutes", [-5, 5])
def test_a_clock_may_be_off_by_five_minutes_and_no_more(
    house: Slotwise, key: NewKey, caller: Caller, minutes: int
) -> None:
    edge = house.now() + timedelta(minutes=minutes)
    beyond = edge + (MS if minutes > 0 else -MS)
    check(house, caller, call_of(key, edge))
    with pytest.raises(InvalidSignature, match=r"5 minutes (ahead of|behind) this server's clock"):
        check(house, caller, call_of(key, beyond))


# --- Replays -----------------------------------------------------------------------------------------------------


def test_a_signature_is_good_once(house: Slotwise, key: NewKey, caller: Caller) -> None:
    call = call_of(key, house.now())
    check(house, caller, call)
    for again in (call, replace(call, signature=(call.signature or "").upper())):
        with pytest.raises(InvalidSignature, match="used before"):
            check(house, caller, again)


def test_a_signature_is_good_once_in_all_processes_and_after_a_restart(
    house: Slotwise, key: NewKey, caller: Caller
) -> None:
    call = call_of(key, house.now())
    check(house, caller, call)
    later = assemble(house.settings, house.clock)
    with pytest.raises(InvalidSignature, match="used before"):
        check(later, caller, call)
    later.close()


def test_of_replays_at_the_same_moment_one_passes(house: Slotwise, key: NewKey, caller: Caller) -> None:
    call = call_of(key, house.now())
    answers = at_once(8, lambda: check(house, caller, call))
    assert answers.count(None) == 1


def test_what_is_forgotten_is_too_old_to_be_good(
    house: Slotwise, key: NewKey, caller: Caller, clock: StandingClock
) -> None:
    call = call_of(key, clock() + timedelta(minutes=5))  # the latest a signature can be good
    check(house, caller, call)
    while seen(house):
        clock.move(timedelta(seconds=30))
        with pytest.raises(InvalidSignature):
            check(house, caller, call)
        prune(house.db, clock())
        with pytest.raises(InvalidSignature):
            check(house, caller, call)


def test_a_remembered_signature_moves_no_revision(house: Slotwise, ctx: Context, key: NewKey, caller: Caller) -> None:
    before = read_revision(ctx)
    check(house, caller, call_of(key, house.now()))
    assert (read_revision(ctx), seen(house)) == (before, 1)


# --- Which keys --------------------------------------------------------------------------------------------------


def test_a_key_that_must_sign_refuses_unsigned_calls(house: Slotwise, caller: Caller) -> None:
    with pytest.raises(InvalidSignature, match="must both be there"):
        check(house, caller, SignedCall("GET", (URL,), b""))


def test_a_key_that_may_sign_passes_without_and_is_held_to_what_it_sends(house: Slotwise, ctx: Context) -> None:
    key = new_key(ctx, signing=Signing.OPTIONAL)
    caller = who(house, key.secret)
    check(house, caller, SignedCall("GET", (URL,), b""))
    check(house, caller, call_of(key, house.now()))
    with pytest.raises(InvalidSignature):
        check(house, caller, call_of(key, house.now(), secret="another"))


def test_a_key_without_a_signing_secret_is_told_so(house: Slotwise, ctx: Context, key: NewKey) -> None:
    caller = who(house, new_key(ctx).secret)
    check(house, caller, SignedCall("GET", (URL,), b""))
    with pytest.raises(InvalidSignature, match="no signing secret"):
        check(house, caller, call_of(key, house.now()))


def test_the_owner_of_an_installation_without_keys_signs_nothing(house: Slotwise) -> None:
    check(house, local_caller(house.home, "owner"), SignedCall("GET", (URL,), b""))


def test_another_keys_secret_signs_nothing(house: Slotwise, ctx: Context, caller: Caller) -> None:
    other = new_key(ctx, signing=Signing.REQUIRED)
    with pytest.raises(InvalidSignature, match="does not fit"):
        check(house, caller, call_of(other, house.now()))


def test_the_old_signing_secret_is_good_as_long_as_the_old_key(
    house: Slotwise, ctx: Context, key: NewKey, clock: StandingClock
) -> None:
    new = rotate_key(ctx, key.key.id, ALL_SCOPES, overlap_minutes=1)
    for each in (key, new):
        check(house, who(house, each.secret), call_of(each, clock()))
    clock.move(timedelta(minutes=1))
    check(house, who(house, new.secret), call_of(new, clock()))
    with pytest.raises(InvalidSignature, match="does not fit"):
        check(house, who(house, new.secret), call_of(key, clock()))


def test_a_lost_secret_key_is_a_sentence(house: Slotwise, key: NewKey, caller: Caller) -> None:
    with pytest.raises(UnreadableSecret, match="The signing secret of this API key"):
        check_signature(house.db, Vault((b"n" * 32,)), caller, call_of(key, house.now()), house.now())
