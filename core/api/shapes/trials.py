"""Trials on the wire: what a client sends to plan one, start it, let posts join, stop and decide it."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, Strict
from pydantic.config import JsonDict

from core.api.shapes.constraints import ClockTime, Weekday
from core.api.shapes.items import Id
from core.api.wire import Body, Query, Whole, YesNo
from core.services.trial_assigning import MOST_ITEMS
from core.services.trial_drafts import MOST_ARMS, MOST_CHANNELS, MOST_POSTS, MOST_WEEKS, MOST_WEIGHT
from core.services.trial_views import ArmDraft, DesignRequest, TrialDraft
from core.trials.registration import Window
from core.trials.words import DrawUnit, Measure, StoppingRule, Strategy, TrialState
from core.vocabulary import ContentFormat

Number = Annotated[float, Strict()]

FIRST_TRIAL: JsonDict = {
    "name": "Evenings against our usual hours",
    "hypothesis": "Posts between 18:00 and 21:00 earn more than at the hours we are used to.",
    "channel_ids": ["chan_5f0c1a9b2d3e4f5061728394"],
    "arms": [
        {"name": "usual", "strategy": "usual"},
        {
            "name": "evenings",
            "strategy": "windows",
            "windows": [{"weekdays": ["mon", "tue", "wed", "thu"], "starts": "18:00", "ends": "21:00"}],
        },
    ],
    "control": "usual",
    "weeks": 8,
    "detect": 0.3,
}


class WindowBody(Body):
    """Hours of the channel's clock on some weekdays; an end of 00:00 is midnight."""

    weekdays: list[Weekday] = Field(min_length=1, max_length=7)
    starts: ClockTime
    ends: ClockTime


class ArmBody(Body):
    """A strategy: the planner's recommendations, the channel's usual hours, named windows, or times as planned."""

    name: str = Field(min_length=1, max_length=60)
    strategy: Strategy
    weight: Whole = Field(1, ge=1, le=MOST_WEIGHT, description="Its share of the posts, beside those of the others.")
    windows: list[WindowBody] = Field([], max_length=50, description="Of the strategy windows.")

    def draft(self) -> ArmDraft:
        """Return the arm that is meant."""
        windows = tuple(Window(tuple(each.weekdays), each.starts, each.ends) for each in self.windows)
        return ArmDraft(self.name, self.strategy, self.weight, windows)


class NewTrialBody(Body):
    """A trial to plan. All of it but the name is registered when it starts, and never edited from then on."""

    model_config = ConfigDict(**Body.model_config, json_schema_extra={"examples": [FIRST_TRIAL]})

    name: str = Field(min_length=3, max_length=100)
    channel_ids: list[Id] = Field(min_length=1, max_length=MOST_CHANNELS)
    arms: list[ArmBody] = Field(min_length=2, max_length=MOST_ARMS)
    hypothesis: str = Field("", max_length=2_000)
    calendar_ids: list[Id] = Field([], max_length=100, description="Left out: posts of every calendar.")
    control: str = Field("", max_length=60, description="The arm the others are compared with; left out: the first.")
    unit: DrawUnit = Field(DrawUnit.POSTS, description="What the draw gives arms to: each post, or whole local days.")
    measure: Measure = Measure.OUTCOME
    stopping: StoppingRule = StoppingRule.SEQUENTIAL
    alpha: Number = Field(0.05, ge=0.001, le=0.2, description="How often a trial without an effect may cry wolf.")
    detect: Number = Field(0.2, ge=0.01, le=10, description="The lift it is to find; 0.2 is 20 %.")
    weeks: Whole = Field(8, ge=1, le=MOST_WEEKS)
    planned_posts: Whole | None = Field(
        None, ge=2, le=MOST_POSTS, description="Of all arms; left out: by the channels' pace."
    )
    takes_new: YesNo = Field(
        False, description="Posts whose time the planner chooses join by themselves; needs scheduling:write as well."
    )
    seed: str | None = Field(
        None, min_length=1, max_length=64, description="Of the draw; left out: one is drawn. Not shown before the stop."
    )

    def draft(self) -> TrialDraft:
        """Return the trial that is meant."""
        return TrialDraft(
            **{
                **vars(self),
                "channel_ids": tuple(self.channel_ids),
                "calendar_ids": tuple(self.calendar_ids),
                "arms": tuple(arm.draft() for arm in self.arms),
            }
        )


class TrialPatch(Body):
    """What to change of a draft; what is left out stays as it is."""

    name: str | None = Field(None, min_length=3, max_length=100)
    channel_ids: list[Id] | None = Field(None, min_length=1, max_length=MOST_CHANNELS)
    arms: list[ArmBody] | None = Field(None, min_length=2, max_length=MOST_ARMS)
    hypothesis: str | None = Field(None, max_length=2_000)
    calendar_ids: list[Id] | None = Field(None, max_length=100)
    control: str | None = Field(None, max_length=60)
    unit: DrawUnit | None = None
    measure: Measure | None = None
    stopping: StoppingRule | None = None
    alpha: Number | None = Field(None, ge=0.001, le=0.2)
    detect: Number | None = Field(None, ge=0.01, le=10)
    weeks: Whole | None = Field(None, ge=1, le=MOST_WEEKS)
    planned_posts: Whole | None = Field(None, ge=2, le=MOST_POSTS)
    takes_new: YesNo | None = None
    seed: str | None = Field(None, min_length=1, max_length=64)
    expected_revision: Whole | None = None

    def edited(self, known: TrialDraft) -> TrialDraft:
        """Return the draft with what is said of it."""
        said = {name: value for name, value in vars(self).items() if name in self.model_fields_set}
        said = {name: value for name, value in said.items() if value is not None or name == "planned_posts"}
        said.pop("expected_revision", None)
        if self.arms is not None:
            said["arms"] = tuple(arm.draft() for arm in self.arms)
        said |= {name: tuple(said[name]) for name in ("channel_ids", "calendar_ids") if name in said}
        return TrialDraft(**(vars(known) | said))


class StopBody(Body):
    """Why a trial is stopped."""

    reason: str = Field("", max_length=500)


class DecideBody(Body):
    """Which arm is taken; `apply` sets the preferences of its channels' platforms, and needs scheduling:write."""

    winner: str | None = Field(max_length=60, description="Null: none.")
    note: str = Field("", max_length=2_000)
    apply: YesNo = False


class JoinBody(Body):
    """Posts that are to join a trial, drawn in this order."""

    item_ids: list[Id] = Field(min_length=1, max_length=MOST_ITEMS)


class TrialQuery(Query):
    """Which trials are wanted."""

    limit: int = Field(50, ge=10, le=200)
    cursor: str | None = Field(None, max_length=500)
    status: TrialState | None = None


class TrialExportQuery(Query):
    """As what kind of file."""

    format: Literal["csv", "parquet"] = "csv"


class TrialReportQuery(Query):
    """As what kind of file."""

    format: Literal["html", "pdf"] = Field("html", description="A page that loads nothing, or A4 pages as PDF.")


class ObservedQuery(Query):
    """Which hours of which channel are set beside all its others."""

    channel_id: Id
    hours: str = Field(
        min_length=1,
        max_length=1_000,
        description="Weekdays and hours of the channel's clock.",
        examples=["mon-thu 18:00-21:00; sat,sun 10:00-12:00"],
    )
    since: str | None = Field(None, alias="from", max_length=40, description="First moment; left out: a year back.")
    until: str | None = Field(None, alias="to", max_length=40, description="Last moment, excluded; left out: now.")


class PowerQuery(Query):
    """What a trial is thought of."""

    channel_id: str = Field(min_length=1, max_length=2_000, description="One channel or several by comma.")
    arms: int = Field(2, ge=2, le=MOST_ARMS)
    content_format: ContentFormat | None = None
    unit: DrawUnit = DrawUnit.POSTS
    measure: Measure = Measure.OUTCOME
    stopping: StoppingRule = Field(StoppingRule.FIXED, description="Judging at any look takes more posts.")
    weeks: int = Field(8, ge=1, le=MOST_WEEKS)
    detect: float = Field(0.2, ge=0.01, le=10)
    posts_per_week: float | None = Field(None, ge=0, le=10_000, description="Left out: the channels' pace of 12 weeks.")
    alpha: float = Field(0.05, ge=0.001, le=0.2)
    power: float = Field(0.8, ge=0.5, le=0.99)
    simulate: bool = Field(False, description="Also count how many of 10,000 simulated trials find `detect`.")

    def request(self) -> DesignRequest:
        """Return what the design assistant is asked."""
        named = tuple(dict.fromkeys(each.strip() for each in self.channel_id.split(",") if each.strip()))
        said = {name: value for name, value in vars(self).items() if name not in {"channel_id", "simulate"}}
        return DesignRequest(channel_ids=named, simulates=self.simulate, **said)
