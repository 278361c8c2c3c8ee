"""The last step of an import: into which channel, and the import itself."""

from collections.abc import Sequence

import streamlit as st

from core.history.fields import Field
from core.services.channels import ChannelView, list_channels, list_peers
from core.services.history_dry_run import DryRun
from core.services.import_queue import queue_import
from core.services.import_targets import ImportTarget
from core.services.imports import ImportRequest
from core.ui.failures import refusals
from core.ui.imports_file import Chosen
from core.ui.imports_progress import is_started, remember_started
from core.ui.palette import platform_name
from core.ui.queries import ask
from core.ui.state import context, house
from core.ui.wording import counted
from core.ui.zones import zone_select

_NEW_CHANNEL = ""


def choose_target(chosen: Chosen, zone: str, *, has_accounts: bool) -> ImportTarget | None:
    """Ask where the posts belong; None while that is open."""
    channels: dict[str, ChannelView] = {each.id: each for each in (*ask(list_channels), *ask(list_peers))}
    place, about = st.columns(2)
    target = place.selectbox(
        "Into",
        [_NEW_CHANNEL, *channels],
        format_func=lambda key: _channel_words(channels[key]) if key else "A new channel for each account",
        key=f"import_into_{chosen.id}",
    )
    if target != _NEW_CHANNEL:
        return ImportTarget(channel_id=target)
    platforms = list(house().reference.platforms)
    guess = guessed_platform(chosen.file.name, platforms)
    platform = about.selectbox(
        "Platform",
        platforms,
        platforms.index(guess) if guess else None,
        format_func=platform_name,
        key=f"import_platform_{chosen.id}",
        placeholder="Where these posts went out",
    )
    is_peer = st.toggle(
        "These are posts of another account we want to compare with (a peer)", key=f"import_peer_{chosen.id}"
    )
    named = " They are named after the file's accounts." if has_accounts else ""
    if is_peer:
        zone = zone_select("Time zone of its audience", zone, f"import_audience_{chosen.id}")
        st.caption(f"Peers sharpen the advice for your own channels; nothing is planned or posted on them.{named}")
    else:
        st.caption(f"New channels are outboxes: nothing leaves this machine through them until you change that.{named}")
    return ImportTarget(platform=platform, timezone=zone, is_peer=is_peer) if platform else None


def guessed_platform(file_name: str, platforms: Sequence[str]) -> str | None:
    """Return the platform whose id is in the name of a file, as in the names most exports have."""
    return next((platform for platform in platforms if platform in file_name.casefold()), None)


def _channel_words(channel: ChannelView) -> str:
    return f"{channel.name} ({platform_name(channel.platform)}{', peer' if channel.is_peer else ''})"


def offer_import(chosen: Chosen, run: DryRun, target: ImportTarget | None) -> None:
    """Draw the button that gives the file to the engine; nothing once it has it."""
    if is_started(chosen):
        return
    skip = bool(run.rejected) and st.checkbox(
        f"Leave out {counted(run.rejected, 'row')} with errors and import the others", key=f"import_skip_{chosen.id}"
    )
    blocked = target is None or not run.accepted or (bool(run.rejected) and not skip)
    label = f"Import {counted(run.accepted, 'post')}"
    if st.button(label, type="primary", icon=":material/upload:", disabled=blocked, key="import_start") and target:
        _import(chosen, ImportRequest(run.mapping, run.reading, target, skip_rejected=skip))


def _import(chosen: Chosen, request: ImportRequest) -> None:
    with refusals(), st.spinner("Handing the file to the engine"):
        remember_started(chosen, queue_import(context(), chosen.content, chosen.file.name, request))
        st.rerun()


def has_accounts(run: DryRun) -> bool:
    """Tell whether the rows name accounts."""
    return Field.ACCOUNT in run.mapping.columns
