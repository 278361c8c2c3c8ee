"""Fits the curve of a channel's week from what is kept of its hours and of channels like it."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlmodel import col

from core.content.baseline import baseline_week
from core.services.context import Context
from core.services.timing import ALL_FORMATS
from core.storage.tables import Channel, PlatformTimingData
from core.storage.tenancy import ScopedSession
from core.timing.curve import WeekCurve
from core.timing.estimator import fit
from core.timing.likeness import of_the_others
from core.timing.pooling import borrow, in_turn
from core.timing.priors import PriorCurve, published_research
from core.timing.rollup import NO_POSTS, WeekStats
from core.timing.week import CELLS
from core.vocabulary import ContentFormat

MOST_LIKE = 30
"""So many channels of a platform, those with most posts, make an expectation: more take longer to read (5,000 rows for
30, about 20 ms) and would not change it."""
ELSEWHERE_TRUST = 0.5
"""Audiences are awake at the same hours on every platform, but come to each for something else: channels elsewhere are
half as likely to say anything of one, and how near they lie to each other bounds nothing."""
MOST_ANSWERS = 16
"""Pooling takes as long as ten fits, so what like channels expect is kept for the statistics they were pooled from: all
of them are the key, nothing else goes in. One answer holds about half a megabyte."""
OWN, PEERS, BOTH = "Your other channels", "Your peers' history", "Your other channels and peers"
ELSEWHERE = "Your channels on other platforms"
"""What the expectations are called on the screen."""

_cell = PlatformTimingData


@dataclass(frozen=True)
class KnownChannel:
    """A channel that teaches: whose it is, and its statistics by content format ("" for all together)."""

    id: str
    platform: str
    is_peer: bool
    stats: Mapping[str, WeekStats]

    def of(self, content_format: str) -> WeekStats:
        """Return the statistics of a format; empty ones where it has no posts."""
        return self.stats.get(content_format, NO_POSTS)


@dataclass(frozen=True)
class _Expected:
    """What is expected on a platform: of each channel that teaches there, of any other, and by channels elsewhere."""

    of_teachers: Mapping[str, PriorCurve | None]
    of_others: PriorCurve | None
    by_elsewhere: PriorCurve | None

    def of(self, channel_id: str) -> tuple[PriorCurve | None, PriorCurve | None]:
        """Return what like channels and those elsewhere expect of a channel."""
        return self.of_teachers.get(channel_id, self.of_others), self.by_elsewhere


def fit_channel(
    session: ScopedSession, ctx: Context, channel: Channel, content_format: ContentFormat | None = None
) -> WeekCurve:
    """Return the week's curve of a channel for a format; what like channels and research expect, without history."""
    return fit_channels(session, ctx, [channel], content_format)[channel.id]


def fit_channels(
    session: ScopedSession, ctx: Context, channels: Sequence[Channel], content_format: ContentFormat | None = None
) -> Mapping[str, WeekCurve]:
    """Return the curves of several channels by id, from one query of the roll-ups.

    A channel starts from its like: the team's other channels and the peers on its platform, then the team's channels
    elsewhere, then published research. A format borrows from the channel's posts of other formats (`pooling.borrow`).
    """
    known = _load(session, [channel.id for channel in channels], content_format or ALL_FORMATS)
    teachers, curves = _teachers(known.values()), {}
    expected = {platform: _expected(platform, teachers) for platform in {channel.platform for channel in channels}}
    for channel in channels:
        research = published_research(baseline_week(ctx.reference.baseline, channel.platform, content_format))
        priors = in_turn([*expected[channel.platform].of(channel.id), research])
        curves[channel.id] = fit(_stats(known.get(channel.id), content_format), [*priors])
    return curves


def load_stats(session: ScopedSession, channel_id: str, content_format: ContentFormat | None = None) -> WeekStats:
    """Return the channel's statistics, of one format or of all; empty ones where nothing was learned yet."""
    name = content_format or ALL_FORMATS
    found = _grouped(session.execute(_rows(name).where(col(_cell.channel_id) == channel_id)).all())
    return found[channel_id].of(name) if found else NO_POSTS


def _stats(known: KnownChannel | None, content_format: ContentFormat | None) -> WeekStats:
    if known is None:
        return NO_POSTS
    every = known.of(ALL_FORMATS)
    return every if content_format is None else borrow(known.of(content_format), every)


def expectations(channel: Channel, known: Iterable[KnownChannel]) -> tuple[PriorCurve | None, PriorCurve | None]:
    """Return what channels, those with most posts first, expect of another: those of its platform, those elsewhere.

    The channel itself is left out; None where nobody has a history.
    """
    return _expected(channel.platform, _teachers(known)).of(channel.id)


def _teachers(known: Iterable[KnownChannel]) -> list[KnownChannel]:
    """Return the channels of each platform with most posts: the same ones whichever channels are asked about."""
    places: Counter[str] = Counter()
    teachers = []
    for channel in known:
        places[channel.platform] += 1
        if places[channel.platform] <= MOST_LIKE:
            teachers.append(channel)
    return teachers


def _expected(platform: str, teachers: Iterable[KnownChannel]) -> _Expected:
    """Return what the teachers of a platform, the team's own and peers, and the team's elsewhere expect."""
    here = [teacher for teacher in teachers if teacher.platform == platform]
    away = [teacher for teacher in teachers if teacher.platform != platform and not teacher.is_peer]
    *each, newcomer = _of_the_others((*_weeks(here), NO_POSTS))
    *_, from_away = _of_the_others((*_weeks(away[:MOST_LIKE]), NO_POSTS))
    return _Expected(
        {
            one.id: _called(prior, (other for other in here if other is not one))
            for one, prior in zip(here, each, strict=True)
        },
        _called(newcomer, here),
        from_away and _from_afar(from_away),
    )


def _from_afar(prior: PriorCurve) -> PriorCurve:
    return replace(prior, name=ELSEWHERE, relevance=prior.relevance * ELSEWHERE_TRUST, deviation=math.inf)


def _weeks(channels: Iterable[KnownChannel]) -> Iterable[WeekStats]:
    return (channel.of(ALL_FORMATS) for channel in channels)


@lru_cache(maxsize=MOST_ANSWERS)
def _of_the_others(weeks: tuple[WeekStats, ...]) -> tuple[PriorCurve | None, ...]:
    return of_the_others(weeks, BOTH)


def _called(prior: PriorCurve | None, channels: Iterable[KnownChannel]) -> PriorCurve | None:
    return prior and replace(prior, name=_name(channels))


def _name(channels: Iterable[KnownChannel]) -> str:
    names = {True: PEERS, False: OWN}
    kinds = {channel.is_peer for channel in channels}
    return BOTH if len(kinds) > 1 else names[True in kinds]


def _load(session: ScopedSession, wanted: Sequence[str], content_format: str) -> Mapping[str, KnownChannel]:
    """Return the wanted channels and those they may learn from, most posts first."""
    places = _places().subquery()
    near = col(_cell.channel_id).in_(select(places.c.channel_id).where(places.c.place <= MOST_LIKE))
    teaches = and_(near, col(_cell.content_format) == ALL_FORMATS)
    return _grouped(session.execute(_rows(content_format).where(or_(teaches, col(_cell.channel_id).in_(wanted)))).all())


def _rows(content_format: str) -> Select[*tuple[Any, ...]]:
    """Return the query of roll-ups, of all formats together and of one, as plain tuples."""
    columns = (_cell.content_format, _cell.hour_of_week, _cell.posts, _cell.weight, _cell.mean, _cell.m2)
    return (
        select(col(Channel.id), col(Channel.platform), col(Channel.is_peer), *map(col, columns))
        .join(_cell, col(_cell.channel_id) == col(Channel.id))
        .where(col(_cell.content_format).in_({ALL_FORMATS, content_format}))
        .order_by(col(Channel.id), col(_cell.content_format))
    )


def _grouped(rows: Iterable[Sequence[Any]]) -> Mapping[str, KnownChannel]:
    """Return the channels of some rows, ordered by channel and format, by id, those with most posts first."""
    known = []
    for (channel_id, platform, is_peer), formats in groupby(rows, itemgetter(0, 1, 2)):
        stats = {name: _week(cells) for name, cells in groupby(formats, itemgetter(3))}
        known.append(KnownChannel(channel_id, platform, is_peer, stats))
    known.sort(key=lambda channel: -channel.of(ALL_FORMATS).posts)
    return {channel.id: channel for channel in known}


def _week(cells: Iterable[Sequence[Any]]) -> WeekStats:
    n, weight, mean, m2 = [0] * CELLS, [0.0] * CELLS, [0.0] * CELLS, [0.0] * CELLS
    for *_, cell, posts, mass, centre, spread in cells:
        n[cell], weight[cell], mean[cell], m2[cell] = posts, mass, centre, spread
    return WeekStats(tuple(n), tuple(weight), tuple(mean), tuple(m2))


def _places() -> Select[tuple[str, int]]:
    """Return the query of every channel's place on its platform, the one with most posts first."""
    posts = func.sum(_cell.posts).desc()
    place = func.row_number().over(partition_by=col(Channel.platform), order_by=(posts, col(Channel.id)))
    return (
        select(col(Channel.id).label("channel_id"), place.label("place"))
        .join(_cell, col(_cell.channel_id) == col(Channel.id))
        .where(col(_cell.content_format) == ALL_FORMATS)
        .group_by(col(Channel.id), col(Channel.platform))
    )
