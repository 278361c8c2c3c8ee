"""Tokens: short-lived access, refresh tokens that work once, and what happens to those that come twice."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from keys_at_hand import at_once, dumped, new_key, who
from planned_posts import StandingClock

from core.bootstrap import Slotwise, assemble
from core.errors import SlotwiseError, TokenExpired, Unauthenticated
from core.services.access import authenticate
from core.services.access_tokens import Claims, write_access_token
from core.services.api_keys import NewKey, revoke_key, rotate_key
from core.services.context import Context
from core.services.pruning import prune
from core.services.scopes import ALL_SCOPES
from core.services.tokens import REFRESHABLE, TokenPair, exchange, refresh
from core.services.vault import Vault
from core.settings import Settings
from core.storage.tables import ApiKey, RefreshToken
from core.vocabulary import Scope

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
PURPOSE = "access tokens"


def pair_for(house: Slotwise, key: NewKey) -> TokenPair:
    return exchange(house.db, house.vault, house.now(), key.secret)


def refreshed(house: Slotwise, token: str) -> TokenPair:
    return refresh(house.db, house.vault, house.now(), token)


@pytest.fixture
def key(ctx: Context) -> NewKey:
    """Give a key that may write schedules and read analytics."""
    return new_key(ctx)


@pytest.fixture
def pair(house: Slotwise, key: NewKey) -> TokenPair:
    """Give the first tokens of that key."""
    return pair_for(house, key)


# --- What they are good for --------------------------------------------------------------------------------------


def test_an_access_token_is_the_caller_its_key_is(house: Slotwise, key: NewKey, pair: TokenPair) -> None:
    assert who(house, pair.access_token) == who(house, key.secret)
    assert pair.expires_in == 900


def test_an_access_token_ends_after_a_quarter_of_an_hour(
    house: Slotwise, pair: TokenPair, clock: StandingClock
) -> None:
    clock.move(15 * MINUTE - SECOND)
    assert who(house, pair.access_token)
    clock.move(SECOND)
    with pytest.raises(TokenExpired, match="Get a new one"):
        who(house, pair.access_token)


def test_an_access_token_does_not_outlive_its_key(house: Slotwise, ctx: Context, clock: StandingClock) -> None:
    pair = pair_for(house, new_key(ctx, expires_at=clock() + MINUTE))
    assert pair.expires_in == 60


def test_neither_token_is_good_for_what_the_other_is(house: Slotwise, pair: TokenPair) -> None:
    with pytest.raises(Unauthenticated):
        who(house, pair.refresh_token)
    with pytest.raises(Unauthenticated):
        refreshed(house, pair.access_token)
    with pytest.raises(Unauthenticated):
        exchange(house.db, house.vault, house.now(), pair.access_token)


def test_nothing_that_opens_anything_is_kept_or_printed(house: Slotwise, pair: TokenPair) -> None:
    kept = dumped(house) + repr(pair)
    assert pair.refresh_token not in kept
    assert pair.access_token not in kept
    assert hashlib.sha256(pair.refresh_token.encode()).hexdigest() in kept


def test_a_token_is_good_in_another_process_and_after_a_restart(house: Slotwise, key: NewKey, pair: TokenPair) -> None:
    later = assemble(house.settings, house.clock)
    assert who(later, pair.access_token).key_id == key.key.id
    later.close()


# --- The end of the key ------------------------------------------------------------------------------------------


def test_a_revoked_key_ends_its_tokens_at_once(house: Slotwise, ctx: Context, key: NewKey, pair: TokenPair) -> None:
    revoke_key(ctx, key.key.id)
    with pytest.raises(Unauthenticated, match="revoked"):
        who(house, pair.access_token)
    with pytest.raises(Unauthenticated, match="revoked"):
        refreshed(house, pair.refresh_token)
    with pytest.raises(Unauthenticated, match="revoked"):
        pair_for(house, key)


def test_an_expired_key_ends_its_refresh_tokens(house: Slotwise, ctx: Context, clock: StandingClock) -> None:
    pair = pair_for(house, new_key(ctx, expires_at=clock() + MINUTE))
    clock.move(MINUTE)
    with pytest.raises(Unauthenticated, match="expired"):
        refreshed(house, pair.refresh_token)


def test_a_rotation_ends_the_tokens_of_the_old_secret(
    house: Slotwise, ctx: Context, key: NewKey, pair: TokenPair
) -> None:
    rotate_key(ctx, key.key.id, ALL_SCOPES)
    with pytest.raises(Unauthenticated, match="rotated"):
        who(house, pair.access_token)
    with pytest.raises(Unauthenticated, match="rotated"):
        refreshed(house, pair.refresh_token)


def test_an_overlap_keeps_the_tokens_of_the_old_secret_until_its_end(
    house: Slotwise, ctx: Context, key: NewKey, pair: TokenPair, clock: StandingClock
) -> None:
    rotate_key(ctx, key.key.id, ALL_SCOPES, overlap_minutes=5)
    assert who(house, pair.access_token)
    later = refreshed(house, pair.refresh_token)
    by_old_secret = pair_for(house, key)
    clock.move(5 * MINUTE)
    for old in (later, by_old_secret):
        with pytest.raises(Unauthenticated, match="rotated"):
            who(house, old.access_token)
        with pytest.raises(Unauthenticated, match="rotated"):
            refreshed(house, old.refresh_token)


# --- Refresh -----------------------------------------------------------------------------------------------------


def test_a_refresh_gives_a_new_pair(house: Slotwise, key: NewKey, pair: TokenPair) -> None:
    later = refreshed(house, pair.refresh_token)
    assert later.refresh_token != pair.refresh_token
    assert later.access_token != pair.access_token
    assert who(house, later.access_token).key_id == key.key.id


def test_a_second_use_revokes_everything_that_followed(house: Slotwise, key: NewKey, pair: TokenPair) -> None:
    other_family = pair_for(house, key)
    second = refreshed(house, pair.refresh_token)
    third = refreshed(house, second.refresh_token)
    with pytest.raises(Unauthenticated, match="used before"):
        refreshed(house, pair.refresh_token)
    with pytest.raises(Unauthenticated):
        refreshed(house, third.refresh_token)
    for token in (pair.access_token, second.access_token, third.access_token):
        with pytest.raises(Unauthenticated, match="revoked"):
            who(house, token)
    assert who(house, other_family.access_token)
    assert refreshed(house, other_family.refresh_token)


def test_of_refreshes_at_the_same_moment_one_wins_and_the_family_ends(house: Slotwise, pair: TokenPair) -> None:
    answers = at_once(8, lambda: refreshed(house, pair.refresh_token))
    won = [answer for answer in answers if isinstance(answer, TokenPair)]
    assert len(won) == 1
    assert all(isinstance(answer, Unauthenticated) for answer in answers if answer is not won[0])
    with pytest.raises(Unauthenticated):
        refreshed(house, won[0].refresh_token)
    with pytest.raises(Unauthenticated):
        who(house, won[0].access_token)


def test_a_reuse_beside_a_refresh_leaves_no_token_of_the_family_alive(house: Slotwise, key: NewKey) -> None:
    for _ in range(5):
        first = pair_for(house, key)
        second = refreshed(house, first.refresh_token)
        tokens = [second.refresh_token, first.refresh_token] * 3
        answers = at_once(6, lambda tokens=tokens: refreshed(house, tokens.pop()))  # type: ignore[misc]
        for drawn in (first, second, *(answer for answer in answers if isinstance(answer, TokenPair))):
            with pytest.raises(Unauthenticated):
                refreshed(house, drawn.refresh_token)
            with pytest.raises(Unauthenticated):
                who(house, drawn.access_token)


def test_a_refresh_token_waits_thirty_days(house: Slotwise, pair: TokenPair, clock: StandingClock) -> None:
    clock.move(REFRESHABLE - SECOND)
    later = refreshed(house, pair.refresh_token)
    clock.move(REFRESHABLE)
    with pytest.raises(TokenExpired, match="Exchange the API key again"):
        refreshed(house, later.refresh_token)


@pytest.mark.parametrize("token", ["", "swr_short", "swr_" + "a" * 43, "\ud800", "a.b.c"])
def test_what_is_no_refresh_token_of_ours_is_refused(house: Slotwise, token: str) -> None:
    with pytest.raises(Unauthenticated):
        refreshed(house, token)


def test_dead_tokens_are_pruned_and_used_ones_stay_to_be_recognized(
    house: Slotwise, pair: TokenPair, clock: StandingClock
) -> None:
    clock.move(10 * MINUTE)
    refreshed(house, pair.refresh_token)
    prune(house.db, clock())
    with pytest.raises(Unauthenticated, match="used before"):
        refreshed(house, pair.refresh_token)
    clock.move(REFRESHABLE)
    prune(house.db, clock())
    with house.db.system(writable=False) as session:
        assert session.query(RefreshToken).count() == 0


# --- Forgeries ---------------------------------------------------------------------------------------------------


def payload(pair: TokenPair) -> dict[str, Any]:
    return dict(jwt.decode(pair.access_token, options={"verify_signature": False}))


def part(value: Mapping[str, Any]) -> bytes:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")


def by_hand(header: Mapping[str, Any], body: Mapping[str, Any], key: bytes, digest: str) -> str:
    """Write a token as an attacker would, whatever a library refuses to."""
    signed = part(header) + b"." + part(body)
    signature = base64.urlsafe_b64encode(hmac.new(key, signed, digest).digest()).rstrip(b"=")
    return (signed + b"." + signature).decode()


def refuse(house: Slotwise, token: str) -> None:
    with pytest.raises(Unauthenticated):
        who(house, token)


@pytest.mark.parametrize("name", ["none", "None", "NONE", ""])
def test_a_token_without_a_signature_is_refused(house: Slotwise, pair: TokenPair, name: str) -> None:
    unsigned = part({"alg": name, "typ": "at+jwt"}) + b"." + part(payload(pair)) + b"."
    refuse(house, unsigned.decode())
    head, body, _ = pair.access_token.split(".")
    refuse(house, f"{head}.{body}.")


def test_a_public_key_does_not_pass_for_our_secret(house: Slotwise, pair: TokenPair) -> None:
    private = generate_private_key(65537, 2048)
    refuse(house, jwt.encode(payload(pair), private, "RS256", headers={"typ": "at+jwt"}))
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    refuse(house, by_hand({"alg": "HS256", "typ": "at+jwt"}, payload(pair), public, "sha256"))


@pytest.mark.parametrize(
    "header", [{"alg": "HS512", "typ": "at+jwt"}, {"alg": "HS256", "typ": "JWT"}, {"alg": "HS256"}]
)
def test_our_own_key_under_another_header_is_refused(
    house: Slotwise, pair: TokenPair, header: Mapping[str, str]
) -> None:
    digest = "sha512" if header["alg"] == "HS512" else "sha256"
    refuse(house, by_hand(header, payload(pair), house.vault.derive(PURPOSE)[0], digest))


@pytest.mark.parametrize("extra", [{"kid": "../../dev/null"}, {"jku": "https://evil.example"}, {"crit": ["b64"]}])
def test_a_header_that_points_to_another_key_is_not_followed(
    house: Slotwise, pair: TokenPair, extra: Mapping[str, Any]
) -> None:
    header = {"alg": "HS256", "typ": "at+jwt", **extra}
    refuse(house, by_hand(header, payload(pair), house.vault.derive(PURPOSE)[0], "sha256"))


@pytest.mark.parametrize("foreign", [b"k" * 32, b""])
def test_another_key_signs_nothing(house: Slotwise, pair: TokenPair, foreign: bytes) -> None:
    refuse(house, by_hand({"alg": "HS256", "typ": "at+jwt"}, payload(pair), foreign, "sha256"))


def test_what_encrypts_secrets_does_not_sign_tokens(house: Slotwise, pair: TokenPair) -> None:
    for key in (house.vault.keys[0], house.vault.derive("secrets at rest")[0]):
        refuse(house, jwt.encode(payload(pair), key, "HS256", headers={"typ": "at+jwt"}))


@pytest.mark.parametrize("change", [{"scope": "admin:write"}, {"ws": "ws_other"}, {"exp": 9999999999}, {"gen": 2}])
def test_a_changed_payload_is_refused(house: Slotwise, pair: TokenPair, change: Mapping[str, Any]) -> None:
    head, _, signature = pair.access_token.split(".")
    refuse(house, f"{head}.{part(payload(pair) | change).decode()}.{signature}")


@pytest.mark.parametrize("claim", ["iss", "sub", "ws", "scope", "fam", "gen", "iat", "exp", "jti"])
def test_a_signed_token_that_lacks_a_claim_is_refused(house: Slotwise, pair: TokenPair, claim: str) -> None:
    body = payload(pair)
    del body[claim]
    refuse(house, signed(house, body))


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "somebody"},
        {"sub": 7},
        {"sub": "key_gone"},
        {"ws": "ws_other"},
        {"scope": "admin:write"},
        {"scope": "root"},
        {"scope": ["admin:write"]},
        {"gen": "x"},
        {"gen": 0},
        {"gen": 2},
        {"iat": 9999999999},
        {"exp": "soon"},
        {"exp": None},
        {"aud": "another service"},
    ],
)
def test_a_signed_token_that_claims_what_is_not_so_is_refused(
    house: Slotwise, pair: TokenPair, change: Mapping[str, Any]
) -> None:
    refuse(house, signed(house, payload(pair) | change))


def signed(house: Slotwise, body: Mapping[str, Any]) -> str:
    """Sign as the installation does."""
    return jwt.encode(dict(body), house.vault.derive(PURPOSE)[0], "HS256", headers={"typ": "at+jwt"})


def test_the_way_these_forgeries_are_signed_is_the_installations_own(house: Slotwise, pair: TokenPair) -> None:
    assert who(house, signed(house, payload(pair)))


def test_a_token_may_claim_no_more_than_its_key_may_do_now(
    house: Slotwise, ctx: Context, key: NewKey, pair: TokenPair
) -> None:
    with ctx.write() as session:
        session.get_one(ApiKey, key.key.id).scopes = [Scope.ANALYTICS_READ]
    refuse(house, pair.access_token)


def test_a_token_may_claim_less_than_its_key(house: Slotwise, key: NewKey, pair: TokenPair) -> None:
    claims = Claims(key.key.id, house.home, frozenset({Scope.ANALYTICS_READ}), payload(pair)["fam"], 1)
    token = write_access_token(house.vault, claims, "tok_1", house.now(), house.now() + MINUTE)
    assert who(house, token).scopes == {Scope.ANALYTICS_READ}


@pytest.mark.parametrize("token", ["a.b.c", "..", "é.é.é", "x" * 5000 + ".b.c", ("eyJ" + "W" * 3000) + ".b.c"])
def test_nonsense_with_two_dots_is_refused(house: Slotwise, token: str) -> None:
    refuse(house, token)


# --- The key of the keys -----------------------------------------------------------------------------------------


def test_tokens_survive_a_change_of_the_secret_key_while_both_are_named(house: Slotwise, pair: TokenPair) -> None:
    new = Vault((b"n" * 32, *house.vault.keys))
    assert who_with(new, house, pair.access_token)
    with pytest.raises(Unauthenticated):
        who_with(Vault((b"n" * 32,)), house, pair.access_token)


def who_with(vault: Vault, house: Slotwise, token: str) -> object:
    return authenticate(house.db, vault, house.now(), token)


def test_a_token_of_another_installation_is_refused(house: Slotwise, pair: TokenPair, tmp_path: Path) -> None:
    other = assemble(Settings(data_dir=tmp_path / "other"), house.clock)
    with pytest.raises(SlotwiseError):
        who(other, pair.access_token)
    other.close()
