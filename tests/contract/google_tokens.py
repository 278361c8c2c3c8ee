"""Accounts at Google and the endpoint that gives their programs access tokens."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from itertools import count

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from core.clock import Clock

AUDIENCE = "https://oauth2.googleapis.com/token"
SCOPES = ("https://www.googleapis.com/auth/spreadsheets", "https://www.googleapis.com/auth/drive")
CLIENT_ID, CLIENT_SECRET = "1234.apps.googleusercontent.com", "GOCSPX-made-up"
LIFETIME = timedelta(seconds=3599)
Answer = tuple[int, dict[str, object]]


@cache
def private_key(number: int) -> rsa.RSAPrivateKey:
    """Make a key once for all tests of the process: it takes a while."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Account:
    """Who a program acts for: a service account with its key, or a person who gave consent."""

    email: str
    secret: dict[str, str]
    key: rsa.RSAPrivateKey | None = None
    is_revoked: bool = False


@dataclass
class Token:
    """An access token's holder, scopes and end."""

    email: str
    scopes: frozenset[str]
    ends_at: datetime


@dataclass
class Tokens:
    """All accounts and the tokens given to them."""

    clock: Clock
    url: str = ""
    accounts: dict[str, Account] = field(default_factory=dict)
    given: dict[str, Token] = field(default_factory=dict)
    lifetime: timedelta = LIFETIME
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def service_account(self, email: str) -> str:
        """Open a service account and give its key file, as Google's console lets one download it."""
        key = private_key(len(self.accounts))
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        secret = {
            "type": "service_account", "project_id": "made-up", "private_key_id": f"key-{len(self.accounts)}",
            "private_key": pem, "client_email": email, "client_id": "1", "token_uri": self.url,
        }  # fmt: skip
        self.accounts[email] = Account(email, secret, key)
        return json.dumps(secret)

    def person(self, email: str) -> str:
        """Let a person give consent; the file is what `gspread.oauth()` stores."""
        secret = {
            "type": "authorized_user", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
            "refresh_token": f"1//{email}", "token_uri": self.url,
        }  # fmt: skip
        self.accounts[email] = Account(email, secret)
        return json.dumps(secret)

    def revoke(self, email: str) -> None:
        """Delete the key or take the consent back; tokens given before die with it."""
        self.accounts[email].is_revoked = True
        self.expire(email)

    def expire(self, email: str | None = None) -> None:
        """End the tokens of one account, or all."""
        self.given = {text: token for text, token in self.given.items() if email not in {None, token.email}}

    def holder(self, header: str) -> Token | None:
        """Find who sends an `Authorization` header."""
        token = self.given.get(header.removeprefix("Bearer "))
        return token if token is not None and self.clock() < token.ends_at else None

    # --- The endpoint ----------------------------------------------------------------------------------------------

    def exchange(self, form: Mapping[str, str]) -> Answer:
        """Answer a request for an access token."""
        if form.get("grant_type") == "urn:ietf:params:oauth:grant-type:jwt-bearer":
            return self._by_assertion(form.get("assertion", ""))
        if form.get("grant_type") == "refresh_token":
            return self._by_consent(form)
        return 400, {"error": "unsupported_grant_type", "error_description": f"Invalid grant_type: {form}"}

    def _by_assertion(self, assertion: str) -> Answer:
        try:
            unverified = jwt.decode(assertion, options={"verify_signature": False})
            account = self.accounts.get(unverified.get("iss", ""))
            if account is None or account.key is None:
                return _invalid_grant("Invalid grant: account not found")
            if account.is_revoked or jwt.get_unverified_header(assertion)["kid"] != account.secret["private_key_id"]:
                return _invalid_grant("Invalid JWT Signature.")
            claims = jwt.decode(assertion, account.key.public_key(), ["RS256"], audience=AUDIENCE)
        except jwt.InvalidSignatureError:
            return _invalid_grant("Invalid JWT Signature.")
        except jwt.InvalidTokenError as error:
            return _invalid_grant(f"Invalid JWT: {error}")
        if not 0 < claims["exp"] - claims["iat"] <= 3600:
            return _invalid_grant("Invalid JWT: Token must be a short-lived token (60 minutes)")
        return self._give(account.email, claims.get("scope", "").split())

    def _by_consent(self, form: Mapping[str, str]) -> Answer:
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return 401, {"error": "invalid_client", "error_description": "The OAuth client was not found."}
        for account in self.accounts.values():
            if account.secret.get("refresh_token") == form.get("refresh_token") and not account.is_revoked:
                return self._give(account.email, form.get("scope", " ".join(SCOPES)).split())
        return _invalid_grant("Token has been expired or revoked.")

    def _give(self, email: str, scopes: list[str]) -> Answer:
        if not scopes:
            return 400, {"error": "invalid_scope", "error_description": "Empty or missing scope not allowed."}
        text = f"ya29.{next(self.numbers)}"
        self.given[text] = Token(email, frozenset(scopes), self.clock() + self.lifetime)
        seconds = int(self.lifetime.total_seconds())
        return 200, {"access_token": text, "expires_in": seconds, "token_type": "Bearer", "scope": " ".join(scopes)}


def _invalid_grant(words: str) -> Answer:
    return 400, {"error": "invalid_grant", "error_description": words}
