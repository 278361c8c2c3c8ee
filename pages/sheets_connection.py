"""Google Sheets that feed calendars: which are connected, how their syncs go, and what waits for somebody."""

from core.ui.compose import compose_button
from core.ui.sheets_actions import connect_button
from core.ui.sheets_dialogs import show_dialogs
from core.ui.sheets_live import show_sheets
from core.ui.shell import page_head

with page_head("Google Sheets"):
    connect_button()
    compose_button()
show_sheets()
show_dialogs()
