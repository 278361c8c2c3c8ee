"""What tests of the API send: calendars and items as integrators write them."""

from typing import Any

import httpx

CALENDAR = "/api/v1/scheduling/calendar"
CALENDARS = "/api/v1/scheduling/calendars"
ITEMS = "/api/v1/scheduling/items"


def an_item(**fields: Any) -> dict[str, Any]:
    """Give a LinkedIn post with words, in November."""
    return {
        "content_id": "content_1",
        "platform": "linkedin",
        "scheduled_time": "2026-11-06T14:00:00-05:00",
        "content": {"text": "Come and see."},
        **fields,
    }


def a_calendar(*items: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Give a calendar in Berlin with these items, or one."""
    return {"title": "Launch week", "timezone": "Europe/Berlin", "items": list(items) or [an_item()], **fields}


def create(api: httpx.Client, *items: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Create a calendar and give its resource."""
    answer = api.post(CALENDAR, json=a_calendar(*items, **fields))
    assert answer.status_code == 201, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


def count_calendars(api: httpx.Client) -> int:
    """Count the calendars of the workspace."""
    answer = api.get(CALENDARS, params={"limit": 200})
    assert answer.status_code == 200, answer.text
    return len(answer.json()["data"])


def refusal(answer: httpx.Response) -> tuple[int, str, dict[str, str]]:
    """Give status, code, and values by place of a refusal that has the whole shape of the contract."""
    body = answer.json()
    assert set(body) == {"error_code", "error_message", "error_class", "details", "request_id"}
    assert body["request_id"] == answer.headers["x-request-id"]
    assert body["error_message"]
    return answer.status_code, body["error_code"], {each["loc"]: each["value"] for each in body["details"]}
