"""What follows a refusal, and what happens to an item that is late: decided in values alone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random
from typing import TypeAlias

from core.vocabulary import LatenessPolicy, Refusal

FIRST_WINDOW = timedelta(seconds=30)
WINDOW_GROWTH = 4
LONGEST_WINDOW = timedelta(hours=1)
"""Waits are drawn from 30 s, 2 min, 8 min, 32 min, then 1 h: four retries fit an hour's lateness."""

DEFAULT_TRIES = 5
TRIES_AFTER_EXPIRY = 2
"""A token is refreshed once; a second expiry means that refreshing does not help."""

ON_TIME = timedelta(minutes=1)
"""An item that leaves within its minute is on time."""


@dataclass(frozen=True)
class RetryAt:
    """Nothing was taken: try again then."""

    at: datetime


@dataclass(frozen=True)
class GiveUp:
    """The item certainly did not go out and trying again changes nothing: it has failed."""


@dataclass(frozen=True)
class AskPerson:
    """The item may be out: only a look-up or a person can say, nothing is sent again."""


NextStep: TypeAlias = RetryAt | GiveUp | AskPerson


class Timeliness(StrEnum):
    """What to do with an item at a moment."""

    ON_TIME = "on_time"
    PUBLISH_LATE = "publish_late"
    SKIP = "skip"
    ASK = "ask"


_RETRIED = (Refusal.TRANSIENT, Refusal.RATE_LIMITED, Refusal.QUOTA_EXHAUSTED)
_MAY_BE_OUT = (Refusal.UNKNOWN_OUTCOME, Refusal.DUPLICATE)


def next_step(
    refusal: Refusal,
    attempt: int,
    now: datetime,
    rng: Random,
    *,
    retry_at: datetime | None = None,
    tries: int = DEFAULT_TRIES,
) -> NextStep:
    """Decide after the refusal of attempt number `attempt` (from 1) of at most `tries`.

    A retry never comes before `retry_at`; the jitter on top keeps many items from returning in one instant.
    """
    if refusal in _MAY_BE_OUT:
        return AskPerson()
    if attempt >= _tries(refusal, tries):
        return GiveUp()
    return RetryAt(max(now, retry_at or now) + window(attempt) * rng.random())


def window(attempt: int) -> timedelta:
    """Return the longest wait after attempt number `attempt` (from 1): full jitter draws from zero up to it.

    min(LONGEST, FIRST · GROWTH^(attempt - 1)); "full jitter" after M. Brooker, Exponential Backoff And Jitter
    (AWS Architecture Blog, 2015).
    """
    width = FIRST_WINDOW
    for _ in range(1, attempt):
        width = min(width * WINDOW_GROWTH, LONGEST_WINDOW)
    return width


def lateness(scheduled_at: datetime, now: datetime, policy: LatenessPolicy, grace: timedelta) -> Timeliness:
    """Decide what happens now to an item scheduled then; `grace` is how late PUBLISH_LATE may be.

    Beyond the grace a person is asked: an item is neither sent at a wrong time nor dropped without a word.
    """
    late_by = now - scheduled_at
    if late_by <= ON_TIME:
        return Timeliness.ON_TIME
    match policy:
        case LatenessPolicy.SKIP:
            return Timeliness.SKIP
        case LatenessPolicy.PUBLISH_LATE if late_by <= grace:
            return Timeliness.PUBLISH_LATE
        case _:
            return Timeliness.ASK


def _tries(refusal: Refusal, tries: int) -> int:
    """Return how often a post may be tried that is refused this way."""
    if refusal is Refusal.AUTH_EXPIRED:
        return min(tries, TRIES_AFTER_EXPIRY)
    return tries if refusal in _RETRIED else 1
