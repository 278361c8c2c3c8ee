"""Claims: which items are due, who takes them, and what is done with those that are too late."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, delete, select, update

from core.errors import UnreadableSecret
from core.publishing.contract import ChannelAccess, Post
from core.publishing.policy import Timeliness, lateness
from core.services.endings import Ending, too_late
from core.services.ledger import LATE_FROM, Past, add_line, end_all, pasts_of
from core.services.sealing import open_channel
from core.services.vault import Vault
from core.services.workers import LedgerPoint, Worker
from core.storage.ids import IdPrefix, new_id
from core.storage.outbox import change_told
from core.storage.tables import Channel, Content, ContentScheduleItem, ScheduleAssignment, Workspace
from core.storage.tenancy import ScopedSession
from core.vocabulary import ChannelKind, ItemState, LedgerStep

_LATE = (Timeliness.SKIP, Timeliness.ASK)


@dataclass(frozen=True)
class Parcel:
    """Everything a publisher needs of one item, as it was when it was read.

    `closed` says why the channel sends nothing, `locked` that its secret cannot be read; empty where it does and can.
    """

    fields: Mapping[str, Any]
    kind: ChannelKind
    closed: str
    locked: str
    access: ChannelAccess

    def post(self) -> Post:
        """Return the post; its delivery id is the item's, so every try of an item is the same delivery."""
        return Post(**self.fields)


@dataclass(frozen=True)
class Claim:
    """One worker's exclusive hold on one item for one attempt, until its lease ends."""

    id: str
    workspace: str
    item_id: str
    attempt: int
    tries: int
    past: Past
    parcel: Parcel


def find_due(worker: Worker, limit: int, without: Collection[str] = ()) -> dict[str, list[str]]:
    """Return up to `limit` items that are due, longest first, by workspace; nothing is written."""
    item = ContentScheduleItem
    due = (
        select(item.workspace_id, item.id)
        .where(item.state == ItemState.SCHEDULED, item.due_at <= worker.now())
        .where(col(item.workspace_id).not_in(without))
        .order_by(col(item.due_at), col(item.priority).desc())
        .limit(limit)
    )
    found: dict[str, list[str]] = {}
    with worker.db.system(writable=False) as session:
        for workspace, item_id in session.execute(due):
            found.setdefault(workspace, []).append(item_id)
    return found


def claim_items(worker: Worker, workspace: str, item_ids: Collection[str]) -> tuple[Claim, ...]:
    """Take those items that still are due in one transaction; what another worker took meanwhile is left out.

    An item that is too late is not taken: it is skipped or stops for a person, as its policy says.
    """
    now = worker.now()
    with worker.db.write(workspace) as session:
        home = session.get_one(Workspace, workspace)
        rows = _due_rows(session, item_ids, now)
        pasts = pasts_of(session, [item for item, _, _ in rows])
        late = {item.id: ending for item, _, _ in rows if (ending := _lateness(item, pasts[item.id], home, now))}
        claims = [_claim(worker, home, pasts[row[0].id], row) for row in rows if row[0].id not in late]
        _put_aside(session, worker, [(item, late[item.id]) for item, _, _ in rows if item.id in late], now)
        taken = _take(session, worker, claims, now)
        worker.at(LedgerPoint.CLAIMING)
    worker.at(LedgerPoint.CLAIMED)
    return taken


def extend(session: ScopedSession, claim_ids: Collection[str], now: datetime, until: datetime) -> set[str]:
    """Renew the lease of those claims that still hold; one that has ended or was given up is not among the result."""
    held = (
        update(ScheduleAssignment)
        .where(col(ScheduleAssignment.id).in_(claim_ids), col(ScheduleAssignment.lease_until) > now)
        .values(lease_until=until)
        .returning(col(ScheduleAssignment.id))
    )
    return set(session.scalars(held.execution_options(synchronize_session=False)))


def give_back(session: ScopedSession, claim_ids: Collection[str]) -> set[str]:
    """End those claims that are still there and return them."""
    ended = (
        delete(ScheduleAssignment)
        .where(col(ScheduleAssignment.id).in_(claim_ids))
        .returning(col(ScheduleAssignment.id))
    )
    return set(session.scalars(ended.execution_options(synchronize_session=False)))


def parcel_of(item: ContentScheduleItem, content: Content, channel: Channel, vault: Vault) -> Parcel:
    """Copy what goes out from the rows."""
    fields = {
        "item_id": item.id,
        "delivery_id": item.id,
        "workspace_id": item.workspace_id,
        "channel_id": channel.id,
        "platform": channel.platform,
        "content_format": content.content_format,
        "title": content.title,
        "text": content.text,
        "scheduled_at": item.scheduled_at,
        "media": tuple(content.media),
        "metadata": item.extra,
    }
    secret, locked = _opened(channel, vault)
    access = ChannelAccess(channel.id, {key: str(value) for key, value in channel.settings.items()}, secret)
    return Parcel(fields, channel.kind, _closed(channel) or locked, locked, access)


def _opened(channel: Channel, vault: Vault) -> tuple[str | None, str]:
    """Return the secret, or none and why it cannot be read: one channel's lost secret stops no other's items."""
    try:
        return open_channel(vault, channel), ""
    except UnreadableSecret as error:
        return None, str(error)


def _closed(channel: Channel) -> str:
    if channel.is_peer:
        return f"{channel.name} is a peer: nothing is posted there. Give the item a channel of your own."
    return "" if channel.active else f"The channel {channel.name} is switched off. Switch it on, then try again."


def with_parts(session: ScopedSession, *conditions: Any) -> list[tuple[ContentScheduleItem, Content, Channel]]:
    """Return the items that meet the conditions, each with its content and channel, longest due first."""
    wanted = (
        select(ContentScheduleItem, Content, Channel)
        .join(Content, col(Content.id) == ContentScheduleItem.content_id)
        .join(Channel, col(Channel.id) == ContentScheduleItem.channel_id)
        .where(*conditions)
        .order_by(col(ContentScheduleItem.due_at), col(ContentScheduleItem.priority).desc())
    )
    return [(item, content, channel) for item, content, channel in session.execute(wanted)]


def _due_rows(
    session: ScopedSession, item_ids: Collection[str], now: datetime
) -> list[tuple[ContentScheduleItem, Content, Channel]]:
    item = ContentScheduleItem
    return with_parts(session, col(item.id).in_(item_ids), item.state == ItemState.SCHEDULED, item.due_at <= now)


def _lateness(item: ContentScheduleItem, past: Past, home: Workspace, now: datetime) -> Ending | None:
    """Return how an item ends that is too late to be sent, None when it may go out."""
    since = past.due_since(item)
    policy = item.lateness_policy or home.lateness_policy
    own = item.lateness_grace_seconds
    grace = timedelta(minutes=home.lateness_grace_minutes) if own is None else timedelta(seconds=own)
    timeliness = lateness(since, now, policy, grace)
    return too_late(timeliness, since, now, item.error) if timeliness in _LATE else None


def _put_aside(
    session: ScopedSession, worker: Worker, late: Sequence[tuple[ContentScheduleItem, Ending]], now: datetime
) -> None:
    """End the attempts that late items never began; each counts, so that the ledger can tell why."""
    for item, _ in late:
        item.attempt += 1
    end_all(session, late, worker.name, now)


def _claim(worker: Worker, home: Workspace, past: Past, parts: tuple[ContentScheduleItem, Content, Channel]) -> Claim:
    """Return the claim that is about to be made on an item's next attempt."""
    item, parcel = parts[0], parcel_of(*parts, worker.vault)
    return Claim(new_id(IdPrefix.CLAIM), home.id, item.id, item.attempt + 1, home.max_attempts, past, parcel)


def _take(session: ScopedSession, worker: Worker, claims: Iterable[Claim], now: datetime) -> tuple[Claim, ...]:
    """Move the items to `publishing`; the rows that the conditional update moved are ours."""
    wanted = {claim.item_id: claim for claim in claims}
    if not wanted:
        return ()
    item = ContentScheduleItem
    won = change_told(
        session,
        item,
        update(item)
        .where(col(item.id).in_(wanted), col(item.state) == ItemState.SCHEDULED, col(item.due_at) <= now)
        .values(
            state=ItemState.PUBLISHING,
            attempt=col(item.attempt) + 1,
            version=col(item.version) + 1,
            updated_at=now,
        )
        .returning(item)
        .execution_options(populate_existing=True),
    )
    for row in won:
        claim = wanted[row.id]
        asked = {LATE_FROM: row.due_at.isoformat()} if claim.past.asked_again else {}
        add_line(session, row.id, row.attempt, LedgerStep.CLAIMED, worker.name, now, asked)
        session.add(
            ScheduleAssignment(
                id=claim.id,
                item_id=row.id,
                worker=worker.name,
                attempt=row.attempt,
                claimed_at=now,
                lease_until=now + worker.lease,
            )
        )
    ours = {row.id for row in won}
    return tuple(claim for key, claim in wanted.items() if key in ours)
