"""The pages of the dashboard: add a file to `pages/` and a line here."""

from dataclasses import dataclass
from enum import StrEnum


class Section(StrEnum):
    """The groups of the navigation, in the order of a team's week."""

    PLAN = "Plan"
    RUN = "Run"
    LEARN = "Learn"
    SETUP = "Set up"


@dataclass(frozen=True)
class PageEntry:
    """One page: its file in `pages/`, how the navigation names it, and one sentence of what it is for."""

    section: Section
    file: str
    title: str
    icon: str
    help: str
    address: str | None = None
    """The page's part of the address, where it is not the file's name."""


PAGES = (
    PageEntry(
        Section.PLAN, "dashboard.py", "Dashboard", ":material/space_dashboard:", "What goes out, and when to post next."
    ),
    PageEntry(
        Section.PLAN,
        "content_calendar.py",
        "Calendar",
        ":material/calendar_month:",
        "Every post by month, week or list.",
        "calendar",
    ),
    PageEntry(
        Section.PLAN,
        "batch_scheduler.py",
        "Batch scheduler",
        ":material/library_add:",
        "Many posts at once, from a sheet.",
        "batch",
    ),
    PageEntry(
        Section.PLAN, "optimizer.py", "Optimizer", ":material/tune:", "Better times for the posts of a calendar."
    ),
    PageEntry(
        Section.RUN,
        "progress_monitor.py",
        "Progress",
        ":material/progress_activity:",
        "How far the bulk jobs are, and what became of each row.",
        "progress",
    ),
    PageEntry(Section.RUN, "channels.py", "Channels", ":material/hub:", "Where posts go, and how often they may."),
    PageEntry(
        Section.RUN,
        "sheets_connection.py",
        "Google Sheets",
        ":material/table_chart:",
        "Sheets that feed calendars, and how their syncs go.",
        "sheets",
    ),
    PageEntry(
        Section.LEARN, "analytics.py", "Analytics", ":material/monitoring:", "What worked, and how sure that is."
    ),
    PageEntry(
        Section.LEARN,
        "trials.py",
        "Trials",
        ":material/science:",
        "Does one time really beat another? Drawn by chance, judged honestly.",
    ),
    PageEntry(
        Section.LEARN, "imports.py", "Import history", ":material/upload_file:", "Teach Slotwise from what you posted."
    ),
    PageEntry(
        Section.SETUP, "settings.py", "Settings", ":material/settings:", "Preferences, blackout windows, audit log."
    ),
)
"""The first one is what a visitor without a page in the address sees."""
