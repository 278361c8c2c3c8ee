"""Connected sheets in bulk jobs: their rows as the rows of a job, and syncs as rows, paused, canceled, tried again."""

from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest
from api_bodies import refusal
from bulk_stage import lives, work_off, worker_of
from google_faults import before
from google_world import Google
from planned_posts import StandingClock
from sheets_at_hand import HEAD, ROBOT, connected, hosts_of, planned, robot, synced

from core.bootstrap import Slotwise, assemble, open_bulk_worker
from core.services.context import Context
from core.services.items import list_items
from core.services.sheet_connections import list_connections
from core.settings import Settings

JOBS = "/api/v1/bulk/jobs"
ONE = ["One", "Hello", "linkedin", "2026-03-09 10:00"]
TWO = ["Two", "Bye", "linkedin, twitter", "2026-03-10 10:00"]


@pytest.fixture
def house(house_url: str, tmp_path: Path, clock: StandingClock, google: Google) -> Any:
    """Give a new installation whose Google is the one on this machine."""
    google.keep_time(clock)
    slotwise = assemble(Settings(data_dir=tmp_path / "data", database_url=house_url, **hosts_of(google)), clock)
    yield slotwise
    slotwise.close()


def from_sheet(**source: Any) -> dict[str, Any]:
    """Give a job of a sheet's rows."""
    return {"name": "From a sheet", "operation_type": "schedule_content", "input_source": source}


def sync_of(*connection_ids: str, **fields: Any) -> dict[str, Any]:
    """Give a job that syncs these connections."""
    data = {"connection_ids": list(connection_ids)}
    return {"name": "Sync all", "operation_type": "sync_sheet", "data": data, **fields}


def rows_of(api: httpx.Client, job_id: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = api.get(f"{JOBS}/{job_id}/items").json()["data"]
    return rows


# --- Rows from a sheet --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["google_sheets", "sheet"])
def test_the_rows_of_a_connected_sheet_become_posts(
    api: httpx.Client, house: Slotwise, ctx: Context, google: Google, kind: str
) -> None:
    hand = planned(google, ONE, TWO)
    connection = connected(ctx, house, google, hand)
    named = {"connection_id": connection.id} if kind == "google_sheets" else {"sheet_id": hand.id, "range": "A1:Z1000"}
    made = api.post(JOBS, json=from_sheet(type=kind, **named))
    assert made.status_code == 201, made.text
    told = made.json()["data"]["input_source"]
    assert (told["connection_id"], told["left_out"]) == (connection.id, 0)
    work_off(worker_of(house))
    assert sorted(item.title for item in list_items(ctx).items) == ["One", "Two", "Two"]
    assert hand.at("E2") in {"", None}  # a job's rows are not the connection's


def test_times_of_a_sheet_are_on_its_own_clocks(
    api: httpx.Client, house: Slotwise, ctx: Context, google: Google
) -> None:
    hand = planned(google, ONE)
    hand.file.time_zone = "America/New_York"
    connection = connected(ctx, house, google, hand)
    assert api.post(JOBS, json=from_sheet(type="google_sheets", connection_id=connection.id)).status_code == 201
    work_off(worker_of(house))
    (item,) = list_items(ctx).items
    assert item.scheduled_at.isoformat() == "2026-03-09T14:00:00+00:00"


def test_what_is_wrong_with_a_row_is_named_by_its_line_in_the_sheet(
    api: httpx.Client, house: Slotwise, ctx: Context, google: Google
) -> None:
    hand = google.sheet("Plan", [["Our plan"], [], HEAD, ONE, [], ["Three", "", "friendster", "2026-03-11 10:00"]])
    hand.file.roles[ROBOT] = "writer"
    connection = connected(ctx, house, google, hand)
    body = from_sheet(type="google_sheets", connection_id=connection.id)
    status, _, places = refusal(api.post(JOBS, json=body))
    assert (status, places) == (422, {"line 6, platforms[0]": "friendster"})
    checked = api.post(JOBS, json={**body, "dry_run": True}).json()["data"]
    assert [(fault["row"], fault["line"], fault["loc"]) for fault in checked["faults"]] == [(2, 6, "platforms[0]")]
    assert list_items(ctx).items == ()


def test_only_the_rows_within_a_range_are_taken(
    api: httpx.Client, house: Slotwise, ctx: Context, google: Google
) -> None:
    hand = planned(google, ONE, TWO, ["Three", "", "friendster", "soon"])
    connection = connected(ctx, house, google, hand)
    made = api.post(JOBS, json=from_sheet(type="google_sheets", connection_id=connection.id, range="A1:Z3"))
    assert made.status_code == 201, made.text
    assert [row["data"]["title"] for row in rows_of(api, made.json()["id"])] == ["One", "Two"]


def test_rows_that_syncs_schedule_already_are_left_out(
    api: httpx.Client, house: Slotwise, ctx: Context, google: Google
) -> None:
    hand = planned(google, ONE)
    connection = connected(ctx, house, google, hand)
    synced(ctx, house, connection.id)
    hand.type_rows("A3", [TWO])
    made = api.post(JOBS, json=from_sheet(type="google_sheets", connection_id=connection.id))
    assert made.json()["data"]["input_source"]["left_out"] == 1
    assert [row["data"]["title"] for row in rows_of(api, made.json()["id"])] == ["Two"]


@pytest.mark.parametrize(
    ("source", "status"),
    [
        ({"type": "google_sheets", "connection_id": "conn_unknown"}, 404),
        ({"type": "google_sheets"}, 422),
        ({"type": "sheet"}, 422),
        ({"type": "sheet", "sheet_id": "1A2B3C4D5E6F7G8H9I0J"}, 404),
        ({"type": "google_sheets", "connection_id": "conn_unknown", "range": "somewhere"}, 422),
    ],
)
def test_a_sheet_that_is_not_connected_is_refused(api: httpx.Client, source: dict[str, Any], status: int) -> None:
    assert api.post(JOBS, json=from_sheet(**source)).status_code == status


def test_the_same_request_again_does_not_read_the_sheet_again(
    api: httpx.Client, house: Slotwise, ctx: Context, google: Google
) -> None:
    connection = connected(ctx, house, google, planned(google, ONE))
    body, once = from_sheet(type="google_sheets", connection_id=connection.id), {"Idempotency-Key": "job-1"}
    first = api.post(JOBS, json=body, headers=once)
    before = len(google.calls)
    again = api.post(JOBS, json=body, headers=once)
    assert (again.content, len(google.calls)) == (first.content, before)


# --- Syncs as rows ------------------------------------------------------------------------------------------------


def test_a_job_syncs_each_of_its_sheets(api: httpx.Client, house: Slotwise, ctx: Context, google: Google) -> None:
    account = robot(ctx, house, google).id
    hands = [planned(google, ONE), planned(google, TWO)]
    made = [
        connected(ctx, house, google, hand, account_id=account, name=f"Plan {number}").id
        for number, hand in enumerate(hands)
    ]
    job = api.post(JOBS, json=sync_of(*made))
    assert job.status_code == 201, job.text
    work_off(open_bulk_worker(house, "one"))
    done = api.get(f"{JOBS}/{job.json()['id']}").json()["data"]
    assert (done["status"], done["progress"]["done"], done["progress"]["failed"]) == ("completed", 2, 0)
    assert [(row["data"]["title"], row["result"]["created"]) for row in rows_of(api, done["id"])] == [
        ("Plan 0", 1),
        ("Plan 1", 2),
    ]
    assert [hand.at("E2") for hand in hands] == ["Scheduled", "Scheduled"]
    assert all(view.last_sync for view in list_connections(ctx))


def test_a_sync_that_fails_fails_its_row_and_is_tried_again(
    api: httpx.Client, house: Slotwise, ctx: Context, google: Google
) -> None:
    hand = planned(google, ONE)
    connection = connected(ctx, house, google, hand)
    hand.file.roles.pop(ROBOT)
    job = api.post(JOBS, json=sync_of(connection.id)).json()["id"]
    work_off(open_bulk_worker(house, "one"))
    (row,) = rows_of(api, job)
    assert row["status"] == "failed"
    assert ROBOT in row["error"]
    hand.file.roles[ROBOT] = "writer"
    assert api.post(f"{JOBS}/{job}/retry").status_code == 200
    work_off(open_bulk_worker(house, "one"))
    assert [each["status"] for each in rows_of(api, job)] == ["done"]
    assert len(list_items(ctx).items) == 1


def test_a_paused_job_syncs_nothing_and_a_canceled_one_gives_up(
    api: httpx.Client, house: Slotwise, ctx: Context, google: Google
) -> None:
    connection = connected(ctx, house, google, planned(google, ONE))
    job = api.post(JOBS, json=sync_of(connection.id)).json()["id"]
    assert api.post(f"{JOBS}/{job}/pause").json()["state"] == "paused"
    assert work_off(open_bulk_worker(house, "one")) == 0
    assert api.post(f"{JOBS}/{job}/cancel").json()["state"] == "canceled"
    assert list_items(ctx).items == ()


def test_a_connection_that_is_unknown_or_anothers_is_named_by_its_place(
    api: httpx.Client, house: Slotwise, stranger: Context, google: Google
) -> None:
    theirs = connected(stranger, house, google, planned(google, ONE)).id
    status, _, places = refusal(api.post(JOBS, json=sync_of("conn_unknown", theirs)))
    wanted = {
        f"data.connection_ids[{number}].connection_id": each for number, each in enumerate(("conn_unknown", theirs))
    }
    assert (status, places) == (422, wanted)
    assert api.post(JOBS, json=from_sheet(type="google_sheets", connection_id=theirs)).status_code == 404


def test_a_sync_keeps_its_row_for_as_long_as_google_takes(
    api: httpx.Client, house: Slotwise, ctx: Context, google: Google, clock: StandingClock
) -> None:
    connection = connected(ctx, house, google, planned(google, ONE))
    job = api.post(JOBS, json=sync_of(connection.id)).json()["id"]
    reached = Event()

    def time_passes() -> None:
        clock.move(timedelta(minutes=20))
        lives(house, "one")
        reached.set()
        assert work_off(open_bulk_worker(house, "two"), most=1) == 0

    google.will(before(time_passes), on="values.batchGet")
    work_off(open_bulk_worker(house, "one"))
    assert reached.is_set()
    assert [(row["status"], row["tries"]) for row in rows_of(api, job)] == [("done", 1)]
