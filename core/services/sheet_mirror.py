"""Posts that a sheet does not have yet, and rows of a sheet whose posts are known from before."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlmodel import col, insert, select

from core.services.sheet_ledger import READ_AT_ONCE, Kept, in_parts
from core.services.sheet_ours import Manner, Post, our_row, read_posts
from core.sheets.fields import NOTHING
from core.sheets.rows import KnownRow, KnownState
from core.sheets.rows import SheetRow as RowSeen
from core.storage.ids import IdPrefix, new_id
from core.storage.tables import Channel, Content, ContentScheduleItem, SheetConnection, SheetRow
from core.storage.tenancy import ScopedSession
from core.vocabulary import ItemState

_PLANNED = (
    ItemState.PENDING, ItemState.AWAITING_APPROVAL, ItemState.SCHEDULED, ItemState.PUBLISHING, ItemState.UNCONFIRMED,
    ItemState.FAILED,
)  # fmt: skip
"""Posts in these states get a row in a sheet that mirrors their calendar."""


def unseen_posts(
    session: ScopedSession, connection: SheetConnection, kept: Mapping[str, Kept]
) -> Sequence[tuple[str, str]]:
    """Return the posts of the mirrored calendar that have no row (platform and id), in the order of their times."""
    if not connection.mirrors:
        return ()
    item = ContentScheduleItem
    rows = (
        select(Channel.platform, item.id)
        .join(item, col(item.channel_id) == Channel.id)
        .join(Content, col(Content.id) == item.content_id)
        .where(item.calendar_id == connection.calendar_id, col(item.state).in_(_PLANNED))
        .where((Content.title != "") | (Content.text != ""))
        .order_by(col(item.scheduled_at), col(item.id))
    )
    seen = {key for row in kept.values() for key in row.items.values()}
    return [(platform, key) for platform, key in session.execute(rows) if key not in seen]


def append_posts(session: ScopedSession, connection_id: str, posts: Iterable[tuple[str, str]]) -> None:
    """Store a row to be appended for each of these posts."""
    rows = [
        _row(connection_id, new_id(IdPrefix.SHEET_ROW), KnownState.APPENDING, {platform: key})
        for platform, key in posts
    ]
    if rows:
        session.execute(insert(SheetRow), rows)


def strange_rows(
    session: ScopedSession, rows: Sequence[RowSeen], kept: Mapping[str, Kept]
) -> Mapping[str, Sequence[Post]]:
    """Return the posts of rows whose ids a former connection gave, by row.

    A copy of a connected sheet has its ids as well; they stay with the rows that are known by them.
    """
    strange = {row.row_id for row in rows if row.row_id} - kept.keys()
    return _posts_by_row(session, strange) if strange else {}


def adopt_rows(session: ScopedSession, connection_id: str, found: Mapping[str, Sequence[Post]], manner: Manner) -> None:
    """Take such rows up with their posts, so that a sheet that is connected again makes nothing twice."""
    fresh = []
    for row_id, posts in found.items():
        items = {post.platform: post.id for post in posts}
        ours = our_row(Kept(KnownRow(row_id, KnownState.ACTIVE), items, "", ""), posts, manner)
        said = {"base": list(ours.cells), "ours": list(ours.values)}
        fresh.append(_row(connection_id, row_id, KnownState.ACTIVE, items) | said)
    if fresh:
        session.execute(insert(SheetRow), fresh)


def _posts_by_row(session: ScopedSession, row_ids: Iterable[str]) -> dict[str, list[Post]]:
    item, by_row = ContentScheduleItem, defaultdict[str, list[str]](list)
    for some in in_parts(row_ids, READ_AT_ONCE):
        taken = set(session.scalars(select(SheetRow.row_id).where(col(SheetRow.row_id).in_(some))))
        named = (
            select(Content.external_id, item.id)
            .join(item, col(item.content_id) == Content.id)
            .where(col(Content.external_id).in_(set(some) - taken))
            .order_by(col(item.created_at), col(item.id))
        )
        for row_id, key in session.execute(named):
            by_row[str(row_id)].append(key)
    posts = read_posts(session, [key for keys in by_row.values() for key in keys])
    return {row_id: [posts[key] for key in keys] for row_id, keys in by_row.items()}


def _row(connection_id: str, row_id: str, state: KnownState, items: Mapping[str, str]) -> dict[str, object]:
    return {
        "connection_id": connection_id,
        "row_id": row_id,
        "state": state,
        "items": dict(items),
        "base": list(NOTHING),
        "ours": list(NOTHING),
        "refused": [],
        "position": 0,
        "title": "",
        "fault": "",
        "cell_fault": "",
    }
