"""API keys and tokens on the wire."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, model_validator

from core.api.shapes.items import TimeText
from core.api.wire import Body, Moment, Shape, Whole
from core.services.api_keys import KeyView, NewKey
from core.services.tokens import TokenPair
from core.vocabulary import KeyState, Scope, Signing


class TokenBody(Body):
    """What is exchanged: an API key, in the body or as the Bearer, or a refresh token."""

    grant_type: Literal["api_key", "refresh_token"]
    api_key: str | None = Field(None, max_length=200)
    refresh_token: str | None = Field(None, max_length=200)

    @model_validator(mode="after")
    def _has_one(self) -> "TokenBody":
        if self.grant_type == "refresh_token" and self.refresh_token is None:
            raise ValueError("refresh_token is missing")
        return self


class TokenShape(Shape):
    """A pair of tokens; a refresh token works once, for 30 days."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the name of the scheme
    expires_in: int = Field(description="Seconds.")
    refresh_token: str
    scope: str


class NewKeyBody(Body):
    """A key to make, with no more scopes than the caller has."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    scopes: list[Scope] = Field(min_length=1, max_length=len(Scope))
    expires_at: TimeText | None = None
    signing: Signing = Field(Signing.NONE, description="`required` refuses calls that are not signed.")


class RotationBody(Body):
    """How long the old secret stays good beside the new one."""

    overlap_minutes: Whole = Field(0, ge=0, le=10_080)


class KeyShape(Shape):
    """A key without its secret."""

    id: str
    name: str
    prefix: str
    scopes: list[Scope]
    signing: Signing
    state: KeyState
    created_by: str
    created_at: Moment
    expires_at: Moment | None
    last_used_at: Moment | None
    revoked_at: Moment | None
    previous_until: Moment | None


class NewKeyShape(KeyShape):
    """A key with its secrets, which are shown this once."""

    key: str
    signing_secret: str | None


def key_shape(view: KeyView) -> KeyShape:
    """Return a key as it is sent."""
    return KeyShape(**_columns(view))


def new_key_shape(new: NewKey) -> NewKeyShape:
    """Return a new key with its secrets."""
    return NewKeyShape(**_columns(new.key), key=new.secret, signing_secret=new.signing_secret)


def token_shape(pair: TokenPair) -> TokenShape:
    """Return tokens as they are sent."""
    return TokenShape(
        access_token=pair.access_token,
        expires_in=pair.expires_in,
        refresh_token=pair.refresh_token,
        scope=" ".join(sorted(pair.scopes)),
    )


def _columns(view: KeyView) -> dict[str, str | datetime | list[Scope] | None]:
    return {**vars(view), "scopes": list(view.scopes)}
