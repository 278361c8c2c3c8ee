"""From the key of a Google account to a sheet whose status column says what became of its rows, and back."""

import re
from typing import TYPE_CHECKING

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect
from screen import click, keyed_from, see

if TYPE_CHECKING:
    from conftest import RunningApp
    from google_world import Google

ROBOT = "robot@team.iam.gserviceaccount.com"
ROWS = [
    ["Title", "Content", "Platform", "Scheduled Time", "Status", "Owner"],
    ["First of March", "One", "linkedin", "2036-03-03 09:00", "", "Mara"],
    ["Second of March", "Two", "linkedin", "2036-03-04 09:00", "", "Tim"],
    ["Third of March", "Three", "linkedin", "2036-03-05 09:00", "", "Mara"],
]


@pytest.fixture
def settings(google: "Google") -> dict[str, str]:
    """Have the app find Google on this machine."""
    token = {"SLOTWISE_GOOGLE_TOKEN_URL": f"{google.url}/token"}
    return token | {"SLOTWISE_SHEETS_API_URL": google.url, "SLOTWISE_DRIVE_API_URL": google.url}


def press(page: Page, start: str) -> None:
    """Press the button whose key begins like this."""
    click(keyed_from(page, start).locator("button"))


def add_channel(app: "RunningApp") -> None:
    body = {"platform": "linkedin", "name": "Company page", "timezone": "Europe/Berlin", "max_per_day": None}
    httpx.post(f"{app.url}/api/v1/channels", json=body, trust_env=False).raise_for_status()


def move_post(app: "RunningApp", title: str, when: str) -> None:
    with httpx.Client(base_url=f"{app.url}/api/v1/scheduling", trust_env=False) as api:
        items = api.get("/calendar").raise_for_status().json()["data"]
        item = next(each["id"] for each in items if each["title"] == title)
        api.patch(f"/items/{item}", json={"scheduled_time": when}).raise_for_status()


def connect_account(page: Page, app: "RunningApp", key: str) -> None:
    page.goto(f"{app.url}/sheets")
    press(page, "first_account")
    click(page.get_by_role("tab", name="Paste its text"))
    field = keyed_from(page, "account_text").locator("textarea").first
    field.fill(key)
    field.press("Control+Enter")
    expect(keyed_from(page, "account_save").locator("button").first).to_be_enabled()
    press(page, "account_save")


def connect_sheet(page: Page, title: str) -> None:
    click(keyed_from(page, "sheet_found").locator("input"))
    click(page.get_by_role("option").filter(has_text=title))
    see(page, "The sheet can be synced as it is")
    press(page, "sheet_save")


def figure(page: Page, label: str) -> Locator:
    return page.locator("[data-testid=stMetric]").filter(has_text=label).locator("[data-testid=stMetricValue]").first


def test_a_connected_sheet_says_what_became_of_its_rows_and_the_page_what_waits_for_somebody(
    page: Page, app: "RunningApp", google: "Google"
) -> None:
    hand = google.sheet("Spring plan", ROWS, **{ROBOT: "writer"})
    add_channel(app)

    connect_account(page, app, google.tokens.service_account(ROBOT))
    connect_sheet(page, "Spring plan")
    expect(figure(page, "Rows in")).to_have_text("3")
    assert [line[4] for line in hand.rows()] == ["Status", "Scheduled", "Scheduled", "Scheduled"]
    assert [line[5] for line in hand.rows()] == ["Owner", "Mara", "Tim", "Mara"]

    move_post(app, "First of March", "2036-03-10T09:00:00+01:00")
    hand.type("D2", "2036-05-06 11:00")
    hand.delete_rows(4, 4)
    press(page, "sheet_sync")
    expect(figure(page, "Removed rows waiting")).to_have_text("1")
    expect(figure(page, "Conflicts")).to_have_text("1")

    click(page.get_by_role("tab", name="Conflicts"))
    conflict = page.locator("[data-testid=stTable]").get_by_role("row").filter(has_text="First of March").first
    expect(conflict).to_contain_text(re.compile("2036-05-06 11:\u2060?00"))
    expect(conflict).to_contain_text(re.compile("2036-03-10 09:\u2060?00"))

    click(page.get_by_role("tab", name="Removed rows"))
    see(page, "Third of March")
    press(page, "sheet_cancel_all")
    press(page, "sheet_cancel_sure")
    see(page, "No removed rows")
