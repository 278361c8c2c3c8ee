"""From three pasted rows to a job that Progress shows completed, to whoever began it and to whoever looks on."""

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect
from screen import click, keyed, press

if TYPE_CHECKING:
    from conftest import OpenPage, RunningApp

ROWS = """Title,Platform,Scheduled Time
First of March,linkedin,2036-03-03 09:00
Second of March,linkedin,2036-03-04 09:00
Third of March,linkedin,2036-03-05 09:00
"""


def step(page: Page, name: str) -> None:
    """Go to a step by the bar."""
    click(keyed(page, "batch_step").locator("button").filter(has_text=name))


def start_batch(page: Page, app: "RunningApp", rows: str, name: str) -> None:
    page.goto(f"{app.url}/batch")
    page.get_by_role("tab", name="Paste rows").click()
    paste = page.locator("[class*=st-key-batch_paste] textarea")
    expect(paste).to_be_visible()
    paste.fill(rows)
    paste.press("Control+Enter")
    press(page, "batch_read")
    expect(page.get_by_text("3 rows").first).to_be_visible()
    step(page, "Details")
    field = page.get_by_role("textbox", name="Name").first
    expect(field).to_be_visible()
    field.fill(name)
    field.press("Enter")
    step(page, "Review")
    # While the page is drawn anew, an older copy of the button may stand beside it, still disabled.
    page.get_by_role("button", name="Start the job", disabled=False).click()


@pytest.mark.timeout(120)
def test_three_pasted_rows_are_a_completed_job_on_progress_without_a_reload(
    open_page: "OpenPage", app: "RunningApp"
) -> None:
    watcher, page = open_page(), open_page()
    watcher.goto(f"{app.url}/progress?jobs=All")
    expect(watcher.get_by_text("No bulk jobs yet")).to_be_visible()

    start_batch(page, app, ROWS, "Three for March")
    page.wait_for_url("**/progress*")
    for window in (page, watcher):
        expect(window.get_by_text("Three for March").first).to_be_visible()
        expect(window.get_by_text("3 of 3 rows done")).to_be_visible()
        expect(window.get_by_text("Completed").first).to_be_visible()

    watcher.locator("[class*=st-key-open_job] button").click()
    table = watcher.locator("[data-testid=stTable]")
    for title in ("First of March", "Second of March", "Third of March"):
        expect(table.get_by_role("row").filter(has_text=title)).to_contain_text("1 post scheduled")
