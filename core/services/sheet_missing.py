"""Rows that were removed from a sheet: their posts are canceled or kept as somebody decides, never by themselves."""

from collections.abc import Sequence

from sqlmodel import col, select

from core.services.audit import Action, record
from core.services.context import Context
from core.services.moves import cancel_item, skip_item
from core.services.rows import find
from core.services.sheet_claims import CONNECTION
from core.services.sheet_ledger import in_parts
from core.services.sheet_ours import OPEN, read_posts
from core.services.sheet_worker import AT_ONCE
from core.sheets.rows import KnownState
from core.storage.tables import SheetConnection, SheetRow
from core.vocabulary import ItemState


def cancel_missing(ctx: Context, connection_id: str, row_ids: Sequence[str] | None = None) -> int:
    """Cancel what is still to go out of rows that were removed, of all of them or of these, and return how many posts.

    A row that comes back later has its posts as they are then. Raises NotFound.
    """
    return sum(_decide(ctx, connection_id, part, cancels=True) for part in _parts(ctx, connection_id, row_ids))


def keep_missing(ctx: Context, connection_id: str, row_ids: Sequence[str] | None = None) -> int:
    """Let the posts of removed rows go out, of all rows or of these, and return how many rows (NotFound)."""
    return sum(_decide(ctx, connection_id, part, cancels=False) for part in _parts(ctx, connection_id, row_ids))


def _parts(ctx: Context, connection_id: str, row_ids: Sequence[str] | None) -> Sequence[Sequence[str]]:
    with ctx.read() as session:
        find(session, SheetConnection, connection_id, CONNECTION)
        missing = select(SheetRow.row_id).where(
            SheetRow.connection_id == connection_id, SheetRow.state == KnownState.MISSING
        )
        found = session.scalars(missing.order_by(col(SheetRow.pk))).all()
    wanted = found if row_ids is None else [row_id for row_id in found if row_id in set(row_ids)]
    return list(in_parts(wanted, AT_ONCE))


def _decide(ctx: Context, connection_id: str, row_ids: Sequence[str], *, cancels: bool) -> int:
    with ctx.together() as joined, joined.write() as session:
        rows = session.scalars(
            select(SheetRow).where(
                SheetRow.connection_id == connection_id,
                col(SheetRow.row_id).in_(row_ids),
                SheetRow.state == KnownState.MISSING,
            )
        ).all()
        for row in rows:
            row.state = KnownState.KEPT_OUT
        action = Action.CANCELED if cancels else Action.EDITED
        record(session, joined, action, CONNECTION, connection_id, {"removed_rows": len(rows)})
        if not cancels:
            return len(rows)
        posts = read_posts(session, [key for row in rows for key in row.items.values()])
        going = [post for post in posts.values() if post.state in OPEN]
        for post in going:
            (skip_item if post.state is ItemState.FAILED else cancel_item)(joined, post.id)
        return len(going)
