"""Ids of recommendations: they carry the slot itself, so that any id ever given out can be explained later."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zlib import crc32

from core.errors import NotFound
from core.storage.ids import IdPrefix
from core.vocabulary import ContentFormat

KIND = "recommendation"
"""How errors name one."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ANY_FORMAT = "any"
_ADVICE, _TRY = "a", "t"
_CHECK_LENGTH = 8
_FORMATS = "|".join((_ANY_FORMAT, *ContentFormat))
_SHAPE = re.compile(
    rf"{IdPrefix.SLOT}_(?P<said>(?P<channel>\w+)-(?P<format>{_FORMATS})-(?P<kind>[{_ADVICE}{_TRY}])(?P<minute>\d{{1,9}})"
    rf"-(?P<version>[0-9a-f]+))-(?P<check>[0-9a-f]{{{_CHECK_LENGTH}}})",
    flags=re.ASCII,
)


@dataclass(frozen=True)
class SlotId:
    """What an id says: a slot of a channel for a format, as advice or as a try, and what was known when it was given.

    `start` is a whole minute in UTC from 1970 on, `version` as in `core.timing.recommend.version_of`.
    """

    channel_id: str
    content_format: ContentFormat | None
    start: datetime
    is_exploration: bool
    version: str


def write_slot_id(slot: SlotId) -> str:
    """Return the id, of letters, digits, `_` and `-`: the same for the same slot and knowledge."""
    minute = (slot.start - _EPOCH) // timedelta(minutes=1)
    kind = _TRY if slot.is_exploration else _ADVICE
    said = f"{slot.channel_id}-{slot.content_format or _ANY_FORMAT}-{kind}{minute}-{slot.version}"
    return f"{IdPrefix.SLOT}_{said}-{_check(said)}"


def read_slot_id(text: str) -> SlotId:
    """Return what an id says (NotFound where it is none, or not as it was given out)."""
    found = _SHAPE.fullmatch(text)
    if found is None or _check(found["said"]) != found["check"]:
        raise NotFound(kind=KIND, id=text)
    content_format = None if found["format"] == _ANY_FORMAT else ContentFormat(found["format"])
    start = _EPOCH + timedelta(minutes=int(found["minute"]))
    return SlotId(found["channel"], content_format, start, found["kind"] == _TRY, found["version"])


def _check(said: str) -> str:
    """Return a sum that a slip of the pen or a cut link does not survive; it keeps no secret."""
    return f"{crc32(said.encode()):0{_CHECK_LENGTH}x}"
