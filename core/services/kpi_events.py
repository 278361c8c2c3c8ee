"""KPI events that come one by one: kept, counted and learned from exactly as an import of the same numbers would be."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

import polars as pl
from sqlalchemy import insert
from sqlmodel import col, select

from core.errors import Invalid, Problem
from core.history.engagement import kind_counted
from core.services.audit import Action, record
from core.services.context import Context
from core.services.item_rows import joined, views
from core.services.item_times import shown
from core.services.item_views import ItemView
from core.services.timing import refresh_timing
from core.storage.queries.history_load import TOUCHED
from core.storage.tables import Channel, ContentScheduleItem, PerformanceKpiEvent, PostOutcome
from core.storage.tenancy import ScopedSession
from core.vocabulary import ContentFormat, Metric

MOST_EVENTS = 10_000
_AT_ONCE = 1_000
"""Values of one query: SQLite takes some thirty thousand, and planning gets no better by more."""

Key = TypeVar("Key", str, int)
_Moment = tuple[int, Metric, datetime]
_EVENT = ("outcome_pk", "metric", "measured_at", "value")
PostKey = tuple[str, str]
"""A post: its channel and the platform's id of it."""


@dataclass(frozen=True)
class KpiEvent:
    """One measurement of one post at one moment (aware): the whole count since it went out, not what was added.

    The post is an item of ours, or named by channel and the platform's id. Of a post nobody has told of yet
    `published_at` has to be known; of one that is known its details stay as they are.
    """

    metric: Metric
    value: float
    measured_at: datetime
    item_id: str | None = None
    channel_id: str | None = None
    post_id: str | None = None
    published_at: datetime | None = None
    content_format: ContentFormat | None = None
    title: str = ""
    url: str | None = None


@dataclass(frozen=True)
class KpiCounts:
    """What became of events: new ones, those that were known already, and those that correct a known one."""

    added: int
    unchanged: int
    updated: int


@dataclass(frozen=True)
class _Told:
    """An event whose post is found, and its number in the call."""

    number: int
    key: PostKey
    event: KpiEvent


def record_events(ctx: Context, events: Sequence[KpiEvent]) -> KpiCounts:
    """Keep measurements and learn from them, all of them or none; the same ones again change nothing.

    Raises Invalid with every problem by its place (`events[2].value`).
    """
    with ctx.write() as session:
        told = _located(session, events)
        rows = _known_posts(session, told)
        _refuse(_problems(told, rows, ctx.now()))
        touched, counts = _store(session, told, rows)
        for channel in session.scalars(select(Channel).where(col(Channel.id).in_(touched.keys()))).all():
            refresh_timing(session, channel, touched[channel.id])
            changed = {"events": counts.added + counts.updated}
            record(session, ctx, Action.IMPORTED, "channel", channel.id, changed)
    return counts


# --- Which post is meant ------------------------------------------------------------------------------------------


def _located(session: ScopedSession, events: Sequence[KpiEvent]) -> list[_Told]:
    """Return the events with their posts; those of items know what the item knows (Invalid)."""
    items = {one.id: one for part in _parts({e.item_id for e in events if e.item_id}) for one in _items(session, part)}
    channels = set(session.scalars(select(Channel.id)))
    told, problems = [], []
    for number, event in enumerate(events):
        if problem := _unplaced(event, items, channels):
            problems.append(replace(problem, place=f"events[{number}].{problem.place}"))
        else:
            told.append(_of_item(number, event, items) if event.item_id else _Told(number, _key(event), event))
    _refuse(problems)
    return told


def _unplaced(event: KpiEvent, items: Mapping[str, ItemView], channels: set[str]) -> Problem | None:
    """Return why the post of an event cannot be told."""
    if event.item_id is None:
        if event.channel_id is None or event.post_id is None:
            missing = "channel_id" if event.channel_id is None else "post_id"
            return Problem(missing, "", "name the post by channel_id and post_id, or by item_id")
        fix = "there is no such channel in this workspace"
        return None if event.channel_id in channels else Problem("channel_id", event.channel_id, fix)
    if event.channel_id is not None or event.post_id is not None:
        return Problem("item_id", event.item_id, "name the post by item_id, or by channel_id and post_id, not by both")
    item = items.get(event.item_id)
    if item is None:
        return Problem("item_id", event.item_id, "there is no such item in this workspace")
    return None if item.published_at else Problem("item_id", event.item_id, f"this item is {item.state}, not out yet")


def _items(session: ScopedSession, ids: Sequence[str]) -> tuple[ItemView, ...]:
    return views(session, joined().where(col(ContentScheduleItem.id).in_(ids)))


def _of_item(number: int, event: KpiEvent, items: Mapping[str, ItemView]) -> _Told:
    item = items[event.item_id or ""]
    known = replace(
        event, published_at=item.published_at, content_format=item.content_format, title=item.title, url=item.url
    )
    return _Told(number, (item.channel_id, item.remote_id or item.id), known)


def _key(event: KpiEvent) -> PostKey:
    return event.channel_id or "", event.post_id or ""


def _known_posts(session: ScopedSession, told: Sequence[_Told]) -> dict[PostKey, PostOutcome]:
    channels, wanted = {one.key[0] for one in told}, {one.key[1] for one in told}
    rows = (
        session.scalars(
            select(PostOutcome).where(col(PostOutcome.channel_id).in_(channels), col(PostOutcome.post_id).in_(part))
        )
        for part in _parts(wanted)
    )
    return {(row.channel_id, row.post_id): row for part in rows for row in part}


# --- What cannot be meant -----------------------------------------------------------------------------------------


def _problems(told: Sequence[_Told], rows: Mapping[PostKey, PostOutcome], now: datetime) -> Iterator[Problem]:
    said: dict[tuple[PostKey, Metric, datetime], float] = {}
    for one in told:
        event, row = one.event, rows.get(one.key)
        published = row.published_at if row else event.published_at
        known = said.setdefault((one.key, event.metric, event.measured_at), event.value)
        for problem in _event_problems(event, published, now, is_new=row is None):
            yield replace(problem, place=f"events[{one.number}].{problem.place}")
        if known != event.value:
            fix = f"the same measurement is {known:g} earlier in this call; send one of the two"
            yield Problem(f"events[{one.number}].value", f"{event.value:g}", fix)


def _event_problems(event: KpiEvent, published: datetime | None, now: datetime, *, is_new: bool) -> Iterator[Problem]:
    if not (math.isfinite(event.value) and event.value >= 0):
        yield Problem("value", str(event.value), "use a number of 0 or more")
    if event.measured_at > now:
        yield Problem("measured_at", shown(event.measured_at), "lies in the future")
    if published is None and is_new:
        yield Problem("published_at", "", "say when this post was published; it is not known yet")
    if published is not None and is_new and published > now:
        yield Problem("published_at", shown(published), "lies in the future")
    elif published is not None and event.measured_at < published:
        yield Problem("measured_at", shown(event.measured_at), f"lies before the post went out, {shown(published)}")


def _refuse(problems: Iterator[Problem] | Sequence[Problem]) -> None:
    if found := tuple(problems):
        raise Invalid(found)


# --- What is kept -------------------------------------------------------------------------------------------------


def _store(
    session: ScopedSession, told: Sequence[_Told], rows: dict[PostKey, PostOutcome]
) -> tuple[Mapping[str, pl.DataFrame], KpiCounts]:
    """Keep what is new; return the posts it touches (`TOUCHED`) by channel, and the counts."""
    before = {key: row.outcome for key, row in rows.items()}
    new = {one.key: one for one in reversed(told) if one.key not in rows}
    if new:
        session.execute(insert(PostOutcome), [_new_post(one) for one in reversed(new.values())])
        rows |= _known_posts(session, list(new.values()))
    changed, counts = _keep_events(session, told, rows)
    for one in changed:
        row = rows[one.key]
        row.outcome, row.item_id = None, row.item_id or one.event.item_id
        row.measured_at = max(row.measured_at, one.event.measured_at)
    session.flush()
    return _touched(changed, rows, before), counts


def _new_post(one: _Told) -> dict[str, Any]:
    event, (channel_id, post_id) = one.event, one.key
    return {
        "channel_id": channel_id,
        "post_id": post_id,
        "published_at": event.published_at,
        "content_format": event.content_format,
        "title": event.title,
        "url": event.url,
        "measured_at": event.measured_at,
        "fingerprint": 0,  # no imported row is told by it
    }


def _keep_events(
    session: ScopedSession, told: Sequence[_Told], rows: Mapping[PostKey, PostOutcome]
) -> tuple[list[_Told], KpiCounts]:
    """Add and correct measurements; return those that changed anything."""
    table, fates, changed, new = PerformanceKpiEvent, Counter[str](), [], dict[_Moment, dict[str, Any]]()
    known = {
        (row.outcome_pk, row.metric, row.measured_at): row
        for part in _parts(row.pk or 0 for row in rows.values())
        for row in session.scalars(select(table).where(col(table.outcome_pk).in_(part)))
    }
    for one in told:
        moment = (rows[one.key].pk or 0, one.event.metric, one.event.measured_at)
        row, value = known.get(moment), one.event.value
        if moment in new or (row is not None and row.value == value):
            fates["unchanged"] += 1
            continue
        changed.append(one)
        if row is None:
            new[moment] = dict(zip(_EVENT, (*moment, value), strict=True))
            fates["added"] += 1
        else:
            row.value = value
            fates["updated"] += 1
    if new:
        session.execute(insert(table), list(new.values()))
    return changed, KpiCounts(fates["added"], fates["unchanged"], fates["updated"])


def _touched(
    changed: Sequence[_Told], rows: Mapping[PostKey, PostOutcome], before: Mapping[PostKey, int | None]
) -> Mapping[str, pl.DataFrame]:
    """Return the posts that changed; all count as known, so that what they earned is settled from all measurements."""
    kinds = _kinds(changed)
    found = [
        {
            "pk": rows[key].pk,
            "channel_id": key[0],
            "published_at": rows[key].published_at,
            "kind": kinds.get(key),
            "was_known": True,
            "was_published_at": rows[key].published_at,
            "was_hour_of_week": rows[key].hour_of_week,
            "was_content_format": rows[key].content_format,
            "was_outcome": before.get(key),
        }
        for key in dict.fromkeys(one.key for one in changed)
    ]
    frame = pl.DataFrame(found, schema=dict(TOUCHED))
    return {str(name): part for (name,), part in frame.partition_by("channel_id", as_dict=True).items()}


def _kinds(changed: Sequence[_Told]) -> Mapping[PostKey, int | None]:
    """Return the number of the best thing to count that each post's new measurements have."""
    metrics = {metric.value: pl.Float64() for metric in Metric}
    told = [{"channel": one.key[0], "post": one.key[1], one.event.metric.value: one.event.value} for one in changed]
    frame = pl.DataFrame(told, schema={"channel": pl.String(), "post": pl.String(), **metrics})
    best = frame.select("channel", "post", kind=kind_counted()).group_by("channel", "post").agg(pl.min("kind"))
    return {(channel, post): kind for channel, post, kind in best.iter_rows()}


def _parts(values: Iterable[Key]) -> Iterator[list[Key]]:
    listed = list(dict.fromkeys(values))
    return (listed[at : at + _AT_ONCE] for at in range(0, len(listed), _AT_ONCE))
