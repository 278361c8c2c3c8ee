"""What is to be optimized: the calendar, how long to search, how far posts may move, and what they keep to."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.calendar.recurrence import DAY_NAMES
from core.calendar.zones import day_bounds
from core.services.calendars import CLOSED, list_calendars
from core.services.item_views import CalendarView
from core.services.moves import MOVABLE
from core.services.plan_views import PlanOptions
from core.settings import ROOT
from core.ui.blanks import nothing_yet
from core.ui.compose_fields import active_channels
from core.ui.optimizer_words import CAUTIONS, LEVELS, REACHES, level_words
from core.ui.palette import platform_name
from core.ui.queries import ask
from core.ui.state import house
from core.ui.wording import counted, shortened
from core.vocabulary import OptimizationLevel, Reach

CALENDAR = "calendar"
_MINUTES_OF_A_DAY = 24 * 60
_MOST_POSTS = 200
_PERCENT = 100


@dataclass(frozen=True)
class Order:
    """What somebody wants of the planner."""

    level: OptimizationLevel
    options: PlanOptions


def choose_calendar() -> CalendarView | None:
    """Draw the choice of a calendar with posts that are still to go out; None where there is none."""
    calendars = {each.id: each for each in ask(list_calendars) if each.state not in CLOSED and _waiting(each)}
    if not calendars:
        return None
    chosen: str = st.selectbox(
        "Calendar",
        list(calendars),
        format_func=lambda key: (
            f"{shortened(calendars[key].title)} · {counted(_waiting(calendars[key]), 'post')} to go"
        ),
        key=CALENDAR,
        bind="query-params",
        width=420,
    )
    return calendars[chosen]


def _waiting(calendar: CalendarView) -> int:
    return sum(calendar.counts.get(state, 0) for state in MOVABLE)


def show_nothing() -> None:
    """Say what will be here."""
    nothing_yet(
        ":material/tune:",
        "Nothing to optimize yet",
        "Here the posts of a calendar get the times at which they are expected to earn most, within every limit you "
        "set. It needs a calendar with posts that are still to go out.",
    )
    with st.container(horizontal=True, horizontal_alignment="center"):
        st.page_link(
            ROOT / "pages" / "content_calendar.py",
            label="Open the calendar",
            icon=":material/calendar_month:",
            width="content",
        )


def ask_order(calendar: CalendarView) -> Order:
    """Draw the settings and return them."""
    with st.container(border=True):
        left, right = st.columns(2)
        with left:
            level = st.segmented_control(
                "How hard to search",
                list(OptimizationLevel),
                default=OptimizationLevel.BALANCED,
                required=True,
                format_func=LEVELS.__getitem__,
                key="optimizer_level",
            )
            st.caption(level_words(OptimizationLevel(level)))
        with right:
            reach = st.segmented_control(
                "Posts may move",
                list(Reach),
                default=Reach.WEEK,
                required=True,
                format_func=REACHES.__getitem__,
                key="optimizer_reach",
                wrap=True,
            )
            st.caption("A post's own window, and the times you chose to keep, always hold.")
        with st.expander("More settings", icon=":material/settings:"):
            options = _more(calendar, Reach(reach))
    return Order(OptimizationLevel(level), options)


def _more(calendar: CalendarView, reach: Reach) -> PlanOptions:
    starts, ends = _range(calendar.timezone)
    caution, stability = _taste()
    st.markdown("**Limits of this plan** :gray[· where they are stricter than those of the channels]")
    min_gap, a_day, a_week, at_once = _limits()
    weekdays, hours = _hours()
    gap, leads = _across()
    return PlanOptions(
        starts=starts, ends=ends, reach=reach, caution=caution, stability=stability, min_gap=min_gap,
        max_per_day=a_day, max_per_week=a_week, max_at_once=at_once, allowed_weekdays=weekdays,
        allowed_from=hours[0], allowed_to=hours[1], cross_platform_gap=gap, leads=leads,
        spread=st.toggle(
            "Count that an audience tires of frequent posts", value=True, key="optimizer_spread",
            help="Only on channels whose own history shows it.",
        ),
    )  # fmt: skip


def _range(zone: str) -> tuple[datetime | None, datetime | None]:
    """Ask for the days to plan; nothing chosen means from now to the last post's day."""
    left, right = st.columns(2)
    first = _day(left, "First day", "optimizer_first", f"On the clocks of {zone}. Empty: from now on.")
    last = _day(right, "Last day", "optimizer_last", "Empty: the day of the calendar's last post.")
    now = house().now()
    starts = day_bounds(first, zone)[0] if first else None
    return starts if starts and starts > now else None, day_bounds(last, zone)[1] if last else None


def _day(place: DeltaGenerator, label: str, key: str, note: str) -> date | None:
    chosen: date | None = place.date_input(label, None, key=key, format="DD/MM/YYYY", help=note)
    return chosen


def _taste() -> tuple[float, float]:
    """Ask how sure a time must be, and how much a move must gain."""
    left, right = st.columns(2)
    caution: float = left.selectbox(
        "Plan on",
        list(CAUTIONS),
        format_func=CAUTIONS.__getitem__,
        key="optimizer_caution",
        help="The careful ones prefer hours that are known to be good over hours that may be better.",
    )
    percent: int = right.slider(
        "A move must gain at least",
        0,
        20,
        2,
        format="%d %%",
        key="optimizer_stability",
        help="Of what the post is expected to earn: the higher, the fewer posts move.",
    )
    return caution, percent / _PERCENT


def _limits() -> tuple[timedelta | None, int | None, int | None, int | None]:
    """Ask for spacing, posts a day, a week and at once."""
    with st.grid(4, min_column_width=150):
        gap = _number("Minutes apart", 0, _MINUTES_OF_A_DAY, "optimizer_gap")
        a_day = _number("Posts a day", 1, _MOST_POSTS, "optimizer_day")
        a_week = _number("Posts a week", 1, _MOST_POSTS, "optimizer_week")
        at_once = _number("Posts at once, all channels", 1, _MOST_POSTS, "optimizer_once")
    return None if gap is None else timedelta(minutes=gap), a_day, a_week, at_once


def _number(label: str, low: int, high: int, key: str) -> int | None:
    value: int | None = st.number_input(label, low, high, None, step=1, key=key, placeholder="As the channel")
    return value


def _hours() -> tuple[frozenset[int] | None, tuple[time | None, time | None]]:
    """Ask for weekdays and hours, by each channel's own clock."""
    left, first, last = st.columns([3, 1, 1])
    days = left.pills(
        "Weekdays",
        range(len(DAY_NAMES)),
        selection_mode="multi",
        default=range(len(DAY_NAMES)),
        format_func=DAY_NAMES.__getitem__,
        key="optimizer_weekdays",
    )
    starts: time | None = first.time_input("Not before", None, key="optimizer_from", help="By each channel's own clock")
    ends: time | None = last.time_input("Not after", None, key="optimizer_to", help="By each channel's own clock")
    chosen = None if not days or len(days) == len(DAY_NAMES) else frozenset(days)
    return chosen, (starts, ends)


def _across() -> tuple[timedelta, str | None]:
    """Ask how the same content on several platforms is to be set off."""
    platforms = sorted({channel.platform for channel in active_channels()})
    left, right = st.columns(2)
    hours: float = left.number_input(
        "Hours between posts of the same content on different channels",
        0.0,
        float(_MINUTES_OF_A_DAY),
        0.0,
        step=0.5,
        key="optimizer_across",
    )
    leads: str | None = right.selectbox(
        "Same content goes out first on",
        platforms,
        None,
        format_func=platform_name,
        key="optimizer_leads",
        placeholder="Any platform",
    )
    return timedelta(hours=hours), leads
