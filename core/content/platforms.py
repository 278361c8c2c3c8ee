"""Platforms as data: what each accepts, how it counts text and how often to post on it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

from core.content.toml_tables import Table, read_toml
from core.errors import Invalid, Problem
from core.vocabulary import ContentFormat


class TextUnit(StrEnum):
    """How a platform counts the length of a text."""

    CHARACTERS = "characters"
    UTF16 = "utf16"
    BYTES = "bytes"
    WEIGHTED = "weighted"


@dataclass(frozen=True)
class Range:
    """A lowest and a highest allowed value, both included."""

    least: float
    most: float


@dataclass(frozen=True)
class Frequency:
    """The published guideline of posts per week."""

    least: int
    most: int


@dataclass(frozen=True)
class Price:
    """What a platform charges for each post that is sent to it, in US dollars."""

    post: float
    post_with_link: float


@dataclass(frozen=True)
class FormatLimits:
    """What a platform accepts of one content format; None = no limit, or none known.

    Titles in characters (None: the platform shows no title), text in the platform's unit, sizes in bytes per file,
    aspect as width / height. Media types may end in `/*`.
    """

    title_min: int = 0
    title_max: int | None = None
    text_min: int = 0
    text_max: int | None = None
    hashtags_max: int | None = None
    media_min: int = 0
    media_max: int | None = None
    media_types: tuple[str, ...] = ()
    bytes_max: int | None = None
    seconds: Range | None = None
    aspect: Range | None = None
    per_week: Frequency | None = None


@dataclass(frozen=True)
class Platform:
    """One platform.

    `colour` is its `#rrggbb` in charts, `aliases` are further names people send, `forbidden` are characters that
    neither title nor text may contain.
    """

    id: str
    name: str
    colour: str
    text_unit: TextUnit
    source: str
    formats: Mapping[ContentFormat, FormatLimits]
    aliases: tuple[str, ...] = ()
    forbidden: str = ""
    per_week: Frequency | None = None
    price_usd: Price | None = None


_LONGEST_NAME = 40
"""More of a name is not compared; comparing is quadratic."""

_ID = re.compile(r"[a-z][a-z0-9_]*")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")


def parse_platforms(text: str, file: str) -> Mapping[str, Platform]:
    """Return the platforms of a TOML text by id, in its order; BadReferenceData names `file`, line and field."""
    root = read_toml(text, file)
    platforms: dict[str, Platform] = {}
    taken: set[str] = set()
    for table in root.tables():
        platform = _platform(table)
        if twice := taken & _names(platform):
            root.refuse(platform.id, f"another platform already has the name {min(twice)!r}")
        taken |= _names(platform)
        platforms[platform.id] = platform
    return MappingProxyType(platforms)


def find_platform(platforms: Mapping[str, Platform], name: str) -> Platform:
    """Return the platform of this id, name or alias in any case; Invalid lists the known ones."""
    wanted = name.strip().casefold()
    for platform in platforms.values():
        if wanted in _names(platform):
            return platform
    known = ", ".join(platforms)
    near = _nearest(platforms, wanted)
    meant = f"did you mean {near.name}? If not, " if near else ""
    raise Invalid((Problem("platform", name, f"this platform is not known; {meant}use one of {known}"),))


def _nearest(platforms: Mapping[str, Platform], wanted: str) -> Platform | None:
    """Return the platform of which a name is written almost so."""
    by_name = {name: platform for platform in platforms.values() for name in _names(platform)}
    found = _close_match(wanted[:_LONGEST_NAME], tuple(by_name))
    return by_name[found] if found else None


@lru_cache(maxsize=1024)
def _close_match(wanted: str, names: tuple[str, ...]) -> str | None:
    """Return the name nearest to what was written; a sheet repeats one slip in a thousand rows."""
    return next(iter(get_close_matches(wanted, names, 1)), None)


def frequency_for(platform: Platform, content_format: ContentFormat | None) -> Frequency | None:
    """Return the guideline for a format, else for the platform; None where research gives none."""
    limits = platform.formats.get(content_format) if content_format else None
    return (limits.per_week if limits else None) or platform.per_week


def _names(platform: Platform) -> set[str]:
    return {name.casefold() for name in (platform.id, platform.name, *platform.aliases)}


def _platform(table: Table) -> Platform:
    table.check_keys({field.name for field in fields(Platform)} - {"id"})
    platform_id = table.path[-1]
    if not _ID.fullmatch(platform_id):
        table.refuse("name", f"{platform_id!r} cannot be an id; use small letters, digits and _")
    colour = table.words("colour")
    if not _COLOUR.fullmatch(colour):
        table.refuse("colour", f"{colour!r} is not a colour; write #rrggbb")
    return Platform(
        id=platform_id,
        name=table.words("name"),
        colour=colour,
        text_unit=_text_unit(table),
        source=table.words("source"),
        formats=_formats(table.table("formats")),
        aliases=table.list_of_words("aliases"),
        forbidden=table.words("forbidden", ""),
        per_week=_frequency(table),
        price_usd=Price(*price) if (price := table.pair("price_usd")) else None,
    )


def _text_unit(table: Table) -> TextUnit:
    unit = table.words("text_unit")
    if unit not in set(TextUnit):
        table.refuse("text_unit", f"{unit!r} is not a unit; use one of {', '.join(TextUnit)}")
    return TextUnit(unit)


def _formats(table: Table) -> Mapping[ContentFormat, FormatLimits]:
    for key in table.values:
        if key not in set(ContentFormat):
            table.refuse(key, f"there is no such content format; use one of {', '.join(ContentFormat)}")
    return MappingProxyType({ContentFormat(inner.path[-1]): _limits(inner) for inner in table.tables()})


def _limits(table: Table) -> FormatLimits:
    table.check_keys({field.name for field in fields(FormatLimits)})
    title_min, title_max = _bounds(table, "title")
    text_min, text_max = _bounds(table, "text")
    media_min, media_max = _bounds(table, "media")
    return FormatLimits(
        title_min=title_min,
        title_max=title_max,
        text_min=text_min,
        text_max=text_max,
        media_min=media_min,
        media_max=media_max,
        hashtags_max=table.count("hashtags_max"),
        media_types=table.list_of_words("media_types"),
        bytes_max=table.count("bytes_max"),
        seconds=_range(table, "seconds"),
        aspect=_range(table, "aspect"),
        per_week=_frequency(table),
    )


def _bounds(table: Table, what: str) -> tuple[int, int | None]:
    least, most = table.count(f"{what}_min") or 0, table.count(f"{what}_max")
    if most is not None and least > most:
        table.refuse(f"{what}_min", f"{least} is more than {what}_max, {most}")
    return least, most


def _range(table: Table, key: str) -> Range | None:
    pair = table.pair(key)
    return Range(*pair) if pair else None


def _frequency(table: Table) -> Frequency | None:
    pair = table.pair("per_week")
    if pair and not (isinstance(pair[0], int) and isinstance(pair[1], int) and pair[1] > 0):
        table.refuse("per_week", "whole numbers of posts are expected here, the second above 0")
    return Frequency(int(pair[0]), int(pair[1])) if pair else None
