"""Whether a platform will take a post: every problem before it is scheduled, with limit and value."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.content.counting import count_hashtags, count_text
from core.content.platforms import FormatLimits, Platform, TextUnit
from core.errors import Problem
from core.vocabulary import ContentFormat

_UNITS = {
    TextUnit.CHARACTERS: "characters",
    TextUnit.UTF16: "UTF-16 units (an emoji is 2)",
    TextUnit.BYTES: "bytes (an accented letter is 2, an emoji 4)",
    TextUnit.WEIGHTED: "characters as X counts them (a link is 23, an emoji or CJK character 2)",
}


@dataclass(frozen=True)
class Media:
    """One file of a post, as far as it is known: MIME type, bytes, seconds, pixels."""

    media_type: str
    size: int | None = None
    seconds: float | None = None
    width: int | None = None
    height: int | None = None


def check_post(
    platform: Platform,
    content_format: ContentFormat,
    title: str,
    text: str,
    media: Sequence[Media] | None = None,
) -> tuple[Problem, ...]:
    """Return what the platform would refuse, in the order of the form; empty = it can go out.

    `media` None = the files are not chosen yet and are not checked; what is unknown about a file is not checked.
    """
    limits = platform.formats.get(content_format)
    if limits is None:
        accepted = ", ".join(platform.formats)
        message = f"{platform.name} does not take {content_format}; it takes {accepted}"
        return (Problem("content_format", content_format.value, message),)
    problems = [*_title_problems(platform, limits, title), *_text_problems(platform, limits, text)]
    return (*problems, *(_media_problems(platform, limits, media) if media is not None else ()))


def _title_problems(platform: Platform, limits: FormatLimits, title: str) -> Iterator[Problem]:
    if limits.title_max is None:
        return
    if len(title) > limits.title_max:
        message = f"{platform.name} takes titles of at most {limits.title_max} characters; this one has {len(title)}"
        yield Problem("title", title, message)
    if len(title.strip()) < limits.title_min:
        yield Problem("title", title, f"{platform.name} needs a title")
    yield from _forbidden(platform, "title", title)


def _text_problems(platform: Platform, limits: FormatLimits, text: str) -> Iterator[Problem]:
    count, unit = count_text(platform, text), _UNITS[platform.text_unit]
    if limits.text_max == 0 and text:
        yield Problem("text", text, f"{platform.name} takes no text with this format; leave it empty")
    elif limits.text_max is not None and count > limits.text_max:
        message = f"{platform.name} takes at most {limits.text_max} {unit}; this text has {count}"
        yield Problem("text", text, message)
    if len(text.strip()) < limits.text_min:
        yield Problem("text", text, f"{platform.name} needs a text")
    tags = count_hashtags(text)
    if limits.hashtags_max is not None and tags > limits.hashtags_max:
        yield Problem("text", text, f"{platform.name} takes at most {limits.hashtags_max} hashtags; this has {tags}")
    yield from _forbidden(platform, "text", text)


def _forbidden(platform: Platform, place: str, text: str) -> Iterator[Problem]:
    if found := set(platform.forbidden) & set(text):
        signs, them = " and ".join(sorted(found)), "it" if len(found) == 1 else "them"
        yield Problem(place, text, f"{platform.name} does not take {signs} here; leave {them} out")


def _media_problems(platform: Platform, limits: FormatLimits, media: Sequence[Media]) -> Iterator[Problem]:
    count = len(media)
    if count < limits.media_min:
        yield Problem("media", str(count), f"{platform.name} needs at least {_files(limits.media_min)} here")
    if limits.media_max is not None and count > limits.media_max:
        yield Problem("media", str(count), f"{platform.name} takes at most {_files(limits.media_max)} here")
    for index, file in enumerate(media):
        yield from _file_problems(platform, limits, f"media[{index}]", file)


def _file_problems(platform: Platform, limits: FormatLimits, place: str, file: Media) -> Iterator[Problem]:
    if limits.media_types and not _is_accepted(file.media_type, limits.media_types):
        message = f"{platform.name} takes {', '.join(limits.media_types)} here"
        yield Problem(f"{place}.media_type", file.media_type, message)
    if limits.bytes_max is not None and file.size is not None and file.size > limits.bytes_max:
        message = f"{platform.name} takes files of at most {limits.bytes_max} bytes; make it smaller"
        yield Problem(f"{place}.size", str(file.size), message)
    measures = (
        ("seconds", file.seconds, limits.seconds, "seconds"),
        ("aspect", _aspect(file), limits.aspect, "times the height as width"),
    )
    for name, value, allowed, unit in measures:
        if value is not None and allowed is not None and not allowed.least <= value <= allowed.most:
            message = f"{platform.name} takes {allowed.least:g} to {allowed.most:g} {unit} here"
            yield Problem(f"{place}.{name}", f"{value:g}", message)


def _aspect(file: Media) -> float | None:
    """Return width / height, or None where one is not known."""
    return file.width / file.height if file.width and file.height else None


def _is_accepted(media_type: str, accepted: tuple[str, ...]) -> bool:
    family = media_type.lower().partition("/")[0] + "/*"
    return media_type.lower() in accepted or family in accepted


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"
