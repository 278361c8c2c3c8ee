"""API keys: what they open, what they do not, and that nothing of them is kept that could open anything."""

import hashlib
import re
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from keys_at_hand import BOTH, dumped, new_key, who
from planned_posts import StandingClock
from structlog.testing import capture_logs

from core.bootstrap import Slotwise, assemble
from core.errors import InsufficientScope, Invalid, NotFound, StateConflict, Unauthenticated
from core.services.access import is_local, local_caller
from core.services.api_keys import (
    LONGEST_OVERLAP_MINUTES,
    KeyDraft,
    create_key,
    find_key,
    list_keys,
    revoke_key,
    rotate_key,
)
from core.services.audit import list_audit
from core.services.context import Context
from core.services.key_uses import KeyUses
from core.services.scopes import ALL_SCOPES
from core.services.workspaces import read_revision
from core.settings import Settings
from core.storage import engines
from core.storage.tables import ApiKey
from core.vocabulary import KeyState, Scope, Signing

MINUTE = timedelta(minutes=1)


# --- What a key opens --------------------------------------------------------------------------------------------


def test_a_key_is_its_workspaces_caller_with_what_its_scopes_contain(house: Slotwise, ctx: Context) -> None:
    made = new_key(ctx)
    caller = who(house, made.secret)
    assert (caller.workspace, caller.key_id) == (ctx.workspace, made.key.id)
    assert caller.actor == f"Website ({made.key.prefix})"
    assert caller.scopes == {Scope.SCHEDULING_READ, Scope.SCHEDULING_WRITE, Scope.ANALYTICS_READ}


def test_a_missing_scope_is_named(house: Slotwise, ctx: Context) -> None:
    caller = who(house, new_key(ctx).secret)
    caller.require(Scope.SCHEDULING_READ)
    with pytest.raises(InsufficientScope, match="The scope analytics:write is missing"):
        caller.require(Scope.ANALYTICS_WRITE)


def test_a_key_opens_its_own_workspace_only(house: Slotwise, ctx: Context, stranger: Context) -> None:
    assert who(house, new_key(stranger).secret).workspace == stranger.workspace != ctx.workspace


def test_a_key_has_the_form_that_is_promised(ctx: Context) -> None:
    made = new_key(ctx)
    assert re.fullmatch(r"sw_[a-z0-9]{8}_[A-Za-z0-9_-]{43}", made.secret)
    assert made.secret.startswith(f"{made.key.prefix}_")


@pytest.mark.parametrize(
    "presented",
    [
        "",
        "x",
        "sw_",
        "Bearer x",
        "a.b.c",
        "..",
        "sw_abcdefgh_" + "a" * 43,
        "sw_abcdefgh_" + "a" * 42,
        "\ud800",
        "é" * 9,
    ],
)
def test_what_is_no_key_of_ours_opens_nothing(house: Slotwise, presented: str) -> None:
    with pytest.raises(Unauthenticated):
        who(house, presented)


def test_a_wrong_secret_is_answered_like_an_unknown_prefix(house: Slotwise, ctx: Context) -> None:
    made = new_key(ctx)
    wrong = made.secret[:-1] + ("a" if made.secret[-1] != "a" else "b")
    unknown = "sw_00000000" + made.secret[11:]
    said = []
    for presented in (wrong, unknown):
        with pytest.raises(Unauthenticated) as refusal:
            who(house, presented)
        said.append(str(refusal.value))
    assert said[0] == said[1]


def test_a_secret_opens_nothing_under_another_keys_prefix(house: Slotwise, ctx: Context) -> None:
    one, other = new_key(ctx), new_key(ctx)
    with pytest.raises(Unauthenticated):
        who(house, one.key.prefix + other.secret[len(other.key.prefix) :])


# --- Its end -----------------------------------------------------------------------------------------------------


def test_a_key_opens_until_the_moment_it_expires(house: Slotwise, ctx: Context, clock: StandingClock) -> None:
    made = new_key(ctx, expires_at=clock() + MINUTE)
    clock.move(MINUTE - timedelta(seconds=1))
    assert who(house, made.secret).key_id == made.key.id
    clock.move(timedelta(seconds=1))
    with pytest.raises(Unauthenticated, match="expired on 2026-03-02 at 12:01 UTC"):
        who(house, made.secret)
    assert find_key(ctx, made.key.id).state is KeyState.EXPIRED


def test_a_revoked_key_opens_nothing_at_once_and_stays_in_the_list(house: Slotwise, ctx: Context) -> None:
    made = new_key(ctx)
    assert who(house, made.secret)
    revoke_key(ctx, made.key.id)
    with pytest.raises(Unauthenticated, match="revoked"):
        who(house, made.secret)
    assert [(key.id, key.state) for key in list_keys(ctx)] == [(made.key.id, KeyState.REVOKED)]


def test_revoking_twice_keeps_the_first_moment(ctx: Context, clock: StandingClock) -> None:
    made = new_key(ctx)
    first = revoke_key(ctx, made.key.id).revoked_at
    clock.move(MINUTE)
    assert revoke_key(ctx, made.key.id).revoked_at == first == clock() - MINUTE


@pytest.mark.parametrize("ended", ["revoked", "expired"])
def test_an_ended_key_is_not_rotated_back_to_life(ctx: Context, clock: StandingClock, ended: str) -> None:
    made = new_key(ctx, expires_at=clock() + MINUTE)
    if ended == "revoked":
        revoke_key(ctx, made.key.id)
    clock.move(MINUTE)
    with pytest.raises(StateConflict, match=ended):
        rotate_key(ctx, made.key.id, ALL_SCOPES)


# --- Rotation ----------------------------------------------------------------------------------------------------


def test_a_rotation_ends_the_old_secret_at_once(house: Slotwise, ctx: Context) -> None:
    old = new_key(ctx)
    new = rotate_key(ctx, old.key.id, ALL_SCOPES)
    assert (new.key.id, new.key.prefix) == (old.key.id, old.key.prefix)
    assert who(house, new.secret).key_id == old.key.id
    with pytest.raises(Unauthenticated):
        who(house, old.secret)


def test_both_secrets_are_good_while_they_overlap(house: Slotwise, ctx: Context, clock: StandingClock) -> None:
    old = new_key(ctx)
    new = rotate_key(ctx, old.key.id, ALL_SCOPES, overlap_minutes=10)
    assert new.key.previous_until == clock() + 10 * MINUTE
    clock.move(10 * MINUTE - timedelta(microseconds=1))
    assert who(house, old.secret) == who(house, new.secret)
    clock.move(timedelta(microseconds=1))
    assert who(house, new.secret)
    with pytest.raises(Unauthenticated):
        who(house, old.secret)
    assert find_key(ctx, old.key.id).previous_until is None


def test_a_second_rotation_ends_the_secret_before_the_last(house: Slotwise, ctx: Context) -> None:
    first = new_key(ctx)
    second = rotate_key(ctx, first.key.id, ALL_SCOPES, overlap_minutes=60)
    third = rotate_key(ctx, first.key.id, ALL_SCOPES, overlap_minutes=60)
    with pytest.raises(Unauthenticated):
        who(house, first.secret)
    assert who(house, second.secret) == who(house, third.secret)


@pytest.mark.parametrize("minutes", [-1, LONGEST_OVERLAP_MINUTES + 1])
def test_an_overlap_beyond_its_bounds_is_refused(ctx: Context, minutes: int) -> None:
    made = new_key(ctx)
    with pytest.raises(Invalid, match="overlap_minutes: use 0 to 10080 minutes"):
        rotate_key(ctx, made.key.id, ALL_SCOPES, overlap_minutes=minutes)


# --- Escalation --------------------------------------------------------------------------------------------------


def test_nobody_gives_a_key_more_than_they_have(ctx: Context) -> None:
    draft = KeyDraft("Stronger", [Scope.ADMIN_WRITE, Scope.SCHEDULING_READ])
    with pytest.raises(InsufficientScope, match="The scope admin:write is missing"):
        create_key(ctx, draft, {Scope.ADMIN_READ, Scope.SCHEDULING_WRITE})
    assert list_keys(ctx) == ()


def test_who_may_write_may_give_away_reading(ctx: Context) -> None:
    draft = KeyDraft("Reader", [Scope.SCHEDULING_READ])
    assert create_key(ctx, draft, {Scope.SCHEDULING_WRITE}).key.scopes == (Scope.SCHEDULING_READ,)


def test_nobody_is_shown_the_new_secret_of_a_stronger_key(house: Slotwise, ctx: Context) -> None:
    strong = new_key(ctx, Scope.ADMIN_WRITE, Scope.CHANNELS_WRITE)
    with pytest.raises(InsufficientScope, match="channels:read, channels:write"):
        rotate_key(ctx, strong.key.id, {Scope.ADMIN_WRITE})
    assert who(house, strong.secret)


def test_another_workspaces_key_is_neither_seen_rotated_nor_revoked(
    house: Slotwise, ctx: Context, stranger: Context
) -> None:
    made = new_key(ctx)
    assert list_keys(stranger) == ()
    for reach in (
        lambda: find_key(stranger, made.key.id),
        lambda: rotate_key(stranger, made.key.id, ALL_SCOPES),
        lambda: revoke_key(stranger, made.key.id),
    ):
        with pytest.raises(NotFound):
            reach()
    assert who(house, made.secret)


def test_a_scope_of_a_later_version_counts_for_nothing(house: Slotwise, ctx: Context) -> None:
    made = new_key(ctx)
    with ctx.write() as session:
        session.get_one(ApiKey, made.key.id).scopes = ["trials:write", "scheduling:read"]
    assert who(house, made.secret).scopes == {Scope.SCHEDULING_READ}


# --- What is refused ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("draft", "said"),
    [
        (KeyDraft(" ", BOTH), "name: use 1 to 100 characters"),
        (KeyDraft("x" * 101, BOTH), "name: use 1 to 100 characters"),
        (KeyDraft("Mine", ()), "scopes: give at least one"),
        (KeyDraft("Mine", BOTH, datetime(2026, 3, 2, 12, tzinfo=UTC)), "expires_at: choose a moment in the future"),
    ],
)
def test_a_draft_that_makes_no_sense_is_refused_by_field(ctx: Context, draft: KeyDraft, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        create_key(ctx, draft, ALL_SCOPES)
    assert list_keys(ctx) == ()


# --- Local mode --------------------------------------------------------------------------------------------------


def test_without_any_key_the_owner_needs_none(house: Slotwise) -> None:
    assert is_local(house.db)
    assert local_caller(house.home, "owner").scopes == ALL_SCOPES


def test_the_first_key_of_any_workspace_ends_local_mode_for_good(house: Slotwise, stranger: Context) -> None:
    made = new_key(stranger)
    assert not is_local(house.db)
    revoke_key(stranger, made.key.id)
    assert not is_local(house.db)


# --- Secrets -----------------------------------------------------------------------------------------------------


def test_nothing_that_opens_anything_is_kept_logged_or_printed(house: Slotwise, ctx: Context) -> None:
    with capture_logs() as lines:
        made = new_key(ctx, signing=Signing.REQUIRED)
        rotated = rotate_key(ctx, made.key.id, ALL_SCOPES, overlap_minutes=5)
        KeyUses(house.db).note(made.key.id, house.now())
        caller = who(house, rotated.secret)
    seen = "\n".join((dumped(house), repr(lines), repr(list_audit(ctx)), repr(made), repr(rotated), repr(caller)))
    for secret in (made.secret, rotated.secret):
        assert secret.split("_", 2)[2] not in seen
    for signing_secret in (made.signing_secret, rotated.signing_secret):
        assert signing_secret
        assert signing_secret.removeprefix("sws_") not in seen
    assert hashlib.sha256(rotated.secret.split("_", 2)[2].encode()).hexdigest() in dumped(house)


def test_every_change_leaves_a_line(ctx: Context) -> None:
    made = new_key(ctx)
    rotate_key(ctx, made.key.id, ALL_SCOPES, overlap_minutes=5)
    revoke_key(ctx, made.key.id)
    lines = [(line.action, line.subject_kind, line.subject_id, line.detail) for line in reversed(list_audit(ctx))]
    key = ("api_key", made.key.id)
    assert lines == [
        ("created", *key, {"name": "Website", "scopes": ["analytics:read", "scheduling:write"]}),
        ("rotated", *key, {"name": "Website", "overlap_minutes": 5}),
        ("revoked", *key, {"name": "Website"}),
    ]


# --- Last use ----------------------------------------------------------------------------------------------------


def test_a_use_is_noted_once_a_minute_and_moves_no_revision(
    house: Slotwise, ctx: Context, clock: StandingClock
) -> None:
    made, uses, before = new_key(ctx), KeyUses(house.db), read_revision(ctx) + 1
    first = clock()
    uses.note(made.key.id, clock())
    clock.move(MINUTE - timedelta(seconds=1))
    uses.note(made.key.id, clock())
    KeyUses(house.db).note(made.key.id, clock())  # another process
    assert find_key(ctx, made.key.id).last_used_at == first
    clock.move(timedelta(seconds=1))
    uses.note(made.key.id, clock())
    assert find_key(ctx, made.key.id).last_used_at == first + MINUTE
    assert read_revision(ctx) == before - 1


def test_a_locked_database_loses_the_note_and_fails_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "BUSY_TIMEOUT_MS", 50)
    house = assemble(Settings(data_dir=tmp_path))
    made = new_key(house.context())
    holder = sqlite3.connect(house.settings.sqlite_path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    structlog.reset_defaults()  # another test may have set a level that keeps warnings out
    with capture_logs() as lines:
        KeyUses(house.db).note(made.key.id, house.now())
    assert who(house, made.secret).key_id == made.key.id
    holder.close()
    house.close()
    assert [line["event"] for line in lines] == ["key_use_not_noted"]
