"""The shapes every call shares: bodies that refuse what they do not know, and the envelope of answers."""

from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, Strict

from core.calendar.zones import in_utc

Data = TypeVar("Data", bound=BaseModel)

Whole = Annotated[int, Strict(), Field(ge=-(2**53), le=2**53)]
"""A whole number that is written as one: "3" and true are refused, and what no JavaScript can hold."""

YesNo = Annotated[bool, Strict()]
"""true or false, and nothing that stands for them."""

Metadata = dict[str, Any]
"""What an integrator keeps with a thing; Slotwise hands it back unchanged and reads nothing in it."""


Moment = Annotated[datetime, PlainSerializer(in_utc, return_type=str)]


class Body(BaseModel):
    """What a client sends: an unknown field is refused, for it is a slip."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Query(Body):
    """What a client asks in the address: an unknown parameter is refused, for ignoring a filter would mislead."""


class Shape(BaseModel):
    """What Slotwise answers."""

    model_config = ConfigDict(frozen=True)


class Resource(Shape, Generic[Data]):
    """One resource; id and state stand at the top as well, where mobile and browser clients read them."""

    data: Data
    id: str
    state: str


class Meta(Shape):
    """How much of a list this is: `next_cursor` asks for what follows, null ends it."""

    count: int
    limit: int
    next_cursor: str | None


class Listing(Shape, Generic[Data]):
    """Some of the things there are, in a fixed order."""

    data: list[Data]
    meta: Meta


class Paging(Query):
    """Which part of a list is wanted."""

    limit: int = Field(50, ge=10, le=200, description="How many at most.")
    cursor: str | None = Field(None, max_length=500, description="The `next_cursor` of the page before, unchanged.")


def listing(shapes: list[Data], paging: Paging, next_cursor: str | None) -> Listing[Data]:
    """Return one page of a list."""
    return Listing(data=shapes, meta=Meta(count=len(shapes), limit=paging.limit, next_cursor=next_cursor))


def whole_listing(shapes: list[Data]) -> Listing[Data]:
    """Return a list that is always short enough for one page."""
    return Listing(data=shapes, meta=Meta(count=len(shapes), limit=len(shapes), next_cursor=None))
