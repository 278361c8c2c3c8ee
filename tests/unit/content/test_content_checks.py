"""What a platform would refuse is said before scheduling, with limit and value."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.content.checks import Media, check_post
from core.content.counting import count_hashtags, count_text
from core.content.platforms import Platform, TextUnit
from core.vocabulary import ContentFormat

VIDEO = Media("video/mp4", size=1_000_000, seconds=30, width=1080, height=1920)


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("", 0),
        ("hello", 5),
        ("日本語", 6),
        ("e\u0301", 1),  # composed before counting
        ("a\u2014b", 3),
        ("👍🏽", 2),
        ("👨\u200d👩\u200d👧\u200d👦", 2),
        ("🇩🇪", 2),
        ("1\ufe0f\u20e3", 2),
        ("©", 1),
        ("©\ufe0f", 2),
        ("https://example.com/a/very/long/path?with=query", 23),
        ("see example.com.", 28),
        ("(https://a.co)", 25),
        ("https://a.co日本", 27),
        ("i.e. foo.py", 11),
        ("me@example.com", 14),
        ("https://a.co https://b.co/x", 47),
    ],
)
def test_x_counts_links_emoji_and_wide_letters_by_its_own_weights(
    platforms: Mapping[str, Platform], text: str, weight: int
) -> None:
    assert count_text(platforms["twitter"], text) == weight


def test_other_platforms_count_bytes_utf16_units_or_characters(platforms: Mapping[str, Platform]) -> None:
    text = "é👍"
    assert count_text(platforms["youtube"], text) == 6
    assert count_text(platforms["tiktok"], text) == 3
    assert count_text(platforms["linkedin"], text) == 2


@given(st.text(st.characters(exclude_categories=())), st.sampled_from(["youtube", "tiktok", "twitter", "facebook"]))
def test_every_text_even_a_broken_one_can_be_counted(platforms: Mapping[str, Platform], text: str, name: str) -> None:
    assert 0 <= count_text(platforms[name], text) <= 23 * len(text) + 4


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("#one #two", 2),
        ("#1 place", 0),
        ("#2026goals", 1),
        ("a#b", 0),
        ("##", 0),
        ("#größe,#x", 2),
        ("/#s", 0),
    ],
)
def test_hashtags_are_counted_as_readers_see_them(text: str, count: int) -> None:
    assert count_hashtags(text) == count


def test_a_fitting_post_has_no_problem(platforms: Mapping[str, Platform]) -> None:
    assert check_post(platforms["youtube"], ContentFormat.VIDEO_LONG, "Launch", "What is new", [VIDEO]) == ()
    assert check_post(platforms["twitter"], ContentFormat.TEXT, "", "x" * 280, []) == ()


def test_a_format_the_platform_does_not_take_is_refused_with_those_it_takes(
    platforms: Mapping[str, Platform],
) -> None:
    (problem,) = check_post(platforms["youtube"], ContentFormat.TEXT, "", "hello")
    assert str(problem) == ("content_format: YouTube does not take text; it takes video_long, video_short (got 'text')")


@pytest.mark.parametrize(
    ("platform", "content_format", "title", "text", "messages"),
    [
        ("youtube", "video_long", "", "", ["YouTube needs a title"]),
        ("youtube", "video_long", "x" * 101, "", ["YouTube takes titles of at most 100 characters; this one has 101"]),
        ("youtube", "video_long", "a < b", "", ["YouTube does not take < here; leave it out"]),
        ("youtube", "video_long", "ok", "<b>", ["YouTube does not take < and > here; leave them out"]),
        (
            "youtube",
            "video_long",
            "ok",
            "é" * 2501,
            ["YouTube takes at most 5000 bytes (an accented letter is 2, an emoji 4); this text has 5002"],
        ),
        ("linkedin", "text", "", " ", ["LinkedIn needs a text"]),
        ("instagram", "story", "", "hi", ["Instagram takes no text with this format; leave it empty"]),
        ("instagram", "image", "", "#a #b #c #d #e #f", ["Instagram takes at most 5 hashtags; this has 6"]),
        ("instagram", "image", "x" * 10**6, "", []),
        ("pinterest", "image", "", "", []),
    ],
)
def test_titles_and_texts_are_held_to_the_limits(
    platforms: Mapping[str, Platform], platform: str, content_format: str, title: str, text: str, messages: list[str]
) -> None:
    problems = check_post(platforms[platform], ContentFormat(content_format), title, text)
    assert [problem.message for problem in problems] == messages


def test_a_post_on_x_may_have_280_weighted_characters_and_not_one_more(platforms: Mapping[str, Platform]) -> None:
    fitting = "日" * 140
    assert check_post(platforms["twitter"], ContentFormat.TEXT, "", fitting) == ()
    (problem,) = check_post(platforms["twitter"], ContentFormat.TEXT, "", fitting + "!")
    assert problem.message.startswith("X (Twitter) takes at most 280 characters as X counts them")
    assert problem.message.endswith("this text has 281")


def test_a_title_and_text_of_a_million_characters_are_refused_and_shown_shortened(
    platforms: Mapping[str, Platform],
) -> None:
    problems = check_post(platforms["youtube"], ContentFormat.VIDEO_LONG, "x" * 10**6, "y" * 10**6)
    assert [problem.place for problem in problems] == ["title", "text"]
    assert all(len(str(problem)) < 300 for problem in problems)


@pytest.mark.parametrize(
    ("media", "places", "message"),
    [
        ([], ["media"], "YouTube needs at least 1 file here"),
        ([VIDEO, VIDEO], ["media"], "YouTube takes at most 1 file here"),
        ([Media("image/png")], ["media[0].media_type"], "YouTube takes video/*, application/octet-stream here"),
        ([Media("video/mp4", seconds=181)], ["media[0].seconds"], "YouTube takes 0 to 180 seconds here"),
        (
            [Media("video/mp4", width=1920, height=1080)],
            ["media[0].aspect"],
            "YouTube takes 0 to 1 times the height as width here",
        ),
        ([Media("video/mp4", width=1920, height=0)], [], ""),
        (
            [Media("VIDEO/MP4", size=2**38 + 1)],
            ["media[0].size"],
            "YouTube takes files of at most 274877906944 bytes; make it smaller",
        ),
    ],
)
def test_files_are_held_to_count_type_size_length_and_shape(
    platforms: Mapping[str, Platform], media: list[Media], places: list[str], message: str
) -> None:
    problems = check_post(platforms["youtube"], ContentFormat.VIDEO_SHORT, "ok", "", media)
    assert [problem.place for problem in problems] == places
    assert not problems or problems[0].message == message


def test_every_unit_of_text_is_used_by_a_platform(platforms: Mapping[str, Platform]) -> None:
    assert {platform.text_unit for platform in platforms.values()} == set(TextUnit)
