"""Google Sheets over HTTP: accounts, connections, their test, sync, rows, and the requests of the brief's component."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from api_bodies import refusal
from google_faults import refuse, too_many
from google_hand import Hand
from google_world import Google
from planned_posts import StandingClock
from sheets_at_hand import HEAD, ROBOT, connected, hosts_of, key_of, planned, robot, synced

from core.bootstrap import Slotwise, assemble
from core.services.context import Context
from core.settings import Settings

SHEETS = "/api/v1/google-sheets"
CONNECTIONS = f"{SHEETS}/connections"
RESOURCE = {
    *("id", "name", "spreadsheet_id", "sheet_name", "range", "permissions", "status", "last_sync", "last_error"),
}
"""What the contract says of a connection."""

GOOD = ["Launch", "Come and see.", "linkedin", "2026-03-09 10:00"]


@pytest.fixture
def house(house_url: str, tmp_path: Path, clock: StandingClock, google: Google) -> Any:
    """Give a new installation whose Google is the one on this machine."""
    google.keep_time(clock)
    slotwise = assemble(Settings(data_dir=tmp_path / "data", database_url=house_url, **hosts_of(google)), clock)
    yield slotwise
    slotwise.close()


def new_connection(hand: Hand, **fields: Any) -> dict[str, Any]:
    """Give the body the brief's component sends."""
    told = {"name": "Connection to Sheet1", "sheet_name": "Sheet1", "range": "A:Z", "permissions": "write"}
    return {"spreadsheet_id": hand.id, **told, **fields}


# --- The brief's React component, request by request ---------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["/api", "/api/v1"])
def test_the_component_of_the_brief_lists_creates_and_tests(
    api: httpx.Client, house: Slotwise, ctx: Context, google: Google, prefix: str
) -> None:
    robot(ctx, house, google)
    hand = planned(google, GOOD)
    path, no_token = f"{prefix}/google-sheets/connections", {"Authorization": "Bearer null"}
    assert api.get(path).json()["data"] == []
    made = api.post(path, json=new_connection(hand), headers=no_token)
    assert made.is_success, made.text
    (listed,) = api.get(path).json()["data"]
    assert set(listed) >= RESOURCE
    assert (listed["name"], listed["sheet_name"], listed["range"]) == ("Connection to Sheet1", "Sheet1", "A:Z")
    assert (listed["permissions"], listed["status"], listed["last_sync"]) == ("write", "connected", None)
    assert api.post(f"{path}/{listed['id']}/test", headers=no_token).is_success
    google.files[hand.id].roles.pop(ROBOT)
    failed = api.post(f"{path}/{listed['id']}/test", headers=no_token)
    assert not failed.is_success
    (listed,) = api.get(path).json()["data"]
    assert listed["status"] == "error"
    assert ROBOT in listed["next_step"]


def test_a_browsers_null_is_no_token_once_a_key_is_needed(api: httpx.Client, ctx: Context) -> None:
    made = api.post("/api/v1/api-keys", json={"name": "Page", "scopes": ["sheets:read"]})
    key = made.json()["data"]["key"]
    for token, status in (("null", 401), ("undefined", 401), (key, 200)):
        answer = api.get("/api/google-sheets/connections", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == status, token


def test_both_prefixes_are_one_endpoint_for_an_idempotency_key(
    api: httpx.Client, house: Slotwise, ctx: Context, google: Google
) -> None:
    robot(ctx, house, google)
    body, once = new_connection(planned(google, GOOD)), {"Idempotency-Key": "connect-1"}
    first = api.post("/api/google-sheets/connections", json=body, headers=once)
    again = api.post(CONNECTIONS, json=body, headers=once)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"
    assert len(api.get(CONNECTIONS).json()["data"]) == 1


# --- Accounts -----------------------------------------------------------------------------------------------------


def test_credentials_are_kept_and_never_shown(api: httpx.Client, google: Google) -> None:
    key = key_of(google)
    made = api.post(f"{SHEETS}/accounts", json={"name": "Robot", "credentials": key})
    assert made.status_code == 201, made.text
    assert made.json()["data"]["email"] == ROBOT
    listed = api.get(f"{SHEETS}/accounts")
    assert [each["name"] for each in listed.json()["data"]] == ["Robot"]
    for answer in (made, listed):
        assert "PRIVATE KEY" not in answer.text
        assert key["private_key_id"] not in answer.text
    text = api.post(f"{SHEETS}/accounts", json={"credentials": json.dumps(key_of(google, f"two.{ROBOT}"))})
    assert text.json()["data"]["name"] == f"two.{ROBOT}"


@pytest.mark.parametrize("credentials", ["", "{", {}, {"type": "service_account"}, "not json"])
def test_what_is_no_key_is_refused_with_what_to_paste(api: httpx.Client, credentials: Any) -> None:
    answer = api.post(f"{SHEETS}/accounts", json={"credentials": credentials})
    assert answer.status_code == 422
    assert "Paste the whole JSON file" in answer.json()["error_message"]


def test_a_revoked_key_is_refused_and_nothing_is_kept(api: httpx.Client, google: Google) -> None:
    key = key_of(google)
    google.tokens.revoke(ROBOT)
    assert api.post(f"{SHEETS}/accounts", json={"credentials": key}).status_code == 422
    assert api.get(f"{SHEETS}/accounts").json()["data"] == []


def test_an_account_in_use_is_not_deleted(api: httpx.Client, house: Slotwise, ctx: Context, google: Google) -> None:
    connection = connected(ctx, house, google, planned(google, GOOD))
    refused = api.delete(f"{SHEETS}/accounts/{connection.account_id}")
    assert refused.status_code == 409
    assert "Spring plan" in refused.json()["error_message"]
    assert api.delete(f"{CONNECTIONS}/{connection.id}").status_code == 204
    assert api.delete(f"{SHEETS}/accounts/{connection.account_id}").status_code == 204


def test_without_an_account_the_way_to_one_is_said(api: httpx.Client, google: Google) -> None:
    refused = api.post(CONNECTIONS, json=new_connection(planned(google, GOOD)))
    assert (refused.status_code, refused.json()["error_code"]) == (409, "state_conflict")
    assert "Add one first" in refused.json()["error_message"]
    assert api.get(f"{SHEETS}/spreadsheets").status_code == 409


def test_of_several_accounts_the_one_that_can_open_the_sheet_is_taken(
    api: httpx.Client, house: Slotwise, ctx: Context, google: Google
) -> None:
    robot(ctx, house, google, "stranger@slotwise.iam.gserviceaccount.com")
    able = robot(ctx, house, google)
    made = api.post(CONNECTIONS, json=new_connection(planned(google, GOOD)))
    assert made.json()["data"]["account_id"] == able.id
    assert api.get(f"{SHEETS}/spreadsheets").status_code == 422


# --- Connections --------------------------------------------------------------------------------------------------


def test_a_sheet_that_is_not_shared_is_connected_and_says_with_whom_to_share_it(
    api: httpx.Client, house: Slotwise, ctx: Context, google: Google
) -> None:
    robot(ctx, house, google)
    hand = google.sheet("Secret", [HEAD, GOOD])
    made = api.post(CONNECTIONS, json=new_connection(hand)).json()
    assert (made["state"], made["data"]["status"]) == ("error", "error")
    assert ROBOT in made["data"]["next_step"]
    assert api.post(f"{CONNECTIONS}/{made['id']}/test").status_code in {404, 422}
    hand.file.roles[ROBOT] = "writer"
    tested = api.post(f"{CONNECTIONS}/{made['id']}/test")
    assert tested.status_code == 200, tested.text
    assert tested.json()["data"]["permission"] == "admin"  # editors may share


def test_a_test_that_finds_no_columns_names_every_one_that_is_missing(
    api: httpx.Client, house: Slotwise, ctx: Context, google: Google
) -> None:
    hand = google.sheet("Plan", [["Colour", "Size"], ["red", "3"]], **{ROBOT: "writer"})
    connection = connected(ctx, house, google, hand)
    status, code, places = refusal(api.post(f"{CONNECTIONS}/{connection.id}/test"))
    assert (status, code) == (422, "validation_error")
    assert places


def test_a_sheet_is_looked_at_before_it_is_connected(
    api: httpx.Client, house: Slotwise, ctx: Context, google: Google
) -> None:
    robot(ctx, house, google)
    hand = planned(google, GOOD, ["", "No title", "linkedin", "soon"])
    looked = api.post(f"{SHEETS}/check", json=new_connection(hand))
    assert looked.status_code == 200, looked.text
    found = looked.json()["data"]
    assert found["columns"]["title"] == "Title"
    assert found["sheets"] == ["Sheet1"]
    assert [row["row"] for row in found["sample"]] == [2, 3]
    assert found["sample"][1]["problems"]
    assert api.get(CONNECTIONS).json()["data"] == []


def test_an_edit_of_an_older_revision_is_refused(
    api: httpx.Client, house: Slotwise, ctx: Context, google: Google
) -> None:
    connection = connected(ctx, house, google, planned(google, GOOD), every_minutes=15)
    path = f"{CONNECTIONS}/{connection.id}"
    read = api.get(path)
    wanted = {"name": "Summer plan", "every_minutes": None}
    edited = api.patch(path, json=wanted, headers={"If-Match": read.headers["etag"]})
    assert edited.status_code == 200, edited.text
    assert (edited.json()["data"]["name"], edited.json()["data"]["every_minutes"]) == ("Summer plan", None)
    assert edited.json()["data"]["range"] == read.json()["data"]["range"]
    stale = api.patch(path, json={"name": "Third"}, headers={"If-Match": read.headers["etag"]})
    assert stale.status_code == 409
    assert api.delete(path, headers={"If-Match": read.headers["etag"]}).status_code == 409
    assert api.delete(path, headers={"If-Match": edited.headers["etag"]}).status_code == 204
    assert api.get(path).status_code == 404


def test_a_connection_of_another_workspace_is_not_there(
    api: httpx.Client, house: Slotwise, stranger: Context, google: Google
) -> None:
    connection = connected(stranger, house, google, planned(google, GOOD))
    path = f"{CONNECTIONS}/{connection.id}"
    assert api.get(CONNECTIONS).json()["data"] == []
    for method, below in (("GET", ""), ("DELETE", ""), ("POST", "/sync"), ("POST", "/test"), ("GET", "/preview")):
        assert api.request(method, f"{path}{below}").status_code == 404, below
    for each in ("rows", "conflicts", "runs"):
        assert api.get(f"{path}/{each}").status_code == 404, each
    for each in ("cancel", "keep"):
        assert api.post(f"{path}/rows/{each}").status_code == 404, each
    assert api.patch(path, json={"name": "Mine"}).status_code == 404


# --- Syncs and what they find -------------------------------------------------------------------------------------


def test_a_sync_is_asked_for_and_its_run_and_rows_are_told(
    api: httpx.Client, house: Slotwise, ctx: Context, google: Google
) -> None:
    hand = planned(google, GOOD, ["Bad", "", "friendster", "2026-03-10 10:00"])
    connection = connected(ctx, house, google, hand)
    path = f"{CONNECTIONS}/{connection.id}"
    asked = api.post(f"{path}/sync")
    assert (asked.status_code, asked.json()["data"]["next_sync"]) == (202, "2026-03-02T12:00:00Z")
    synced(ctx, house, connection.id)
    (run,) = api.get(f"{path}/runs").json()["data"]
    assert (run["status"], run["read"], run["created"], run["error"]) == ("completed", 2, 1, None)
    assert run["requests"] > 0
    rows = api.get(f"{path}/rows").json()["data"]
    assert [(each["row"], each["title"], len(each["item_ids"])) for each in rows] == [(2, "Launch", 1), (3, "Bad", 0)]
    assert "friendster" in rows[1]["error"]
    assert [each["title"] for each in api.get(f"{path}/rows", params={"faulty": True}).json()["data"]] == ["Bad"]
    read = api.get(path).json()["data"]
    assert read["last_sync"] == "2026-03-02T12:00:00Z"
    assert read["rows"] == {"scheduled": 1, "written": read["rows"]["written"], "missing": 0, "faulty": 1}
    (item,) = api.get(f"/api/v1/scheduling/calendar/{read['schedule_id']}?expand=items").json()["data"]["items"]
    assert [item["id"]] == rows[0]["item_ids"]
    assert hand.at("E2") == "Scheduled"


def test_rows_that_were_removed_are_canceled_or_kept_as_somebody_says(
    api: httpx.Client, house: Slotwise, ctx: Context, google: Google, clock: StandingClock
) -> None:
    rows = [[f"Post {number}", "Text", "linkedin", f"2026-03-1{number} 10:00"] for number in range(3)]
    hand = planned(google, *rows)
    connection = connected(ctx, house, google, hand)
    path = f"{CONNECTIONS}/{connection.id}"
    synced(ctx, house, connection.id)
    clock.move(timedelta(minutes=5))
    hand.delete_rows(2, 3)
    synced(ctx, house, connection.id)
    missing = api.get(f"{path}/rows", params={"state": "missing"}).json()["data"]
    assert [each["title"] for each in missing] == ["Post 0", "Post 1"]
    canceled = api.post(f"{path}/rows/cancel", json={"row_ids": [missing[0]["id"]]})
    assert (canceled.status_code, canceled.json()["data"]["posts_canceled"]) == (200, 1)
    kept = api.post(f"{path}/rows/keep")
    assert kept.json()["data"]["rows_kept"] == 1
    states = {
        each["title"]: api.get(f"/api/v1/scheduling/items/{each['item_ids'][0]}").json()["data"]["status"]
        for each in missing
    }
    assert states == {"Post 0": "canceled", "Post 1": "scheduled"}
    assert api.get(path).json()["data"]["rows"]["missing"] == 0


def test_a_preview_shows_rows_as_they_stand(api: httpx.Client, house: Slotwise, ctx: Context, google: Google) -> None:
    connection = connected(ctx, house, google, planned(google, GOOD, GOOD, ["Odd", "", "nowhere", "someday"]))
    shown = api.get(f"{CONNECTIONS}/{connection.id}/preview", params={"limit": 3}).json()["data"]
    assert shown["headers"][:5] == HEAD
    assert [each["row"] for each in shown["rows"]] == [2, 3, 4]
    assert shown["total"] == 999  # room for so many
    assert shown["rows"][0]["cells"]["Title"] == "Launch"
    assert not shown["rows"][0]["problems"]
    assert shown["rows"][2]["problems"]


def test_spreadsheets_are_searched_and_paged(api: httpx.Client, house: Slotwise, ctx: Context, google: Google) -> None:
    robot(ctx, house, google)
    for number in range(103):
        google.sheet(f"Plan {number}", [HEAD], **{ROBOT: "reader"})
    google.sheet("Nobody's", [HEAD])
    first = api.get(f"{SHEETS}/spreadsheets").json()
    assert first["meta"]["count"] == 100
    second = api.get(f"{SHEETS}/spreadsheets", params={"cursor": first["meta"]["next_cursor"]}).json()
    assert (second["meta"]["count"], second["meta"]["next_cursor"]) == (3, None)
    found = api.get(f"{SHEETS}/spreadsheets", params={"q": "Plan 77"}).json()["data"]
    assert [each["name"] for each in found] == ["Plan 77"]


def test_a_template_is_made_and_can_be_connected(api: httpx.Client, google: Google) -> None:
    person = json.loads(google.tokens.person("mary@example.com"))
    assert api.post(f"{SHEETS}/accounts", json={"name": "Mary", "credentials": person}).status_code == 201
    made = api.post(f"{SHEETS}/template", json={"title": "Spring"})
    assert made.status_code == 201, made.text
    sheet = made.json()["data"]
    body = {"name": "Spring", "spreadsheet_id": sheet["url"], "sheet_name": sheet["sheet_name"]}
    connection = api.post(CONNECTIONS, json=body).json()
    assert connection["data"]["spreadsheet_id"] == sheet["spreadsheet_id"]
    assert api.post(f"{CONNECTIONS}/{connection['id']}/test").status_code == 200


# --- Google's own trouble -----------------------------------------------------------------------------------------


def test_what_google_refuses_for_now_is_not_remembered_under_the_key(
    api: httpx.Client, house: Slotwise, ctx: Context, google: Google
) -> None:
    connection = connected(ctx, house, google, planned(google, GOOD))
    path, once = f"{CONNECTIONS}/{connection.id}/test", {"Idempotency-Key": "test-1"}
    google.will(refuse(403), on="spreadsheets.get")
    assert api.post(path, headers=once).status_code == 422
    assert api.post(path, headers=once).status_code == 200
    assert api.post(path, headers=once).headers["idempotency-replayed"] == "true"


def test_quota_that_is_used_up_is_429_with_how_long_to_wait(
    api: httpx.Client, house: Slotwise, ctx: Context, google: Google
) -> None:
    connection = connected(ctx, house, google, planned(google, GOOD))
    google.will(*[too_many(retry_after=120)] * 3, on="sheets")
    answer = api.get(f"{CONNECTIONS}/{connection.id}/preview")
    assert answer.status_code in {429, 503}
    assert int(answer.headers["retry-after"]) > 0
