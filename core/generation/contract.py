"""What a writer is asked, and what it gives back."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Brief:
    """What is to be written about, for whom, and in which tone; `text` is what is known already."""

    title: str
    text: str = ""
    audience: str = ""
    tone: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Written:
    """A text, and who wrote it: `note` is a sentence a reader should see beside it."""

    text: str
    writer: str
    note: str


class Writer(Protocol):
    """Writes texts; a call may take long and raises a SlotwiseError when it cannot write."""

    def write(self, brief: Brief) -> Written:
        """Return a text for a brief."""
        ...
