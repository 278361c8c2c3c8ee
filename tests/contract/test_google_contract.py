"""The stub of Google takes nothing and says nothing that Google's discovery documents do not know."""

from typing import Any

import pytest
from google_client import robot
from google_contract import (
    Method,
    answer_faults,
    body_faults,
    document,
    find_method,
    mask_faults,
    masked,
    parameter_faults,
    parse_mask,
)
from google_ranges import BadRequest, Box, parse, written
from google_world import Google

SHEET = "/v4/spreadsheets/1abc"


def method(verb: str, path: str) -> Method:
    found = find_method(verb, path)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("verb", "path", "name"),
    [
        ("GET", f"{SHEET}/values/Sheet1%21A1", "sheets.spreadsheets.values.get"),
        ("GET", f"{SHEET}/values:batchGet", "sheets.spreadsheets.values.batchGet"),
        ("PUT", f"{SHEET}/values/Sheet1%21A1", "sheets.spreadsheets.values.update"),
        ("POST", f"{SHEET}/values/Sheet1%21A1:append", "sheets.spreadsheets.values.append"),
        ("POST", f"{SHEET}/values/Sheet1%21A1:B2:clear", "sheets.spreadsheets.values.clear"),
        ("POST", f"{SHEET}/values:batchUpdate", "sheets.spreadsheets.values.batchUpdate"),
        ("POST", f"{SHEET}:batchUpdate", "sheets.spreadsheets.batchUpdate"),
        ("POST", "/v4/spreadsheets", "sheets.spreadsheets.create"),
        ("GET", "/drive/v3/files", "drive.files.list"),
        ("POST", "/drive/v3/files/1abc/permissions", "drive.permissions.create"),
    ],
)
def test_an_address_leads_to_its_method(verb: str, path: str, name: str) -> None:
    assert method(verb, path).id == name


@pytest.mark.parametrize(("verb", "path"), [("GET", "/v4/spreadsheet/1"), ("PATCH", SHEET), ("GET", "/drive/v2/files")])
def test_an_address_google_does_not_have_leads_nowhere(verb: str, path: str) -> None:
    assert find_method(verb, path) is None


@pytest.mark.parametrize(
    ("verb", "path", "query", "fault"),
    [
        ("GET", f"{SHEET}/values/A1", {"valueRenderOptions": ["FORMULA"]}, "has no parameter 'valueRenderOptions'"),
        ("GET", f"{SHEET}/values/A1", {"valueRenderOption": ["RAW"]}, "valueRenderOption='RAW'"),
        ("GET", f"{SHEET}/values/A1", {"majorDimension": ["ROWS", "ROWS"]}, "takes one 'majorDimension', not 2"),
        ("GET", f"{SHEET}/values/A1", {"spreadsheetId": ["1"]}, "has no parameter 'spreadsheetId'"),
        ("GET", "/drive/v3/files", {"pageSize": ["many"]}, "pageSize='many'"),
        ("GET", "/drive/v3/files", {"supportsAllDrives": ["yes"]}, "supportsAllDrives='yes'"),
        ("GET", "/drive/v3/files/1/export", {}, "needs the parameter 'mimeType'"),
    ],
)
def test_a_wrong_parameter_is_named(verb: str, path: str, query: dict[str, list[str]], fault: str) -> None:
    faults = list(parameter_faults(method(verb, path), query))
    assert [fault in found for found in faults] == [True], faults


@pytest.mark.parametrize(
    ("path", "body", "place"),
    [
        (f"{SHEET}/values:batchUpdate", {"valueInputOptions": "RAW"}, "valueInputOptions"),
        (f"{SHEET}/values:batchUpdate", {"valueInputOption": "AS_IS"}, "valueInputOption"),
        (f"{SHEET}/values:batchUpdate", {"data": [{"range": 1}]}, "data.0.range"),
        (f"{SHEET}/values:batchUpdate", {"data": {"range": "A1"}}, "data"),
        (f"{SHEET}/values:batchUpdate", {"data": [{"values": ["no row"]}]}, "data.0.values.0"),
        (f"{SHEET}:batchUpdate", {"requests": [{"addSheets": {}}]}, "requests.0"),
        (f"{SHEET}:batchUpdate", {"requests": [{"appendDimension": {"length": "two"}}]}, "requests.0"),
        ("/drive/v3/files", {"title": "Drive v2 called it so"}, "title"),
    ],
)
def test_a_wrong_body_is_named_with_its_place(path: str, body: Any, place: str) -> None:
    faults = list(body_faults(method("POST", path), body))
    assert faults
    assert all(place in fault for fault in faults)


def test_a_body_where_none_is_taken_is_named() -> None:
    assert list(body_faults(method("GET", SHEET), {"a": 1})) == ["sheets.spreadsheets.get takes no body"]


def test_nulls_and_numbers_as_text_are_taken_as_google_takes_them() -> None:
    body = {"requests": [{"appendDimension": {"sheetId": 0, "dimension": "ROWS", "length": "5"}, "addSheet": None}]}
    assert not list(body_faults(method("POST", f"{SHEET}:batchUpdate"), body))
    values = {"values": [["a", None, 1, True]], "majorDimension": None}
    assert not list(body_faults(method("PUT", f"{SHEET}/values/A1"), values))


@pytest.mark.parametrize(
    ("verb", "path", "answer"),
    [
        ("GET", f"{SHEET}/values/A1", {"value": [["a"]]}),
        ("PUT", f"{SHEET}/values/A1", {"updatedRows": "1"}),
        ("GET", SHEET, {"sheets": [{"properties": {"sheetId": "0"}}]}),
        ("GET", SHEET, {"spreadsheetId": None}),
        ("GET", "/drive/v3/files", {"files": [{"modifiedDate": "2026-01-01"}]}),
    ],
)
def test_an_answer_google_would_never_give_is_named(verb: str, path: str, answer: Any) -> None:
    assert list(answer_faults(method(verb, path), answer))


def test_every_schema_of_both_documents_can_be_judged_by() -> None:
    for path in (SHEET, "/drive/v3/files"):
        found = method("GET", path)
        assert len(document(found.document)["schemas"]) > 50
        assert not list(answer_faults(found, {}))


def test_a_field_mask_keeps_what_it_names() -> None:
    value = {"a": 1, "b": [{"c": 1, "d": {"e": 2, "f": 3}}, {"c": 2}]}
    assert masked(value, parse_mask("b(c,d/e)")) == {"b": [{"c": 1, "d": {"e": 2}}, {"c": 2}]}
    assert masked(value, parse_mask("b.d.f,a")) == {"a": 1, "b": [{"d": {"f": 3}}, {}]}
    assert masked(value, parse_mask("*")) == value


def test_a_field_mask_with_an_unknown_field_is_named() -> None:
    faults = mask_faults(method("GET", SHEET), parse_mask("sheets(properties/gid,merges)"))
    assert list(faults) == ["the mask names 'gid', which is no field there"]


@pytest.mark.parametrize(
    ("text", "title", "box"),
    [
        ("Plan", "Plan", Box()),
        ("'My plan'!B2:D4", "My plan", Box(1, 1, 4, 4)),
        ("'It''s'!A:C", "It's", Box(0, 0, None, 3)),
        ("Plan!2:5", "Plan", Box(1, 0, 5, None)),
        ("plan!D4:B2", "Plan", Box(1, 1, 4, 4)),
        ("Plan!A5:C", "Plan", Box(4, 0, None, 3)),
        ("Q1", "Plan", Box(0, 16, 1, 17)),
        ("'Q1'", "Q1", Box()),
        ("C3", "Plan", Box(2, 2, 3, 3)),
    ],
)
def test_a_range_is_read_as_google_reads_it(text: str, title: str, box: Box) -> None:
    assert parse(text, ["Plan", "My plan", "It's", "Q1"]) == (title, box)


@pytest.mark.parametrize("text", ["Gone!A1", "Plan!A0", "Plan!ABCD1", "Plan!A1:B2:C3", "Plan!"])
def test_a_range_google_cannot_read_is_refused(text: str) -> None:
    with pytest.raises(BadRequest, match="Unable to parse range"):
        parse(text, ["Plan"])


def test_a_range_is_written_so_that_it_can_be_read() -> None:
    assert written("Plan", Box(0, 0, 1, 1)) == "Plan!A1"
    assert written("It's", Box(1, 26, 4, 28)) == "'It''s'!AA2:AB4"
    assert written("Q1", Box(0, 0, 2, 1)) == "'Q1'!A1:A2"


def test_what_the_documents_do_not_allow_is_refused_and_noted(google: Google) -> None:
    session = robot(google).http_client.session
    google.sheet("Plan")
    answer = session.get("https://sheets.googleapis.com/v4/spreadsheets/1sheet0001?field=sheets")
    assert answer.status_code == 400
    assert answer.json()["error"]["status"] == "INVALID_ARGUMENT"
    assert google.violations == ["sheets.spreadsheets.get has no parameter 'field'"]
    google.violations.clear()
    session.post("https://sheets.googleapis.com/v4/spreadsheets/1sheet0001:update", json={})
    assert google.violations == ["no method is called by POST /v4/spreadsheets/1sheet0001:update"]
    google.violations.clear()
