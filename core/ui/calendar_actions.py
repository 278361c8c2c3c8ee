"""What a person can do with an item from a list, the calendar or its dialog: one table for all of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import streamlit as st

from core.services.item_edits import EDITABLE
from core.services.item_views import ItemView
from core.services.moves import MOVABLE, approve_item, publish_now, reject_item, resolve_item, retry_item, skip_item
from core.services.open_slots import put_back, remove_slots
from core.ui.calendar_undo import done
from core.ui.dialogs import open_dialog
from core.ui.failures import attempt
from core.ui.state import context, say_next
from core.ui.wording import plain, shortened
from core.vocabulary import ItemState

VIEW, EDIT, MOVE, CANCEL, OUT, COPY = "item", "item_edit", "item_move", "item_cancel", "item_out", "item_copy"
WRITE = "item_write"
"""The dialogs about an item; the subject is its id."""

NAME_LENGTH = 60


@dataclass(frozen=True)
class ItemAction:
    """One thing to do with items in some states: at once (`do`) or after a dialog of this name.

    `for_posts`, `for_slots`: whether it is offered for what has words, and for open slots.
    """

    word: str
    icon: str
    states: frozenset[ItemState]
    dialog: str = ""
    do: Callable[[ItemView], None] | None = None
    for_posts: bool = True
    for_slots: bool = False

    def suits(self, item: ItemView) -> bool:
        """Say whether it can be done with an item."""
        return item.state in self.states and (self.for_slots if item.is_open_slot else self.for_posts)


def name_of(item: ItemView, length: int = NAME_LENGTH) -> str:
    """Return what to call an item, as Markdown: its title, the beginning of its text, or what it is."""
    return plain(shortened(item.name, length))


def _retry(item: ItemView) -> None:
    retry_item(context(), item.id, expected_version=item.version)
    say_next(f"{name_of(item)} is tried again", ":material/refresh:")


def _approve(item: ItemView) -> None:
    approve_item(context(), item.id, expected_version=item.version)
    say_next(f"{name_of(item)} is approved and goes out at its time")


def _reject(item: ItemView) -> None:
    reject_item(context(), item.id, expected_version=item.version)
    say_next(f"{name_of(item)} is rejected and does not go out", ":material/block:")


def _publish(item: ItemView) -> None:
    publish_now(context(), item.id, item.version)
    say_next(f"{name_of(item)} goes out now", ":material/send:")


def _skip(item: ItemView) -> None:
    skip_item(context(), item.id, item.version)
    say_next(f"{name_of(item)} is skipped", ":material/skip_next:")


def _not_out(item: ItemView) -> None:
    resolve_item(context(), item.id, published=False, expected_version=item.version)
    say_next(f"{name_of(item)} is marked as failed; you can try it again")


def _remove(item: ItemView) -> None:
    remove_slots(context(), [item.id])
    done("Removed the open slot", lambda: _put_back(item))


def _put_back(item: ItemView) -> None:
    put_back(context(), [item])


_WAITING = frozenset({ItemState.PENDING, ItemState.SCHEDULED})
_UNCONFIRMED = frozenset({ItemState.UNCONFIRMED})
_TO_APPROVE = frozenset({ItemState.AWAITING_APPROVAL})

EDITING = ItemAction("Edit", ":material/edit:", frozenset(EDITABLE), EDIT)
MOVING = ItemAction("Move", ":material/schedule:", frozenset(MOVABLE), MOVE, for_slots=True)
WRITING = ItemAction(
    "Write post", ":material/edit:", frozenset({ItemState.PENDING}), WRITE, for_posts=False, for_slots=True
)
REMOVING = ItemAction(
    "Remove", ":material/delete:", frozenset({ItemState.PENDING}), do=_remove, for_posts=False, for_slots=True
)
CANCELING = ItemAction("Cancel", ":material/event_busy:", _WAITING, CANCEL)
APPROVING = ItemAction("Approve", ":material/approval:", _TO_APPROVE, do=_approve)
REJECTING = ItemAction("Reject", ":material/block:", _TO_APPROVE, do=_reject)
RETRYING = ItemAction("Retry", ":material/refresh:", frozenset({ItemState.FAILED}), do=_retry)
PUBLISHING = ItemAction("Publish now", ":material/send:", _WAITING, do=_publish)
SKIPPING = ItemAction("Skip", ":material/skip_next:", _WAITING, do=_skip)
WENT_OUT = ItemAction("It is published", ":material/check:", _UNCONFIRMED, OUT)
NOT_OUT = ItemAction("It is not there", ":material/close:", _UNCONFIRMED, do=_not_out)
COPYING = ItemAction("Duplicate", ":material/content_copy:", frozenset(ItemState), COPY)
VIEWING = ItemAction("Details", ":material/visibility:", frozenset(ItemState), VIEW, for_slots=True)

ITEM_ACTIONS = (
    WRITING,
    APPROVING,
    REJECTING,
    RETRYING,
    WENT_OUT,
    NOT_OUT,
    EDITING,
    MOVING,
    PUBLISHING,
    SKIPPING,
    CANCELING,
    COPYING,
    REMOVING,
)
"""Everything that can be done with an item, most urgent first; VIEWING is the dialog that offers it."""


def show_actions(item: ItemView, offered: Iterable[ItemAction], place: str, *, icons_only: bool = False) -> None:
    """Draw a button for each offered action that suits the item; `place` makes the keys of the page unique."""
    for action in offered:
        if action.suits(item):
            st.button(
                "" if icons_only else action.word,
                icon=action.icon,
                help=action.word if icons_only else None,
                type="tertiary" if icons_only else "secondary",
                key=f"{place}_{action.word.replace(' ', '_').lower()}_{item.id}",
                on_click=act,
                args=(action, item),
            )


def act(action: ItemAction, item: ItemView) -> None:
    """Do it or open its dialog, then draw the whole page anew: the button may stand in a fragment."""
    if action.do:
        attempt(action.do, item)
    else:
        open_dialog(action.dialog, item.id, item.version)
    st.rerun()
