"""From the key of a Google account to a sheet whose status column says what became of its rows, and back."""

import re
from typing import TYPE_CHECKING

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

if TYPE_CHECKING:
    from conftest import RunningApp
    from google_world import Google

PATIENCE = 60_000
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


def keyed(page: Page, key: str) -> Locator:
    return page.locator(f"[class*=st-key-{key}]")


def press(page: Page, key: str) -> None:
    keyed(page, key).locator("button").first.click(timeout=PATIENCE)


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
    page.get_by_role("tab", name="Paste its text").click(timeout=PATIENCE)
    field = keyed(page, "account_text").locator("textarea")
    field.fill(key)
    field.press("Control+Enter")
    expect(keyed(page, "account_save").locator("button")).to_be_enabled(timeout=PATIENCE)
    press(page, "account_save")


def connect_sheet(page: Page, title: str) -> None:
    found = keyed(page, "sheet_found").locator("input")
    found.click(timeout=PATIENCE)
    page.get_by_role("option").filter(has_text=title).click(timeout=PATIENCE)
    expect(page.get_by_text("The sheet can be synced as it is")).to_be_visible(timeout=PATIENCE)
    press(page, "sheet_save")


def figure(page: Page, label: str) -> Locator:
    return page.locator("[data-testid=stMetric]").filter(has_text=label).locator("[data-testid=stMetricValue]")


@pytest.mark.timeout(300)
def test_a_connected_sheet_says_what_became_of_its_rows_and_the_page_what_waits_for_somebody(
    page: Page, app: "RunningApp", google: "Google"
) -> None:
    hand = google.sheet("Spring plan", ROWS, **{ROBOT: "writer"})
    add_channel(app)

    connect_account(page, app, google.tokens.service_account(ROBOT))
    connect_sheet(page, "Spring plan")
    expect(figure(page, "Rows in")).to_have_text("3", timeout=PATIENCE)
    assert [line[4] for line in hand.rows()] == ["Status", "Scheduled", "Scheduled", "Scheduled"]
    assert [line[5] for line in hand.rows()] == ["Owner", "Mara", "Tim", "Mara"]

    move_post(app, "First of March", "2036-03-10T09:00:00+01:00")
    hand.type("D2", "2036-05-06 11:00")
    hand.delete_rows(4, 4)
    press(page, "sheet_sync")
    expect(figure(page, "Removed rows waiting")).to_have_text("1", timeout=PATIENCE)
    expect(figure(page, "Conflicts")).to_have_text("1", timeout=PATIENCE)

    page.get_by_role("tab", name="Conflicts").click()
    conflict = page.locator("[data-testid=stTable]").get_by_role("row").filter(has_text="First of March")
    expect(conflict).to_contain_text(re.compile("2036-05-06 11:\u2060?00"), timeout=PATIENCE)
    expect(conflict).to_contain_text(re.compile("2036-03-10 09:\u2060?00"))

    page.get_by_role("tab", name="Removed rows").click()
    expect(page.get_by_text("Third of March")).to_be_visible(timeout=PATIENCE)
    press(page, "sheet_cancel_all")
    press(page, "sheet_cancel_sure")
    expect(page.get_by_text("No removed rows")).to_be_visible(timeout=PATIENCE)
