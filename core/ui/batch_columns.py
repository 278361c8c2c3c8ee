"""What the columns of a sheet hold: asked where its header does not say, and what its dates mean."""

from collections.abc import Mapping

import streamlit as st

from core.history.reading import DateOrder
from core.services.bulk_headers import Header
from core.ui.batch_draft import change, draft, meaning
from core.ui.batch_words import FIELDS
from core.ui.wording import plain, shortened

_SHOWN = 30


def ask_columns(header: Header, turn: int) -> Mapping[str, str] | None:
    """Draw a choice of column for every field; return them once somebody says so."""
    st.markdown("**Which column holds what?** At least a title or a text has to be there.")
    options = ["", *header.headers]
    chosen: dict[str, str] = {}
    with st.form(f"batch_columns_{turn}"):
        with st.grid(3, min_column_width=220):
            for field, label in FIELDS.items():
                found = header.columns.get(field, "")
                chosen[field] = st.selectbox(
                    label,
                    options,
                    options.index(found),
                    format_func=lambda each: _named(header, each),
                    key=f"batch_column_{field}_{turn}",
                )
        if st.form_submit_button("Read with these columns", type="primary", icon=":material/view_column:"):
            return chosen
    return None


def _named(header: Header, name: str) -> str:
    if not name:
        return "None"
    sample = shortened(header.samples.get(name, ""), _SHOWN)
    return f"{name} · {sample}" if sample else name


def ask_dates() -> None:
    """Ask what dates such as 03/04/2026 mean, where the sheet does not show it."""
    question, said = meaning().question, draft().date_order
    if question is None and said is None:
        return
    if question is None:
        words = "day first" if said is DateOrder.DAY_FIRST else "month first"
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f":material/event: Dates such as 03/04/2026 are read {words}, as you said.", width="stretch")
            st.button("Ask again", key="batch_dates_again", type="tertiary", on_click=_say, args=(None,))
        return
    with st.container(border=True):
        st.markdown(
            f":orange[:material/event:] **{plain(question.example)}** can be read in two ways, and no other date "
            "in the column shows which one is meant. It means"
        )
        with st.container(horizontal=True):
            for order, words in question.choices.items():
                st.button(words, key=f"batch_dates_{order}", on_click=_say, args=(DateOrder(order),))


def _say(order: DateOrder | None) -> None:
    change(date_order=order)
