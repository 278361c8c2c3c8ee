"""How long a text is in a platform's own unit, and how many hashtags it has."""

import re
import unicodedata
from collections.abc import Callable, Mapping

from core.content.platforms import Platform, TextUnit

URL_WEIGHT = 23
"""X shortens every link to this many characters."""

WIDE_WEIGHT = 2
LIGHT_RANGES = (range(0x10FF + 1), range(0x2000, 0x200E), range(0x2010, 0x2020), range(0x2032, 0x2038))
"""Code points that X counts as 1 (most alphabets, spaces, dashes, quotes); all others count as WIDE_WEIGHT."""

# Links with a scheme, and bare names of the common generic domains; X also links rarer domains, which then count as
# written. A link ends before closing punctuation and before scripts that are written without spaces.
_BARE_DOMAINS = "com|org|net|edu|gov|info|biz|app|dev|blog|shop|store|online|site|news|tech|xyz"
_IN_LINK = "[!-~\u00a1-\u10ff]"
_URL = re.compile(
    rf"(?:https?://{_IN_LINK}+"
    rf"|(?<![\w@.$#/-])(?:[a-z0-9-]{{1,63}}\.){{1,5}}(?:{_BARE_DOMAINS})(?![\w@-])(?:/{_IN_LINK}*)?)"
    r"(?<![.,!?:;'\")\]])",
    flags=re.IGNORECASE,
)
_PICTURE = (
    "(?:[\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]|[\u00a9\u00ae\u203c\u2049\u2122\u2139](?=\ufe0f))"
)
_TONE_AND_TAGS = "\ufe0f?[\U0001f3fb-\U0001f3ff]?[\U000e0020-\U000e007f]*"
_EMOJI = re.compile(
    "[\U0001f1e6-\U0001f1ff]{2}"  # a flag
    "|[0-9#*]\ufe0f?\u20e3"  # a keycap
    f"|{_PICTURE}{_TONE_AND_TAGS}(?:\u200d{_PICTURE}{_TONE_AND_TAGS})*"  # one or several joined into one picture
)
_HASHTAG = re.compile(r"(?<![\w&/#])[#\uff03](?=\d*[^\W\d])\w+")  # the full-width sign makes hashtags too


def count_text(platform: Platform, text: str) -> int:
    """Return the length of a text in the platform's unit (`platform.text_unit`)."""
    return _COUNTS[platform.text_unit](text)


def count_hashtags(text: str) -> int:
    """Return the number of hashtags; a number alone (#1) is none."""
    return sum(1 for _ in _HASHTAG.finditer(text))


def has_link(text: str) -> bool:
    """Say whether a text holds a link, as X sees it."""
    return _URL.search(text) is not None


def _utf16_units(text: str) -> int:
    return len(text.encode("utf-16-le", errors="surrogatepass")) // 2


def _utf8_bytes(text: str) -> int:
    return len(text.encode("utf-8", errors="surrogatepass"))


def _weighted(text: str) -> int:
    """Count as X does: NFC, links 23, an emoji 2, code points outside LIGHT_RANGES 2, all others 1."""
    rest, links = _URL.subn("", unicodedata.normalize("NFC", text))
    rest, emoji = _EMOJI.subn("", rest)
    light = sum(any(ord(character) in span for span in LIGHT_RANGES) for character in rest)
    return URL_WEIGHT * links + WIDE_WEIGHT * emoji + light + WIDE_WEIGHT * (len(rest) - light)


_COUNTS: Mapping[TextUnit, Callable[[str], int]] = {
    TextUnit.CHARACTERS: len,
    TextUnit.UTF16: _utf16_units,
    TextUnit.BYTES: _utf8_bytes,
    TextUnit.WEIGHTED: _weighted,
}
