"""The optimizer's page: asking, watching, reading the proposal, applying all or some of it, taking it back."""

from datetime import UTC, datetime, timedelta

import pytest
from posts_on_screen import a_channel
from screens import Open, words
from streamlit.testing.v1 import AppTest

from core.bootstrap import running
from core.services.calendars import NewCalendar, create_calendar
from core.services.channels import ChannelDraft, add_channel
from core.services.context import Context
from core.services.heartbeat import Pulse, beat
from core.services.item_views import CalendarWithItems, Leeway
from core.services.items import find_item
from core.services.new_items import NewItem
from core.services.plan_runs import list_plans, optimize_queued, queue_plan, stop_plan
from core.services.plan_views import PlanOptions
from core.services.run_queue import RunTaker
from core.vocabulary import ChannelKind, OptimizationLevel


def at(weekday: int, hour: int, minute: int = 0) -> datetime:
    """Return a moment (UTC) of the next week that begins, Monday = 0."""
    now = datetime.now(UTC).replace(hour=hour, minute=minute, second=0, microsecond=0)
    return now + timedelta(days=7 - now.weekday() + weekday)


def a_calendar(ctx: Context, *, fixed: bool = False) -> CalendarWithItems:
    """Two posts in the night of a platform whose research favours working hours."""
    page = a_channel(ctx, zone="UTC")
    posts = (
        NewItem(page.id, at(1, 3, 7), "First", "One", leeway=Leeway(fixed=fixed)),
        NewItem(page.id, at(2, 2), "Second", "Two", leeway=Leeway(fixed=fixed)),
    )
    return create_calendar(ctx, NewCalendar("Spring", "UTC", posts))


def work() -> None:
    """Let an engine do what waits for it."""
    house = running()
    beat(house.db, Pulse("engine", house.now(), house.now()))
    optimize_queued(
        RunTaker("engine", house.db, house.clock, house.settings.uploads, house.context, is_stopping=lambda: False),
        elapsed=lambda: 0.0,
    )


@pytest.fixture
def planned(open_page: Open, ctx: Context) -> tuple[AppTest, CalendarWithItems]:
    """Give the page with a proposal, and the calendar it is for."""
    calendar = a_calendar(ctx)
    page = open_page("optimizer.py")
    page.slider(key="optimizer_stability").set_value(0).run()  # what research expects is worth a percent or two
    page.button(key="optimizer_start").click().run()
    work()
    return page.run(), calendar


def times(ctx: Context, calendar: CalendarWithItems) -> list[datetime]:
    return [find_item(ctx, item.id).item.scheduled_at for item in calendar.items]


def test_without_a_calendar_to_plan_the_page_says_what_will_be_here(open_page: Open) -> None:
    page = open_page("optimizer.py")
    assert not page.exception
    assert page.subheader[0].value == "Nothing to optimize yet"


def test_nothing_is_proposed_or_moved_before_somebody_asks(open_page: Open, ctx: Context) -> None:
    calendar = a_calendar(ctx)
    page = open_page("optimizer.py")
    assert "Nothing is moved before you say so" in words(page)
    assert list_plans(ctx, calendar.calendar.id) == ()


def test_a_waiting_plan_is_watched_and_can_be_stopped(open_page: Open, ctx: Context) -> None:
    calendar = a_calendar(ctx)
    page = open_page("optimizer.py")
    page.button(key="optimizer_start").click().run()
    assert page.button(key="optimizer_start").disabled
    assert "engine" in page.warning[0].value
    page.button(key="optimizer_stop").click().run()
    assert [run.state for run in list_plans(ctx, calendar.calendar.id)] == ["canceled"]
    assert "stopped before it began" in page.info[0].value


def test_the_proposal_says_what_it_is_worth_what_would_move_and_why(
    planned: tuple[AppTest, CalendarWithItems], ctx: Context
) -> None:
    page, calendar = planned
    assert not page.exception
    assert page.subheader[0].value.startswith("Moving 2 posts is expected to earn ")
    figures = {metric.label: metric.value for metric in page.metric}
    assert (figures["Posts that move"], figures["Without an allowed time"]) == ("2 of 2", "0")
    assert figures["Beside the best possible"] == "Proven best"
    table = page.data_editor[0].value if hasattr(page, "data_editor") else page.dataframe[0].value
    assert list(table["Post"]) == ["First", "Second"]
    assert (table["Score then"] > table["Score now"]).all()
    assert table["Why"].str.len().min() > 20
    assert times(ctx, calendar) == [item.scheduled_at for item in calendar.items]


def test_applying_moves_every_post_and_can_be_taken_back(
    planned: tuple[AppTest, CalendarWithItems], ctx: Context
) -> None:
    page, calendar = planned
    before = times(ctx, calendar)
    page.button(key="optimizer_apply").click().run()
    assert not page.exception
    assert all(now != then for now, then in zip(times(ctx, calendar), before, strict=True))
    assert "2 moves of this plan applied" in words(page)
    page.button(key="optimizer_undo").click().run()
    assert times(ctx, calendar) == before
    assert "back at its old time" in words(page)


def test_a_plan_that_is_out_of_date_is_refused_with_the_post_that_changed(
    planned: tuple[AppTest, CalendarWithItems], ctx: Context
) -> None:
    from core.services.moves import move_item

    page, calendar = planned
    move_item(ctx, calendar.items[0].id, at(4, 9))
    page.button(key="optimizer_apply").click().run()
    assert "First" in page.error[0].value
    assert times(ctx, calendar)[1] == calendar.items[1].scheduled_at


def test_a_calendar_in_which_nothing_may_move_gets_the_reason(open_page: Open, ctx: Context) -> None:
    a_calendar(ctx, fixed=True)
    page = open_page("optimizer.py")
    page.button(key="optimizer_start").click().run()
    work()
    page.run()
    assert not page.exception
    assert page.error or "Every post already stands" in words(page)


def test_two_plans_are_compared_with_the_settings_in_which_they_differ(
    planned: tuple[AppTest, CalendarWithItems], ctx: Context
) -> None:
    page, calendar = planned
    queue_plan(ctx, calendar.calendar.id, OptimizationLevel.SPEED, PlanOptions(max_per_day=1, caution=0.25))
    work()
    newest, first = list_plans(ctx, calendar.calendar.id)
    page.run()
    box = next(each for each in page.selectbox if each.label == "Compare with")
    box.select(first.id if first.id != page.query_params.get("plan") else newest.id).run()
    assert not page.exception
    table = page.table[-1].value
    assert list(table.columns) == ["This plan", "The other"]
    assert {"Expected outcome", "Posts a day", "Plans on"} <= set(table.index)


def test_a_post_without_an_allowed_time_is_listed_with_what_would_make_room(open_page: Open, ctx: Context) -> None:
    draft = ChannelDraft("linkedin", "Busy", ChannelKind.OUTBOX, "UTC", min_gap_minutes=1440, max_per_day=1)
    busy = add_channel(ctx, draft)
    posts = tuple(
        NewItem(
            busy.id, at(2, 9, minute), f"Post {minute}", "Text", leeway=Leeway(not_before=at(2, 0), not_after=at(2, 12))
        )
        for minute in (0, 10, 20)
    )
    create_calendar(ctx, NewCalendar("Crowded", "UTC", posts))
    page = open_page("optimizer.py")
    page.button(key="optimizer_start").click().run()
    work()
    page.run()
    assert not page.exception
    figures = {metric.label: metric.value for metric in page.metric}
    left = int(figures["Without an allowed time"])
    assert left >= 1
    assert f"{left} post" in words(page)
    table = page.dataframe[-1].value
    assert table["Why"].str.len().min() > 20


def test_a_plan_stopped_before_it_began_leaves_the_calendar_to_be_planned_again(open_page: Open, ctx: Context) -> None:
    calendar = a_calendar(ctx)
    stop_plan(ctx, queue_plan(ctx, calendar.calendar.id))
    page = open_page("optimizer.py")
    assert not page.button(key="optimizer_start").disabled
