"""What speaks against the posts of a job, beside each other and what stands already: too close, too many, closed."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import col, select

from core.calendar.conflicts import Booking, PostingLimits, find_conflicts
from core.calendar.zones import to_wall
from core.services.bulk_views import RowDraft
from core.services.context import Context
from core.services.own_channels import IS_OWN
from core.services.posting_rules import PostingRules, booking, bookings_between, rules_of
from core.storage.tables import Channel

_MONDAY = "%G-W%V"


@dataclass(frozen=True)
class Clash:
    """A sentence on what speaks against a post (`number` of its row from 1); it does not keep the job from starting."""

    number: int
    platform: str
    message: str


@dataclass(frozen=True)
class _Post:
    number: int
    platform: str
    channel: Channel
    booking: Booking


def clashes_of(
    ctx: Context, rows: Sequence[RowDraft], planned: Sequence[tuple[int, str, datetime]]
) -> tuple[Clash, ...]:
    """Return what speaks against posts, each the number of its row, its platform and its time.

    Posts on a platform of which the channel is not known yet are left out.
    """
    if not planned:
        return ()
    times = [when for _, _, when in planned]
    with ctx.read() as session:
        channels = session.scalars(select(Channel).where(IS_OWN, col(Channel.active))).all()
        rules = rules_of(session, channels)
        standing = bookings_between(session, min(times), max(times), [channel.id for channel in channels])
    posts = list(_posts(rows, planned, channels))
    found: list[Clash] = []
    for channel in channels:
        own = [post for post in posts if post.channel.id == channel.id]
        there = [one for one in standing if one.channel_id == channel.id]
        found += _on_channel(own, there, rules[channel.id])
    return tuple(sorted(found, key=lambda clash: clash.number))


def _posts(
    rows: Sequence[RowDraft], planned: Iterable[tuple[int, str, datetime]], channels: Sequence[Channel]
) -> Iterator[_Post]:
    known = {channel.id: channel for channel in channels}
    by_platform: defaultdict[str, list[Channel]] = defaultdict(list)
    for channel in channels:
        by_platform[channel.platform].append(channel)
    for number, platform, when in planned:
        row, fitting = rows[number - 1], by_platform[platform]
        named = known.get(row.channel_ids.get(platform, ""))
        own = named or (fitting[0] if len(fitting) == 1 else None)
        if own is not None:
            text = row.texts.get(platform, row.text)
            yield _Post(number, platform, own, booking(f"row {number}", row.title, text, own.id, when))


def _on_channel(posts: Sequence[_Post], standing: Sequence[Booking], rules: PostingRules) -> Iterator[Clash]:
    """Look at each post beside its nearest neighbours only: there may be thousands."""
    everything = sorted([*standing, *(post.booking for post in posts)], key=lambda one: (one.at, one.item_id))
    moments = [one.at for one in everything]
    counts = _counts(everything, posts[0].channel.timezone) if posts else {}
    near_only = replace(rules.limits, max_per_day=None, max_per_week=None, same_content_days=None)
    for post in posts:
        zone, own = post.channel.timezone, post.booking
        near = _neighbours(everything, moments, own, near_only.min_gap)
        conflicts = (
            *find_conflicts(own, near, near_only, zone),
            *find_conflicts(own, (), PostingLimits(quiet=rules.quiet), rules.zone),
        )
        yield from (Clash(post.number, post.platform, conflict.message) for conflict in conflicts)
        yield from (Clash(post.number, post.platform, words) for words in _too_many(own, counts, rules, zone))


def _neighbours(
    everything: Sequence[Booking], moments: Sequence[datetime], own: Booking, gap: timedelta
) -> list[Booking]:
    """Return the first other post that is nearer than the gap: one is enough to say so."""
    place = bisect_left(moments, own.at - gap)
    for other in everything[place:]:
        if other.at - own.at >= gap:
            break
        if other.item_id != own.item_id and abs(other.at - own.at) < gap:
            return [other]
    return []


def _counts(everything: Iterable[Booking], zone: str) -> Mapping[str, int]:
    counts: Counter[str] = Counter()
    for one in everything:
        wall = to_wall(one.at, zone)
        counts.update((f"{wall:%Y-%m-%d}", f"{wall:{_MONDAY}}"))
    return counts


def _too_many(own: Booking, counts: Mapping[str, int], rules: PostingRules, zone: str) -> Iterator[str]:
    wall = to_wall(own.at, zone)
    spans = (
        (rules.limits.max_per_day, counts[f"{wall:%Y-%m-%d}"], f"on {wall:%Y-%m-%d}"),
        (rules.limits.max_per_week, counts[f"{wall:{_MONDAY}}"], f"in the week of {wall:%Y-%m-%d}"),
    )
    for most, count, when in spans:
        if most is not None and count > most:
            yield f"“{own.title}” is one of {count} posts {when}; at most {most} are allowed."
