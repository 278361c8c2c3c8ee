"""The step bar of the batch scheduler, and the way back and forth."""

import streamlit as st

from core.ui.batch_draft import KEY, change, draft, is_torn, keep_draft, keep_mine, seeded, start_anew, take_kept
from core.ui.batch_words import STEPS, Step

_BAR = "step"
_WANTED = f"{KEY}wanted_step"


def step_bar() -> Step:
    """Draw the five steps with the present one marked; return it."""
    key = seeded(_BAR, draft().step)
    st.session_state[key] = draft().step
    st.segmented_control(
        "Steps",
        STEPS,
        required=True,
        format_func=lambda step: f"{STEPS.index(step) + 1} · {step}",
        key=key,
        on_change=_jump,
        args=(key,),
        label_visibility="collapsed",
    )
    return draft().step


def _jump(key: str) -> None:
    go_to(Step(st.session_state[key]))


def go_to(step: Step) -> None:
    """Go to a step once the present one has taken what its fields hold; for use as `on_click`.

    Who types and presses at once asks for one run: at its start the present step has not seen the words yet.
    """
    st.session_state[_WANTED] = step


def _go_on() -> None:
    if (wanted := st.session_state.pop(_WANTED, None)) is not None:
        change(step=wanted)
        st.rerun()


def step_foot() -> None:
    """Go where somebody wants to, else draw the way to the step before and after; keep the draft."""
    _go_on()
    number = STEPS.index(draft().step)
    has_rows = bool(draft().lines)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        if number:
            before = STEPS[number - 1]
            st.button(
                f"Back to {before}", icon=":material/arrow_back:", key="batch_back", on_click=go_to, args=(before,)
            )
        if number + 1 < len(STEPS):
            after = STEPS[number + 1]
            st.button(
                f"Continue to {after}",
                type="primary",
                icon=":material/arrow_forward:",
                icon_position="right",
                key="batch_next",
                disabled=not has_rows,
                help=None if has_rows else "Give it rows first",
                on_click=go_to,
                args=(after,),
            )
    keep_draft()


def offer_new() -> None:
    """Draw the button that forgets the draft, where there is one."""
    if draft().lines:
        st.button("Start over", icon=":material/delete_sweep:", key="batch_anew", on_click=start_anew)


def show_torn() -> None:
    """Say that another tab has changed the same draft, and let the person choose."""
    if not is_torn():
        return
    with st.container(border=True):
        st.warning(
            "This batch was changed in another tab or window. What you change here is not kept until you choose.",
            icon=":material/call_split:",
        )
        with st.container(horizontal=True):
            st.button("Take what the other tab has", key="batch_torn_take", on_click=take_kept)
            st.button("Keep what is here", key="batch_torn_keep", on_click=keep_mine)
