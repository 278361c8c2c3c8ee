"""A quantity that cannot be known, as a value of its own."""

from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Undefined:
    """Stands where a number would be a lie; `reason` is a sentence for the reader."""

    reason: str

    def __bool__(self) -> bool:
        """Undefined is never mistaken for a usable number."""
        return False


def known(value: T | Undefined) -> T | None:
    """Return a quantity, None where it is undefined: for what has no place to say why."""
    return None if isinstance(value, Undefined) else value
