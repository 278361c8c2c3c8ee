"""The recorder plays the faults it is given, in order."""

from datetime import UTC, datetime

from core.publishing.contract import Absent, ChannelAccess, Found, Post, Published, Refused
from core.publishing.recorder import Fault, Recorder
from core.vocabulary import ContentFormat, Refusal

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
ACCESS = ChannelAccess("chan_1", {}, None)
POST = Post("item_1", "delivery_1", "ws_1", "chan_1", "tiktok", ContentFormat.TEXT, "Spring", "Here.", NOW)


def test_a_refused_post_is_absent_and_the_next_try_succeeds() -> None:
    busy = Refused(Refusal.TRANSIENT, "busy")
    recorder = Recorder([Fault(busy)])
    assert recorder.fire(POST, ACCESS, {}, NOW) == busy
    assert recorder.look_up(POST, ACCESS, {}, NOW) == Absent()
    assert recorder.fire(POST, ACCESS, {}, NOW) == Published(NOW, remote_id="delivery_1")


def test_a_post_taken_in_silence_is_found_by_looking_up() -> None:
    lost = Refused(Refusal.UNKNOWN_OUTCOME, "the answer was lost")
    recorder = Recorder([Fault(lost, taken=True)])
    assert recorder.fire(POST, ACCESS, {}, NOW) == lost
    assert recorder.look_up(POST, ACCESS, {}, NOW) == Found(Published(NOW, remote_id="delivery_1"))
    assert list(recorder.posts) == ["delivery_1"]
