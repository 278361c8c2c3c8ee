"""The stages every publisher is tried on (publisher, access, what the world sees), and a door to the local Google."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from google_doors import Watch, door_to
from google_world import Google
from receivers import SECRET, Receiver, running_receiver

from core.google.door import GoogleDoor
from core.publishing.contract import ChannelAccess, Publisher
from core.publishing.recorder import Recorder
from core.publishing.registry import PUBLISHERS
from core.settings import Settings
from core.vocabulary import ChannelKind


@dataclass(frozen=True)
class Stage:
    """A publisher with a look at what it made visible: delivery id → title and text."""

    publisher: Publisher
    access: ChannelAccess
    visible: Callable[[], dict[str, tuple[str, str]]]


def own_settings(folder: Path) -> Settings:
    return Settings(data_dir=folder, webhook_allow_private=True, webhook_timeout_seconds=1)


def webhook_access(receiver: Receiver) -> ChannelAccess:
    return ChannelAccess("chan_1", {"url": receiver.url}, SECRET)


@contextmanager
def recorder_stage(folder: Path) -> Iterator[Stage]:
    recorder = Recorder()
    yield Stage(
        recorder,
        ChannelAccess("chan_1", {}, None),
        lambda: {key: (post.title, post.text) for key, post in recorder.posts.items()},
    )


@contextmanager
def outbox_stage(folder: Path) -> Iterator[Stage]:
    def visible() -> dict[str, tuple[str, str]]:
        return dict(told(json.loads(file.read_bytes())["data"]) for file in folder.rglob("*.json"))

    yield Stage(PUBLISHERS[ChannelKind.OUTBOX](own_settings(folder)), ChannelAccess("chan_1", {}, None), visible)


@contextmanager
def webhook_stage(folder: Path) -> Iterator[Stage]:
    with running_receiver() as receiver:
        yield Stage(
            PUBLISHERS[ChannelKind.WEBHOOK](own_settings(folder)),
            webhook_access(receiver),
            lambda: dict(told(body["data"]) for body in receiver.visible.values()),
        )


def told(data: dict[str, Any]) -> tuple[str, tuple[str, str]]:
    return data["delivery_id"], (data["title"], data["text"])


STAGES = {ChannelKind.OUTBOX: outbox_stage, ChannelKind.WEBHOOK: webhook_stage, "recorder": recorder_stage}


@pytest.fixture(params=[*PUBLISHERS, "recorder"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    with STAGES[request.param](tmp_path) as made:
        yield made


@pytest.fixture
def watch(google: Google) -> Watch:
    """Give the clock by which the local Google and the door to it live."""
    made = Watch()
    google.keep_time(made.now)
    return made


@pytest.fixture
def door(google: Google, watch: Watch) -> Iterator[GoogleDoor]:
    """Give the gateway's door to the local Google."""
    opened = door_to(google, watch)
    yield opened
    opened.close()
