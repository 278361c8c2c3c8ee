"""What the report of a trial is made of, whatever file it becomes: values that a writer lays out."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Tone(StrEnum):
    """How a verdict is marked, beside its words."""

    CLEAR = "clear"
    OPEN = "open"
    FAULTY = "faulty"


@dataclass(frozen=True)
class Heading:
    """The head of a section, or with level 2 of a part of one."""

    text: str
    level: int = 1


@dataclass(frozen=True)
class Paragraph:
    """Sentences."""

    text: str


@dataclass(frozen=True)
class VerdictBox:
    """The verdict in a word and a sentence, marked so that it is seen first."""

    word: str
    sentence: str
    tone: Tone


@dataclass(frozen=True)
class Table:
    """Rows of cells under heads; `widths` share out the width, and the columns named in `numbers` hold numbers."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True)
class Chart:
    """Shapes of SVG on `width` by `height` units with their own colours; `said` tells them to who cannot see them."""

    shapes: str
    width: int
    height: int
    said: str
    caption: str


@dataclass(frozen=True)
class Digits:
    """Letters and digits to compare one by one, and what they are."""

    label: str
    text: str


Part = Heading | Paragraph | VerdictBox | Table | Chart | Digits


@dataclass(frozen=True)
class Report:
    """A report: its title, how things stood at `at`, and its parts in their order."""

    title: str
    standing: str
    at: datetime
    parts: tuple[Part, ...]
