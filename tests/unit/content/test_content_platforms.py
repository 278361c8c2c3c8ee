"""Platforms as data: what ships, and what is refused with its line."""

from collections.abc import Mapping

import pytest

from core.content.platforms import (
    Frequency,
    Platform,
    TextUnit,
    find_platform,
    frequency_for,
    parse_platforms,
)
from core.errors import BadReferenceData, Invalid
from core.vocabulary import ContentFormat

ONE = """\
# a comment
[acme]
name = "Acme"
colour = "#112233"
text_unit = "characters"
source = "its manual"

[acme.formats.text]
text_min = 1
text_max = 500
"""


def test_the_seven_platforms_ship_with_formats_source_and_a_colour_of_their_own(
    platforms: Mapping[str, Platform],
) -> None:
    assert list(platforms) == ["youtube", "tiktok", "instagram", "linkedin", "twitter", "facebook", "pinterest"]
    assert len({platform.colour for platform in platforms.values()}) == 7
    assert all(platform.formats and platform.source for platform in platforms.values())


def test_shipped_limits_are_those_of_the_platforms(platforms: Mapping[str, Platform]) -> None:
    youtube = platforms["youtube"].formats[ContentFormat.VIDEO_LONG]
    assert (youtube.title_max, youtube.text_max, youtube.bytes_max) == (100, 5000, 256 * 1024**3)
    assert platforms["youtube"].text_unit is TextUnit.BYTES
    assert platforms["twitter"].formats[ContentFormat.TEXT].text_max == 280
    assert platforms["instagram"].formats[ContentFormat.CAROUSEL].media_max == 10
    assert platforms["linkedin"].formats[ContentFormat.TEXT].text_max == 3000
    assert platforms["pinterest"].formats[ContentFormat.IMAGE].text_max == 800
    assert ContentFormat.TEXT not in platforms["youtube"].formats


def test_a_format_has_its_own_frequency_or_that_of_its_platform(platforms: Mapping[str, Platform]) -> None:
    assert frequency_for(platforms["youtube"], ContentFormat.VIDEO_LONG) == Frequency(2, 3)
    assert frequency_for(platforms["youtube"], ContentFormat.VIDEO_SHORT) == Frequency(7, 7)
    assert frequency_for(platforms["twitter"], ContentFormat.THREAD) == Frequency(3, 14)
    assert frequency_for(platforms["linkedin"], None) == Frequency(2, 5)
    assert frequency_for(platforms["pinterest"], ContentFormat.IMAGE) is None


@pytest.mark.parametrize("name", ["twitter", "x", "X", " Twitter ", "X (Twitter)"])
def test_a_platform_is_found_by_id_name_or_alias_in_any_case(platforms: Mapping[str, Platform], name: str) -> None:
    assert find_platform(platforms, name).id == "twitter"


@pytest.mark.parametrize("name", ["", "myspace", "x" * 10_000])
def test_an_unknown_platform_is_refused_with_the_known_ones(platforms: Mapping[str, Platform], name: str) -> None:
    with pytest.raises(Invalid, match="use one of youtube, tiktok, instagram, linkedin, twitter, facebook, pinterest"):
        find_platform(platforms, name)


def test_a_minimal_platform_is_read() -> None:
    acme = parse_platforms(ONE, "platforms.toml")["acme"]
    assert (acme.name, acme.aliases, acme.per_week) == ("Acme", (), None)
    assert acme.formats[ContentFormat.TEXT].text_max == 500


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('name = "Acme"', "name = Acme", "platforms.toml, line 3, syntax"),
        ('name = "Acme"\n', "", "platforms.toml, line 2, acme.name: a text is expected here"),
        ('"#112233"', '"blue"', "platforms.toml, line 4, acme.colour: 'blue' is not a colour; write #rrggbb"),
        ('"characters"', '"words"', "platforms.toml, line 5, acme.text_unit: 'words' is not a unit"),
        ('source = "its manual"', "source = 7", "platforms.toml, line 6, acme.source: a text is expected here"),
        ('source = "its', 'sauce = 1\nsource = "its', "platforms.toml, line 6, acme.sauce: this is not a setting"),
        ("formats.text", "formats.txt", "platforms.toml, line 8, acme.formats.txt: there is no such content format"),
        ("[acme.formats.text]", "[acme.formats]", "platforms.toml, line 9, acme.formats.text_min: there is no such"),
        ("text_min = 1", "text_min = true", "line 9, acme.formats.text.text_min: a whole number from 0 on"),
        ("text_min = 1", "text_min = 501", "line 9, acme.formats.text.text_min: 501 is more than text_max, 500"),
        ("text_max = 500", "text_max = -1", "line 10, acme.formats.text.text_max: a whole number from 0 on"),
        ("text_max = 500", "media_types = [1]", "line 10, acme.formats.text.media_types: a list of texts"),
        ("text_max = 500", "seconds = [5.0, 1.0]", "line 10, acme.formats.text.seconds: two numbers from 0 on"),
        ("text_max = 500", "seconds = [1.0, nan]", "line 10, acme.formats.text.seconds: two numbers from 0 on"),
        ("text_max = 500", "seconds = [1.0, inf]", "line 10, acme.formats.text.seconds: two numbers from 0 on"),
        ("text_max = 500", "per_week = [0, 0]", "line 10, acme.formats.text.per_week: whole numbers of posts"),
        ("text_max = 500", "aspect = [1.0]", "line 10, acme.formats.text.aspect: two numbers from 0 on"),
        ("text_max = 500", "per_week = [0.5, 2]", "line 10, acme.formats.text.per_week: whole numbers of posts"),
        ("text_max = 500", "bytes_max = ", "platforms.toml, line 10, syntax"),
        ("[acme.formats.text]", "[acme.formats.text", "platforms.toml, line 8, syntax"),
        ("text_max = 500", "[bare]\nname='Acme'", "platforms.toml, line 10, bare.colour: a text is expected here"),
    ],
)
def test_a_mistake_is_refused_with_its_line_and_field(old: str, new: str, message: str) -> None:
    with pytest.raises(BadReferenceData) as refused:
        parse_platforms(ONE.replace(old, new), "platforms.toml")
    assert message in str(refused.value)


def test_a_value_where_a_platform_is_expected_is_refused() -> None:
    with pytest.raises(BadReferenceData, match=r"p\.toml, line 2, version: a table is expected here"):
        parse_platforms("\nversion = 1\n", "p.toml")


def test_two_platforms_cannot_share_a_name() -> None:
    twin = ONE.replace("acme", "twin").replace('name = "Acme"', 'name = "Twin"\naliases = ["ACME"]')
    with pytest.raises(BadReferenceData, match=r"line 12, twin: another platform already has the name 'acme'"):
        parse_platforms(ONE + twin, "platforms.toml")
