"""What a plan has to keep to, as an integrator says it, made into the planner's options."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from core.api.places import Faults, read_time
from core.api.shapes.items import TimeText
from core.api.wire import Body, Whole
from core.content.baseline import WEEKDAYS
from core.errors import Invalid, Problem
from core.services.plan_views import PlanOptions
from core.timing.week import DAYS, HOURS_PER_DAY
from core.vocabulary import Reach

Minutes = Annotated[Whole, Field(ge=0, le=527_040)]
Cap = Annotated[Whole, Field(ge=1, le=100_000)]
_CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"


def _weekday(said: object) -> int:
    if isinstance(said, str) and said in WEEKDAYS:
        return WEEKDAYS.index(said)
    if isinstance(said, int) and not isinstance(said, bool) and said in range(DAYS):
        return said
    raise ValueError(f"use {', '.join(WEEKDAYS)}, or 0 for Monday to 6 for Sunday")


def _clock(said: object) -> time:
    """Return a time of day; 24 is the midnight that ends it."""
    if isinstance(said, str) and re.match(_CLOCK, said):
        return time.fromisoformat(said)
    if isinstance(said, int) and not isinstance(said, bool) and said in range(HOURS_PER_DAY + 1):
        return time(said % HOURS_PER_DAY)
    raise ValueError(f"use a time such as 09:00, or an hour from 0 to {HOURS_PER_DAY}")


Weekday = Annotated[
    int,
    BeforeValidator(_weekday),
    WithJsonSchema({"anyOf": [{"enum": list(WEEKDAYS)}, {"type": "integer", "minimum": 0, "maximum": DAYS - 1}]}),
]
ClockTime = Annotated[
    time,
    BeforeValidator(_clock),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": _CLOCK, "examples": ["09:00"]},
                {"type": "integer", "minimum": 0, "maximum": HOURS_PER_DAY},
            ]
        }
    ),
]

_WORDS = {
    "min_gap": "min_gap_minutes",
    "allowed_from": "allowed_hours",
    "allowed_to": "allowed_hours",
    "cross_platform_gap": "cross_platform_gap_minutes",
}
"""Fields of the planner's options that the wire calls otherwise."""
_ELSEWHERE = {"calendar_id": "schedule_id", "constraints": "constraints"}
"""Places of problems that are not below `constraints`."""


@contextmanager
def placed_as_constraints() -> Iterator[None]:
    """Let the problems that the planner finds in the block name the fields of a client's constraints."""
    try:
        yield
    except Invalid as error:
        raise Invalid(tuple(replace(each, place=_placed(each.place)) for each in error.problems)) from error


def _placed(place: str) -> str:
    return _ELSEWHERE.get(place) or f"constraints.{_WORDS.get(place, place)}"


class Stretch(Body):
    """A window [start, end) that is kept free."""

    start: TimeText
    end: TimeText


class HoursBetween(Body):
    """Hours of the channel's clock, `from` included and `to` excluded; over midnight where `to` is the earlier one."""

    since: ClockTime = Field(alias="from")
    until: ClockTime = Field(alias="to")


class ConstraintsBody(Body):
    """What the plan has to keep to, beside what channels and preferences say: it can only be stricter."""

    min_gap_minutes: Minutes | None = Field(None, description="Between two posts of a channel.")
    max_per_day: Cap | None = Field(None, description="Posts of a channel on a day of its clock.")
    max_per_week: Cap | None = Field(None, description="Posts of a channel in a week, Monday to Sunday.")
    allowed_weekdays: list[Weekday] | None = Field(
        None, min_length=1, max_length=7, description="By name, or 0 for Monday to 6 for Sunday."
    )
    allowed_hours: HoursBetween | list[Annotated[Whole, Field(ge=0, le=23)]] | None = Field(
        None, description='By the channel\'s clock: `{"from": "09:00", "to": "17:30"}`, or a list of hours: [9, 18].'
    )
    not_before: TimeText | None = Field(None, description="With this or `not_after` a post may also leave its week.")
    not_after: TimeText | None = None
    blackouts: list[Stretch] = Field([], max_length=100, description="Windows that are kept free.")
    cross_platform_gap_minutes: Minutes = Field(0, description="Between posts of one content on different platforms.")

    def options(self, zone: str, only: frozenset[str] | None) -> PlanOptions:
        """Return the planner's options; times without offset are in `zone` (Invalid names each that is none)."""
        bounds, windows = self._times(zone)
        return PlanOptions(
            reach=Reach.RANGE if bounds else Reach.WEEK,
            min_gap=None if self.min_gap_minutes is None else timedelta(minutes=self.min_gap_minutes),
            max_per_day=self.max_per_day,
            max_per_week=self.max_per_week,
            allowed_weekdays=None if self.allowed_weekdays is None else frozenset(self.allowed_weekdays),
            blackouts=windows,
            only=only,
            cross_platform_gap=timedelta(minutes=self.cross_platform_gap_minutes),
            **_hours(self.allowed_hours),
            **bounds,
        )

    def _times(self, zone: str) -> tuple[dict[str, Any], tuple[tuple[datetime, datetime], ...]]:
        faults, found = Faults(), dict[str, datetime]()
        said = {name: text for name in ("not_before", "not_after") if (text := getattr(self, name)) is not None}
        for number, window in enumerate(self.blackouts):
            said |= {f"blackouts[{number}].{end}": getattr(window, end) for end in ("start", "end")}
        for name, text in said.items():
            place = f"constraints.{name}"
            faults.take(lambda n=name, t=text, p=place: found.update({n: read_time(t, zone, p)}), None)  # type: ignore[misc]
        faults.refuse()
        windows = tuple(
            (found.pop(f"blackouts[{n}].start"), found.pop(f"blackouts[{n}].end")) for n in range(len(self.blackouts))
        )
        return dict(found), windows


def _hours(allowed: HoursBetween | list[int] | None) -> dict[str, Any]:
    if isinstance(allowed, list):
        return {"allowed_hours": frozenset(allowed)}
    if allowed is None:
        return {}
    if allowed.since == allowed.until:
        fix = "these are the same time; leave allowed_hours out to allow every hour"
        raise Invalid((Problem("constraints.allowed_hours.to", f"{allowed.until:%H:%M}", fix),))
    return {"allowed_from": allowed.since, "allowed_to": allowed.until}
