"""What people paste as a key, and what is said of it."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from core.google.credentials import open_credentials, read_credentials
from core.google.errors import UnusableCredentials
from core.sheets.words import AccountKind

PEM = (
    rsa.generate_private_key(public_exponent=65537, key_size=2048)
    .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    .decode()
)
KEY = {
    "type": "service_account", "project_id": "p", "private_key_id": "1", "private_key": PEM,
    "client_email": "robot@p.iam.gserviceaccount.com", "token_uri": "https://evil.example/token",
}  # fmt: skip
USER = {
    "client_id": "c",
    "client_secret": "s",
    "refresh_token": "r",
    "token": "ya29.x",
    "token_uri": "https://evil.example",
}


@pytest.mark.parametrize("text", [json.dumps(KEY), json.dumps(KEY).encode(), "\ufeff" + json.dumps(KEY, indent=2)])
def test_a_service_accounts_key_is_read_from_text_or_file(text: str | bytes) -> None:
    identity = read_credentials(text)
    assert (identity.kind, identity.email) == (AccountKind.SERVICE_ACCOUNT, KEY["client_email"])


@pytest.mark.parametrize("given", [USER, {**USER, "type": "authorized_user"}], ids=["gspread's file", "gcloud's file"])
def test_a_signed_in_users_json_is_read(given: dict[str, str]) -> None:
    identity = read_credentials(json.dumps(given))
    assert (identity.kind, identity.email) == (AccountKind.OAUTH, None)


@pytest.mark.parametrize("given", [KEY, USER])
def test_only_what_signs_in_is_kept_and_sent_to_google_alone(given: dict[str, str]) -> None:
    identity = read_credentials(json.dumps(given))
    assert "evil" not in identity.secret
    assert "ya29" not in identity.secret
    assert open_credentials(identity, "https://token.example/token")._token_uri == "https://token.example/token"
    assert read_credentials(identity.secret) == identity


@pytest.mark.parametrize("given", [KEY, USER])
def test_a_printed_identity_shows_no_secret(given: dict[str, str]) -> None:
    identity = read_credentials(json.dumps(given))
    assert "refresh_token" not in repr(identity)
    assert "PRIVATE" not in repr(identity)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it is no JSON"),
        ("not a key", "it is no JSON"),
        (b"\xff\xfe\x00", "it is no JSON"),
        ("[" * 100_000, "it is no JSON"),
        ("[1]", "it is no JSON object"),
        ("{}", "it is of another kind"),
        ("AIzaSyA-made-up", "an API key opens only sheets that everybody may see"),
        (json.dumps({"installed": {"client_id": "c"}}), "it is the file of an OAuth client"),
        (json.dumps({**KEY, "client_email": None}), "its client_email is missing"),
        (json.dumps({**KEY, "private_key": "-----BEGIN PRIVATE KEY-----\nabc"}), "its private_key is damaged"),
        (json.dumps({**KEY, "private_key": PEM[:400]}), "its private_key is damaged"),
        (json.dumps({**USER, "client_secret": ""}), "its client_secret is missing"),
    ],
)
def test_what_is_no_key_is_told_why_and_what_to_paste(text: str | bytes, why: str) -> None:
    with pytest.raises(UnusableCredentials) as refusal:
        read_credentials(text)
    assert why in refusal.value.reason
    assert "Paste the whole JSON file" in refusal.value.fix
    assert "PRIVATE" not in str(refusal.value)
