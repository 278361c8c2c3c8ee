"""What Slotwise says of a sheet's rows: their posts, in cells as the sheet would have them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from core.content.platforms import Platform
from core.services.incoming import usual_format
from core.services.sheet_ledger import READ_AT_ONCE, Kept, in_parts
from core.sheets.fields import CLOCK_FIELD, Values, own_values, user_values
from core.sheets.rows import OurRow
from core.sheets.statuses import PostStatus, error_status, joined_faults, status_of
from core.sheets.times import TimeStyle, write_time
from core.storage.tables import Channel, Content, ContentScheduleItem
from core.storage.tenancy import ScopedSession
from core.vocabulary import ContentFormat, ItemState, Priority

OPEN = frozenset({ItemState.PENDING, ItemState.AWAITING_APPROVAL, ItemState.SCHEDULED, ItemState.FAILED})
"""A post in one of these states can still follow its sheet."""

PRIORITIES: Mapping[Priority, int] = {Priority.LOW: 0, Priority.NORMAL: 1, Priority.HIGH: 5, Priority.URGENT: 9}
"""How much a post matters, by the word in its row; what is between two words is the lower one."""

CLOSED: Mapping[ItemState, str] = {
    ItemState.PUBLISHED: "already published",
    ItemState.PUBLISHING: "being published at this moment",
    ItemState.UNCONFIRMED: "sent already, and nobody knows yet whether it is out",
    ItemState.CANCELED: "canceled in Slotwise",
    ItemState.SKIPPED: "skipped: its time has passed",
    ItemState.REJECTED: "rejected in Slotwise",
}
"""Why a post follows its sheet no more."""


@dataclass(frozen=True, slots=True)
class Post:
    """One item of a row, with all that its row shows of it."""

    id: str
    platform: str
    state: ItemState
    scheduled_at: datetime
    published_at: datetime | None
    url: str | None
    error: str | None
    priority: int
    updated_at: datetime
    title: str
    text: str
    content_format: ContentFormat
    tags: Sequence[str]
    audience: str
    tone: str


@dataclass(frozen=True)
class Manner:
    """How a sheet says things: its zone, how its column of times is kept (or the two), and what platforms are."""

    zone: str
    style: TimeStyle
    platforms: Mapping[str, Platform]
    is_split: bool = False


def read_posts(session: ScopedSession, item_ids: Iterable[str]) -> dict[str, Post]:
    """Return these items by id."""
    item, content = ContentScheduleItem, Content
    columns = (
        item.id, Channel.platform, item.state, item.scheduled_at, item.published_at, item.url, item.error,
        item.priority, item.updated_at, content.title, content.text, content.content_format, content.tags,
        content.audience, content.tone,
    )  # fmt: skip
    query = select(*columns).join(content, col(content.id) == item.content_id)  # type: ignore[call-overload]  # SQLModel types up to four columns
    query = query.join(Channel, col(Channel.id) == item.channel_id)
    posts: dict[str, Post] = {}
    for some in in_parts(item_ids, READ_AT_ONCE):
        posts.update((row[0], Post(*row)) for row in session.execute(query.where(col(item.id).in_(some))))
    return posts


def our_rows(kept: Mapping[str, Kept], posts: Mapping[str, Post], manner: Manner) -> dict[str, OurRow]:
    """Return what Slotwise says of each row."""
    return {
        row_id: our_row(row, [posts[key] for key in row.items.values() if key in posts], manner)
        for row_id, row in kept.items()
    }


def our_row(kept: Kept, posts: Sequence[Post], manner: Manner) -> OurRow:
    """Return what Slotwise says of one row; of a row without posts only what is wrong with it."""
    fault = error_status(joined_faults(kept.fault, kept.cell_fault))
    if not posts:
        return OurRow(kept.known.row_id, kept.known.ours, own=own_values({"status": fault}))
    open_posts = [post for post in posts if post.state in OPEN]
    return OurRow(
        kept.known.row_id,
        said(posts, manner),
        _cells(posts, manner),
        _own(posts, manner, fault if open_posts else ""),
        max(post.updated_at for post in open_posts or posts),
        "" if open_posts else CLOSED[posts[0].state],
    )


def said(posts: Sequence[Post], manner: Manner) -> Values:
    """Return what posts say in the shared columns, always in the same words: the first post speaks for all."""
    when, _ = write_time(first_time(posts), manner.zone)
    return user_values({**_words(posts, manner), "scheduled_time": when})


def first_time(posts: Sequence[Post]) -> datetime:
    """Return the time of a row: that of its first post that is not off the table."""
    going = [post for post in posts if post.state not in {ItemState.CANCELED, ItemState.REJECTED}] or posts
    return min(post.scheduled_at for post in going)


def _cells(posts: Sequence[Post], manner: Manner) -> Values:
    when, clock = write_time(first_time(posts), manner.zone, manner.style, is_split=manner.is_split)
    return user_values({**_words(posts, manner), "scheduled_time": when, CLOCK_FIELD: clock})


def _words(posts: Sequence[Post], manner: Manner) -> dict[str, str]:
    first = posts[0]
    platform = manner.platforms[first.platform]
    usual, limits = usual_format(platform), platform.formats.get(first.content_format)
    is_title = limits is not None and limits.text_min > 0 and first.text == first.title
    return {
        "title": first.title,
        "text": "" if is_title else first.text,
        "audience": first.audience,
        "tone": first.tone,
        "platforms": ", ".join(dict.fromkeys(post.platform for post in posts)),
        "content_format": "" if first.content_format is usual else first.content_format.value,
        "tags": ", ".join(first.tags),
        "priority": _priority(first.priority),
    }


def _priority(weight: int) -> str:
    """Return the word for a priority; the usual one is not written."""
    word = max((word for word, least in PRIORITIES.items() if least <= weight), key=PRIORITIES.__getitem__)
    return "" if word is Priority.NORMAL else word.value


def _own(posts: Sequence[Post], manner: Manner, fault: str) -> Values:
    """Return Slotwise's own cells; what keeps a row from being followed goes before how its posts are."""
    out = [post.published_at for post in posts if post.published_at is not None]
    return own_values(
        {
            "status": fault or status_of([_status(post, manner) for post in posts]),
            "published_time": write_time(min(out), manner.zone)[0] if out else "",
            "url": "\n".join(post.url for post in posts if post.url),
        }
    )


def _status(post: Post, manner: Manner) -> PostStatus:
    return PostStatus(manner.platforms[post.platform].name, post.state, post.error or "")
