"""How tests fill in the batch scheduler and read what it says."""

from datetime import UTC, datetime
from typing import Any

from screens import words
from streamlit.testing.v1 import AppTest

PAGE = "batch_scheduler.py"
HEAD = "Title,Platform,Scheduled Time,Tags,Priority\n"
GOOD = HEAD + "First,linkedin,2036-03-03 09:00,launch,high\nSecond,linkedin,2036-03-04 09:00,,\n"


def pasted(page: AppTest, text: str) -> AppTest:
    page.text_area(key="batch_paste_0").set_value(text).run()
    return page.button(key="batch_read").click().run()


def at(page: AppTest, step: str) -> AppTest:
    """Go to a step by the bar."""
    bar = next(each for each in page.button_group if each.key == "batch_step")
    return bar.set_value(step).run()


def named(page: AppTest, name: str = "Spring") -> AppTest:
    return at(page, "Details").text_input(key="batch_name").set_value(name).run()


def typed(page: AppTest, cells: dict[int, dict[str, Any]]) -> AppTest:
    """Type into the grid."""
    turn = page.session_state["turn_of_batch_grid"]
    page.session_state[f"batch_grid_{turn}"] = {"edited_rows": cells, "added_rows": [], "deleted_rows": []}
    return page.run()


def wall(year: int, month: int, day: int, hour: int) -> datetime:
    """Return a time on the wall of no zone, as people type it."""
    return datetime(year, month, day, hour, tzinfo=UTC).replace(tzinfo=None)


def said(page: AppTest) -> str:
    """Return what the page says, as it is read."""
    return words(page).replace("\\", "").replace("\u2060", "")
