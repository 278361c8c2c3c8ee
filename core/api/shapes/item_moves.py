"""What is said with what a person does to an item."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from core.api.places import read_time
from core.api.shapes.items import Fold, TimeText
from core.api.wire import Body, Whole, YesNo


class NoteBody(Body):
    """Nothing has to be said; the revision that was read may be."""

    expected_revision: Whole | None = None


class WhenBody(NoteBody):
    """A time, where it is not to be the present one."""

    scheduled_time: TimeText | None = None
    timezone: Annotated[str | None, Field(max_length=64, description="Zone of a time without offset.")] = None
    fold: Fold = None

    def moment(self, zone: str) -> datetime | None:
        """Return the time that is meant, None where none is said (Invalid)."""
        if self.scheduled_time is None:
            return None
        return read_time(self.scheduled_time, self.timezone or zone, "scheduled_time", self.fold)


class RejectBody(NoteBody):
    """Why an item is refused; it is kept with it."""

    reason: str | None = Field(None, max_length=1_000)


class ResolveBody(NoteBody):
    """What was seen at the platform."""

    published: YesNo
    url: str | None = Field(None, max_length=2_000, description="The post's address, where it is out.")
