"""From slots to times: an item that gains nothing by its slot stays at its minute, as far as the rules let it."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from core.calendar.zones import hour_of_week, to_wall
from core.planning.grid_plan import GridPlan
from core.services.plan_subject import Movable, Subject
from core.services.plan_worth import weight_of
from core.services.posting_diary import Diary

_EQUAL = 1e-9
"""Sums of floats this close are the same."""


def times_of(subject: Subject, plan: GridPlan) -> Mapping[str, datetime]:
    """Return when each placed item goes out.

    Slots are half hours, items need not be: one that stands at 10:07 cannot be left alone by a plan on slots. So every
    item whose time now is worth no less than its slot is put back, where nothing speaks against it any more; that goes
    on until nothing changes, since one that is put back may make room for another.
    """
    grid = subject.ground.grid
    times = {one.item: grid.start(one.slot) for one in plan.placements}
    diary = diary_of(subject, times)
    waiting = {key for key, at in times.items() if _would_rather_stay(subject, subject.movable[key], at)}
    while back := [key for key in sorted(waiting) if _put_back(diary, subject.movable[key])]:
        waiting.difference_update(back)
        times |= {key: subject.movable[key].post.at for key in back}
    return times


def diary_of(subject: Subject, times: Mapping[str, datetime]) -> Diary:
    """Return all that stands, with items at these times."""
    diary = Diary(subject.ground, subject.options, subject.orders)
    for post in subject.ground.bookings:
        diary.add(subject.movable[post.item_id].at(times[post.item_id]) if post.item_id in times else post)
    return diary


def worth_at(subject: Subject, one: Movable, at: datetime) -> float:
    """Return what an item is worth at a moment, with what it earns for staying."""
    lift = subject.worth.hours[one.kind].lifts[hour_of_week(at, one.item.timezone)]
    stays = subject.options.stability if at == one.post.at else 0.0
    return float(weight_of(one.item.priority) * (1 + lift + stays))


def _would_rather_stay(subject: Subject, one: Movable, at: datetime) -> bool:
    """Say whether an item gains nothing by a time, the week's number of posts being the same or of no account."""
    if at == one.post.at or not one.may_stay():
        return False
    counts = subject.least[one.item.channel_id] or subject.returns[one.item.channel_id]
    is_same_week = _monday(at, one.item.timezone) == _monday(one.post.at, one.item.timezone)
    gains = worth_at(subject, one, at) - worth_at(subject, one, one.post.at)
    return gains <= _EQUAL and (is_same_week or not counts)


def _put_back(diary: Diary, one: Movable) -> bool:
    planned = diary.remove(one.item.id)
    is_free = next(diary.obstacles(one.post), None) is None
    diary.add(one.post if is_free else planned)
    return is_free


def _monday(at: datetime, zone: str) -> datetime:
    wall = to_wall(at, zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return wall - timedelta(days=wall.weekday())
