"""Adding or editing a channel, and handing its signing secret to whoever receives its posts."""

from collections.abc import Mapping
from dataclasses import fields, replace

import streamlit as st

from core.errors import UnreadableSecret
from core.services.channels import (
    EXPLORATION_PERCENT,
    NAME_LIMIT,
    WEBHOOK_URL,
    ChannelDraft,
    ChannelView,
    add_channel,
    edit_channel,
    find_channel,
    renew_secret,
    reveal_secret,
)
from core.ui.dialogs import Opened, close_dialog, open_dialog, opened
from core.ui.failures import refusals
from core.ui.palette import platform_name
from core.ui.queries import ask
from core.ui.state import context, house, say_next, workspace
from core.ui.wording import plain
from core.ui.zones import zone_select
from core.vocabulary import ChannelKind

EDIT, SECRET = "channel_edit", "channel_secret"
"""The dialogs; the subject is the channel's id, or "" for a new channel."""

KIND_CHOICES: Mapping[ChannelKind, str] = {
    ChannelKind.OUTBOX: "Outbox on this machine",
    ChannelKind.WEBHOOK: "Signed webhook",
}
KIND_CONSEQUENCES: Mapping[ChannelKind, str] = {
    ChannelKind.OUTBOX: "Each post is written to a file in the outbox folder at its minute. Nothing leaves this "
    "machine, and nothing appears on the platform: use it to try things out, or to post by hand.",
    ChannelKind.WEBHOOK: "Each post is sent at its minute to an address of yours, signed so that the receiver can "
    "tell it is genuine. What happens then is up to the receiver.",
}

_VERIFYING = """\
from standardwebhooks import Webhook

payload = Webhook(SECRET).verify(request.body, request.headers)  # raises when it is not genuine
"""


def show_dialogs() -> None:
    """Open the dialog that was asked for, if it is one of a channel."""
    if asked := opened(EDIT):
        _edit(asked)
    elif asked := opened(SECRET):
        _secret(asked.subject)


def draft_of(channel: ChannelView) -> ChannelDraft:
    """Return the draft that changes nothing; its empty secret keeps the channel's."""
    shared = {field.name for field in fields(ChannelDraft)} - {"secret"}
    return ChannelDraft(**{name: getattr(channel, name) for name in shared})


@st.dialog("Channel", icon=":material/hub:", on_dismiss=close_dialog)
def _edit(asked: Opened) -> None:
    channel = ask(find_channel, asked.subject) if asked.subject else None
    draft = _fields(draft_of(channel) if channel else _blank())
    if st.button("Save channel" if channel else "Add channel", type="primary", key="channel_save"):
        with refusals():
            _save(channel, draft, asked.version)


def _blank() -> ChannelDraft:
    first = next(iter(house().reference.platforms))
    return ChannelDraft(first, "", ChannelKind.OUTBOX, workspace().timezone)


def _fields(old: ChannelDraft) -> ChannelDraft:
    platforms = list(house().reference.platforms)
    platform = st.selectbox(
        "Platform", platforms, platforms.index(old.platform), format_func=platform_name, key="channel_platform"
    )
    name = st.text_input(
        "Name", old.name, max_chars=NAME_LIMIT, key="channel_name", placeholder="As your team calls it: Main page"
    )
    zone = zone_select("Time zone of its audience", old.timezone, key="channel_zone")
    is_peer = st.toggle("This is a peer: another account to compare yours with", old.is_peer, key="channel_peer")
    said = replace(old, platform=platform, name=name, timezone=zone, is_peer=is_peer)
    if is_peer:
        st.caption("Its history sharpens the advice for your channels. Nothing is planned or posted on it.")
        return said
    return _posting(said)


def _posting(old: ChannelDraft) -> ChannelDraft:
    """Ask what only matters where the team posts: the way out, the pace, the budget for trying hours."""
    kind, settings = _delivery(old)
    gap, per_day, per_week = _limits(old)
    percent = st.slider(
        "Share of suggested slots that try hours you rarely use",
        EXPLORATION_PERCENT.start,
        EXPLORATION_PERCENT.stop - 1,
        old.exploration_percent,
        format="%d %%",
        key="channel_exploration",
        help="Slotwise learns only of hours you post at. With 10 %, one in ten suggestions is an hour of which little "
        "is known but which may well be good; it is marked as such. With 0 %, none is.",
    )
    return replace(
        old,
        kind=kind,
        settings=settings,
        min_gap_minutes=gap,
        max_per_day=per_day,
        max_per_week=per_week,
        exploration_percent=percent,
    )


def _delivery(old: ChannelDraft) -> tuple[ChannelKind, Mapping[str, str]]:
    """Ask how posts leave."""
    kinds = list(KIND_CHOICES)
    kind = st.radio(
        "How posts leave",
        kinds,
        kinds.index(old.kind),
        format_func=KIND_CHOICES.__getitem__,
        key="channel_kind",
        horizontal=True,
    )
    st.caption(KIND_CONSEQUENCES[kind])
    if kind is not ChannelKind.WEBHOOK:
        return kind, {}
    address = st.text_input(
        "Receiver's address", old.settings.get(WEBHOOK_URL, ""), key="channel_url", placeholder="https://"
    )
    return kind, {**old.settings, WEBHOOK_URL: address.strip()}


def _limits(old: ChannelDraft) -> tuple[int, int | None, int | None]:
    """Ask for spacing (minutes) and caps a day and a week (None: no cap)."""
    spacing, day, week = st.columns(3, vertical_alignment="bottom")
    gap = spacing.number_input("Minutes between posts", 0, value=old.min_gap_minutes, step=15, key="channel_gap")
    per_day = day.number_input("Most a day", 1, value=old.max_per_day, key="channel_day", placeholder="No cap")
    per_week = week.number_input("Most a week", 1, value=old.max_per_week, key="channel_week", placeholder="No cap")
    return int(gap), per_day, per_week


def _save(channel: ChannelView | None, draft: ChannelDraft, version: int | None) -> None:
    ctx = context()
    saved = edit_channel(ctx, channel.id, draft, version) if channel else add_channel(ctx, draft)
    close_dialog()
    is_new_webhook = saved.kind is ChannelKind.WEBHOOK and (channel is None or channel.kind is not saved.kind)
    if is_new_webhook and not saved.is_peer:
        open_dialog(SECRET, saved.id)
    say_next(f"Saved {plain(saved.name)}")
    st.rerun()


def _show_secret(channel_id: str) -> bool:
    """Show the secret; where nobody can read it any more, say so, offer a new one and return False."""
    try:
        st.code(reveal_secret(context(), channel_id) or "", language=None, wrap_lines=True)
    except UnreadableSecret as error:
        st.error(plain(str(error)), icon=":material/key_off:")
        st.button("Draw a new secret", key="secret_renew", on_click=renew_secret, args=(context(), channel_id))
        return False
    return True


@st.dialog("Signing secret", icon=":material/key:", on_dismiss=close_dialog)
def _secret(channel_id: str) -> None:
    channel = ask(find_channel, channel_id)
    st.markdown(f"The receiver of **{plain(channel.name)}** needs this secret to tell your posts from forged ones.")
    if not _show_secret(channel_id):
        return
    st.markdown(
        "Keep it where the receiver keeps its other secrets. Every call carries the headers `webhook-id`, "
        "`webhook-timestamp` and `webhook-signature` of Standard Webhooks; in Python the receiver checks them so:"
    )
    st.code(_VERIFYING, language="python", wrap_lines=True)
    st.caption("Answer with a 2xx status once the post is safe with you. A repeated `webhook-id` is the same post.")
    if st.button("Done", type="primary", key="secret_done"):
        close_dialog()
        st.rerun()
