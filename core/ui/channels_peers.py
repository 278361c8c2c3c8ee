"""The peers of a workspace: who they are, how much they teach, and parting with one."""

from collections.abc import Mapping, Sequence

import streamlit as st

from core.services.channels import ChannelView, find_channel
from core.services.peers import peer_posts, remove_peer
from core.ui.channels_dialogs import EDIT
from core.ui.dashboard_words import posts
from core.ui.dialogs import Opened, close_dialog, open_dialog
from core.ui.failures import refusals
from core.ui.palette import platform_name
from core.ui.queries import ask
from core.ui.shell import boundary
from core.ui.state import context, say_next
from core.ui.wording import plain, shortened

REMOVE = "peer_remove"
"""The dialog; its subject is the peer's id."""
PER_PAGE = 12


def show_peers(peers: Sequence[ChannelView]) -> None:
    """Draw what peers are and a page of cards, or how to get the first."""
    st.subheader("Peers", anchor=False)
    st.caption("Other accounts whose history sharpens your advice. Nothing is planned or posted on them.")
    known: Mapping[str, int] = ask(peer_posts)
    cards = st.container()
    pages = -(-len(peers) // PER_PAGE)
    first = (st.pagination(pages, key="peers_page") - 1) * PER_PAGE if pages > 1 else 0
    with cards.grid(3, min_column_width=300):
        for peer in peers[first : first + PER_PAGE]:
            _card(peer, known.get(peer.id, 0))
    st.page_link("imports.py", label="Import a peer's history", icon=":material/upload_file:", width="content")


def _card(peer: ChannelView, known: int) -> None:
    with st.container(border=True, height="stretch", key=f"card_{peer.id}"):
        st.markdown(f"**{plain(shortened(peer.name))}**  \n{plain(platform_name(peer.platform))}")
        word = posts(known) if known else "no posts yet"
        st.badge(f"Peer · {word}", icon=":material/groups:", color="violet" if known else "orange")
        st.caption(f":material/schedule: {plain(peer.timezone)}")
        st.space("stretch")
        with st.container(horizontal=True, gap="small"):
            edit = (EDIT, peer.id, peer.version)
            st.button("Edit", icon=":material/edit:", key=f"edit_{peer.id}", on_click=open_dialog, args=edit)
            remove = (REMOVE, peer.id)
            st.button("Remove", icon=":material/delete:", key=f"remove_{peer.id}", on_click=open_dialog, args=remove)


@st.dialog("Remove peer?", icon=":material/delete:", on_dismiss=close_dialog)
@boundary()
def remove_dialog(asked: Opened) -> None:
    """Ask whether a peer shall go with all that is known of it."""
    peer = ask(find_channel, asked.subject)
    known = ask(peer_posts).get(peer.id, 0)
    st.markdown(f"**{plain(peer.name)}** and its history ({posts(known)}) would no longer sharpen your advice.")
    st.caption("Nothing of your own is touched. To have it back, import its history again.")
    with st.container(horizontal=True):
        if st.button("Remove peer", type="primary", key="peer_remove_save"):
            with refusals():
                remove_peer(context(), peer.id)
                close_dialog()
                say_next(f"{plain(shortened(peer.name))} is removed", ":material/delete:")
                st.rerun()
        if st.button("Keep it", key="peer_remove_keep"):
            close_dialog()
            st.rerun()
