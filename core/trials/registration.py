"""The pre-registration of a trial: what is laid down when it starts, its fingerprint, and the blocks of its draw."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from hashlib import sha256
from typing import Any

from core.trials.assignment import Arm, Drawn, Urn, week_of
from core.trials.plan import Primary, TrialPlan
from core.trials.words import DrawUnit, Measure, StoppingRule, Strategy

_DAYS_A_WEEK, _COMPARED = 7, 2
_SEED_BYTES = 6
"""Of the seed's hash, for what takes a number: within what JSON and JavaScript hold."""
PRIMARIES = {Measure.OUTCOME: Primary.LOGGED, Measure.ENGAGEMENT: Primary.LOG, Measure.EARLY_ENGAGEMENT: Primary.LOG}
"""The effect each measure is decided by; all are ratios of geometric means."""


@dataclass(frozen=True)
class Window:
    """Hours [starts, ends) of the local clock on some weekdays (Monday = 0); an end of 00:00 is midnight."""

    weekdays: tuple[int, ...]
    starts: time
    ends: time

    def holds(self, wall: datetime) -> bool:
        """Say whether a local time lies in it."""
        return wall.weekday() in self.weekdays and self.starts <= wall.time() and self.is_before_end(wall.time())

    def is_before_end(self, clock: time) -> bool:
        """Say whether a clock time is before the end."""
        return self.ends == time() or clock < self.ends


@dataclass(frozen=True)
class ArmPlan:
    """An arm: its name, whole-number share, strategy, and what the strategy needs.

    `usual` has the hours of the week (0-167) of USUAL by channel, as they were when the trial started.
    """

    name: str
    weight: int
    strategy: Strategy
    windows: tuple[Window, ...] = ()
    usual: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Registration:
    """What was laid down before the first post was drawn; nothing of it is ever edited.

    `zones` has the zone of each channel, by whose clock weeks and windows are told; `ends_at` is the horizon, for
    posts planned before it; `planned_posts` those of all arms the horizon is to bring; `detectable` the smallest lift
    that was to be expected to show (0.2: 20 %; None: none, or nobody knew). `unit`: what the draw gives arms to.
    `seed` None: it is kept from who looks, as long as posts may join: whoever has it knows the arms to come. `turns`:
    see `Urn`.
    """

    trial_id: str
    hypothesis: str
    measure: Measure
    stopping: StoppingRule
    alpha: float
    detect: float
    weeks: int
    planned_posts: int | None
    detectable: float | None
    control: str
    seed: str | None
    arms: tuple[ArmPlan, ...]
    zones: Mapping[str, str]
    calendar_ids: tuple[str, ...]
    started_at: datetime
    ends_at: datetime
    unit: DrawUnit = DrawUnit.POSTS
    turns: int = 1

    def arm(self, name: str) -> ArmPlan:
        """Return an arm by its name."""
        return next(arm for arm in self.arms if arm.name == name)

    @property
    def urn(self) -> Urn:
        """What the draw takes from; nobody can draw by a registration whose seed is kept (ValueError)."""
        return Urn(self._seed, tuple(Arm(arm.name, arm.weight) for arm in self.arms), self.turns)

    @property
    def _seed(self) -> str:
        if self.seed is None:
            raise ValueError("this registration was shown without its seed")
        return self.seed

    @property
    def planned_units(self) -> int | None:
        """Posts or days that the horizon is to bring: no more days than there are posts."""
        if self.planned_posts is None or self.unit is DrawUnit.POSTS:
            return self.planned_posts
        return min(self.planned_posts, self.weeks * _DAYS_A_WEEK)

    @property
    def plan(self) -> TrialPlan:
        """What the analysis goes by; intervals are narrowest at the planned end of the two arms compared."""
        return TrialPlan(
            primary=PRIMARIES[self.measure],
            control=self.control,
            weights={arm.name: float(arm.weight) for arm in self.arms},
            alpha=self.alpha,
            is_sequential=self.stopping is StoppingRule.SEQUENTIAL,
            tuned_for=float((self.planned_units or TrialPlan.tuned_for) * _COMPARED / len(self.arms)),
            planned_posts=self.planned_units,
            unit=self.unit,
            detect=self.detect,
            seed=int.from_bytes(sha256(self._seed.encode()).digest()[:_SEED_BYTES]),
        )

    def line(self, unit: str, block: str, number: int) -> Drawn:
        """Return the line of the ledger that the seed gives a unit at this place."""
        if self.unit is DrawUnit.DAYS:
            return self.urn.line_of_day(unit, date.fromisoformat(block), number)
        return self.urn.line(unit, block, number)

    def block(self, channel_id: str, day: date, content_format: str) -> str:
        """Return the block of a post by its planned local day: with channel, week and format; or the day drawn."""
        if self.unit is DrawUnit.DAYS:
            return day.isoformat()
        return f"{channel_id}/{week_of(day)}/{content_format}"

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON holds it; `read_registration` is the way back.

        Posts, the usual unit, and cycles of one turn are not named: so the fingerprints of trials from before there was
        a choice still hold.
        """
        unnamed = {"unit": DrawUnit.POSTS, "turns": 1}
        return {
            **{name: value for name, value in vars(self).items() if name not in unnamed or value != unnamed[name]},
            "arms": [_arm_json(arm) for arm in self.arms],
            "zones": dict(self.zones),
            "calendar_ids": list(self.calendar_ids),
            "started_at": self.started_at.isoformat(),
            "ends_at": self.ends_at.isoformat(),
        }

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of its JSON, keys sorted, without spaces: anybody can work it out again."""
        text = json.dumps(self.as_json(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return sha256(text.encode()).hexdigest()


def read_registration(said: Mapping[str, Any]) -> Registration:
    """Return what `Registration.as_json` wrote down."""
    return Registration(
        **{
            **said,
            "measure": Measure(said["measure"]),
            "stopping": StoppingRule(said["stopping"]),
            "unit": DrawUnit(said.get("unit", DrawUnit.POSTS)),
            "arms": tuple(_arm_of(each) for each in said["arms"]),
            "calendar_ids": tuple(said["calendar_ids"]),
            "started_at": datetime.fromisoformat(said["started_at"]),
            "ends_at": datetime.fromisoformat(said["ends_at"]),
        }
    )


def windows_json(windows: tuple[Window, ...]) -> list[dict[str, Any]]:
    """Return windows as JSON holds them."""
    return [
        {"weekdays": list(each.weekdays), "starts": f"{each.starts:%H:%M}", "ends": f"{each.ends:%H:%M}"}
        for each in windows
    ]


def read_windows(said: list[dict[str, Any]]) -> tuple[Window, ...]:
    """Return what `windows_json` wrote down."""
    return tuple(
        Window(tuple(each["weekdays"]), time.fromisoformat(each["starts"]), time.fromisoformat(each["ends"]))
        for each in said
    )


def _arm_json(arm: ArmPlan) -> dict[str, Any]:
    usual = {channel: list(hours) for channel, hours in arm.usual.items()}
    return {**vars(arm), "windows": windows_json(arm.windows), "usual": usual}


def _arm_of(said: Mapping[str, Any]) -> ArmPlan:
    usual = {channel: tuple(hours) for channel, hours in said["usual"].items()}
    return ArmPlan(said["name"], said["weight"], Strategy(said["strategy"]), read_windows(said["windows"]), usual)
