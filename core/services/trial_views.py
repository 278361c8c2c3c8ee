"""What is asked of trials, and what screens, programs and reports see of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.trials.power import POWER
from core.trials.promise import Sight
from core.trials.registration import Registration, Window
from core.trials.values import ALPHA, Known
from core.trials.verdict import Verdict
from core.trials.words import DrawUnit, Measure, StoppingRule, Strategy, TrialState
from core.undefined import Undefined
from core.vocabulary import ContentFormat, ItemState


@dataclass(frozen=True)
class ArmDraft:
    """A strategy to try: its name, how it chooses times, its whole-number share, and the hours of WINDOWS."""

    name: str
    strategy: Strategy
    weight: int = 1
    windows: tuple[Window, ...] = ()


@dataclass(frozen=True)
class TrialDraft:
    """A trial as somebody plans it; everything but the name is registered at its start and never edited then.

    `calendar_ids` empty: posts of all calendars. `control` empty: the first arm. `detect` is the lift it is to find
    (0.2: 20 %). `planned_posts` None: what the channels post in `weeks`. `takes_new`: posts whose time the planner
    chooses join by themselves. `seed` None: one is drawn, or the one there is stays; it is shown once the trial is
    stopped. `unit`: whether posts are drawn, or whole days.
    """

    name: str
    channel_ids: tuple[str, ...]
    arms: tuple[ArmDraft, ...]
    hypothesis: str = ""
    calendar_ids: tuple[str, ...] = ()
    control: str = ""
    measure: Measure = Measure.OUTCOME
    stopping: StoppingRule = StoppingRule.SEQUENTIAL
    alpha: float = ALPHA
    detect: float = 0.2
    weeks: int = 8
    planned_posts: int | None = None
    takes_new: bool = False
    seed: str | None = None
    unit: DrawUnit = DrawUnit.POSTS


@dataclass(frozen=True)
class DecisionView:
    """What was decided: the arm that is taken (None: none), what the figures said then, and what was set for it."""

    winner: str | None
    verdict: Verdict
    sentence: str
    note: str
    applied: tuple[str, ...]
    decided_by: str


@dataclass(frozen=True)
class TrialView:
    """A trial. `registration` is what was laid down at its start, None before; `posts` those drawn so far, by arm.

    The seeds of `draft` and `registration` are None until the trial is stopped. `fingerprint` is the SHA-256 of the
    registration, seed and all. `is_over`: the horizon has passed.
    """

    id: str
    state: TrialState
    draft: TrialDraft
    registration: Registration | None
    fingerprint: str | None
    posts: Mapping[str, int]
    looks: int
    is_over: bool
    started_at: datetime | None
    ends_at: datetime | None
    stopped_at: datetime | None
    stop_reason: str
    decided_at: datetime | None
    decision: DecisionView | None
    created_by: str
    created_at: datetime
    updated_at: datetime
    version: int


@dataclass(frozen=True)
class DecisionRequest:
    """Which arm is taken, None for none; `applies` sets the preferences of its channels' platforms for it."""

    winner: str | None
    note: str = ""
    applies: bool = False


# --- Design -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DesignRequest:
    """What a trial is thought of: channels, number of arms, what is measured, how long, and the lift looked for.

    `posts_per_week` None: what the channels posted in the last twelve weeks. `simulates`: also count simulated trials.
    """

    channel_ids: tuple[str, ...]
    arms: int = 2
    content_format: ContentFormat | None = None
    measure: Measure = Measure.OUTCOME
    weeks: int = 8
    detect: float = 0.2
    posts_per_week: float | None = None
    alpha: float = ALPHA
    power: float = POWER
    simulates: bool = False
    unit: DrawUnit = DrawUnit.POSTS
    stopping: StoppingRule = StoppingRule.FIXED


@dataclass(frozen=True)
class DesignView:
    """What a trial can show: from `outcomes` past posts, their standard deviation (log units), and posts a week.

    `sights`: the smallest lift seen after so many weeks; `asked` that of the weeks asked for; `weeks_for` the weeks
    that find a lift; `chance` the share of 10,000 simulated trials of `asked` that find `detect`, None if not asked.
    """

    outcomes: int
    sd: Known
    posts_per_week: float
    arms: int
    asked: Sight
    sights: tuple[Sight, ...]
    weeks_for: Mapping[float, int | Undefined]
    chance: Known | None
    sentence: str
    is_too_coarse: bool
    unit: DrawUnit
    stopping: StoppingRule


# --- Assignment ---------------------------------------------------------------------------------------------------


class UnitState(StrEnum):
    """What is known of a drawn post: it counts; it is too early to say; its time came and there is no outcome."""

    COUNTED = "counted"
    WAITING = "waiting"
    MISSING = "missing"


@dataclass(frozen=True)
class AssignmentView:
    """A line of the ledger of the draw, and what became of the post.

    `planned_at` is the time it came with, `slot_at` the one its arm gave, `scheduled_at` the one it has now (None: it
    is gone). `is_moved`: it was moved, or went out, outside its arm's slot. `value` as measured, None if not known.
    """

    item_id: str
    arm: str
    block: str
    number: int
    cycle: str
    channel_id: str
    content_format: ContentFormat
    planned_at: datetime
    slot_at: datetime
    assigned_at: datetime
    assigned_by: str
    item_state: ItemState | None
    scheduled_at: datetime | None
    published_at: datetime | None
    is_moved: bool
    state: UnitState
    ripe_at: datetime
    value: float | None
    before: float | None


@dataclass(frozen=True)
class RefusedItem:
    """An item that was not drawn, and why; it stays as it was."""

    item_id: str
    reason: str


@dataclass(frozen=True)
class AssignmentReport:
    """What became of items that were to join a trial: the arm and the time of each, and those that could not."""

    assigned: tuple[AssignmentView, ...]
    refused: tuple[RefusedItem, ...]


@dataclass(frozen=True)
class Deviation:
    """A place where the ledger is not what the registration gives."""

    item_id: str
    field: str
    recorded: str
    expected: str


@dataclass(frozen=True)
class AssignmentAudit:
    """The draw repeated from the registration: lines gone through, what deviates, and whether the record is whole."""

    lines: int
    deviations: tuple[Deviation, ...]
    fingerprint_holds: bool
    sentence: str
