"""The sheet flows that the product was ordered with: template, read, write, update, import and schedule, export.

Their client is spoken as it was written, on unmodified gspread; what it leaves in a sheet is what Slotwise works with.
"""

from datetime import UTC, datetime
from typing import Any

import gspread
import httpx
import pytest
from api_bodies import CALENDAR
from google_client import ROBOT, robot
from google_world import Google
from planned_posts import StandingClock
from sheet_stage import desk_of
from walk_stage import SheetStage, open_stage

from core.bootstrap import Slotwise
from core.services.context import Context
from core.services.sheet_accounts import list_accounts
from core.services.sheet_finding import make_template
from core.services.sheet_syncing import sync_connection

HEADERS = [
    "Title", "Content", "Target Audience", "Tone", "Platform", "Scheduled Time", "Status", "Generated Content URL",
]  # fmt: skip
SAMPLE = [
    ["Example Tutorial", "How to start coding", "beginners", "friendly", "youtube", "2025-11-10T15:00:00", "draft", ""],
    ["Quick Tip", "Productivity hack", "professionals", "concise", "linkedin", "2025-11-11T09:00:00", "draft", ""],
]
TAB = "Content Schedule"


@pytest.fixture
def clock() -> StandingClock:
    """Stand before the dates of the brief."""
    return StandingClock(datetime(2025, 11, 1, 12, tzinfo=UTC))


@pytest.fixture
def worksheet(google: Google) -> gspread.Worksheet:
    """Make the brief's template: `create_sheet_from_template`."""
    hand = google.sheet("Content", **{ROBOT: "writer"})
    made = robot(google).open_by_key(hand.id).add_worksheet(title=TAB, rows="1000", cols="10")  # type: ignore[arg-type]
    made.update([HEADERS], "A1:H1")
    made.update(SAMPLE, "A2:H3")
    return made


@pytest.fixture
def stage(house: Slotwise, clock: StandingClock, google: Google, worksheet: gspread.Worksheet) -> SheetStage:
    """Connect the template in the zone of the brief's calendars."""
    sheet = next(iter(google.files.values()))
    hand = google.hand(sheet.id, TAB)
    return open_stage(
        house, clock, google, hand, platforms=("youtube", "linkedin"), sheet_name=TAB, timezone="America/New_York"
    )


def read_content_data(worksheet: gspread.Worksheet) -> list[dict[str, str | None]]:
    """Read as the brief's client does: by the places of its columns, rows of at least seven cells."""
    return [
        {
            "title": row[0], "content": row[1], "target_audience": row[2], "tone": row[3], "platform": row[4],
            "scheduled_time": row[5], "status": row[6], "generated_content_url": row[7] if len(row) > 7 else None,
        }
        for row in worksheet.get_all_values()[1:]
        if len(row) >= 7
    ]  # fmt: skip


def said(stage: SheetStage) -> set[tuple[str, str, str, str]]:
    """Give title, text, platform and time of the posts."""
    return {
        (item.title, item.text, item.platform, f"{item.scheduled_at:%Y-%m-%dT%H:%M}") for item in stage.items().values()
    }


def test_the_briefs_template_is_imported_row_by_row(stage: SheetStage, worksheet: gspread.Worksheet) -> None:
    run = stage.synced()
    assert (run.counts.read, run.counts.created, run.counts.faults) == (2, 2, 0)
    assert said(stage) == {
        ("Example Tutorial", "How to start coding", "youtube", "2025-11-10T20:00"),
        ("Quick Tip", "Productivity hack", "linkedin", "2025-11-11T14:00"),
    }


def test_the_briefs_client_reads_the_statuses_in_the_right_rows(
    stage: SheetStage, worksheet: gspread.Worksheet
) -> None:
    stage.synced()
    read = read_content_data(worksheet)
    assert [(row["title"], row["scheduled_time"], row["status"]) for row in read] == [
        ("Example Tutorial", "2025-11-10T15:00:00", "Scheduled"), ("Quick Tip", "2025-11-11T09:00:00", "Scheduled"),
    ]  # fmt: skip
    assert worksheet.row_values(1)[:8] == HEADERS


def test_write_scheduled_content_clears_the_sheet_and_the_same_posts_stay_the_same(
    stage: SheetStage, worksheet: gspread.Worksheet
) -> None:
    """`write_scheduled_content` begins with clear(), ids and all: rows are found again by what they say."""
    stage.synced()
    before = stage.items()
    worksheet.clear()
    worksheet.update([HEADERS], "A1:H1")
    worksheet.update([SAMPLE[1][:6] + ["scheduled", ""], SAMPLE[0][:6] + ["scheduled", ""]], "A2:H3")
    stage.synced()
    stage.synced()
    assert stage.items().keys() == before.keys()
    assert said(stage) == {
        ("Example Tutorial", "How to start coding", "youtube", "2025-11-10T20:00"),
        ("Quick Tip", "Productivity hack", "linkedin", "2025-11-11T14:00"),
    }
    assert [row["status"] for row in read_content_data(worksheet)] == ["Scheduled", "Scheduled"]


def test_update_content_status_by_row_number_is_put_right(stage: SheetStage, worksheet: gspread.Worksheet) -> None:
    """The brief's client counts scheduled rows from 1 and so writes the first status over the header; here ids count."""
    stage.synced()
    worksheet.update([["done"]], "G2")
    worksheet.update([["https://example.com/mine"]], "H2")
    stage.synced()
    assert [row["status"] for row in read_content_data(worksheet)] == ["Scheduled", "Scheduled"]
    worksheet.update([["scheduled"]], "G1")
    stage.sync()
    assert said(stage) == {
        ("Example Tutorial", "How to start coding", "youtube", "2025-11-10T20:00"),
        ("Quick Tip", "Productivity hack", "linkedin", "2025-11-11T14:00"),
    }


def test_the_briefs_import_and_schedule_works_by_the_api(api: httpx.Client, worksheet: gspread.Worksheet) -> None:
    """`import_and_schedule_content`: read by gspread, one calendar per row, the status back into the sheet."""
    scheduled = []
    for number, item in enumerate(read_content_data(worksheet), 2):
        made = api.post(CALENDAR, json=_calendar(item))
        assert made.status_code == 201, made.text
        scheduled.append(made.json()["data"]["id"])
        worksheet.update([["scheduled"]], f"G{number}")
    exported = [api.get(f"{CALENDAR}/{key}").json()["data"] for key in scheduled]
    assert [(data["title"], data["items"][0]["metadata"]["content"]) for data in exported] == [
        ("Example Tutorial", "How to start coding"), ("Quick Tip", "Productivity hack"),
    ]  # fmt: skip
    assert [data["items"][0]["scheduled_time"] for data in exported] == ["2025-11-10T20:00:00Z", "2025-11-11T14:00:00Z"]
    assert [row["status"] for row in read_content_data(worksheet)] == ["scheduled", "scheduled"]


def _calendar(item: dict[str, str | None]) -> dict[str, Any]:
    """Give the body that the brief's client sends for a row."""
    about = {name: item[name] for name in ("target_audience", "tone", "content")}
    one = {
        "content_id": f"sheets_{str(item['title']).replace(' ', '_').lower()}", "platform": item["platform"],
        "scheduled_time": item["scheduled_time"], "metadata": {"source": "google_sheets", **about},
    }  # fmt: skip
    return {"title": item["title"], "timezone": "America/New_York", "items": [one]}


def test_slotwise_makes_the_briefs_template_itself(
    stage: SheetStage, google: Google, house: Slotwise, ctx: Context
) -> None:
    (account,) = list_accounts(ctx)
    made = make_template(ctx, stage.door, account.id, "Next quarter")
    worksheet = robot(google).open_by_key(made.spreadsheet_id).worksheet(made.sheet_name)
    assert worksheet.row_values(1) == HEADERS
    assert worksheet.frozen_row_count == 1
    worksheet.update(SAMPLE, "A2:H3")
    other = stage.connect_another(made.spreadsheet_id, timezone="America/New_York")
    sync_connection(desk_of(house, stage.door), ctx.workspace, other.id)
    assert [row["status"] for row in read_content_data(worksheet)] == ["Scheduled", "Scheduled"]
