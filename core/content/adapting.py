"""A text made to fit a platform by stated rules: tags as hashtags where there is room, and what is too long cut."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from core.content.counting import count_hashtags, count_text
from core.content.platforms import FormatLimits, Platform

CUT = "…"
_WORD_END = re.compile(r"\s+")
_NO_TAG = re.compile(r"[^\w]+")


@dataclass(frozen=True)
class Adaptation:
    """What may be done to texts; nothing unless it is said."""

    shortens: bool = False
    hashtags: bool = False


def adapted(platform: Platform, limits: FormatLimits, text: str, tags: Sequence[str], how: Adaptation) -> str:
    """Return what is posted of a text on a platform.

    First the tags are added as hashtags, in their order, as far as each still fits and is not there already. Then a
    text that is too long ends after its last whole word that fits, with an ellipsis; a link is a word.
    """
    if how.hashtags and limits.text_max != 0:
        text = _tagged(platform, limits, text, tags)
    return _shortened(platform, limits.text_max, text) if how.shortens and limits.text_max else text


def _tagged(platform: Platform, limits: FormatLimits, text: str, tags: Sequence[str]) -> str:
    there = {word.casefold() for word in text.split()}
    glue = "\n\n"
    for hashtag in _hashtags(tags):
        longer = f"{text}{glue if text else ''}{hashtag}"
        if hashtag.casefold() in there or not _fits(platform, limits, longer):
            continue
        text, glue = longer, " "
    return text


def _hashtags(tags: Sequence[str]) -> Iterator[str]:
    """Yield tags as hashtags; what has no letter would be none."""
    for tag in dict.fromkeys(tags):
        word = _NO_TAG.sub("", tag)
        if count_hashtags(f"#{word}"):
            yield f"#{word}"


def _fits(platform: Platform, limits: FormatLimits, text: str) -> bool:
    is_short = limits.text_max is None or count_text(platform, text) <= limits.text_max
    return is_short and (limits.hashtags_max is None or count_hashtags(text) <= limits.hashtags_max)


def _shortened(platform: Platform, most: int, text: str) -> str:
    if count_text(platform, text) <= most:
        return text
    ends = [match.start() for match in _WORD_END.finditer(text)]
    place = _last(ends, lambda end: count_text(platform, text[:end].rstrip() + CUT) <= most)
    if place is not None:
        return text[:place].rstrip() + CUT
    letters = _last(list(range(1, len(text))), lambda end: count_text(platform, text[:end] + CUT) <= most)
    return text[:letters] + CUT if letters is not None else text[:most]


def _last(ends: Sequence[int], fits: Callable[[int], bool]) -> int | None:
    """Return the last of rising ends that fits; longer texts count more, so half of the rest is asked each time."""
    low, high = 0, len(ends)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if fits(ends[middle]) else (low, middle)
    return ends[low - 1] if low else None
