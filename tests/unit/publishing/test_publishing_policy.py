"""Retries are bounded, spread and never early; lateness does what the workspace chose."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.publishing.policy import AskPerson, GiveUp, RetryAt, Timeliness, lateness, next_step, window
from core.vocabulary import LatenessPolicy, Refusal

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
ATTEMPTS = st.integers(1, 10_000)
SEEDS = st.integers(0, 2**32)


@pytest.mark.parametrize(
    ("attempt", "seconds"), [(1, 30), (2, 120), (3, 480), (4, 1920), (5, 3600), (6, 3600), (1000, 3600)]
)
def test_the_wait_grows_fourfold_up_to_an_hour(attempt: int, seconds: int) -> None:
    assert window(attempt) == timedelta(seconds=seconds)


@pytest.mark.parametrize("refusal", [Refusal.UNKNOWN_OUTCOME, Refusal.DUPLICATE])
@given(attempt=ATTEMPTS, seed=SEEDS)
def test_what_may_be_out_is_never_sent_again_by_itself(refusal: Refusal, attempt: int, seed: int) -> None:
    assert next_step(refusal, attempt, NOW, Random(seed)) == AskPerson()


@pytest.mark.parametrize(
    "refusal", [Refusal.AUTH_REVOKED, Refusal.PERMISSION, Refusal.INVALID, Refusal.POLICY, Refusal.MEDIA_FAILED]
)
def test_what_trying_again_cannot_mend_fails_at_once(refusal: Refusal) -> None:
    assert next_step(refusal, 1, NOW, Random(1)) == GiveUp()


def test_an_expired_sign_in_is_tried_once_more() -> None:
    assert isinstance(next_step(Refusal.AUTH_EXPIRED, 1, NOW, Random(1)), RetryAt)
    assert next_step(Refusal.AUTH_EXPIRED, 2, NOW, Random(1)) == GiveUp()


@given(
    refusal=st.sampled_from([Refusal.TRANSIENT, Refusal.RATE_LIMITED, Refusal.QUOTA_EXHAUSTED]),
    tries=st.integers(1, 20),
    attempt=ATTEMPTS,
    seed=SEEDS,
)
def test_tries_are_bounded_by_what_the_workspace_allows(refusal: Refusal, tries: int, attempt: int, seed: int) -> None:
    step = next_step(refusal, attempt, NOW, Random(seed), tries=tries)
    assert isinstance(step, RetryAt if attempt < tries else GiveUp)


@given(
    attempt=st.integers(1, 50),
    seed=SEEDS,
    asked=st.none() | st.timedeltas(timedelta(days=-1), timedelta(days=1)),
)
def test_a_retry_comes_neither_before_now_nor_before_the_platform_asked_nor_much_later(
    attempt: int, seed: int, asked: timedelta | None
) -> None:
    retry_at = None if asked is None else NOW + asked
    step = next_step(Refusal.RATE_LIMITED, attempt, NOW, Random(seed), retry_at=retry_at, tries=100)
    assert isinstance(step, RetryAt)
    earliest = max(NOW, retry_at or NOW)
    assert earliest <= step.at <= earliest + timedelta(hours=1)


def test_retries_of_many_items_are_spread_over_the_window() -> None:
    steps = [next_step(Refusal.TRANSIENT, 2, NOW, Random(seed)) for seed in range(200)]
    waits = [step.at - NOW for step in steps if isinstance(step, RetryAt)]
    assert min(waits) < timedelta(seconds=12)
    assert timedelta(seconds=108) < max(waits) <= timedelta(seconds=120)


@pytest.mark.parametrize("policy", LatenessPolicy)
@pytest.mark.parametrize("seconds", [-3600, 0, 60])
def test_an_item_within_its_minute_is_on_time_whatever_the_policy(policy: LatenessPolicy, seconds: int) -> None:
    assert lateness(NOW, NOW + timedelta(seconds=seconds), policy, timedelta(0)) is Timeliness.ON_TIME


@pytest.mark.parametrize(
    ("policy", "minutes", "expected"),
    [
        (LatenessPolicy.PUBLISH_LATE, 2, Timeliness.PUBLISH_LATE),
        (LatenessPolicy.PUBLISH_LATE, 60, Timeliness.PUBLISH_LATE),
        (LatenessPolicy.PUBLISH_LATE, 61, Timeliness.ASK),
        (LatenessPolicy.SKIP, 2, Timeliness.SKIP),
        (LatenessPolicy.SKIP, 600, Timeliness.SKIP),
        (LatenessPolicy.ASK, 2, Timeliness.ASK),
    ],
)
def test_a_late_item_follows_the_policy_with_an_hour_of_grace(
    policy: LatenessPolicy, minutes: int, expected: Timeliness
) -> None:
    assert lateness(NOW, NOW + timedelta(minutes=minutes), policy, timedelta(hours=1)) is expected
