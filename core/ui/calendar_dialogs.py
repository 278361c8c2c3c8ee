"""The dialogs about one item, by the name under which they are opened."""

from collections.abc import Callable, Mapping

from core.ui.calendar_actions import CANCEL, COPY, EDIT, MOVE, OUT, VIEW, WRITE
from core.ui.calendar_copies import copy_dialog
from core.ui.calendar_edit import edit_dialog, write_dialog
from core.ui.calendar_ends import cancel_dialog, out_dialog
from core.ui.calendar_item import item_dialog
from core.ui.calendar_moves import move_dialog
from core.ui.dialogs import Opened, opened

DIALOGS: Mapping[str, Callable[[Opened], None]] = {
    VIEW: item_dialog,
    EDIT: edit_dialog,
    WRITE: write_dialog,
    MOVE: move_dialog,
    CANCEL: cancel_dialog,
    OUT: out_dialog,
    COPY: copy_dialog,
}


def show_item_dialogs() -> None:
    """Draw the dialog about an item that is open, if one is."""
    for name, draw in DIALOGS.items():
        if asked := opened(name):
            draw(asked)
