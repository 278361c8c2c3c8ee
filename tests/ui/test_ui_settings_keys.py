"""The tab of the API keys: made, shown once, rotated, revoked."""

from datetime import timedelta

import pytest
from screens import frame, words
from streamlit.testing.v1 import AppTest

from core.bootstrap import running
from core.errors import Unauthenticated
from core.services.access import authenticate, is_local
from core.services.api_keys import KeyDraft, NewKey, create_key, list_keys, revoke_key
from core.services.context import Context
from core.services.key_uses import KeyUses
from core.services.scopes import ALL_SCOPES
from core.vocabulary import KeyState, Scope, Signing


def tab() -> AppTest:
    page = frame()
    page.query_params["settings"] = "API keys"
    return page.run().switch_page("settings.py").run()


def made(ctx: Context, name: str = "Website", **draft: object) -> NewKey:
    return create_key(ctx, KeyDraft(name, (Scope.SCHEDULING_WRITE,), **draft), ALL_SCOPES)  # type: ignore[arg-type]


def opens(presented: str) -> bool:
    house = running()
    try:
        return bool(authenticate(house.db, house.vault, house.now(), presented))
    except Unauthenticated:
        return False


def secret_on(page: AppTest) -> str:
    """Read the key as a person copies it."""
    return str(page.code[0].value)


def test_without_keys_the_tab_says_what_they_are_for_and_what_the_first_one_ends(ctx: Context) -> None:
    said = words(tab())
    assert "No API keys yet" in said
    assert "Creating the first key ends that for good" in said


def test_a_key_is_made_with_what_was_chosen_and_shown_once(ctx: Context) -> None:
    page = tab()
    page.button(key="key_new").click().run()
    page.text_input(key="key_name").set_value("Web *site*")
    page.button_group(key="key_scope_analytics").set_value("Read")
    page.selectbox(key="key_expiry").select("In 30 days")
    page.button(key="key_create").click().run()
    secret = secret_on(page)
    assert opens(secret)
    (key,) = list_keys(ctx)
    assert (key.name, key.scopes, key.signing) == (
        "Web *site*",
        (Scope.ANALYTICS_READ, Scope.SCHEDULING_WRITE),
        Signing.NONE,
    )
    assert key.expires_at
    assert abs(key.expires_at - key.created_at - timedelta(days=30)) < timedelta(seconds=9)
    page.button(key="key_copied").click().run()
    assert not page.code
    assert "key_secrets" not in page.session_state
    assert "reads and writes scheduling; reads analytics" in words(page)


def test_a_key_that_signs_shows_both_secrets(ctx: Context) -> None:
    page = tab()
    page.button(key="key_new").click().run()
    page.text_input(key="key_name").set_value("Signed")
    page.radio(key="key_signing").set_value(Signing.REQUIRED)
    page.button(key="key_create").click().run()
    assert [str(code.value)[:3] for code in page.code] == ["sw_", "sws"]
    assert list_keys(ctx)[0].signing is Signing.REQUIRED


def test_what_is_missing_is_said_in_the_dialog_and_nothing_is_made(ctx: Context) -> None:
    page = tab()
    page.button(key="key_new").click().run()
    page.button_group(key="key_scope_scheduling").set_value("No access")
    page.button(key="key_create").click().run()
    assert "use 1 to 100 characters" in page.error[0].value
    assert "give at least one" in page.error[0].value
    assert is_local(running().db)


def test_a_rotation_shows_the_new_secret_and_keeps_the_old_one_as_long_as_chosen(ctx: Context) -> None:
    old = made(ctx)
    page = tab()
    page.button(key=f"key_rotate_{old.key.id}").click().run()
    page.radio(key="key_overlap").set_value("In an hour")
    page.button(key="key_rotate_yes").click().run()
    assert opens(secret_on(page))
    assert opens(old.secret)
    page.button(key="key_copied").click().run()
    assert "the secret of before is good until" in words(page)


def test_a_key_is_revoked_only_when_confirmed(ctx: Context) -> None:
    key = made(ctx)
    page = tab()
    page.button(key=f"key_revoke_{key.key.id}").click().run()
    assert "It was never used." in words(page)
    page.button(key="key_revoke_no").click().run()
    assert opens(key.secret)
    page.button(key=f"key_revoke_{key.key.id}").click().run()
    page.button(key="key_revoke_yes").click().run()
    assert not opens(key.secret)
    assert "No active keys" in words(page)


def test_ended_keys_are_shown_on_request_and_cannot_be_changed(ctx: Context) -> None:
    key = made(ctx)
    revoke_key(ctx, key.key.id)
    page = tab()
    assert "Website" not in words(page)
    page.toggle(key="keys_ended").set_value(True).run()
    assert "Revoked" in words(page)
    assert not [button for button in page.button if button.key == f"key_rotate_{key.key.id}"]
    assert list_keys(ctx)[0].state is KeyState.REVOKED


def test_a_use_shows_without_any_other_change(ctx: Context) -> None:
    key = made(ctx)
    assert "never used" in words(tab())
    KeyUses(running().db).note(key.key.id, running().now())
    assert "last used" in words(tab())


def test_many_keys_come_in_pages(ctx: Context) -> None:
    for number in range(25):
        made(ctx, f"Program {number}")
    page = tab()
    assert len([button for button in page.button if str(button.key).startswith("key_rotate_")]) == 20


@pytest.mark.parametrize("name", ["<b>x</b>", "`x`", ":material/key:", "[x](y)"])
def test_a_name_is_shown_as_it_was_typed(ctx: Context, name: str) -> None:
    made(ctx, name)
    assert name not in words(tab())
