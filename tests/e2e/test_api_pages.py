"""The API's documents in a real browser that knows no other machine."""

import re
from typing import TYPE_CHECKING

from playwright.sync_api import Page, expect

if TYPE_CHECKING:
    from conftest import OpenPage, RunningApp


def test_swagger_lists_the_calls_and_sends_one(page: Page, app: "RunningApp") -> None:
    page.goto(f"{app.url}/docs")
    tag = page.locator(".opblock-tag", has_text="Calendars").first
    expect(tag).to_be_visible()
    tag.click()
    page.locator(".opblock-summary-get", has_text="/v1/scheduling/calendars").first.click()
    page.get_by_role("button", name="Try it out").first.click()
    page.get_by_role("button", name="Execute").first.click()
    expect(page.locator(".live-responses-table tbody .response-col_status").first).to_contain_text("200")


def test_redoc_shows_the_calls_and_their_descriptions(open_page: "OpenPage", app: "RunningApp") -> None:
    page = open_page(width=1440)
    page.goto(f"{app.url}/redoc")
    expect(page.get_by_role("heading", name=re.compile("Slotwise")).first).to_be_visible()
    expect(page.get_by_text("Create a calendar with its items").first).to_be_attached()
