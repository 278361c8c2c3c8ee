"""A quantity that cannot be known, as a value of its own."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Undefined:
    """Stands where a number would be a lie; `reason` is a sentence for the reader."""

    reason: str

    def __bool__(self) -> bool:
        """Undefined is never mistaken for a usable number."""
        return False
