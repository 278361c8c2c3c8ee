"""Google accounts of a workspace: whom Slotwise is when it opens sheets; their credentials are kept encrypted."""

from datetime import timedelta

from sqlmodel import col, select

from core.errors import Invalid, Problem, StateConflict
from core.google.credentials import read_credentials
from core.google.door import INTERACTIVE, GoogleDoor
from core.google.gateway import Google
from core.services.audit import Action, record
from core.services.context import Context
from core.services.rows import find
from core.services.sheet_views import GoogleAccountView
from core.storage.ids import IdPrefix, new_id
from core.storage.tables import GoogleAccount, SheetConnection
from core.storage.tenancy import ScopedSession

ACCOUNT = "Google account"
"""How errors and the audit log name an account."""

NAMES = range(1, 101)


def add_account(ctx: Context, google: GoogleDoor, name: str, secret: str | bytes) -> GoogleAccountView:
    """Keep the credentials of a service account or of a person (the JSON's text), once Google has let them in.

    `name` "" takes the account's address. Raises UnusableCredentials, CredentialsRefused, GoogleUnavailable and Invalid
    (the name).
    """
    identity = read_credentials(secret)
    google.open(identity.secret).check()
    called = name.strip() or identity.email or "Google"
    if len(called) not in NAMES:
        raise Invalid((Problem("name", called, f"use at most {NAMES.stop - 1} characters"),))
    row = GoogleAccount(
        id=new_id(IdPrefix.ACCOUNT),
        name=called,
        kind=identity.kind,
        email=identity.email,
        secret=ctx.vault.encrypt(identity.secret),
        created_at=ctx.now(),
    )
    with ctx.write() as session:
        session.add(row)
        record(session, ctx, Action.CREATED, ACCOUNT, row.id, {"name": row.name, "email": row.email})
        return _view(row)


def list_accounts(ctx: Context) -> tuple[GoogleAccountView, ...]:
    """Return the accounts, oldest first, without their secrets."""
    rows = select(GoogleAccount).order_by(col(GoogleAccount.created_at), col(GoogleAccount.id))
    with ctx.read() as session:
        return tuple(map(_view, session.scalars(rows)))


def remove_account(ctx: Context, account_id: str) -> None:
    """Forget an account and its credentials (NotFound; StateConflict while connections use it, which it names)."""
    with ctx.write() as session:
        row = find(session, GoogleAccount, account_id, ACCOUNT)
        using = select(SheetConnection.name).where(SheetConnection.account_id == row.id)
        if names := session.scalars(using.order_by(col(SheetConnection.name))).all():
            raise StateConflict(kind=ACCOUNT, state=f"used by {', '.join(names)}", wanted="removed")
        session.delete(row)
        record(session, ctx, Action.DELETED, ACCOUNT, row.id, {"name": row.name})


def open_account(ctx: Context, google: GoogleDoor, account_id: str, patience: timedelta = INTERACTIVE) -> Google:
    """Return Google as an account sees it (NotFound, UnreadableSecret, UnusableCredentials)."""
    with ctx.read() as session:
        secret = _secret(session, ctx, account_id)
    return google.open(secret, patience)


def _secret(session: ScopedSession, ctx: Context, account_id: str) -> str:
    row = find(session, GoogleAccount, account_id, ACCOUNT)
    return ctx.vault.decrypt(row.secret, f"The secret of the Google account {row.name}")


def _view(row: GoogleAccount) -> GoogleAccountView:
    return GoogleAccountView(row.id, row.name, row.kind, row.email, row.created_at)
