"""Every post by month, week or list."""

from core.ui.calendar_board import show_board
from core.ui.calendar_dialogs import show_item_dialogs
from core.ui.calendar_filters import ask_wanted
from core.ui.calendar_list import show_list
from core.ui.calendar_slots import show_slots, slots_button
from core.ui.calendar_span import View
from core.ui.compose import compose_button
from core.ui.shell import page_head

with page_head("Calendar"):
    slots_button()
    compose_button()
wanted = ask_wanted()
if wanted.view is View.LIST:
    show_list(wanted)
else:
    show_board(wanted)
show_item_dialogs()
show_slots()
