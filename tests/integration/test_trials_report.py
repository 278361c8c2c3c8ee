"""The report of a trial: one file that says everything, loads nothing, and takes no name for markup."""

import re
from html.parser import HTMLParser

import pytest
from planned_posts import StandingClock
from trial_stage import EARLY, ENGAGED, LATE, assign_all, draft_of, planned, publish_all, running

from core.errors import StateConflict
from core.services.channels import ChannelView
from core.services.context import Context
from core.services.trial_decisions import decide_trial, what_applying_sets
from core.services.trial_drafts import create_trial
from core.services.trial_exports import drawn_titles
from core.services.trial_moves import stop_trial
from core.services.trial_report import trial_as_html
from core.services.trial_views import DecisionRequest


class Balanced(HTMLParser):
    """Notes what is left open, or closed without having been opened, and every address."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses += [str(value) for name, value in attrs if name in {"src", "href", "xlink:href"}]
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, _: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_report_of_a_decided_trial_has_everything_and_loads_nothing(
    ctx: Context, linkedin: ChannelView, clock: StandingClock
) -> None:
    trial = running(ctx, linkedin, name="<script>alert(1)</script>", planned_posts=70, **ENGAGED)
    assign_all(ctx, trial, planned(ctx, linkedin, weeks=7, per_week=10))
    publish_all(ctx, clock, trial, {"early": 5.0, "late": 5.5})
    stop_trial(ctx, trial.id, "Clear enough")
    decide_trial(ctx, trial.id, DecisionRequest("late", "So be it.", applies=True))
    text = trial_as_html(ctx, trial.id).decode()
    page = Balanced(text)
    assert page.open == []
    assert page.addresses == []
    assert "script" not in page.tags
    assert not re.search(r"https?://|@import|url\(", text)
    assert text.count("<svg") == 3
    for said in (
        "late beats early by about",
        "late was taken",
        "So be it.",
        "LinkedIn posts on working days, 16:00 to 22:00 Europe/Berlin.",
        "Stopped on",
        "The draw was recomputed and agrees. All 70 posts",
        trial.fingerprint,
        "Chance to win: over 99 %",
    ):
        assert str(said) in text
    assert "nan" not in re.sub(r"<[^>]*>", "", text).lower()


def test_the_report_of_a_trial_without_a_post_says_what_is_undefined_and_why(
    ctx: Context, linkedin: ChannelView
) -> None:
    text = trial_as_html(ctx, running(ctx, linkedin).id).decode()
    assert "<svg" not in text
    assert text.count("Undefined: There are no posts.") >= 3
    assert Balanced(text).open == []


def test_a_draft_has_no_report(ctx: Context, linkedin: ChannelView) -> None:
    with pytest.raises(StateConflict, match="start it first"):
        trial_as_html(ctx, create_trial(ctx, draft_of(linkedin)).id)


def test_what_applying_sets_is_told_before_anything_is_set(ctx: Context, linkedin: ChannelView) -> None:
    trial = running(ctx, linkedin, arms=(EARLY, LATE))
    said = what_applying_sets(ctx, trial.id, "late")
    assert said == ("LinkedIn posts on working days, 16:00 to 22:00 Europe/Berlin.",)
    stop_trial(ctx, trial.id)
    decided = decide_trial(ctx, trial.id, DecisionRequest("late", applies=True))
    assert decided.decision is not None
    assert decided.decision.applied == said


def test_drawn_posts_are_named_by_their_titles(ctx: Context, linkedin: ChannelView) -> None:
    trial = running(ctx, linkedin)
    items = planned(ctx, linkedin, weeks=1, per_week=2)
    assign_all(ctx, trial, items[:1])
    assert drawn_titles(ctx, trial.id) == {items[0].id: items[0].title}
