"""Secrets at rest: where the key comes from, what the database holds, and what happens when the key is another."""

import os
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from publishing_stage import NOON, SECRET, add_items, run, tell, worker_of
from sqlalchemy import text

from core.bootstrap import Slotwise, assemble
from core.errors import UnreadableSecret, UnusableSecretKey
from core.publishing.contract import ChannelAccess, Firing, Post, StepState
from core.publishing.recorder import Recorder
from core.services.backup import back_up
from core.services.channels import ChannelDraft, add_channel, edit_channel, renew_secret, reveal_secret
from core.services.doctor import examine
from core.services.restore import restore
from core.services.vault import SEALED, Vault
from core.services.vault_key import open_keys
from core.settings import ROOT, Settings
from core.storage.tables import Channel
from core.vocabulary import ChannelKind, ItemState

OLD, NEW = "the words of the first of all keys", "quite other words so that one can change"
WEBHOOK = ChannelDraft("linkedin", "News", ChannelKind.WEBHOOK, "UTC", {"url": "https://example.com"}, secret=SECRET)

Reopen = Callable[[str], Slotwise]


@pytest.fixture
def reopen(house: Slotwise) -> Reopen:
    """Give `reopen(keys)`: the same database, started with these keys in the setting."""

    def opened(keys: str) -> Slotwise:
        data_dir = house.settings.data_dir.parent / "keyless"
        url = house.settings.database_url
        return assemble(Settings(data_dir=data_dir, database_url=url, secret_key=keys), house.clock)

    return opened


def stored(house: Slotwise) -> dict[str, str | None]:
    """Read the channels' secrets as they lie in the database."""
    with house.db.system(writable=False) as session:
        return {row.name: row.secret for row in session.query(Channel)}


def said_by_doctor(house: Slotwise) -> str:
    found = {each.name: each.finding for each in examine(house.settings, house.now())}["secrets"]
    return f"{found.severity}: {found.sentence} {found.fix}" if found else ""


# --- The key -----------------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name != "posix", reason="permission bits are a thing of POSIX systems")
def test_the_first_start_makes_a_key_that_only_its_owner_reads(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    assemble(settings).close()
    assert stat.S_IMODE(settings.secret_file.stat().st_mode) == 0o600
    assert [path.name for path in settings.data_dir.iterdir() if path.name.startswith(".")] == []


def test_the_next_start_finds_the_same_key(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    assert open_keys(settings) == open_keys(settings)


def test_threads_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    with ThreadPoolExecutor(16) as pool:
        found = set(pool.map(lambda _: open_keys(settings), range(64)))
    assert len(found) == 1


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    code = (
        "import sys; from core.services.vault_key import open_keys; from core.settings import Settings\n"
        "sys.stdin.readline(); print(open_keys(Settings())[0].hex())"
    )
    started = [
        subprocess.Popen(  # noqa: S603 - our own Python
            [sys.executable, "-c", code], cwd=ROOT, env=os.environ | {"SLOTWISE_DATA_DIR": str(tmp_path)},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(4)
    ]  # fmt: skip
    for process in started:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    assert len({process.communicate()[0] for process in started}) == 1


@pytest.mark.parametrize("content", [b"", b"short", b"\xff\xfe", b"A" * 44, b"=" * 44, b"A" * 43 + b"=\nmore"])
def test_a_damaged_key_file_is_refused_with_a_sentence_and_left_alone(tmp_path: Path, content: bytes) -> None:
    settings = Settings(data_dir=tmp_path)
    settings.secret_file.write_bytes(content)
    with pytest.raises(UnusableSecretKey, match="Put the file back"):
        assemble(settings)
    assert settings.secret_file.read_bytes() == content


def test_a_short_passphrase_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableSecretKey, match="only 6 characters"):
        open_keys(Settings(data_dir=tmp_path, secret_key=f"{OLD},secret"))


def test_a_key_in_the_setting_needs_no_file(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, secret_key=Fernet.generate_key().decode())
    assert len(open_keys(settings)) == 1
    assert not settings.secret_file.exists()


def test_the_settings_never_show_the_key(tmp_path: Path) -> None:
    assert OLD not in repr(Settings(data_dir=tmp_path, secret_key=OLD))
    keys = open_keys(Settings(data_dir=tmp_path, secret_key=OLD))
    assert repr(keys[0]) not in repr(Vault(keys))


def test_what_is_derived_for_one_purpose_is_not_the_key_nor_what_another_gets() -> None:
    vault = Vault((b"k" * 32,))
    assert len({*vault.keys, *vault.derive("tokens"), *vault.derive("others")}) == 3


@pytest.mark.skipif(os.name != "posix", reason="permission bits are a thing of POSIX systems")
def test_the_doctor_warns_of_a_key_that_others_read(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    house = assemble(settings)
    settings.secret_file.chmod(0o644)
    found = {each.name: each.finding for each in examine(settings, house.now())}["secret_key"]
    house.close()
    assert found
    assert "chmod go=" in found.fix


# --- At rest -----------------------------------------------------------------------------------------------------


def test_the_database_holds_only_ciphertext(house: Slotwise) -> None:
    channel = add_channel(house.context(), WEBHOOK)
    value = stored(house)["News"] or ""
    assert value.startswith(SEALED)
    assert SECRET.removeprefix("whsec_") not in value
    assert reveal_secret(house.context(), channel.id) == SECRET


def test_an_edit_keeps_the_secret_or_stores_the_new_one_encrypted(house: Slotwise) -> None:
    ctx = house.context()
    channel = add_channel(ctx, WEBHOOK)
    draft = ChannelDraft(**{**vars(WEBHOOK), "secret": ""})
    edit_channel(ctx, channel.id, draft)
    assert reveal_secret(ctx, channel.id) == SECRET
    edit_channel(ctx, channel.id, ChannelDraft(**{**vars(WEBHOOK), "secret": "whsec_QQ=="}))
    assert reveal_secret(ctx, channel.id) == "whsec_QQ=="
    assert (stored(house)["News"] or "").startswith(SEALED)


def test_what_an_older_version_stored_in_clear_is_encrypted_at_the_next_start(house: Slotwise, reopen: Reopen) -> None:
    channel = add_channel(house.context(), WEBHOOK)
    with house.db.system() as session:
        session.execute(text("UPDATE channels SET secret = :clear"), {"clear": SECRET})
    assert reveal_secret(house.context(), channel.id) == SECRET
    later = reopen(OLD)
    assert (stored(later)["News"] or "").startswith(SEALED)
    assert reveal_secret(later.context(), channel.id) == SECRET
    later.close()


def test_a_key_is_changed_by_naming_both_for_one_start(house: Slotwise, reopen: Reopen) -> None:
    with_old = reopen(OLD)
    channel = add_channel(with_old.context(), WEBHOOK)
    with_old.close()
    reopen(f"{NEW},{OLD}").close()
    with_new = reopen(NEW)
    assert reveal_secret(with_new.context(), channel.id) == SECRET
    assert said_by_doctor(with_new) == ""
    with_new.close()


def test_one_moves_from_the_file_to_the_setting_by_setting_it(house: Slotwise) -> None:
    channel = add_channel(house.context(), WEBHOOK)
    moved = Settings(**{**dict(house.settings), "secret_key": OLD})
    assemble(moved, house.clock).close()
    house.settings.secret_file.unlink()
    later = assemble(moved, house.clock)
    assert reveal_secret(later.context(), channel.id) == SECRET
    assert not moved.secret_file.exists()
    later.close()


def test_another_key_refuses_with_the_name_and_the_fix(house: Slotwise, reopen: Reopen) -> None:
    channel = add_channel(house.context(), WEBHOOK)
    lost = reopen(NEW)
    with pytest.raises(UnreadableSecret, match=r"The secret of the channel News .* Put that key back"):
        reveal_secret(lost.context(), channel.id)
    assert said_by_doctor(lost).startswith("error: Secrets stored under another key cannot be read: channel News")
    lost.close()


def test_a_new_secret_mends_a_channel_whose_key_is_lost(house: Slotwise, reopen: Reopen) -> None:
    channel = add_channel(house.context(), WEBHOOK)
    lost = reopen(NEW)
    edit_channel(lost.context(), channel.id, WEBHOOK)
    assert reveal_secret(lost.context(), channel.id) == SECRET
    lost.close()


def test_a_new_secret_is_drawn_for_a_channel_whose_key_is_lost(house: Slotwise, reopen: Reopen) -> None:
    channel = add_channel(house.context(), WEBHOOK)
    lost = reopen(NEW)
    renew_secret(lost.context(), channel.id)
    assert (reveal_secret(lost.context(), channel.id) or "").startswith("whsec_")
    assert said_by_doctor(lost) == ""
    lost.close()


# --- Publishing --------------------------------------------------------------------------------------------------


class Listens(Recorder):
    """Publishes, and remembers with which secret."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str | None] = []

    def fire(self, post: Post, access: ChannelAccess, state: StepState, now: datetime) -> Firing:
        self.heard.append(access.secret)
        return super().fire(post, access, state, now)


def test_the_publisher_gets_the_secret_as_text(house: Slotwise) -> None:
    add_items(house.db, house.home, [NOON])
    with house.db.write(house.home) as session:
        session.get_one(Channel, "chan_first").secret = house.vault.encrypt(SECRET)
    listens = Listens()
    run(worker_of(house, listens))
    assert listens.heard == [SECRET]


def test_a_channel_whose_secret_is_lost_refuses_its_items_and_no_others(house: Slotwise, reopen: Reopen) -> None:
    (locked,) = add_items(house.db, house.home, [NOON], name="locked")
    (free,) = add_items(house.db, house.home, [NOON], name="free")
    with house.db.write(house.home) as session:
        session.get_one(Channel, "chan_locked").secret = house.vault.encrypt(SECRET)
    lost = reopen(NEW)
    recorder = Recorder()
    run(worker_of(lost, recorder))
    refused, sent = tell(lost.db, lost.home, locked).item, tell(lost.db, lost.home, free).item
    lost.close()
    assert (refused.state, sent.state) == (ItemState.FAILED, ItemState.PUBLISHED)
    assert "The secret of the channel locked was stored under another secret key" in (refused.error or "")


# --- Back-ups ----------------------------------------------------------------------------------------------------


def test_a_back_up_holds_ciphertext_and_not_the_key(house: Slotwise, tmp_path: Path) -> None:
    add_channel(house.context(), WEBHOOK)
    key = house.settings.secret_file.read_bytes().strip()
    report = back_up(house.settings, tmp_path / "kept.slotwise", house.now())
    unpacked = unpack(report.path)
    assert SECRET.encode() not in unpacked
    assert key not in unpacked
    assert "the key of its secrets" in report.left_out[0]


def unpack(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return b"\n".join(archive.read(name) for name in archive.namelist())


def test_a_back_up_restored_beside_another_key_opens_and_says_what_is_lost(house: Slotwise, tmp_path: Path) -> None:
    channel = add_channel(house.context(), WEBHOOK)
    kept = back_up(house.settings, tmp_path / "kept.slotwise", house.now()).path
    elsewhere = Settings(data_dir=tmp_path / "elsewhere")
    restore(elsewhere, kept, house.now())
    lost = assemble(elsewhere, house.clock)
    with pytest.raises(UnreadableSecret):
        reveal_secret(lost.context(), channel.id)
    assert "channel News" in said_by_doctor(lost)
    lost.close()
    elsewhere.secret_file.write_bytes(house.settings.secret_file.read_bytes())
    mended = assemble(elsewhere, house.clock)
    assert reveal_secret(mended.context(), channel.id) == SECRET
    mended.close()
