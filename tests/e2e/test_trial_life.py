"""The whole life of a trial in Chromium: designed, started, drawn, published, ripened, stopped, decided, applied."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect
from screen import choose, click, keyed, press, see, settle, type_into

from core.bootstrap import assemble
from core.services.calendars import NewCalendar, create_calendar
from core.services.channels import ChannelDraft, add_channel
from core.services.context import Context
from core.services.demo import load_sample
from core.services.kpi_events import KpiEvent, record_events
from core.services.new_items import NewItem
from core.services.trial_assigning import list_assignments
from core.settings import Settings
from core.storage.tables import ContentScheduleItem
from core.vocabulary import ChannelKind, ItemState, Metric

if TYPE_CHECKING:
    from conftest import RunningApp

BEHIND = timedelta(weeks=12)
DAY = timedelta(days=1)
WEEKS, PER_WEEK = 9, 7
LEVELS = {"Usual": 5.0, "Evenings": 5.6}
SET_BACK = """
import os, sys
sys.path.insert(0, {root!r})
import datetime
import core.clock
with open({file!r}) as file:
    BEHIND = datetime.timedelta(seconds=float(file.read()))
core.clock.system_clock = lambda: datetime.datetime.now(datetime.UTC) - BEHIND
"""


class SetBack:
    """The clock of the app: how far it is behind, from its next start on."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.by = BEHIND

    @property
    def by(self) -> timedelta:
        """How far the clock is behind."""
        return timedelta(seconds=float(self._file.read_text()))

    @by.setter
    def by(self, behind: timedelta) -> None:
        self._file.write_text(str(behind.total_seconds()))

    def __call__(self) -> datetime:
        return datetime.now(UTC) - self.by


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SetBack:
    """Let the app, which starts after this, live twelve weeks ago."""
    folder = tmp_path / "clock"
    folder.mkdir()
    root = Path(__file__).resolve().parents[2]
    file = folder / "behind"
    (folder / "sitecustomize.py").write_text(SET_BACK.format(root=str(root), file=str(file)))
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return SetBack(file)


@contextmanager
def house(app: "RunningApp", clock: SetBack) -> Iterator[Context]:
    """Give the services on the app's data, by the app's clock."""
    opened = assemble(Settings(data_dir=app.data_dir), clock)
    yield opened.context()
    opened.close()


def plan_posts(ctx: Context) -> None:
    """Plan a post for every afternoon of nine weeks on a channel of its own, beside the sample history."""
    load_sample(ctx)
    channel = add_channel(ctx, ChannelDraft("linkedin", "Trial page", ChannelKind.OUTBOX, "UTC"))
    now = ctx.now()
    monday = (now + (7 - now.weekday()) * DAY).replace(hour=14, minute=0, second=0, microsecond=0)
    posts = tuple(NewItem(channel.id, monday + n * DAY, f"Post {n}", f"Text {n}") for n in range(WEEKS * PER_WEEK))
    create_calendar(ctx, NewCalendar("Spring", "UTC", posts))


def earn(ctx: Context, trial_id: str) -> None:
    """Let every drawn post have gone out at its time, and be told a week later what it earned, arm by arm."""
    units, rng = list_assignments(ctx, trial_id), Random(3)
    with ctx.write() as session:
        for unit in units:
            row = session.get_one(ContentScheduleItem, unit.item_id)
            row.state, row.published_at = ItemState.PUBLISHED, unit.slot_at
    events = [
        KpiEvent(
            Metric.LIKES,
            round(math.exp(LEVELS[unit.arm] + 0.3 * rng.gauss(0, 1))),
            unit.slot_at + timedelta(days=7, hours=1),
            unit.item_id,
        )
        for unit in units
    ]
    record_events(ctx, events)


def design(page: Page, app: "RunningApp") -> None:
    page.goto(f"{app.url}/trials")
    see(page, "No trials yet")
    press(page, "trial_design")
    see(page, "In 8 weeks it sees lifts of")  # from the sample channel's history
    settle(page)
    type_into(page, "trial_new_name", "Evenings or as planned")
    channels = page.get_by_role("combobox", name="Channels").first
    channels.click()
    channels.press("Backspace")  # the sample's channel
    settle(page)
    choose(page, "Channels", "LinkedIn · Trial page")
    page.keyboard.press("Escape")
    choose(page, "Compared by", "Engagement after a week")
    choose(page, "Posts go out at", "The time it was planned for")
    type_into(page, "trial_new_weeks", "10")
    click(page.get_by_text("More settings"))
    type_into(page, "trial_new_planned", "63")
    press(page, "trial_save")
    see(page, "The plan")


def start_and_draw(page: Page) -> None:
    press(page, "trial_start")
    see(page, "nothing of this plan can be edited")
    press(page, "trial_start_sure")
    see(page, "No post has been drawn yet")
    click(page.get_by_role("tab", name="Posts"))
    see(page, "Add planned posts")
    press(page, "trial_join")
    see(page, "63 of them wait for their outcome")
    see(page, "The draw was recomputed and agrees")


def stop_and_decide(page: Page) -> None:
    press(page, "trial_stop")
    type_into(page, "trial_stop_reason", "Clear enough")
    press(page, "trial_stop_sure")
    see(page, "Clear enough")
    press(page, "trial_decide")
    click(page.get_by_role("dialog").get_by_text("Evenings", exact=True))
    see(page, "LinkedIn posts on working days, 18:")
    click(keyed(page, "trial_applies").locator("label"))
    press(page, "trial_decide_sure")
    see(page, "Evenings was taken")


def take_report(page: Page) -> None:
    click(page.get_by_role("tab", name="Report"))
    see(page, "A report to send or print")
    settle(page)
    for kind, start in (("pdf", b"%PDF-"), ("html", b"<!doctype html>")):
        with page.expect_download() as coming:
            press(page, f"trial_report_{kind}")
        assert coming.value.suggested_filename.endswith(f".{kind}")
        assert Path(coming.value.path()).read_bytes().startswith(start)


def test_a_trial_lives_from_its_design_to_changed_preferences(clock: SetBack, app: "RunningApp", page: Page) -> None:
    with house(app, clock) as ctx:
        plan_posts(ctx)
    design(page, app)
    start_and_draw(page)
    trial_id = page.url.split("trial=")[1].split("&")[0]

    app.kill()
    clock.by = timedelta()
    with house(app, clock) as ctx:
        earn(ctx, trial_id)
    app.start()

    page.goto(f"{app.url}/trials?trial={trial_id}")
    see(page, "Evenings beats Usual by about")
    see(page, "By now Evenings differs from Usual")
    see(page, "Evenings beats Usual: chance over 99 %")
    expect(page.locator("[data-testid=stPlotlyChart]")).to_have_count(3)
    stop_and_decide(page)
    take_report(page)

    page.goto(f"{app.url}/settings")
    see(page, "Working days only")
    click(page.get_by_role("radio", name="LinkedIn"))
    expect(keyed(page, "linkedin_from")).to_contain_text("21")
    expect(keyed(page, "linkedin_to")).to_contain_text("18")
    expect(page.get_by_role("checkbox", name="Working days only").first).to_be_checked()
