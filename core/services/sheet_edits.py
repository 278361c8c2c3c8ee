"""What somebody changed in a row, done to its posts: all of it or nothing, and why where a post cannot follow."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from core.content.platforms import find_platform
from core.errors import Invalid, SlotwiseError
from core.services.bulk_rows import piece_for
from core.services.bulk_views import RowDraft
from core.services.calendars import add_to_calendar
from core.services.contents import change_content, piece_of
from core.services.context import Context
from core.services.incoming import resolve_items
from core.services.item_edits import edit_item
from core.services.item_rows import view_of
from core.services.item_views import ItemView, edit_of
from core.services.moves import cancel_item, retry_item, skip_item
from core.services.new_items import problems_of
from core.services.sheet_drafts import Reading, faults_of
from core.services.sheet_new_posts import incoming
from core.services.sheet_ours import CLOSED, OPEN, PRIORITIES, Post, first_time
from core.sheets.fields import CLOCK_FIELD
from core.sheets.plans import Fault
from core.storage.tables import Content, ContentScheduleItem
from core.storage.tenancy import ScopedSession
from core.vocabulary import ItemState, Priority

WHEN = frozenset({"scheduled_time", CLOCK_FIELD})
OF_CONTENT = frozenset({"audience", "tone", "tags"})


@dataclass(frozen=True)
class Followed:
    """What became of an edit: the row's items by platform, the fields that could not follow and why.

    `left` are posts that are closed already, while others of the row have followed.
    """

    items: Mapping[str, str]
    refused: frozenset[str] = frozenset()
    faults: tuple[Fault, ...] = ()
    left: tuple[tuple[Post, str], ...] = field(default=())


@dataclass(frozen=True)
class Wish:
    """A row as it is read, the fields of it to be followed, and its posts by platform."""

    reading: Reading
    fields: frozenset[str]
    posts: Mapping[str, Post]
    calendar_id: str


def follow(session: ScopedSession, ctx: Context, wish: Wish) -> Followed:
    """Change a row's posts in this transaction; what is refused leaves them as they were."""
    bad = {fault.field for fault in wish.reading.faults} & wish.fields
    bad |= WHEN & wish.fields if bad & WHEN else set()
    fields = wish.fields - bad
    faults = tuple(fault for fault in wish.reading.faults if fault.field in wish.fields)
    items = {platform: post.id for platform, post in wish.posts.items()}
    left = tuple((post, CLOSED[post.state]) for post in wish.posts.values() if post.state not in OPEN)
    try:
        with session.begin_nested():
            items = _change_all(session, ctx, replace(wish, fields=fields))
    except Invalid as error:
        return Followed(items, wish.fields, (*faults, *faults_of(wish.reading, error.problems)), left)
    except SlotwiseError as error:
        fault = Fault(wish.reading.row_id, wish.reading.position, min(fields), "", str(error))
        return Followed(items, wish.fields, (*faults, fault), left)
    return Followed(items, frozenset(bad), faults, left)


def _change_all(session: ScopedSession, ctx: Context, wish: Wish) -> dict[str, str]:
    posts = dict(wish.posts)
    if "platforms" in wish.fields:
        for platform in [name for name in posts if name not in wish.reading.draft.platforms]:
            if posts[platform].state in OPEN:
                _take_out(ctx, posts.pop(platform))
    for post in posts.values():
        if post.state in OPEN:
            _change(session, ctx, wish, post)
    items = {platform: post.id for platform, post in posts.items()}
    if "platforms" in wish.fields and (missing := [name for name in wish.reading.draft.platforms if name not in items]):
        items |= _add(session, ctx, wish, missing)
        items = {name: items[name] for name in dict.fromkeys((*wish.reading.draft.platforms, *items))}
    return items


def _take_out(ctx: Context, post: Post) -> None:
    """Take a post off the table whose platform was taken out of its row."""
    if post.state is ItemState.FAILED:
        skip_item(ctx, post.id)
    else:
        cancel_item(ctx, post.id)


def _add(session: ScopedSession, ctx: Context, wish: Wish, platforms: Sequence[str]) -> dict[str, str]:
    """Schedule posts on platforms that were added, at the time and in the words that the row's other posts have."""
    going = [post for post in wish.posts.values() if post.state in OPEN]
    moment = None if going and not wish.fields & WHEN else wish.reading.moment
    when = moment or first_time(going or [*wish.posts.values()])
    words = _in_words_of(going[0], wish) if going else wish.reading.draft
    draft = replace(words, platforms=tuple(platforms), scheduled_times={}, placed={})
    items = resolve_items(ctx, incoming(ctx, replace(wish.reading, draft=draft), when))
    if wrong := tuple(problem for problems in problems_of(session, ctx, items) for problem in problems):
        raise Invalid(wrong)
    return dict(zip(platforms, add_to_calendar(session, ctx, items, wish.calendar_id), strict=True))


def _in_words_of(post: Post, wish: Wish) -> RowDraft:
    """Return a row with what its post says where nobody edited the words: the cells may still hold older ones."""
    draft = wish.reading.draft
    title = draft.title if "title" in wish.fields else post.title
    text = "" if post.text == post.title else post.text
    return replace(draft, title=title, text=draft.text if "text" in wish.fields else text)


def _change(session: ScopedSession, ctx: Context, wish: Wish, post: Post) -> None:
    if wish.fields & OF_CONTENT:
        _change_content(session, ctx, wish, post)
    before = view_of(session, post.id)
    now = edit_of(before)
    wanted = replace(now, **dict(_edits(ctx, wish, post, before)))
    moment = wish.reading.moment if wish.fields & WHEN else None
    is_failed = post.state is ItemState.FAILED
    if moment is not None and not is_failed:
        wanted = replace(wanted, scheduled_at=moment)
    if wanted != now:
        edit_item(ctx, post.id, wanted)
    if moment is not None and is_failed and moment != before.scheduled_at:
        retry_item(ctx, post.id, moment)


def _edits(ctx: Context, wish: Wish, post: Post, before: ItemView) -> Iterator[tuple[str, Any]]:
    """Yield what the row says of the fields that were edited; a text that was the title goes on following it.

    An emptied text becomes the title the post has now: the cell may still hold an older one.
    """
    fields = wish.fields
    draft = wish.reading.draft if "title" in fields else replace(wish.reading.draft, title=before.title)
    piece = piece_for(draft, find_platform(ctx.reference.platforms, post.platform))
    if "title" in fields:
        yield "title", draft.title
    if "text" in fields or ("title" in fields and not draft.text and before.text == before.title):
        yield "text", piece.text
    if "content_format" in fields:
        yield "content_format", piece.content_format
    if "priority" in fields:
        yield "priority", PRIORITIES[draft.priority or Priority.NORMAL]


def _change_content(session: ScopedSession, ctx: Context, wish: Wish, post: Post) -> None:
    """Change what an item's edit does not know of: its tags, for whom it is and in which tone."""
    draft, item = wish.reading.draft, session.get_one(ContentScheduleItem, post.id)
    if "tags" in wish.fields:
        change_content(
            session, item, replace(piece_of(session.get_one(Content, item.content_id)), tags=draft.tags), ctx.now()
        )
    content = session.get_one(Content, item.content_id)
    if "audience" in wish.fields:
        content.audience = draft.audience
    if "tone" in wish.fields:
        content.tone = draft.tone
