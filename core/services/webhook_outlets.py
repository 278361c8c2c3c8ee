"""The outlet of a workspace: from which event on it tells receivers, and the secret of its items' callbacks."""

from sqlmodel import select

from core.services.audit import Action, record
from core.services.context import Context
from core.services.events import newest_pk
from core.services.vault import Vault
from core.storage.ids import new_signing_secret
from core.storage.tables import WebhookOutlet
from core.storage.tenancy import ScopedSession

CALLBACKS = "callbacks"
"""How the audit log names the secret of callbacks."""


def outlet(session: ScopedSession) -> WebhookOutlet:
    """Return the workspace's outlet, which begins with what happens from now on if there was none."""
    row = session.scalars(select(WebhookOutlet)).first()
    if row is None:
        row = WebhookOutlet(position=newest_pk(session))
        session.add(row)
        session.flush()
    return row


def callback_secret(session: ScopedSession, vault: Vault) -> str:
    """Return the secret that the workspace's callbacks are signed with, drawn when first asked for."""
    row = outlet(session)
    if row.callback_secret is None:
        row.callback_secret = vault.encrypt(new_signing_secret())
    return vault.decrypt(row.callback_secret, "The secret of the callbacks")


def reveal_callback_secret(ctx: Context) -> str:
    """Return the secret that callbacks are signed with, for their receivers' settings (UnreadableSecret)."""
    with ctx.write() as session:
        return callback_secret(session, ctx.vault)


def rotate_callback_secret(ctx: Context) -> str:
    """Draw another secret for callbacks and return it; what is sent from now on is signed with it."""
    secret = new_signing_secret()
    with ctx.write() as session:
        outlet(session).callback_secret = ctx.vault.encrypt(secret)
        record(session, ctx, Action.EDITED, CALLBACKS, ctx.workspace, {"secret": "rotated"})
    return secret
