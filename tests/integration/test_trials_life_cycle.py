"""What trials promise, over their whole life: planned, started, drawn, measured, looked at every week."""

import math
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path
from random import Random

import numpy as np
import pytest
from planned_posts import MONDAY_NOON, StandingClock, post
from sqlmodel import col, select
from told_posts import Told, tell
from trial_stage import FIRST_MONDAY, WEEK

from core.bootstrap import assemble
from core.services.calendars import NewCalendar, create_calendar
from core.services.channels import ChannelDraft, add_channel
from core.services.context import Context
from core.services.kpi_events import KpiEvent, record_events
from core.services.trial_assigning import assign_items, audit_assignments, list_assignments
from core.services.trial_drafts import create_trial
from core.services.trial_moves import start_trial
from core.services.trial_results import trial_results
from core.services.trial_views import ArmDraft, AssignmentView, TrialDraft
from core.settings import Settings
from core.storage.tables import ContentScheduleItem
from core.trials.registration import Window
from core.trials.verdict import Verdict
from core.trials.words import StoppingRule, Strategy
from core.vocabulary import ChannelKind, ContentFormat, ItemState, Metric

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

WEEKS, PER_WEEK, BEFORE = 6, 10, 120
LEVEL, SD = 5.0, 0.6
DRAWS = 5
"""So often the posts of one trial are measured anew: drawing them takes longer than measuring them."""
EVERY_DAY = tuple(range(7))
ARMS = (
    ArmDraft("first", Strategy.WINDOWS, windows=(Window(EVERY_DAY, time(6), time(14)),)),
    ArmDraft("second", Strategy.WINDOWS, windows=(Window(EVERY_DAY, time(14), time(22)),)),
)


@dataclass(frozen=True)
class Drawn:
    """A trial whose posts were drawn and went out, and the effect (log) it was promised to see."""

    trial_id: str
    promised: float
    units: tuple[AssignmentView, ...]


@dataclass
class Laboratory:
    """An installation in which trials are simulated, its clock, and chance."""

    ctx: Context
    clock: StandingClock
    rng: np.random.Generator
    trials: int = 0

    def earned(self, more: float = 0.0) -> int:
        """Give the likes of a post: log-normal, with tails as of Student's t with 6 degrees of freedom."""
        return round(math.exp(LEVEL + more + SD * float(self.rng.standard_t(6)) / math.sqrt(1.5)))

    def draw(self, stopping: StoppingRule) -> Drawn:
        """Start a trial on a new channel with a past, draw its posts, and let them go out."""
        self.trials += 1
        self.clock.moment = MONDAY_NOON
        channel = add_channel(self.ctx, ChannelDraft("linkedin", f"Page {self.trials}", ChannelKind.OUTBOX, "UTC"))
        before = [MONDAY_NOON - timedelta(days=10 + 2 * each, hours=each % 9) for each in range(BEFORE)]
        tell(self.ctx, channel.id, [Told(at, self.earned(), ContentFormat.TEXT) for at in before])
        trial = create_trial(
            self.ctx,
            TrialDraft(
                f"Trial {self.trials}", (channel.id,), ARMS, stopping=stopping, weeks=WEEKS + 1,
                planned_posts=WEEKS * PER_WEEK, seed=f"seed {self.trials}",
            ),
        )  # fmt: skip
        registered = start_trial(self.ctx, trial.id).registration
        times = [
            FIRST_MONDAY + week * WEEK + timedelta(days=number % 7, hours=12 + number // 7)
            for week in range(WEEKS)
            for number in range(PER_WEEK)
        ]
        posts = tuple(post(channel, at, f"Post {number}") for number, at in enumerate(times))
        items = create_calendar(self.ctx, NewCalendar(f"Posts {self.trials}", "UTC", posts)).items
        assert not assign_items(self.ctx, trial.id, [item.id for item in items]).refused
        assert not audit_assignments(self.ctx, trial.id).deviations
        with self.ctx.write() as session:
            rows = select(ContentScheduleItem).where(col(ContentScheduleItem.id).in_([item.id for item in items]))
            for row in session.scalars(rows):
                row.state, row.published_at = ItemState.PUBLISHED, row.scheduled_at
        assert registered is not None
        assert registered.detectable is not None
        return Drawn(trial.id, math.log1p(registered.detectable), list_assignments(self.ctx, trial.id))

    def measure(self, drawn: Drawn, effect: float) -> None:
        """Tell what every post had after a week; those of `second` earn so much more (log)."""
        self.clock.moment = FIRST_MONDAY + (WEEKS + 3) * WEEK
        events = [
            KpiEvent(
                Metric.LIKES,
                self.earned(effect if unit.arm == "second" else 0.0),
                unit.slot_at + timedelta(days=7, hours=1),
                unit.item_id,
            )
            for unit in drawn.units
        ]
        record_events(self.ctx, events)

    def verdicts(self, drawn: Drawn) -> list[Verdict]:
        """Look at the results eight days after each week, when its posts are ripe."""
        found = []
        for week in range(1, WEEKS + 1):
            self.clock.moment = FIRST_MONDAY + week * WEEK + timedelta(days=8)
            found.append(trial_results(self.ctx, drawn.trial_id).verdict)
        return found

    def end(self, drawn: Drawn) -> list[Verdict]:
        """Look once, when all are ripe and the horizon has passed."""
        self.clock.moment = FIRST_MONDAY + (WEEKS + 2) * WEEK
        return [trial_results(self.ctx, drawn.trial_id).verdict]

    def called(
        self, stopping: StoppingRule, trials: int, share: float, look: Callable[[Drawn], list[Verdict]]
    ) -> tuple[float, float]:
        """Give how often a trial is called won, and lost, at any look; `share` of the promised effect is there."""
        won = lost = 0
        for number in range(trials):
            if number % DRAWS == 0:
                drawn = self.draw(stopping)
            self.measure(drawn, share * drawn.promised)
            first = next((each for each in look(drawn) if each in {Verdict.WON, Verdict.LOST}), None)
            won, lost = won + (first is Verdict.WON), lost + (first is Verdict.LOST)
        return won / trials, lost / trials


@pytest.fixture
def laboratory(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Laboratory:
    """Give an empty installation in which chance comes from a seed, identifiers, and so blocks, included."""
    ids = Random(5)
    monkeypatch.setattr(uuid, "uuid4", lambda: uuid.UUID(int=ids.getrandbits(128), version=4))
    clock = StandingClock()
    house = assemble(Settings(data_dir=tmp_path, database_url=sqlite_url), clock)
    return Laboratory(house.context(), clock, np.random.default_rng(91))


def test_without_an_effect_a_look_every_week_cries_wolf_in_at_most_5_percent(laboratory: Laboratory) -> None:
    rates = laboratory.called(StoppingRule.SEQUENTIAL, 80, 0.0, laboratory.verdicts)
    assert sum(rates) <= 0.05


def test_without_an_effect_one_look_at_the_end_cries_wolf_in_5_percent(laboratory: Laboratory) -> None:
    rates = laboratory.called(StoppingRule.FIXED, 150, 0.0, laboratory.end)
    assert sum(rates) == pytest.approx(0.05, abs=0.036)  # two standard errors


def test_the_effect_that_was_promised_at_registration_is_found_in_4_of_5_trials(laboratory: Laboratory) -> None:
    rates = laboratory.called(StoppingRule.FIXED, 60, 1.0, laboratory.end)
    assert rates[0] == pytest.approx(0.8, abs=0.1)  # two standard errors
    assert rates[1] == 0


def test_the_effect_that_was_promised_is_found_by_looking_every_week_as_well(laboratory: Laboratory) -> None:
    rates = laboratory.called(StoppingRule.SEQUENTIAL, 30, 1.0, laboratory.verdicts)
    assert rates[0] >= 0.8 - 0.15  # two standard errors; looking earlier can only add to it
    assert rates[1] == 0
