"""Texts made to fit: hashtags where there is room, and a cut after the last whole word that fits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.content.adapting import Adaptation, adapted
from core.content.counting import count_text
from core.content.platforms import Platform, parse_platforms
from core.settings import ROOT
from core.vocabulary import ContentFormat

PLATFORMS = parse_platforms((ROOT / "data/reference/platforms.toml").read_text(encoding="utf-8"), "platforms.toml")
X = PLATFORMS["twitter"]
BOTH = Adaptation(shortens=True, hashtags=True)


def on(platform: Platform, text: str, how: Adaptation, *tags: str) -> str:
    return adapted(platform, platform.formats[ContentFormat.TEXT], text, tags, how)


def test_nothing_is_done_to_a_text_unless_it_is_said() -> None:
    assert on(X, "word " * 100, Adaptation(), "launch") == "word " * 100


def test_a_text_that_is_too_long_ends_after_the_last_whole_word_that_fits() -> None:
    text = on(X, "word " * 100, Adaptation(shortens=True))
    assert text.endswith("word…")
    assert 270 < count_text(X, text) <= 280


def test_a_link_is_never_cut_in_two() -> None:
    link = "https://example.com/" + "a" * 60
    text = on(X, f"{'x' * 270} {link}", Adaptation(shortens=True))
    assert text == "x" * 270 + "…"


def test_tags_become_hashtags_as_far_as_they_fit_and_are_not_there_already() -> None:
    how = Adaptation(hashtags=True)
    assert on(X, "Hello #Launch", how, "launch", "Spring sale", "42") == "Hello #Launch\n\n#Springsale"
    assert on(X, "x" * 275, how, "launch", "a") == "x" * 275 + "\n\n#a"


@given(st.text(max_size=400), st.lists(st.text(max_size=12), max_size=5))
@pytest.mark.parametrize("name", ["twitter", "linkedin"])
def test_what_is_adapted_always_fits_and_is_the_same_when_adapted_again(name: str, text: str, tags: list[str]) -> None:
    platform = PLATFORMS[name]
    once = on(platform, text, BOTH, *tags)
    most = platform.formats[ContentFormat.TEXT].text_max
    assert most is not None
    assert count_text(platform, once) <= most
    assert on(platform, once, Adaptation(shortens=True)) == once
