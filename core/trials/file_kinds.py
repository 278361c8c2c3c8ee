"""What a field of a trial's file holds: numbers that are no slips, posts, shares, names that can be printed."""

from enum import StrEnum

from core.json_fields import Kind, Wrong, amount, count, number, text
from core.trials.values import ALPHA_RANGE, LEAST_ALPHA, MOST_ALPHA

GREATEST, SMALLEST = 1e40, 1e-40
"""Numbers beyond are slips, and their squares would leave what double precision holds."""
MOST_POSTS, LEAST_LIFT, MOST_LIFT = 10**15, 0.001, 100


def one_of(words: type[StrEnum]) -> Kind:
    """Return the kind of a word out of a few."""

    def read(value: object) -> StrEnum:
        if value not in list(words):
            raise Wrong(value, f"give one of {', '.join(words)}")
        return words(str(value))

    return read


def share(value: object) -> float:
    """Take a number between 0 and 1, both excluded."""
    if not 0 < number(value) < 1:
        raise Wrong(value, "give a number between 0 and 1")
    return number(value)


def error_rate(value: object) -> float:
    """Take the alpha of a test or an interval."""
    if not LEAST_ALPHA <= number(value) <= MOST_ALPHA:
        raise Wrong(value, ALPHA_RANGE)
    return number(value)


def yes_or_no(value: object) -> bool:
    """Take true or false."""
    if not isinstance(value, bool):
        raise Wrong(value, "give true or false")
    return value


def exact(value: object) -> int | float:
    """Take a finite number; a whole one keeps all its digits."""
    if number(value) and not SMALLEST <= abs(number(value)) <= GREATEST:
        raise Wrong(value, f"give 0 or a number from {SMALLEST:g} to {GREATEST:g} in size")
    return value if isinstance(value, int) else number(value)


def posts(value: object) -> int:
    """Take a number of posts, which a float still holds exactly."""
    if count(value) > MOST_POSTS:
        raise Wrong(value, f"give {MOST_POSTS:,} posts at most")
    return count(value)


def name(value: object) -> str:
    """Take what an arm is called: something that can be printed."""
    said = text(value).strip()
    if not said or not said.isprintable():
        raise Wrong(ascii(value), "give a name that can be printed")
    return said


def lift(value: object) -> float:
    """Take a lift to look for."""
    if not LEAST_LIFT <= number(value) <= MOST_LIFT:
        raise Wrong(value, f"give a lift from {LEAST_LIFT} to {MOST_LIFT}; 0.2 is 20 %")
    return number(value)


def word(value: object) -> str:
    """Take a text that can be written in UTF-8: half of a character cannot."""
    try:
        text(value).encode()
    except UnicodeEncodeError:
        raise Wrong(ascii(value), "give whole characters") from None
    return text(value)


def shares(value: object) -> dict[str, float]:
    """Take the weights of arms by name."""
    if not isinstance(value, dict):
        raise Wrong(value, "give a weight for each arm by its name")
    return {name(arm): spread(weight) for arm, weight in value.items()}


def spread(value: object) -> float:
    """Take a number from 0 on that is no slip."""
    exact(value)
    return float(amount(value))


def above_zero(value: object) -> float:
    """Take a number above 0 that is no slip."""
    if not exact(value) > 0:
        raise Wrong(value, "give a number above 0")
    return number(value)
