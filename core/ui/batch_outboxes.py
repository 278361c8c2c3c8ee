"""The platforms that the rows of a batch go to, and a local outbox for each that has no channel yet."""

from collections.abc import Sequence

import streamlit as st

from core.bulk.words import Operation
from core.content.platforms import Platform
from core.services.channels import list_channels
from core.services.incoming import IncomingItem, resolve_items
from core.ui.batch_draft import job
from core.ui.failures import attempt
from core.ui.palette import platform_name
from core.ui.queries import ask
from core.ui.state import context, house, say_next


def used_platforms() -> list[Platform]:
    """Return the platforms that rows go to, in the order of the reference."""
    names = {name for row in job().rows for name in row.platforms}
    return [each for each in house().reference.platforms.values() if {each.id, *each.aliases} & names]


def names_of(platforms: Sequence[str]) -> str:
    """Return the names of platforms as they stand in a sentence."""
    return ", ".join(platform_name(each) for each in platforms)


def offer_outboxes() -> None:
    """Draw the button that gives every platform without a channel a local outbox."""
    served = {channel.platform for channel in ask(list_channels)}
    missing = [each.id for each in used_platforms() if each.id not in served]
    if missing and job().operation is Operation.SCHEDULE_CONTENT:
        st.button(
            f"Add a local outbox for {names_of(missing)}",
            icon=":material/add:",
            key="batch_outboxes",
            on_click=attempt,
            args=(_add, missing),
            help="Nothing leaves this machine through an outbox until you connect an account.",
        )


def _add(platforms: Sequence[str]) -> None:
    resolve_items(context(), [IncomingItem(platform, house().now()) for platform in platforms])
    verb = "has" if len(platforms) == 1 else "have"
    say_next(f"{names_of(platforms)} now {verb} a local outbox")
