"""Preferences and exceptions on the wire: how often and when to post, and when not at all."""

from datetime import UTC, datetime, time
from typing import Annotated

from pydantic import Field

from core.api.places import Faults, read_time
from core.api.shapes.calendars import Zone
from core.api.shapes.items import Fold, Id, TimeText
from core.api.wire import Body, Moment, Paging, Shape, Whole, YesNo
from core.services.preferences import ExceptionView, PreferenceView
from core.vocabulary import ExceptionKind

Clock = Annotated[
    str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description="Wall clock, HH:MM.", examples=["22:00"])
]
Posts = Annotated[Whole, Field(ge=0, le=1_000)]
_NEVER = datetime.min.replace(tzinfo=UTC)


class PreferenceBody(Body):
    """How often and when a platform is posted on; quiet hours are by the clock of `timezone`, the workspace's if null.

    It replaces what was set before: what is left out or null does not restrict.
    """

    timezone: Zone | None = None
    posting_frequency_min: Posts | None = Field(None, description="Posts a week, at least.")
    posting_frequency_max: Posts | None = Field(None, description="Posts a week, at most.")
    quiet_from: Clock | None = None
    quiet_to: Clock | None = None
    working_days_only: YesNo = False

    def view(self, platform: str, zone: str) -> PreferenceView:
        """Return the preference that is meant for a platform; `zone` where none is said."""
        hours = {
            name: None if text is None else time.fromisoformat(text)
            for name, text in (("quiet_from", self.quiet_from), ("quiet_to", self.quiet_to))
        }
        return PreferenceView(
            platform,
            self.timezone or zone,
            self.posting_frequency_min,
            self.posting_frequency_max,
            working_days_only=self.working_days_only,
            **hours,
        )


class PreferencesBody(Body):
    """What to set, by platform; null clears, and platforms that are not named stay as they are."""

    preferences: dict[Annotated[str, Field(max_length=40)], PreferenceBody | None] = Field(
        min_length=1, max_length=50, examples=[{"youtube": {"quiet_from": "22:00", "quiet_to": "07:00"}, "x": None}]
    )


class PreferenceShape(Shape):
    """How often and when a platform is posted on."""

    platform: str
    timezone: str
    posting_frequency_min: int | None
    posting_frequency_max: int | None
    quiet_from: str | None
    quiet_to: str | None
    working_days_only: bool


class NewExceptionBody(Body):
    """A window in which nothing goes out, on one channel or on all."""

    starts_at: TimeText
    ends_at: TimeText
    timezone: Zone | None = Field(None, description="Zone of times without offset; left out: the workspace's.")
    fold: Fold = None
    channel_id: Id | None = Field(None, description="Left out or null: every channel.")
    reason: str = Field("", max_length=500)

    def times(self, zone: str) -> tuple[datetime, datetime]:
        """Return start and end (Invalid names each that cannot be meant)."""
        faults, where = Faults(), self.timezone or zone
        starts = faults.take(lambda: read_time(self.starts_at, where, "starts_at", self.fold), _NEVER)
        ends = faults.take(lambda: read_time(self.ends_at, where, "ends_at", self.fold), _NEVER)
        faults.refuse()
        return starts, ends


class ExceptionQuery(Paging):
    """Which windows are wanted."""

    since: str | None = Field(None, alias="from", max_length=40, description="Only those that end after this moment.")


class ExceptionShape(Shape):
    """A window in which nothing goes out; `channel_id` null: on no channel."""

    id: str
    channel_id: str | None
    kind: ExceptionKind
    starts_at: Moment
    ends_at: Moment
    reason: str


def preference_shape(preference: PreferenceView) -> PreferenceShape:
    """Return a preference as it is sent."""
    hours = {
        name: None if clock is None else f"{clock:%H:%M}"
        for name, clock in (("quiet_from", preference.quiet_from), ("quiet_to", preference.quiet_to))
    }
    return PreferenceShape(**{**vars(preference), **hours})


def exception_shape(exception: ExceptionView) -> ExceptionShape:
    """Return a window as it is sent."""
    return ExceptionShape(**vars(exception))
