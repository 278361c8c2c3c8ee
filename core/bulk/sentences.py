"""What is kept of a failed row or job as people read it: sentences, without places of fields and ids."""

import re
from collections.abc import Mapping

_FIELDS: Mapping[str, str] = {
    "title": "Title",
    "text": "Text",
    "tags": "Tags",
    "media": "Media",
    "content_format": "Format",
    "platforms": "Platform",
    "scheduled_times": "Posting time",
    "scheduled_time": "Posting time",
    "scheduled_at": "Posting time",
    "placed": "Posting time",
    "channel_ids": "Channel",
    "channel_id": "Channel",
    "content_id": "Content",
    "item_id": "Post",
    "calendar_id": "Calendar",
    "items": "Posts",
    "metadata": "Metadata",
    "operation_type": "Kind of job",
    "priority": "Priority",
    "audience": "Audience",
    "tone": "Tone",
}
"""What the fields of a row are called."""

_STARTS = re.compile(
    r"(?P<before>^|; |Row \d+: )(?:(?:rows|items)\[\d+\]\.)?"
    rf"(?P<field>{'|'.join(_FIELDS)})(?:\[\d+\]|\.\w+)*: "
)
_GOT = re.compile(r""" \(got (?P<quote>['"])(?P<value>.*?)(?P=quote)\)(?=$|; )""")
_NAMED_ID = re.compile(r"\b[a-z]+_[0-9a-f]{16,} \(([^)]+)\)")


def field_name(place: str) -> str:
    """Return what people call the field that a place names (`scheduled_times.youtube` → `Posting time`)."""
    first = re.split(r"[.\[]", re.sub(r"^rows\[\d+\]\.", "", place))[0]
    return _FIELDS.get(first, first.replace("_", " ").capitalize())


def sentences(error: str) -> str:
    """Return an error as it is kept of a row or job, said for people."""
    said = _GOT.sub(lambda got: f" (it says “{got['value']}”)" if got["value"] else "", error.strip())
    said = _STARTS.sub(lambda start: f"{_stop(start['before'])}{_FIELDS[start['field']]}: ", said)
    said = without_ids(said)
    said = f"{said[:1].upper()}{said[1:]}"
    return said if said.endswith((".", "!", "?", "”)")) or not said else f"{said}."


def without_ids(message: str) -> str:
    """Return a sentence with the names of channels alone, where it names their ids before them."""
    return _NAMED_ID.sub(r"\1", message)


def _stop(before: str) -> str:
    return ". " if before == "; " else before


def counted(number: int, thing: str) -> str:
    """Return `1 post` or `2,000 posts`; `thing` is singular and takes an s."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
