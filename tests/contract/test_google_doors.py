"""The stub of Google lets in whom Google lets in, counts as Google counts and fails as Google fails."""

from datetime import UTC, datetime, timedelta

import google_faults as faults
import gspread
import pytest
import requests
from google.auth.exceptions import RefreshError
from google_client import ROBOT, person, robot
from google_hand import Hand
from google_world import Fault, Google
from gspread.exceptions import APIError, SpreadsheetNotFound

ROWS = [["Title", "Views"], ["One", 3], ["Two", 1], ["Three", 2]]


def refusal(error: pytest.ExceptionInfo[APIError]) -> tuple[int, str]:
    return error.value.response.status_code, error.value.error["message"]


@pytest.fixture
def plan(google: Google) -> Hand:
    return google.sheet("Plan", ROWS, **{ROBOT: "writer"})


@pytest.fixture
def worksheet(google: Google, plan: Hand) -> gspread.Worksheet:
    return robot(google).open_by_key(plan.id).sheet1


# --- Who may ---------------------------------------------------------------------------------------------------------


def test_a_stranger_sees_nothing_and_a_reader_writes_nothing(google: Google) -> None:
    plan = google.sheet("Plan", ROWS, **{"rita@example.com": "reader"})
    with pytest.raises(PermissionError):
        robot(google).open_by_key(plan.id)
    assert robot(google).list_spreadsheet_files() == []
    reader = person(google, "rita@example.com").open_by_key(plan.id).sheet1
    assert reader.acell("A2").value == "One"
    with pytest.raises(APIError, match="does not have permission") as error:
        reader.update([["x"]], "A2")
    assert refusal(error)[0] == 403
    person(google, "marta@example.com").open("Plan").share(ROBOT, perm_type="user", role="writer")
    robot(google).open_by_key(plan.id).sheet1.update([["x"]], "A2")
    assert plan.at("A2") == "x"


def test_a_protected_range_is_for_its_editors(worksheet: gspread.Worksheet, plan: Hand, google: Google) -> None:
    plan.protect("B1:B9", "erik@example.com")
    worksheet.update([["free"]], "A2")
    with pytest.raises(APIError, match="protected cell") as error:
        worksheet.update([["x", 9]], "A2:B2")
    assert (refusal(error)[0], plan.rows()[1]) == (400, ["free", 3])
    told = worksheet.client.fetch_sheet_metadata(plan.id)["sheets"][0]["protectedRanges"][0]
    assert "requestingUserCanEdit" not in told
    person(google, "marta@example.com").open_by_key(plan.id).sheet1.update([[9]], "B2")
    plan.unprotect()
    plan.protect("A1:B9", is_warning=True)
    worksheet.update([["x", 8]], "A2:B2")
    assert plan.rows()[1] == ["x", 8]


def test_files_are_found_page_by_page_and_by_name(google: Google) -> None:
    for number in range(5):
        google.sheet(f"Plan {number}", **{ROBOT: "reader"})
    google.sheet("Somebody's")
    client = robot(google)
    assert {file["name"] for file in client.list_spreadsheet_files()} == {f"Plan {n}" for n in range(5)}
    query = {"q": "name contains '3' and trashed = false", "fields": "files(name,capabilities/canEdit)"}
    found = client.http_client.request("get", "https://www.googleapis.com/drive/v3/files", query).json()
    assert found == {"files": [{"name": "Plan 3", "capabilities": {"canEdit": False}}]}
    query = {"pageSize": 2, "orderBy": "name", "fields": "nextPageToken,files/name"}
    names = []
    while True:
        page = client.http_client.request("get", "https://www.googleapis.com/drive/v3/files", query).json()
        names.append([file["name"] for file in page["files"]])
        if "nextPageToken" not in page:
            break
        query["pageToken"] = page["nextPageToken"]
    assert names == [["Plan 0", "Plan 1"], ["Plan 2", "Plan 3"], ["Plan 4"]]


def test_a_spreadsheet_is_created_and_its_last_edit_is_told(google: Google) -> None:
    moment = datetime(2026, 3, 2, 12, tzinfo=UTC)
    google.keep_time(lambda: moment)
    made = robot(google).create("Fresh")
    assert (made.title, made.get_lastUpdateTime()) == ("Fresh", "2026-03-02T12:00:00.000Z")
    google.keep_time(lambda: moment + timedelta(minutes=1))
    made.sheet1.update([["x"]], "A1")
    assert made.get_lastUpdateTime() == "2026-03-02T12:01:00.000Z"


def test_a_sheet_that_is_gone_is_not_found(worksheet: gspread.Worksheet, google: Google, plan: Hand) -> None:
    del google.files[plan.id]
    with pytest.raises(SpreadsheetNotFound):
        robot(google).open_by_key(plan.id)
    with pytest.raises(APIError, match="not found"):
        worksheet.client.get_file_drive_metadata(plan.id)


# --- Signing in, quotas, faults --------------------------------------------------------------------------------------


def test_a_token_that_ended_is_exchanged_for_another(worksheet: gspread.Worksheet, google: Google) -> None:
    google.tokens.expire()
    assert worksheet.acell("A2").value == "One"
    assert google.count("token") == 2
    google.will(faults.expire_token)
    assert worksheet.acell("A2").value == "One"
    assert google.count("token") == 3


@pytest.mark.parametrize("account", [robot, lambda google: person(google, ROBOT)])
def test_a_revoked_key_opens_nothing(google: Google, plan: Hand, account: type) -> None:
    client = account(google)
    google.tokens.revoke(ROBOT)
    with pytest.raises(RefreshError, match="invalid_grant"):
        client.open_by_key(plan.id)


def test_an_unknown_client_a_wrong_key_and_a_missing_scope_are_refused(google: Google, plan: Hand) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": "1//x", "client_id": "x", "client_secret": "y"}
    assert requests.post(google.tokens.url, form, timeout=5).json()["error"] == "invalid_client"
    other = "other@made-up.iam.gserviceaccount.com"
    robot(google)
    robot(google, email=other)
    google.tokens.accounts[ROBOT].secret["private_key"] = google.tokens.accounts[other].secret["private_key"]
    with pytest.raises(RefreshError, match="Invalid JWT Signature"):
        robot(google).open_by_key(plan.id)
    plan.file.roles[other] = "writer"
    sheet = robot(google, ("https://www.googleapis.com/auth/spreadsheets.readonly",), other).open_by_key(plan.id).sheet1
    with pytest.raises(APIError, match="insufficient authentication scopes"):
        sheet.update([["x"]], "A1")


def test_a_minute_has_60_reads_and_60_writes_for_each_user(google: Google, plan: Hand) -> None:
    moment = [datetime(2026, 3, 2, 12, tzinfo=UTC)]
    google.keep_time(lambda: moment[0])
    worksheet = robot(google).open_by_key(plan.id).sheet1
    for _ in range(58):
        worksheet.acell("A1")
    with pytest.raises(APIError, match="Read requests per minute per user") as error:
        worksheet.acell("A1")
    assert (refusal(error)[0], error.value.error["status"]) == (429, "RESOURCE_EXHAUSTED")
    for _ in range(60):
        worksheet.update([["x"]], "A1")
    with pytest.raises(APIError, match="Write requests per minute per user"):
        worksheet.update([["x"]], "A1")
    person(google, "marta@example.com").open_by_key(plan.id)
    moment[0] += timedelta(minutes=1)
    assert worksheet.acell("A1").value == "x"


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (faults.refuse(403), 403), (faults.refuse(404), 404), (faults.refuse(500), 500), (faults.too_many(), 429),
        (faults.too_many(7), 429), (faults.page(502), 502), (faults.page(503), 503), (faults.apply_then_fail(502), 502),
    ],
)  # fmt: skip
def test_a_fault_comes_once_in_the_place_it_is_meant_for(
    worksheet: gspread.Worksheet, google: Google, plan: Hand, fault: Fault, status: int
) -> None:
    google.will(fault, on="values.update")
    assert worksheet.acell("A2").value == "One"
    with pytest.raises(APIError) as error:
        worksheet.update([["x"]], "A2")
    assert (error.value.response.status_code, google.calls[-1].status) == (status, status)
    worksheet.update([["y"]], "A2")
    assert plan.at("A2") == "y"


def test_a_429_may_say_how_long_to_wait(worksheet: gspread.Worksheet, google: Google) -> None:
    google.will(faults.too_many(7), faults.too_many(), on="values")
    waits = []
    for _ in range(2):
        with pytest.raises(APIError) as error:
            worksheet.acell("A1")
        waits.append(error.value.response.headers.get("Retry-After"))
    assert waits == ["7", None]


def test_drive_says_its_limits_with_403(worksheet: gspread.Worksheet, google: Google) -> None:
    google.will(faults.usage_limit, on="drive")
    with pytest.raises(APIError) as error:
        worksheet.spreadsheet.get_lastUpdateTime()
    assert error.value.error["errors"][0]["domain"] == "usageLimits"
    assert error.value.response.status_code == 403


@pytest.mark.parametrize(
    ("fault", "is_applied"), [(faults.drop, False), (faults.apply_then_drop, True), (faults.apply_then_hang, True)]
)
def test_a_broken_connection_says_nothing_of_what_was_done(
    worksheet: gspread.Worksheet, google: Google, plan: Hand, fault: Fault, is_applied: bool
) -> None:
    worksheet.client.set_timeout((5, 0.2))
    google.will(fault, on="values.update")
    with pytest.raises((requests.ConnectionError, requests.Timeout)):
        worksheet.update([["x"]], "A2")
    assert plan.at("A2") == ("x" if is_applied else "One")
    assert (google.calls[-1].method, google.calls[-1].status) == ("sheets.spreadsheets.values.update", 0)


def test_somebody_acts_just_before_or_after_a_request_is_done(
    worksheet: gspread.Worksheet, google: Google, plan: Hand
) -> None:
    google.will(
        faults.before(lambda: plan.type("A2", "before")), faults.after(lambda: plan.type("A2", "after")), on="values"
    )
    assert worksheet.acell("A2").value == "before"
    assert worksheet.acell("A2").value == "before"
    assert plan.at("A2") == "after"


def test_requests_are_counted_with_their_sizes(worksheet: gspread.Worksheet, google: Google) -> None:
    worksheet.update([["x" * 1000]], "A2")
    assert worksheet.acell("A2").value == "x" * 1000
    write, read = google.calls[-2:]
    assert (write.email, write.method) == (ROBOT, "sheets.spreadsheets.values.update")
    assert write.asked > 1000 > write.answered
    assert read.answered > 1000 > read.asked
    assert google.tally()["sheets.spreadsheets.values.get", 200] == 1
