"""API keys: create, list, rotate, revoke."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import col, select

from core.errors import Invalid, Problem, StateConflict
from core.services.audit import Action, record
from core.services.context import Context
from core.services.paging import Order, read_page
from core.services.presented_keys import overlaps, secret_hash
from core.services.rows import find
from core.services.scopes import refuse_escalation
from core.storage.ids import API_KEY_MARK, IdPrefix, new_id, new_key_prefix, new_key_secret, new_request_secret
from core.storage.tables import ApiKey
from core.vocabulary import KeyState, Scope, Signing

NAME_LIMIT = 100
LONGEST_OVERLAP_MINUTES = 7 * 24 * 60
_NEWEST_FIRST = Order((col(ApiKey.created_at), col(ApiKey.id)), (datetime, str), is_descending=True)
KIND, SUBJECT = "API key", "api_key"


@dataclass(frozen=True)
class KeyDraft:
    """What a person says about a new key; it never expires where `expires_at` is None."""

    name: str
    scopes: Collection[Scope]
    expires_at: datetime | None = None
    signing: Signing = Signing.NONE


@dataclass(frozen=True)
class KeyView:
    """A key as it may be shown: of its secret only the prefix, such as `sw_3f9a2c1d`.

    `previous_until` is the moment until which the secret of before the last rotation is good, None when it is not.
    """

    id: str
    name: str
    prefix: str
    scopes: tuple[Scope, ...]
    signing: Signing
    state: KeyState
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    previous_until: datetime | None


@dataclass(frozen=True)
class NewKey:
    """A key with its secrets, which are shown this once: what is sent as Bearer, and what signs calls (or None)."""

    key: KeyView
    secret: str = field(repr=False)
    signing_secret: str | None = field(repr=False)


def list_keys(ctx: Context) -> tuple[KeyView, ...]:
    """Return all keys of the workspace, the newest first; revoked ones stay."""
    newest = select(ApiKey).order_by(col(ApiKey.created_at).desc(), col(ApiKey.id))
    with ctx.read() as session:
        return tuple(_view(row, ctx.now()) for row in session.scalars(newest))


def page_keys(ctx: Context, limit: int, cursor: str | None = None) -> tuple[tuple[KeyView, ...], str | None]:
    """Return up to `limit` keys, newest first, after the one the cursor names, and the next cursor (Invalid)."""
    with ctx.read() as session:
        page, following = read_page(session, select(ApiKey), _NEWEST_FIRST, limit, cursor)
    return tuple(_view(row, ctx.now()) for row in page), following


def find_key(ctx: Context, key_id: str) -> KeyView:
    """Return one key (NotFound)."""
    with ctx.read() as session:
        return _view(find(session, ApiKey, key_id, KIND), ctx.now())


def create_key(ctx: Context, draft: KeyDraft, creator: Collection[Scope]) -> NewKey:
    """Make a key (Invalid names the field; InsufficientScope: `creator`, the scopes of who asks, are fewer)."""
    _check(draft, ctx.now())
    refuse_escalation(draft.scopes, creator)
    secret, signing_secret = new_key_secret(), _signing_secret(draft.signing)
    row = ApiKey(
        id=new_id(IdPrefix.API_KEY),
        name=draft.name.strip(),
        prefix=new_key_prefix(),
        hash=secret_hash(secret),
        scopes=sorted(set(draft.scopes)),
        created_by=ctx.actor,
        created_at=ctx.now(),
        expires_at=draft.expires_at,
        signing_secret=signing_secret and ctx.vault.encrypt(signing_secret),
        signature_required=draft.signing is Signing.REQUIRED,
    )
    with ctx.write() as session:
        session.add(row)
        record(session, ctx, Action.CREATED, SUBJECT, row.id, {"name": row.name, "scopes": row.scopes})
    return NewKey(_view(row, ctx.now()), _written(row, secret), signing_secret)


def rotate_key(ctx: Context, key_id: str, creator: Collection[Scope], overlap_minutes: int = 0) -> NewKey:
    """Give a key new secrets; the old ones and their tokens are good for the overlap still, up to 7 days, or end now.

    A secret of two rotations ago ends in any case. Raises NotFound, Invalid (overlap), StateConflict (revoked or
    expired), InsufficientScope (`creator` would be shown more than they may do).
    """
    if not 0 <= overlap_minutes <= LONGEST_OVERLAP_MINUTES:
        fix = f"use 0 to {LONGEST_OVERLAP_MINUTES} minutes (7 days)"
        raise Invalid((Problem("overlap_minutes", str(overlap_minutes), fix),))
    with ctx.write() as session:
        row = find(session, ApiKey, key_id, KIND)
        _refuse_ended(row, ctx.now())
        refuse_escalation(map(Scope, row.scopes), creator)
        secret, signing_secret = _rotate(ctx, row, overlap_minutes)
        detail = {"name": row.name, "overlap_minutes": overlap_minutes}
        record(session, ctx, Action.ROTATED, SUBJECT, row.id, detail)
        return NewKey(_view(row, ctx.now()), _written(row, secret), signing_secret)


def revoke_key(ctx: Context, key_id: str) -> KeyView:
    """End a key and its tokens at once and for good; once more changes nothing (NotFound)."""
    with ctx.write() as session:
        row = find(session, ApiKey, key_id, KIND)
        if row.revoked_at is None:
            row.revoked_at = ctx.now()
            record(session, ctx, Action.REVOKED, SUBJECT, row.id, {"name": row.name})
        return _view(row, ctx.now())


def _rotate(ctx: Context, row: ApiKey, overlap_minutes: int) -> tuple[str, str | None]:
    """Move the present secrets to the previous ones, for the overlap, and return the new ones."""
    secret = new_key_secret()
    signing_secret = new_request_secret() if row.signing_secret else None
    row.previous_hash = row.hash if overlap_minutes else None
    row.previous_signing_secret = row.signing_secret if overlap_minutes else None
    row.previous_until = ctx.now() + timedelta(minutes=overlap_minutes) if overlap_minutes else None
    row.hash = secret_hash(secret)
    row.signing_secret = signing_secret and ctx.vault.encrypt(signing_secret)
    row.generation += 1
    return secret, signing_secret


def _written(row: ApiKey, secret: str) -> str:
    return f"{API_KEY_MARK}_{row.prefix}_{secret}"


def _signing_secret(signing: Signing) -> str | None:
    return None if signing is Signing.NONE else new_request_secret()


def _refuse_ended(row: ApiKey, now: datetime) -> None:
    state = _state(row, now)
    if state is not KeyState.ACTIVE:
        raise StateConflict(kind=KIND, state=state.value, wanted="active again; make a new one")


def _state(row: ApiKey, now: datetime) -> KeyState:
    if row.revoked_at is not None:
        return KeyState.REVOKED
    return KeyState.EXPIRED if row.expires_at is not None and row.expires_at <= now else KeyState.ACTIVE


def _signing(row: ApiKey) -> Signing:
    if row.signature_required:
        return Signing.REQUIRED
    return Signing.OPTIONAL if row.signing_secret else Signing.NONE


def _view(row: ApiKey, now: datetime) -> KeyView:
    return KeyView(
        row.id,
        row.name,
        f"{API_KEY_MARK}_{row.prefix}",
        tuple(Scope(scope) for scope in row.scopes),
        _signing(row),
        _state(row, now),
        row.created_by,
        row.created_at,
        row.expires_at,
        row.last_used_at,
        row.revoked_at,
        row.previous_until if overlaps(row, now) else None,
    )


def _check(draft: KeyDraft, now: datetime) -> None:
    problems = []
    if not 1 <= len(draft.name.strip()) <= NAME_LIMIT:
        problems.append(Problem("name", draft.name, f"use 1 to {NAME_LIMIT} characters"))
    if not draft.scopes:
        problems.append(Problem("scopes", "", "give at least one"))
    if draft.expires_at is not None and draft.expires_at <= now:
        problems.append(Problem("expires_at", draft.expires_at.isoformat(), "choose a moment in the future"))
    if problems:
        raise Invalid(tuple(problems))
