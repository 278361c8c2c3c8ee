"""The default channel: each item becomes one JSON file on this machine, and nothing leaves it."""

# ruff: noqa: ARG002  # every publisher takes the contract's arguments, needed or not

import json
import os
import tempfile
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from core.calendar.zones import in_utc
from core.publishing.contract import (
    Absent,
    CannotTell,
    ChannelAccess,
    Firing,
    Found,
    LookUp,
    Post,
    Preparation,
    Published,
    Ready,
    Refused,
    StepState,
)
from core.publishing.payload import payload
from core.vocabulary import Refusal


class OutboxPublisher:
    """Writes `<root>/<workspace>/<channel>/<item>.<delivery>.json`; a file is there whole or not at all.

    A power cut while writing can leave a hidden `.part` file behind; it is never taken for an item.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def prepare(self, post: Post, access: ChannelAccess, now: datetime) -> Preparation:
        """Make the channel's folder, so that a missing or forbidden place shows before anything is armed."""
        folder = self._file(post).parent
        try:
            if not folder.is_dir():
                folder.mkdir(parents=True, exist_ok=True)
                for made in (folder.parent, self._root, self._root.parent):
                    _sync_folder(made)
        except OSError as error:
            return _not_written(error)
        return Ready({})

    def check(self, post: Post, access: ChannelAccess, state: StepState, now: datetime) -> Preparation:
        """Nothing to wait for."""
        return Ready(state)

    def fire(self, post: Post, access: ChannelAccess, state: StepState, now: datetime) -> Firing:
        """Write the item's file unless it is there; an existing file is never touched."""
        file = self._file(post)
        document = {"notice": _notice(post), "written_at": in_utc(now), **payload(post, now)}
        try:
            _place(file, json.dumps(document, ensure_ascii=False, indent=2).encode("utf-8", "backslashreplace"))
        except FileExistsError:
            return self._already_there(post, access, state, now)
        except OSError as error:
            return _not_written(error)
        return _durable(file.parent) or _published(post, now)

    def look_up(self, post: Post, access: ChannelAccess, state: StepState, now: datetime) -> LookUp:
        """Read the item's file: there, not there, or unreadable."""
        file = self._file(post)
        try:
            written = json.loads(file.read_bytes())
            return Found(_published(post, datetime.fromisoformat(written["written_at"])))
        except FileNotFoundError:
            return Absent()
        except (OSError, ValueError, TypeError, KeyError) as error:
            return CannotTell(f"The outbox file {file.name} cannot be read ({error}). Look at it and move it away.")

    def _already_there(self, post: Post, access: ChannelAccess, state: StepState, now: datetime) -> Firing:
        """Report the earlier writing of the same delivery, or the stranger that sits in its place."""
        earlier = self.look_up(post, access, state, now)
        match earlier:
            case Found(published):
                return published
            case CannotTell(reason):
                return Refused(Refusal.DUPLICATE, reason)
            case Absent():
                return Refused(Refusal.TRANSIENT, "The item's outbox file was taken away while it was written.")

    def _file(self, post: Post) -> Path:
        """Return where the post belongs; `Post` allows no identifier that could point elsewhere."""
        return self._root / post.workspace_id / post.channel_id / f"{post.item_id}.{post.delivery_id}.json"


def _notice(post: Post) -> str:
    return f"Written to the outbox on this machine. Nothing was sent to {post.platform}."


def _published(post: Post, at: datetime) -> Published:
    return Published(at=at, remote_id=f"{post.item_id}.{post.delivery_id}.json", notice=_notice(post))


def _not_written(error: OSError) -> Refused:
    reason = f"The outbox on this machine cannot be written: {error.strerror}. Free space or allow writing there."
    return Refused(Refusal.TRANSIENT, reason)


def _place(file: Path, content: bytes) -> None:
    """Write beside the file, then link: unlike a rename, a link fails where a file already is."""
    handle, part = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        os.link(part, file)
    finally:
        with suppress(OSError):  # what counts is the item's own name; a part that stays is hidden and never read
            Path(part).unlink()


def _durable(folder: Path) -> Refused | None:
    """Make the new name survive a power cut; where that fails the file may or may not be there tomorrow."""
    try:
        _sync_folder(folder)
    except OSError as error:
        return Refused(Refusal.UNKNOWN_OUTCOME, f"The outbox file may not have reached the disk: {error.strerror}.")
    return None


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows gives no handle on a folder and writes names through by itself
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
