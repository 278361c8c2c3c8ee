"""What every way out must do, the recorder included."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

import pytest

from core.publishing.contract import (
    Absent,
    CannotTell,
    ChannelAccess,
    Found,
    Post,
    Published,
    Publisher,
    Ready,
    StepState,
)
from core.publishing.registry import PUBLISHERS
from core.vocabulary import ChannelKind, ContentFormat


class Stage(Protocol):
    publisher: Publisher
    access: ChannelAccess

    def visible(self) -> dict[str, tuple[str, str]]: ...


def post(number: int = 1) -> Post:
    return Post(
        item_id=f"item_{number}",
        delivery_id=f"delivery_{number}",
        workspace_id="ws_1",
        channel_id="chan_1",
        platform="instagram",
        content_format=ContentFormat.IMAGE,
        title="Spring",
        text="It is here.",
        scheduled_at=datetime(2026, 3, 1, 9, tzinfo=UTC),
        media=({"type": "image/png", "url": "https://example.com/a.png"},),
        metadata={"campaign": "spring", "weights": [1, 2.5, None, True]},
    )


def ready(stage: Stage, one: Post) -> StepState:
    prepared = stage.publisher.prepare(one, stage.access, datetime.now(UTC))
    assert isinstance(prepared, Ready)
    checked = stage.publisher.check(one, stage.access, prepared.state, datetime.now(UTC))
    assert isinstance(checked, Ready)
    return checked.state


def fire(stage: Stage, one: Post) -> Published:
    fired = stage.publisher.fire(one, stage.access, ready(stage, one), datetime.now(UTC))
    assert isinstance(fired, Published)
    return fired


def test_every_kind_of_channel_has_a_publisher() -> None:
    assert set(PUBLISHERS) == set(ChannelKind)


def test_preparing_and_checking_show_nothing(stage: Stage) -> None:
    ready(stage, post())
    assert stage.visible() == {}


def test_the_state_between_steps_survives_being_stored_as_json(stage: Stage) -> None:
    stored = json.loads(json.dumps(ready(stage, post())))
    fired = stage.publisher.fire(post(), stage.access, stored, datetime.now(UTC))
    assert isinstance(fired, Published)


def test_firing_shows_the_post_once_with_its_words(stage: Stage) -> None:
    fire(stage, post())
    assert stage.visible() == {"delivery_1": ("Spring", "It is here.")}


def test_firing_the_same_delivery_again_shows_nothing_new(stage: Stage) -> None:
    fire(stage, post())
    fire(stage, post())
    assert list(stage.visible()) == ["delivery_1"]


def test_eight_workers_firing_the_same_delivery_show_one_post(stage: Stage) -> None:
    with ThreadPoolExecutor(8) as workers:
        list(workers.map(lambda _: fire(stage, post()), range(8)))
    assert list(stage.visible()) == ["delivery_1"]


def test_two_items_are_two_posts(stage: Stage) -> None:
    fire(stage, post(1))
    fire(stage, post(2))
    assert set(stage.visible()) == {"delivery_1", "delivery_2"}


def test_looking_up_before_firing_never_finds_the_post(stage: Stage) -> None:
    state = ready(stage, post())
    assert isinstance(stage.publisher.look_up(post(), stage.access, state, datetime.now(UTC)), Absent | CannotTell)


def test_looking_up_after_firing_never_says_the_post_is_absent(stage: Stage) -> None:
    published = fire(stage, post())
    found = stage.publisher.look_up(post(), stage.access, {}, datetime.now(UTC))
    assert found == Found(published) or isinstance(found, CannotTell)


@pytest.mark.parametrize(
    "words",
    ["<script>alert(1)</script>", "line\nbreak\r\n\ttab \x00 \x1b[31m", "שלום 👩‍👩‍👧 你好", "x" * 1_000_000, ""],
    ids=["html", "control characters", "scripts and emoji", "a million characters", "nothing"],
)
def test_words_of_every_kind_arrive_unchanged(stage: Stage, words: str) -> None:
    fire(stage, replace(post(), title=words, text=words))
    assert stage.visible() == {"delivery_1": (words, words)}
