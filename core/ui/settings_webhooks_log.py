"""The log of deliveries: what was sent where, what came back, and sending it once more."""

import streamlit as st

from core.services.webhook_deliveries import find_delivery, list_deliveries, replay_delivery
from core.services.webhook_views import AttemptView, DeliveryView
from core.ui.dialogs import close_dialog
from core.ui.failures import attempt
from core.ui.state import context, house, workspace
from core.ui.times import moment
from core.ui.wording import plain
from core.vocabulary import DeliveryState

LOG = "hook_log"
REFRESH_SECONDS = 3.0
PER_PAGE = 15
STATES = {
    DeliveryState.PENDING: ":blue-badge[:material/schedule_send: On the way]",
    DeliveryState.DELIVERED: ":green-badge[:material/check: Delivered]",
    DeliveryState.FAILED: ":red-badge[:material/error: Failed]",
}
FILTER = {"All": None, "On the way": DeliveryState.PENDING, "Failed": DeliveryState.FAILED}


@st.dialog("Deliveries", icon=":material/history:", on_dismiss=close_dialog, width="large")
def log_dialog(endpoint_id: str) -> None:
    """Show the newest deliveries to an endpoint (empty: to all, and to callbacks)."""
    state = st.segmented_control("Show", list(FILTER), default="All", required=True, key="hook_log_state")
    _show_newest(endpoint_id or None, FILTER[state or "All"])


@st.fragment(run_every=REFRESH_SECONDS)
def _show_newest(endpoint_id: str | None, state: DeliveryState | None) -> None:
    """Draw them, anew every few seconds: what is on its way arrives while somebody looks."""
    page = list_deliveries(context(), endpoint_id, state, PER_PAGE)
    if not page.deliveries:
        st.info("Nothing was sent yet." if state is None else "There are none.", icon=":material/inbox:")
    for delivery in page.deliveries:
        _row(delivery)
    if page.next_cursor:
        st.caption(f"The newest {PER_PAGE}; the API lists all of the last 30 days.")


def _row(delivery: DeliveryView) -> None:
    at = moment(delivery.created_at, workspace().timezone, house().now())  # a label that changes would close the row
    with st.expander(f"`{delivery.type}` {STATES[delivery.state]} {at}", key=f"hook_delivery_{delivery.id}"):
        st.caption(f"To {plain(delivery.url)} · webhook-id `{delivery.id}`")
        detail = find_delivery(context(), delivery.id)
        for one in detail.attempts:
            st.markdown(_attempt(one))
        if delivery.next_attempt_at and delivery.attempts:
            again = moment(delivery.next_attempt_at, workspace().timezone, house().now())
            st.markdown(f":material/schedule: Sent again {again}, unless it is taken before.")
        st.json(dict(detail.payload), expanded=False)
        if delivery.state is not DeliveryState.PENDING:
            st.button("Send again", key=f"hook_replay_{delivery.id}", on_click=attempt, args=(_replay, delivery.id))


def _attempt(one: AttemptView) -> str:
    at = moment(one.at, workspace().timezone, house().now())
    came = plain(one.error) if one.error else f"The receiver answered {one.status}."
    return f"{one.attempt}. {at}: {came} ({one.milliseconds:,} ms)"


def _replay(delivery_id: str) -> None:
    replay_delivery(context(), delivery_id)
