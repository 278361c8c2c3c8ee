"""Plans over HTTP: proposed, applied, taken back, and finished once whatever happens in between."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from threading import Event

import anyio
import httpx
import pytest
from plan_stage import calendar, channel, piece
from planned_posts import TUESDAY, StandingClock
from told_posts import evenings, tell

from core.api.optimizing import ORDER, Ordered, optimize
from core.api.plan_desk import Desk
from core.api.posting import Post
from core.api.refusals import Busy
from core.api.shapes.optimizations import OptimizeBody
from core.bootstrap import Slotwise, open_worker
from core.services.calendars import cancel_calendar
from core.services.channels import ChannelView
from core.services.context import Context
from core.services.heartbeat import GONE_AFTER
from core.services.idempotency import Request
from core.services.item_views import CalendarWithItems
from core.services.items import find_item
from core.services.plan_runs import list_plans, optimize_queued, queue_plan
from core.services.run_queue import RunTaker, find_waiting, take

PATH = "/api/v1/scheduling/optimize"
PLANS = "/api/v1/scheduling/optimizations"
MORNING, HOUR = TUESDAY.replace(hour=9), timedelta(hours=1)


@pytest.fixture
def page(ctx: Context) -> ChannelView:
    """Give a channel whose posts earn most at 18."""
    known = channel(ctx)
    tell(ctx, known.id, evenings(20))
    return known


@pytest.fixture
def spring(ctx: Context, page: ChannelView) -> CalendarWithItems:
    """Give a calendar of two posts on Tuesday morning, of which an integrator calls the first `launch`."""
    first = replace(piece(page, MORNING, "Launch", priority=5), external_id="launch")
    return calendar(ctx, [first, piece(page, MORNING + 3 * HOUR, "Usual")])


def ask(api: httpx.Client, made: CalendarWithItems, key: str = "", **body: object) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    return api.post(PATH, json={"schedule_id": made.calendar.id, **body}, headers=headers)


def times(ctx: Context, made: CalendarWithItems) -> list[str]:
    return [f"{find_item(ctx, one.id).item.scheduled_at:%a %H:%M}" for one in made.items]


# --- What is proposed ---


def test_a_calendar_is_planned_as_a_proposal_that_changes_nothing(
    api: httpx.Client, ctx: Context, spring: CalendarWithItems
) -> None:
    answer = ask(api, spring)
    assert answer.status_code == 200
    body = answer.json()
    data = body["data"]
    assert (body["id"], body["state"], body["schedule"]) == (data["id"], "completed", None)
    assert (data["schedule_id"], data["applied"], data["unplaced"], data["error"]) == (
        spring.calendar.id,
        False,
        [],
        None,
    )
    launch = next(change for change in data["changes"] if change["item_id"] == spring.items[0].id)
    assert (launch["content_id"], launch["platform"]) == ("launch", "linkedin")
    assert (launch["from"], launch["to"]) == ("2026-03-03T09:00:00Z", "2026-03-02T18:00:00Z")
    assert launch["score_before"] < launch["score_after"]
    assert "Monday 18:00" in " ".join(launch["reasons"])
    objective = data["objective"]
    assert objective["before"] < objective["after"]
    assert 0 <= objective["gap"] == pytest.approx(1 - objective["value"] / objective["bound"])
    assert 0 <= data["seconds"] < 4
    assert times(ctx, spring) == ["Tue 09:00", "Tue 12:00"]
    assert api.get(f"{PLANS}/{data['id']}").json() == body


def test_a_plan_is_applied_at_once_and_the_calendar_comes_with_it(
    api: httpx.Client, ctx: Context, spring: CalendarWithItems
) -> None:
    body = ask(api, spring, apply=True).json()
    assert body["data"]["applied"] is True
    assert body["schedule"]["id"] == spring.calendar.id
    assert times(ctx, spring)[0] == "Mon 18:00"
    again = ask(api, spring, apply=True).json()
    assert (again["data"]["changes"], again["data"]["applied"]) == ([], False)


def test_a_plan_is_applied_in_part_and_taken_back(api: httpx.Client, ctx: Context, spring: CalendarWithItems) -> None:
    data = ask(api, spring).json()["data"]
    path, launch = f"{PLANS}/{data['id']}", spring.items[0].id
    applied = api.post(f"{path}/apply", json={"item_ids": [launch]})
    assert (applied.status_code, applied.json()["data"]["applied"]) == (200, True)
    assert times(ctx, spring) == ["Mon 18:00", "Tue 12:00"]
    assert api.post(f"{path}/apply").status_code == 409
    undone = api.post(f"{path}/undo")
    assert (undone.status_code, undone.json()["data"]["applied"]) == (200, False)
    assert times(ctx, spring) == ["Tue 09:00", "Tue 12:00"]
    assert api.post(f"{path}/undo").status_code == 409
    assert api.post(f"{path}/stop").status_code == 409
    assert api.post(f"{path}/apply", json={"item_ids": ["item_none"]}).status_code == 422


def test_only_the_targets_move(api: httpx.Client, ctx: Context, spring: CalendarWithItems) -> None:
    target = {"content_id": "launch", "platform": "LinkedIn", "current_scheduled_time": "2026-03-03T09:00"}
    body = ask(api, spring, targets=[target], apply=True).json()
    assert [change["content_id"] for change in body["data"]["changes"]] == ["launch"]
    assert times(ctx, spring) == ["Mon 18:00", "Tue 12:00"]


@pytest.mark.parametrize(
    ("constraints", "expected"),
    [
        ({"allowed_hours": {"from": "10:00", "to": "16:00"}}, lambda hour, _: 10 <= hour < 16),
        ({"allowed_hours": {"from": 22, "to": 2}}, lambda hour, _: hour in {22, 23, 0, 1}),
        ({"allowed_hours": [7, 20]}, lambda hour, _: hour in {7, 20}),
        ({"allowed_weekdays": ["thu", 4]}, lambda _, day: day in {"Thu", "Fri"}),
        ({"not_before": "2026-03-05T00:00"}, lambda _, day: day in {"Thu", "Fri", "Sat", "Sun"}),
        ({"blackouts": [{"start": "2026-03-03T00:00Z", "end": "2026-03-04T00:00Z"}]}, lambda _, day: day != "Tue"),
    ],
)
def test_the_plan_keeps_to_its_constraints(
    api: httpx.Client, ctx: Context, page: ChannelView, constraints: dict[str, object], expected: object
) -> None:
    made = calendar(ctx, [piece(page, MORNING), piece(page, MORNING + timedelta(days=4))])
    answer = ask(api, made, constraints=constraints, apply=True)
    assert answer.status_code == 200
    assert answer.json()["data"]["unplaced"] == []
    for said in times(ctx, made):
        assert expected(int(said[4:6]), said[:3])  # type: ignore[operator]


def test_what_finds_no_place_comes_back_with_the_reason(api: httpx.Client, ctx: Context, page: ChannelView) -> None:
    made = calendar(ctx, [piece(page, MORNING, priority=9), piece(page, MORNING - 13 * HOUR)])
    limits = {"max_per_day": 1, "allowed_weekdays": ["tue"]}
    data = ask(api, made, constraints=limits).json()["data"]
    (left,) = data["unplaced"]
    assert left["item_id"] == made.items[1].id
    assert "most posts allowed" in left["reason"]


# --- What is refused ---


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        ({"constraints": {"not_after": "2026-03-01T00:00"}}, "constraint_infeasible", "constraints.not_after"),
        (
            {"constraints": {"not_before": "2026-03-06T00:00", "not_after": "2026-03-05T00:00"}},
            "constraint_infeasible",
            "constraints.not_after",
        ),
        (
            {"constraints": {"allowed_weekdays": ["wed"], "not_after": "2026-03-03T23:00"}},
            "constraint_infeasible",
            "constraints",
        ),
        ({"constraints": {"allowed_hours": {"from": 9, "to": 9}}}, "validation_error", "constraints.allowed_hours.to"),
        ({"constraints": {"allowed_hours": []}}, "validation_error", "constraints.allowed_hours"),
        (
            {"constraints": {"allowed_weekdays": ["mon", "monday"]}},
            "validation_error",
            "constraints.allowed_weekdays[1]",
        ),
        ({"constraints": {"allowed_weekdays": [True]}}, "validation_error", "constraints.allowed_weekdays[0]"),
        ({"constraints": {"max_per_day": 0}}, "validation_error", "constraints.max_per_day"),
        ({"constraints": {"min_gap_minutes": True}}, "validation_error", "constraints.min_gap_minutes"),
        ({"constraints": {"speed": 1}}, "validation_error", "constraints.speed"),
        (
            {"constraints": {"blackouts": [{"start": "2026-03-04T00:00", "end": "2026-03-03T00:00"}]}},
            "validation_error",
            "constraints.blackouts[0].end",
        ),
        ({"constraints": {"not_before": "soon"}}, "validation_error", "constraints.not_before"),
        ({"targets": [{"content_id": "none", "platform": "linkedin"}]}, "validation_error", "targets[0].content_id"),
        ({"targets": [{"content_id": "launch", "platform": "?"}]}, "validation_error", "targets[0].platform"),
        ({"level": "warp"}, "validation_error", "level"),
    ],
)
def test_what_cannot_be_planned_is_refused_by_place_and_orders_nothing(
    api: httpx.Client, ctx: Context, spring: CalendarWithItems, body: dict[str, object], code: str, place: str
) -> None:
    answer = ask(api, spring, **body)
    assert (answer.status_code, answer.json()["error_code"]) == (422, code)
    assert {detail["loc"] for detail in answer.json()["details"]} == {place}
    assert list_plans(ctx, spring.calendar.id) == ()


def test_an_item_that_stands_elsewhere_than_the_client_believes_is_named(
    api: httpx.Client, spring: CalendarWithItems
) -> None:
    target = {"content_id": "launch", "platform": "linkedin", "current_scheduled_time": "2026-03-03T10:00:00Z"}
    answer = ask(api, spring, targets=[target])
    assert (answer.status_code, answer.json()["error_code"]) == (409, "state_conflict")
    assert "'launch' on linkedin" in answer.json()["error_message"]


def test_a_calendar_that_is_planned_already_canceled_or_somebody_elses_is_refused(
    api: httpx.Client, ctx: Context, stranger: Context, spring: CalendarWithItems
) -> None:
    run_id = queue_plan(ctx, spring.calendar.id)
    assert ask(api, spring).status_code == 409
    assert api.get(f"{PLANS}/{run_id}").json()["data"]["objective"] is None
    stopped = api.post(f"{PLANS}/{run_id}/stop").json()
    assert stopped["state"] == "canceled"
    cancel_calendar(ctx, spring.calendar.id)
    assert ask(api, spring).status_code == 409
    theirs = calendar(stranger, [piece(channel(stranger), MORNING)])
    assert ask(api, theirs).status_code == 404
    run_id = queue_plan(stranger, theirs.calendar.id)
    paths = [f"{PLANS}/{run_id}/{move}" for move in ("apply", "undo", "stop")]
    assert [api.get(f"{PLANS}/{run_id}").status_code, *(api.post(path).status_code for path in paths)] == [404] * 4


# --- Once ---


def test_the_same_request_again_plans_nothing_more(api: httpx.Client, ctx: Context, spring: CalendarWithItems) -> None:
    first, again = (ask(api, spring, "plan-1", apply=True) for _ in range(2))
    assert (first.status_code, again.content) == (200, first.content)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(list_plans(ctx, spring.calendar.id)) == 1
    assert ask(api, spring, "plan-1").json()["error_code"] == "idempotency_conflict"


@contextmanager
def engine(house: Slotwise) -> Iterator[RunTaker]:
    """Give what an engine takes plans up with."""
    worker = open_worker(house)
    yield RunTaker(worker.name, house.db, house.clock, house.settings.uploads, house.context, lambda: False)


@pytest.mark.parametrize("is_worked_out", [False, True])
def test_a_request_whose_process_died_goes_on_with_the_plan_it_ordered(
    house: Slotwise, ctx: Context, spring: CalendarWithItems, is_worked_out: bool
) -> None:
    body = OptimizeBody(schedule_id=spring.calendar.id, apply=True)
    post = Post(Request("POST /v1/scheduling/optimize", "plan-1", "said"), "req_1")
    ordered = post.step(ctx, ORDER, lambda joined: (201, Ordered(id=queue_plan(joined, spring.calendar.id))))
    if is_worked_out:
        with engine(house) as taker:
            optimize_queued(taker)
    answer = optimize(ctx, body, post)
    assert (answer.status, answer.replayed) == (200, False)
    assert json.loads(answer.body)["id"] == json.loads(ordered.body)["id"]
    assert times(ctx, spring)[0] == "Mon 18:00"
    again = optimize(ctx, body, post)
    assert (again.body, again.replayed) == (answer.body, True)
    assert len(list_plans(ctx, spring.calendar.id)) == 1


def test_a_plan_in_the_hands_of_a_living_request_is_left_to_it(
    house: Slotwise, ctx: Context, clock: StandingClock, spring: CalendarWithItems
) -> None:
    queue_plan(ctx, spring.calendar.id)
    with engine(house) as taker:
        (run,) = find_waiting(taker, "optimize")
        assert take(replace(taker, worker="req_alive"), run, started_at=clock())
        assert find_waiting(taker, "optimize") == []
        clock.move(GONE_AFTER)
        assert [one.id for one in find_waiting(taker, "optimize")] == [run.id]


def test_when_too_many_wait_for_a_plan_the_next_is_told_when_to_come_back() -> None:
    desk, busy = Desk(at_once=1, in_line=1), Event()
    refused = []

    async def come() -> None:
        try:
            await desk.run(lambda: busy.wait(60))
        except Busy as error:
            refused.append(error.retry_after)
            busy.set()

    async def everybody() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(3):
                group.start_soon(come)

    anyio.run(everybody)
    assert refused == [5]


def test_a_server_that_ends_does_not_wait_for_a_plan_that_goes_on() -> None:
    began, go = Event(), Event()

    def plan() -> None:
        began.set()
        assert go.wait(60)

    async def end_meanwhile() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(Desk().run, plan)
            await anyio.to_thread.run_sync(began.wait, 60)
            group.cancel_scope.cancel()
        assert not go.is_set()
        go.set()

    with anyio.from_thread.start_blocking_portal() as portal:
        ended = portal.start_task_soon(end_meanwhile)
        ended.result(5)
