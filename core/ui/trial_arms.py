"""Asking for the arms of a trial: how many, what each is called, and how it chooses times."""

from collections.abc import Sequence
from datetime import time

import streamlit as st

from core.calendar.recurrence import DAY_NAMES
from core.services.trial_drafts import MOST_ARMS, MOST_WEIGHT
from core.services.trial_views import ArmDraft
from core.services.trial_words import STRATEGY_WORDS
from core.trials.registration import Window
from core.trials.words import Strategy

EVENING = Window((0, 1, 2, 3, 4), time(18), time(21))
USUAL_ARMS = (ArmDraft("Usual", Strategy.USUAL), ArmDraft("Evenings", Strategy.WINDOWS, windows=(EVENING,)))
MOST_WINDOWS = 6
_HELP = {
    Strategy.USUAL: "The hours that held half of the channel's posts, as they are when the trial starts.",
    Strategy.WINDOWS: "A free slot within these hours, on the day with the fewest posts and near the planned one.",
    Strategy.RECOMMENDED: "The free slot of its week that is expected to earn most.",
    Strategy.AS_PLANNED: "The post stays where it was put.",
}


def ask_arms(key: str, arms: Sequence[ArmDraft]) -> tuple[ArmDraft, ...]:
    """Draw the arms and return them as they stand; what is wrong with them is said when they are saved."""
    count: int = st.number_input(
        "Arms", 2, MOST_ARMS, len(arms), key=f"{key}_arms", width=140,
        help="Each arm more divides the same posts further. Two see most.",
    )  # fmt: skip
    asked = [_ask_arm(f"{key}_arm{number}", number, _usual(arms, number)) for number in range(count)]
    return tuple(asked)


def _usual(arms: Sequence[ArmDraft], number: int) -> ArmDraft:
    return arms[number] if number < len(arms) else ArmDraft(f"Arm {number + 1}", Strategy.RECOMMENDED)


def _ask_arm(key: str, number: int, arm: ArmDraft) -> ArmDraft:
    with st.container(border=True, gap="small"):
        name_place, how_place, share_place = st.columns([3, 4, 2])
        label = "Control" if number == 0 else f"Arm {number + 1}"
        name: str = name_place.text_input(label, arm.name, key=f"{key}_name", max_chars=60)
        strategies = list(STRATEGY_WORDS)
        strategy: Strategy = how_place.selectbox(
            "Posts go out at", strategies, strategies.index(arm.strategy), format_func=STRATEGY_WORDS.__getitem__,
            key=f"{key}_strategy",
        )  # fmt: skip
        weight: int = share_place.number_input("Share", 1, MOST_WEIGHT, arm.weight, key=f"{key}_weight")
        st.caption(_HELP[strategy])
        windows = _ask_windows(key, arm.windows or (EVENING,)) if strategy is Strategy.WINDOWS else ()
    return ArmDraft(name.strip(), strategy, weight, windows)


def _ask_windows(key: str, windows: Sequence[Window]) -> tuple[Window, ...]:
    count = st.session_state.setdefault(f"{key}_windows", len(windows))
    asked = tuple(ask_window(f"{key}_window{n}", windows[min(n, len(windows) - 1)]) for n in range(count))
    with st.container(horizontal=True):
        if count < MOST_WINDOWS:
            st.button("More hours", icon=":material/add:", key=f"{key}_more", type="tertiary",
                      on_click=_count, args=(key, 1))  # fmt: skip
        if count > 1:
            st.button("Fewer hours", icon=":material/remove:", key=f"{key}_fewer", type="tertiary",
                      on_click=_count, args=(key, -1))  # fmt: skip
    return asked


def _count(key: str, more: int) -> None:
    st.session_state[f"{key}_windows"] += more


def ask_window(key: str, window: Window) -> Window:
    """Draw weekdays and hours of the local clock, and return them; an end of 00:00 is midnight."""
    days: list[int] = st.pills(
        "On", range(len(DAY_NAMES)), selection_mode="multi", default=list(window.weekdays),
        format_func=DAY_NAMES.__getitem__, key=f"{key}_days",
    )  # fmt: skip
    left, right = st.columns(2)
    starts: time | None = left.time_input("From", window.starts, key=f"{key}_from")
    ends: time | None = right.time_input("Until", window.ends, key=f"{key}_until", help="00:00 is midnight")
    return Window(tuple(sorted(days)), starts or time(), ends or time())
