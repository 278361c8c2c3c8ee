"""An outbox file is there whole or not at all, and what is there is never touched."""

import errno
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import pytest

from core.publishing.contract import Absent, CannotTell, ChannelAccess, Found, Post, Published, Ready, Refused
from core.publishing.outbox import OutboxPublisher
from core.vocabulary import ContentFormat, Refusal

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
LATER = datetime(2026, 3, 1, 10, tzinfo=UTC)
ACCESS = ChannelAccess("chan_1", {}, None)
POST = Post(
    item_id="item_1",
    delivery_id="delivery_1",
    workspace_id="ws_1",
    channel_id="chan_1",
    platform="instagram",
    content_format=ContentFormat.TEXT,
    title="Frühling",
    text="It is here.",
    scheduled_at=NOW,
)
NAME = "item_1.delivery_1.json"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert OutboxPublisher(tmp_path / "outbox").prepare(POST, ACCESS, NOW) == Ready({})
    return tmp_path / "outbox" / "ws_1" / "chan_1"


@pytest.fixture
def outbox(folder: Path) -> OutboxPublisher:
    return OutboxPublisher(folder.parents[1])


def fail(number: int) -> NoReturn:
    raise OSError(number, os.strerror(number))


def test_the_file_holds_the_item_and_says_that_nothing_left_the_machine(outbox: OutboxPublisher, folder: Path) -> None:
    published = outbox.fire(POST, ACCESS, {}, NOW)
    notice = "Written to the outbox on this machine. Nothing was sent to instagram."
    assert published == Published(at=NOW, remote_id=NAME, notice=notice)
    written = json.loads((folder / NAME).read_text("utf-8"))
    assert (written["notice"], written["written_at"]) == (notice, "2026-03-01T09:00:00Z")
    assert written["data"]["title"] == "Frühling"
    assert "Frühling" in (folder / NAME).read_text("utf-8")


def test_a_second_firing_changes_no_byte_and_reports_the_first(outbox: OutboxPublisher, folder: Path) -> None:
    first = outbox.fire(POST, ACCESS, {}, NOW)
    before = (folder / NAME).read_bytes()
    assert outbox.fire(POST, ACCESS, {}, LATER) == first
    assert (folder / NAME).read_bytes() == before


def test_a_strangers_file_in_the_items_place_is_neither_overwritten_nor_taken_for_it(
    outbox: OutboxPublisher, folder: Path
) -> None:
    (folder / NAME).write_text("mine")
    answer = outbox.fire(POST, ACCESS, {}, NOW)
    assert isinstance(answer, Refused)
    assert answer.refusal is Refusal.DUPLICATE
    assert NAME in answer.reason
    assert (folder / NAME).read_text() == "mine"


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"written_at": 5}', '{"written_at": "yesterday"}'])
def test_looking_up_an_unreadable_file_cannot_tell(outbox: OutboxPublisher, folder: Path, content: str) -> None:
    (folder / NAME).write_text(content)
    assert isinstance(outbox.look_up(POST, ACCESS, {}, NOW), CannotTell)


def test_looking_up_is_exact(outbox: OutboxPublisher) -> None:
    assert outbox.look_up(POST, ACCESS, {}, NOW) == Absent()
    published = outbox.fire(POST, ACCESS, {}, NOW)
    assert isinstance(published, Published)
    assert outbox.look_up(POST, ACCESS, {}, LATER) == Found(published)


@pytest.mark.parametrize(
    ("number", "words"), [(errno.ENOSPC, "No space left on device"), (errno.EACCES, "Permission denied")]
)
@pytest.mark.parametrize("call", ["fsync", "link"])
def test_a_disk_that_refuses_leaves_no_file_and_may_be_tried_again(
    outbox: OutboxPublisher, folder: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int, words: str
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(os, call, lambda *_: fail(number))
        answer = outbox.fire(POST, ACCESS, {}, NOW)
    assert isinstance(answer, Refused)
    assert answer.refusal is Refusal.TRANSIENT
    assert words in answer.reason
    assert list(folder.iterdir()) == []
    assert outbox.look_up(POST, ACCESS, {}, NOW) == Absent()
    assert isinstance(outbox.fire(POST, ACCESS, {}, NOW), Published)


def test_a_name_that_may_be_lost_in_a_power_cut_is_an_unknown_outcome(
    outbox: OutboxPublisher, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = os.fsync, iter([True, False])
    monkeypatch.setattr(os, "fsync", lambda handle: real(handle) if next(calls) else fail(errno.EIO))
    answer = outbox.fire(POST, ACCESS, {}, NOW)
    assert isinstance(answer, Refused)
    assert answer.refusal is Refusal.UNKNOWN_OUTCOME
    assert isinstance(outbox.look_up(POST, ACCESS, {}, NOW), Found)


def test_a_folder_that_cannot_be_made_shows_while_preparing(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file where the folder should be")
    answer = OutboxPublisher(tmp_path / "outbox").prepare(POST, ACCESS, NOW)
    assert isinstance(answer, Refused)
    assert answer.refusal is Refusal.TRANSIENT
    assert "Not a directory" in answer.reason


def test_while_a_file_is_written_only_a_hidden_part_can_be_seen(
    outbox: OutboxPublisher, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []
    real = os.link

    def link(source: str, target: Path) -> None:
        seen.append([file.name for file in folder.iterdir()])
        real(source, target)

    monkeypatch.setattr(os, "link", link)
    outbox.fire(POST, ACCESS, {}, NOW)
    assert [name.startswith(".") and name.endswith(".part") for name in seen[0]] == [True]
    assert [file.name for file in folder.iterdir()] == [NAME]
