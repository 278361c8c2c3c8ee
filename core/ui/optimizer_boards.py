"""The calendar as it stands and as it would be, side by side."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import streamlit as st
from streamlit_calendar import calendar

from core.calendar.zones import to_wall
from core.services.plan_views import PlanProposal, PlanRun
from core.ui.calendar_events import LENGTH, TITLE_LENGTH, Event
from core.ui.calendar_span import Span, View, span_of, step
from core.ui.calendar_style import stylesheet
from core.ui.charts import title
from core.ui.optimizer_words import days_of
from core.ui.palette import platform_colours
from core.ui.platform_legend import show_legend
from core.ui.wording import plain, shortened

HEIGHT = 520
MOST = 1000
"""Posts drawn on a board: the component takes seconds for more."""
SIGNS = "strong: would move · pale: stays · dashed: stays, for want of an allowed time"
_DAY, _VIEW = "optimizer_board_day", "optimizer_board_view"
_CLOCK = {"hour": "2-digit", "minute": "2-digit", "hour12": False}
_MARKS = """
.fc .fc-timegrid-slot { height: 1.5em !important; }
.fc .fc-event { cursor: default !important; }
.fc .fc-event.stays { opacity: 0.55; }
.fc .fc-event.moves .fc-event-title { font-weight: 600; }
.fc .fc-event.left { outline: 1.5px dashed var(--text-color); }
"""


@dataclass(frozen=True)
class _Post:
    """A post on the boards: what it is called, and where it stands before and after."""

    id: str
    title: str
    platform: str
    before: datetime
    after: datetime
    mark: str

    @property
    def moves(self) -> bool:
        """Whether it would get another time."""
        return self.before != self.after


def show_boards(run: PlanRun, proposal: PlanProposal, zone: str) -> None:
    """Draw a week or a month before and after; posts that move stand out on both boards."""
    posts = tuple(_posts(proposal))
    title("Before and after")
    view, day = _ask_day(proposal, posts, zone)
    span = span_of(view, day)
    left, right = st.columns(2)
    names = ("Before", "After") if run.applied else ("Now", "Proposed")
    for place, name, is_after in zip((left, right), names, (False, True), strict=True):
        with place:
            st.markdown(f"**{name}** :gray[· {plain(zone)}]")
            shown = [post for post in posts if _is_in(span, post.after if is_after else post.before, zone)]
            if len(shown) > MOST:
                st.caption(f"The first {MOST:,} of {len(shown):,} posts are drawn; choose the week.")
            calendar(
                events=[_event(post, zone, is_after=is_after) for post in shown[:MOST]],
                options=_options(view, day),
                custom_css=stylesheet(platform_colours()) + _MARKS,
                callbacks=[],
                key=f"optimizer_{is_after}_{view}_{span.first}_{zone}",
            )
    show_legend((post.platform for post in posts), SIGNS)


def _posts(proposal: PlanProposal) -> Iterator[_Post]:
    for item in proposal.items:
        mark = "moves" if item.moves else "stays"
        yield _Post(item.item_id, item.title, item.platform, item.before, item.after, mark)
    for left in proposal.left:
        yield _Post(left.item_id, left.title, left.platform, left.at, left.at, "left")


def _ask_day(proposal: PlanProposal, posts: Sequence[_Post], zone: str) -> tuple[View, date]:
    """Ask which week or month to look at; at first the one in which most posts move."""
    first_day = _liveliest(posts, zone) or days_of(proposal, zone)[0]
    earliest, latest = days_of(proposal, zone)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        view = View(
            st.segmented_control(
                "Boards show",
                [View.WEEK, View.MONTH],
                default=View.WEEK,
                required=True,
                key=_VIEW,
                label_visibility="collapsed",
            )
        )
        day: date = st.session_state.get(_DAY) or first_day
        day = min(max(day, min(earliest, first_day)), latest)
        _step_button(":material/chevron_left:", "Earlier", (view, day, -1))
        _step_button(":material/chevron_right:", "Later", (view, day, 1))
        st.markdown(f"**{span_of(view, day).name}**", width="content")
    return view, day


def _liveliest(posts: Sequence[_Post], zone: str) -> date | None:
    """Return a day of the week from which most posts move; None where none does."""
    weeks = Counter(span_of(View.WEEK, to_wall(post.before, zone).date()).first for post in posts if post.moves)
    return max(sorted(weeks), key=weeks.__getitem__, default=None)


def _step_button(icon: str, name: str, where: tuple[View, date, int]) -> None:
    st.button("", icon=icon, key=f"optimizer_{name.lower()}", help=name, on_click=_go, args=where)


def _go(view: View, day: date, by: int) -> None:
    st.session_state[_DAY] = step(view, day, by)


def _is_in(span: Span, at: datetime, zone: str) -> bool:
    return span.first <= to_wall(at, zone).date() < span.end


def _event(post: _Post, zone: str, *, is_after: bool) -> Event:
    wall = to_wall(post.after if is_after else post.before, zone)
    return {
        "id": post.id,
        "title": shortened(post.title.strip() or "Untitled", TITLE_LENGTH),
        "start": wall.isoformat(),
        "end": (wall + LENGTH).isoformat(),
        "classNames": [f"platform-{post.platform}", post.mark],
    }


def _options(view: View, day: date) -> dict[str, object]:
    """Return the component's settings: nothing to click or drag, two weeks' width on one screen."""
    is_week = view is View.WEEK
    return {
        "initialView": "timeGridWeek" if is_week else "dayGridMonth",
        "initialDate": str(day),
        "timeZone": "UTC",
        "headerToolbar": False,
        "height": HEIGHT,
        "firstDay": 1,
        "dayMaxEvents": True,
        "allDaySlot": False,
        "slotDuration": "01:00:00",
        "slotLabelInterval": "03:00:00",
        "scrollTime": "00:00:00",
        "eventMinHeight": 18,
        "editable": False,
        "eventDisplay": "block",
        "displayEventEnd": False,
        "eventTimeFormat": _CLOCK,
        "slotLabelFormat": _CLOCK,
        "dayHeaderFormat": {"weekday": "short", "day": "numeric"} if is_week else {"weekday": "short"},
        "locale": "en-gb",
        "slotEventOverlap": False,
        "eventOrder": "start,title",
    }
