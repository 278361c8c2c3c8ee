"""What every call shares: the envelope, errors by place and value, times, what is no JSON, methods."""

import httpx
import pytest
from api_bodies import CALENDAR, ITEMS, a_calendar, an_item, count_calendars, create, refusal
from planned_posts import StandingClock

from core.bootstrap import Slotwise
from core.services.calendars import NewCalendar, create_calendar
from core.services.context import Context

JSON = {"content-type": "application/json"}


def test_a_resource_repeats_id_and_state_at_the_top(api: httpx.Client) -> None:
    made = api.post(CALENDAR, json=a_calendar())
    assert made.status_code == 201
    body = made.json()
    assert (body["id"], body["state"]) == (body["data"]["id"], "running")
    item = body["data"]["items"][0]
    read = api.get(f"{ITEMS}/{item['id']}").json()
    assert (read["id"], read["state"]) == (item["id"], "scheduled")


def test_times_leave_in_utc_with_the_zone_beside_them(api: httpx.Client) -> None:
    item = create(api, an_item(scheduled_time="2026-11-06T14:00:00-05:00"))["items"][0]
    assert (item["scheduled_time"], item["timezone"]) == ("2026-11-06T19:00:00Z", "UTC")


@pytest.mark.parametrize(
    ("item", "place", "value", "code"),
    [
        ({"platform": "yuotube"}, "platform", "yuotube", "validation_error"),
        ({"channel_id": "chan_x"}, "channel_id", "chan_x", "validation_error"),
        ({"content_id": ""}, "content_id", "", "validation_error"),
        ({"content_id": 7}, "content_id", "7", "validation_error"),
        ({"surprise": None}, "surprise", "null", "validation_error"),
        ({"priority": True}, "priority", "true", "validation_error"),
        ({"priority": 11}, "priority", "11", "validation_error"),
        ({"scheduled_time": "yesterday"}, "scheduled_time", "yesterday", "validation_error"),
        ({"scheduled_time": "2026-13-01T00:00"}, "scheduled_time", "2026-13-01T00:00", "validation_error"),
        ({"scheduled_time": "2026-02-28T09:00:00Z"}, "scheduled_time", "2026-02-28T09:00:00Z", "time_in_past"),
        ({"scheduled_time": "2026-03-29T02:30"}, "scheduled_time", "2026-03-29T02:30", "dst_gap"),
        ({"scheduled_time": "2026-10-25T02:30"}, "scheduled_time", "2026-10-25T02:30", "dst_ambiguous"),
        ({"content": {"text": "x", "colour": 1}}, "content.colour", "1", "validation_error"),
        ({"content": {"text": "x" * 3001}}, "content.text", "x" * 200 + "…", "validation_error"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 30 else "",
)
def test_a_faulty_item_is_named_by_place_and_value_and_nothing_is_created(
    api: httpx.Client, item: dict[str, object], place: str, value: str, code: str
) -> None:
    answer = api.post(CALENDAR, json=a_calendar(an_item(), an_item(), an_item(**item)))
    status, error_code, values = refusal(answer)
    assert (status, error_code) == (422, code)
    assert values == {f"items[2].{place}": value}
    assert count_calendars(api) == 0


def test_all_faults_of_a_kind_are_told_at_once(api: httpx.Client) -> None:
    answer = api.post(CALENDAR, json=a_calendar(an_item(platform="a"), an_item(), an_item(platform="b")))
    assert refusal(answer)[2] == {"items[0].platform": "a", "items[2].platform": "b"}


def test_a_skipped_and_a_repeated_hour_are_told_with_both_readings(api: httpx.Client) -> None:
    gap, twice = an_item(scheduled_time="2026-03-29T02:30"), an_item(scheduled_time="2026-10-25T02:30")
    details = api.post(CALENDAR, json=a_calendar(gap, twice)).json()["details"]
    assert all(reading in details[0]["message"] for reading in ("02:00 (UTC+01:00)", "03:00 (UTC+02:00)"))
    assert all(reading in details[1]["message"] for reading in ("02:30 (UTC+02:00)", "02:30 (UTC+01:00)"))


@pytest.mark.parametrize(("fold", "instant"), [(0, "2026-10-25T00:30:00Z"), (1, "2026-10-25T01:30:00Z")])
def test_fold_says_which_reading_of_a_repeated_time_is_meant(api: httpx.Client, fold: int, instant: str) -> None:
    made = create(api, an_item(scheduled_time="2026-10-25T02:30", fold=fold))
    assert made["items"][0]["scheduled_time"] == instant


@pytest.mark.parametrize(
    ("zone", "instant"),
    [
        ("Europe/Berlin", "2026-07-01T07:00:00Z"),
        ("America/New_York", "2026-07-01T13:00:00Z"),
        ("Asia/Kathmandu", "2026-07-01T03:15:00Z"),
        (None, "2026-07-01T09:00:00Z"),
    ],
)
def test_a_naive_time_is_wall_clock_time_in_the_requests_zone(
    api: httpx.Client, zone: str | None, instant: str
) -> None:
    made = create(api, an_item(scheduled_time="2026-07-01T09:00"), timezone=zone)
    assert made["items"][0]["scheduled_time"] == instant


def test_items_added_later_are_read_in_the_calendars_zone(api: httpx.Client) -> None:
    calendar = create(api, timezone="Asia/Tokyo")["id"]
    added = api.post(f"{CALENDAR}/{calendar}/items", json={"items": [an_item(scheduled_time="2026-07-01T09:00")]})
    assert added.json()["data"][0]["scheduled_time"] == "2026-07-01T00:00:00Z"


def test_the_grace_of_a_minute_is_kept_and_not_more(api: httpx.Client, clock: StandingClock) -> None:
    assert create(api, an_item(scheduled_time="2026-03-02T11:59:30Z"))["items"][0]["status"] == "scheduled"
    late = api.post(CALENDAR, json=a_calendar(an_item(scheduled_time="2026-03-02T11:58:59Z")))
    assert refusal(late)[1] == "time_in_past"


@pytest.mark.parametrize(
    ("fields", "place", "value"),
    [
        ({"title": "ab"}, "title", "ab"),
        ({"title": "x" * 101}, "title", "x" * 101),
        ({"title": None}, "title", "null"),
        ({"timezone": "Mars/Base"}, "timezone", "Mars/Base"),
        ({"items": []}, "items", "[]"),
        ({"items": None}, "items", "null"),
        ({"colour": {"a": [1, True]}}, "colour", '{"a": [1, true]}'),
        ({"processing_deadline_ms": -1}, "processing_deadline_ms", "-1"),
        ({"processing_deadline_ms": "10"}, "processing_deadline_ms", "10"),
    ],
)
def test_a_faulty_calendar_is_named_by_place_and_value(
    api: httpx.Client, fields: dict[str, object], place: str, value: str
) -> None:
    answer = api.post(CALENDAR, json=a_calendar(**fields))
    assert refusal(answer) == (422, "validation_error", {place: value})
    assert count_calendars(api) == 0


def test_a_thousand_items_are_taken_and_one_more_is_refused(api: httpx.Client) -> None:
    items = [an_item(content_id=None, content=None) for _ in range(1001)]
    assert refusal(api.post(CALENDAR, json=a_calendar(*items)))[:2] == (422, "validation_error")
    assert len(create(api, *items[:1000])["items"]) == 1000


def test_metadata_comes_back_unchanged_and_null_is_none(api: httpx.Client) -> None:
    kept = {"campaign_id": "camp_456", "Ünïcode 🎈": [1, 2.5, None, {"deep": {"er": True}}], "": "", "colour": "red"}
    assert create(api, an_item(metadata=kept))["items"][0]["metadata"] == kept
    assert create(api, an_item(metadata=None, callbacks=None))["items"][0]["metadata"] == {}


@pytest.mark.parametrize(
    ("body", "status", "code", "said"),
    [
        (b'{"title":', 400, "invalid_json", "line 1, column 10"),
        (b"\xff\xfe{", 400, "invalid_json", "can't decode"),
        (b'{"title": NaN}', 400, "invalid_json", "NaN"),
        (b'{"title": -Infinity}', 400, "invalid_json", "-Infinity"),
        (b"[" * 100_000, 400, "invalid_json", "64 levels"),
        (b'{"a":' * 65 + b"1" + b"}" * 65, 400, "invalid_json", "64 levels"),
        (b'{"title": "a\\u0000b"}', 422, "validation_error", "cannot be stored"),
        (b'{"items": [{"metadata": {"x": "\\ud800"}}]}', 422, "validation_error", "items[0].metadata.x"),
        (b'{"items": [{"metadata": {"\\udfff": 1}}]}', 422, "validation_error", "cannot be stored"),
        (b"", 422, "validation_error", "required"),
        (b"[]", 422, "validation_error", "body"),
        (b'"x"', 422, "validation_error", "body"),
        (b'{"title": ' + b"9" * 5000 + b"}", 400, "invalid_json", "digits"),
    ],
    ids=lambda value: value[:18].decode("latin-1") if isinstance(value, bytes) else "",
)
def test_what_cannot_be_read_or_kept_is_refused(
    api: httpx.Client, body: bytes, status: int, code: str, said: str
) -> None:
    answer = api.post(CALENDAR, content=body, headers=JSON)
    assert refusal(answer)[:2] == (status, code)
    assert said in answer.json()["error_message"]


@pytest.mark.parametrize(
    "media_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "json", "x/json"],
)
def test_another_media_type_is_refused(api: httpx.Client, media_type: str) -> None:
    answer = api.post(CALENDAR, content=b'{"title": "x"}', headers={"content-type": media_type})
    assert refusal(answer)[:2] == (415, "unsupported_media_type")
    assert repr(media_type) in answer.json()["error_message"]


@pytest.mark.parametrize(
    "media_type", ["application/json; charset=utf-8", "APPLICATION/JSON", "application/vnd.api+json"]
)
def test_the_spellings_of_json_are_taken(api: httpx.Client, media_type: str) -> None:
    answer = api.post(CALENDAR, content=b'{"title": "x"}', headers={"content-type": media_type})
    assert refusal(answer)[0] == 422


@pytest.mark.parametrize(
    ("query", "status", "values"),
    [
        ("limit=9", 422, {"limit": "9"}),
        ("limit=201", 422, {"limit": "201"}),
        ("limit=ten&colour=1", 422, {"limit": "ten", "colour": "1"}),
        ("platform=myspace", 422, {"platform": "myspace"}),
        ("status=lost", 422, {"status": "lost"}),
        ("cursor=bm90aGluZw", 422, {"cursor": "bm90aGluZw"}),
        ("from=never&to=ever", 422, {"from": "never", "to": "ever"}),
        ("from=2026-03-29T02:30&calendar_id=x", 200, {}),
        ("q=%00", 400, {"query": "q=%00"}),
    ],
)
def test_a_parameter_that_cannot_be_meant_is_named(
    api: httpx.Client, query: str, status: int, values: dict[str, str]
) -> None:
    answer = api.get(f"{CALENDAR}?{query}")
    assert answer.status_code == status
    if status != 200:
        assert refusal(answer)[2] == values


def test_what_is_not_there_is_named(api: httpx.Client) -> None:
    assert refusal(api.get(f"{CALENDAR}/cal_x")) == (404, "not_found", {"calendar_id": "cal_x"})
    assert refusal(api.get(f"{ITEMS}/item_x")) == (404, "not_found", {"item_id": "item_x"})
    assert refusal(api.get("/api/v1/nothing"))[:2] == (404, "not_found")
    assert refusal(api.get("/api/v1/scheduling/calendar/"))[:2] == (404, "not_found")
    assert refusal(api.get("/api/v1/scheduling/items/%0A"))[:2] == (404, "not_found")


def test_another_workspaces_calendar_is_as_if_it_were_not_there(api: httpx.Client, stranger: Context) -> None:
    theirs = create_calendar(stranger, NewCalendar("Not yours", "UTC")).calendar.id
    for answer in (api.get(f"{CALENDAR}/{theirs}"), api.delete(f"{CALENDAR}/{theirs}")):
        assert refusal(answer) == (404, "not_found", {"calendar_id": theirs})


def test_an_illegal_move_is_a_conflict_and_changes_nothing(api: httpx.Client) -> None:
    item = create(api)["items"][0]["id"]
    canceled = api.post(f"{ITEMS}/{item}/cancel").json()
    for move in ("cancel", "skip", "retry", "publish-now", "approve", "reject"):
        assert refusal(api.post(f"{ITEMS}/{item}/{move}"))[:2] == (409, "state_conflict")
    assert api.get(f"{ITEMS}/{item}").json()["data"]["revision"] == canceled["data"]["revision"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", CALENDAR, "GET, HEAD, POST"),
        ("DELETE", CALENDAR, "GET, HEAD, POST"),
        ("OPTIONS", CALENDAR, "GET, HEAD, POST"),
        ("TRACE", CALENDAR, "GET, HEAD, POST"),
        ("BREW", f"{CALENDAR}/x", "DELETE, GET, HEAD, PATCH"),
        ("POST", f"{ITEMS}/x", "DELETE, GET, HEAD, PATCH"),
        ("GET", f"{ITEMS}/x/cancel", "POST"),
        ("DELETE", "/api/openapi.json", "GET, HEAD"),
        ("POST", "/api/assets/swagger-ui.css", "GET, HEAD"),
    ],
)
def test_a_method_that_is_not_possible_is_told_which_are(
    api: httpx.Client, method: str, path: str, allowed: str
) -> None:
    answer = api.request(method, path)
    assert refusal(answer)[:2] == (405, "method_not_allowed")
    assert answer.headers["allow"] == allowed


def test_head_has_the_head_of_get_and_no_body(api: httpx.Client) -> None:
    calendar = create(api)["id"]
    got, head = (api.request(method, f"{CALENDAR}/{calendar}") for method in ("GET", "HEAD"))
    assert (head.status_code, head.content) == (200, b"")
    for name in ("etag", "content-type", "content-length"):
        assert head.headers[name] == got.headers[name]
    assert api.head(f"{CALENDAR}/cal_x").status_code == 404


def test_a_fault_of_slotwise_itself_tells_its_request_id_and_nothing_else(api: httpx.Client, house: Slotwise) -> None:
    calendar = create(api)["id"]
    with house.db.system() as session:  # what no code of this version writes
        session.connection().exec_driver_sql("UPDATE content_calendars SET state = 'spilt'")
    answer = api.get(f"{CALENDAR}/{calendar}")
    status, code, values = refusal(answer)
    assert (status, code, values) == (500, "internal_error", {})
    assert "spilt" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("given", ["abc-1.2_3", "x" * 64])
def test_a_clients_request_id_comes_back(api: httpx.Client, given: str) -> None:
    assert api.get(CALENDAR, headers={"x-request-id": given}).headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "<script>", "ü".encode(), "a\tb"])
def test_a_request_id_that_could_do_harm_is_replaced(api: httpx.Client, given: str | bytes) -> None:
    assert api.get(CALENDAR, headers={"x-request-id": given}).headers["x-request-id"].startswith("req_")
