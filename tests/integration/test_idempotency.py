"""A request with a key is done once: its effect and the memory of its answer are one commit."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from planned_posts import StandingClock

from core.bootstrap import Slotwise, assemble
from core.errors import (
    DatabaseUnavailable,
    IdempotencyConflict,
    IdempotencyInProgress,
    Invalid,
    NotFound,
    SlotwiseError,
)
from core.services.calendars import NewCalendar, create_calendar, list_calendars
from core.services.context import Context
from core.services.idempotency import Answer, Request, Underway, once, recall
from core.services.pruning import prune

ASKED = Request("POST /calendar", "key-1", "hash-of-the-body")


def creating(title: str = "Spring launch") -> Callable[[Context], Answer]:
    return lambda ctx: Answer(201, create_calendar(ctx, NewCalendar(title, "UTC")).calendar.id)


def refused(error: SlotwiseError) -> Answer:
    return Answer(error.status, str(error))


def test_a_repetition_is_answered_as_the_first_time_and_does_nothing(ctx: Context, clock: StandingClock) -> None:
    first = once(ctx, ASKED, creating(), refused)
    clock.move(timedelta(hours=23, minutes=59))
    again = once(ctx, ASKED, creating("Never made"), refused)
    assert (again.status, again.body, again.replayed) == (201, first.body, True)
    assert [calendar.id for calendar in list_calendars(ctx)] == [first.body]


def test_after_a_day_the_key_is_free_again(ctx: Context, clock: StandingClock) -> None:
    first = once(ctx, ASKED, creating(), refused)
    clock.move(timedelta(hours=24))
    assert recall(ctx, ASKED) is None
    assert once(ctx, ASKED, creating(), refused).body != first.body


def test_another_request_with_the_key_is_refused_and_does_nothing(ctx: Context) -> None:
    once(ctx, ASKED, creating(), refused)
    with pytest.raises(IdempotencyConflict, match="'key-1' was used before with another request"):
        once(ctx, Request(ASKED.endpoint, ASKED.key, "another hash"), creating("Other"), refused)
    assert len(list_calendars(ctx)) == 1


def test_a_key_belongs_to_its_workspace_and_its_endpoint(ctx: Context, stranger: Context) -> None:
    mine = once(ctx, ASKED, creating(), refused)
    elsewhere = once(ctx, Request("POST /items", ASKED.key, ASKED.digest), creating(), refused)
    theirs = once(stranger, ASKED, creating(), refused)
    assert len({mine.body, elsewhere.body, theirs.body}) == 3


def test_without_a_key_every_request_is_a_new_one(ctx: Context) -> None:
    made = {once(ctx, Request(ASKED.endpoint, None, ""), creating(), refused).body for _ in range(2)}
    assert len(made) == 2


def test_what_a_refused_request_had_begun_is_undone_and_its_answer_remembered(ctx: Context) -> None:
    def half(joined: Context) -> Answer:
        create_calendar(joined, NewCalendar("Half done", "UTC"))
        raise NotFound("channel", "chan_1")

    first = once(ctx, ASKED, half, refused)
    again = once(ctx, ASKED, creating("Now it would work"), refused)
    assert (first.status, again.body, again.replayed) == (404, first.body, True)
    assert list_calendars(ctx) == ()


def test_a_fault_of_the_server_leaves_the_key_free(ctx: Context) -> None:
    def broken(joined: Context) -> Answer:
        create_calendar(joined, NewCalendar("Half done", "UTC"))
        raise DatabaseUnavailable("of this test", "it is full", "Make room.")

    with pytest.raises(DatabaseUnavailable):
        once(ctx, ASKED, broken, refused)
    assert list_calendars(ctx) == ()
    assert once(ctx, ASKED, creating(), refused).replayed is False


def test_several_use_cases_of_one_request_are_kept_together_or_not_at_all(ctx: Context) -> None:
    def two(joined: Context) -> Answer:
        create_calendar(joined, NewCalendar("First", "UTC"))
        create_calendar(joined, NewCalendar("x", "UTC"))
        return Answer(201, "")

    assert once(ctx, ASKED, two, refused).status == 422
    assert list_calendars(ctx) == ()


def test_of_many_that_send_the_same_at_once_one_is_done(ctx: Context) -> None:
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: once(ctx, ASKED, creating(), refused), range(6)))
    assert len({answer.body for answer in answers}) == 1
    assert sorted(answer.replayed for answer in answers) == [False, True, True, True, True, True]
    assert len(list_calendars(ctx)) == 1


def test_a_key_is_known_after_a_restart(house: Slotwise, ctx: Context, clock: StandingClock) -> None:
    first = once(ctx, ASKED, creating(), refused)
    house.close()
    reopened = assemble(house.settings, clock)
    try:
        again = once(reopened.context(), ASKED, creating("Never made"), refused)
    finally:
        reopened.close()
    assert (again.body, again.replayed) == (first.body, True)


def test_the_steps_of_a_request_are_remembered_one_by_one(ctx: Context) -> None:
    first = once(ctx, ASKED.part(0), creating("Step 0"), refused)
    second = once(ctx, ASKED.part(1), creating("Step 1"), refused)
    assert once(ctx, ASKED.part(0), creating("Never made"), refused).body == first.body
    assert second.body != first.body


def test_old_keys_are_pruned(house: Slotwise, ctx: Context, clock: StandingClock) -> None:
    once(ctx, ASKED, creating(), refused)
    clock.move(timedelta(hours=25))
    prune(house.db, clock())
    clock.move(timedelta(hours=-25))
    assert recall(ctx, ASKED) is None


def test_while_the_first_is_running_this_process_says_so() -> None:
    underway = Underway()
    with underway.alone("ws", ASKED):
        with pytest.raises(IdempotencyInProgress, match="'key-1' is still running"), underway.alone("ws", ASKED):
            pass
        with underway.alone("another workspace", ASKED), underway.alone("ws", Request("POST /x", None, "")):
            pass
    with underway.alone("ws", ASKED):
        pass


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "schlüssel", "a\r\nX-Evil: 1"])
def test_a_key_that_cannot_be_kept_is_refused(key: str) -> None:
    with pytest.raises(Invalid, match="Idempotency-Key: use 1 to 255"):
        Request("POST /calendar", key, "hash")
