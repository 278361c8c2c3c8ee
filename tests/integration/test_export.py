"""The export of a workspace: all of it, none of anybody else's, no secret, and nothing a spreadsheet would run."""

import csv
import io
import json
import zipfile
from pathlib import Path

import pytest

from core.errors import Duplicate, UnwritableFile
from core.services.channels import ChannelDraft, add_channel, reveal_secret
from core.services.context import Context
from core.services.export import export_workspace
from core.services.preferences import add_blackout
from core.vocabulary import ChannelKind


def webhook(ctx: Context, name: str) -> str:
    draft = ChannelDraft("linkedin", name, ChannelKind.WEBHOOK, "UTC", {"url": "https://example.com/in"})
    return add_channel(ctx, draft).id


def rows(folder: Path, table: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((folder / f"{table}.csv").read_text(encoding="utf-8"), newline="")))


def test_everything_of_the_workspace_is_there(ctx: Context, tmp_path: Path) -> None:
    channel = webhook(ctx, "Our page")
    add_blackout(ctx, ctx.now(), ctx.now().replace(hour=20), "Company day")
    report = export_workspace(ctx, tmp_path / "out")
    assert rows(tmp_path / "out", "channels")[0]["id"] == channel
    assert rows(tmp_path / "out", "schedule_exceptions")[0]["ends_at"] == "2026-03-02T20:00:00+00:00"
    assert report.rows["audit_entries"] == 2
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["rows"] == report.rows
    assert sorted(f"{name}.csv" for name in report.rows) == sorted(f.name for f in (tmp_path / "out").glob("*.csv"))


def test_a_zip_holds_the_same_files_as_a_folder(ctx: Context, tmp_path: Path) -> None:
    webhook(ctx, "Our page 🚀")
    export_workspace(ctx, tmp_path / "out")
    export_workspace(ctx, tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert archive.testzip() is None
        files = {name: archive.read(name) for name in archive.namelist()}
    assert files == {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir()}


def test_no_secret_leaves(ctx: Context, tmp_path: Path) -> None:
    secret = reveal_secret(ctx, webhook(ctx, "Our page"))
    export_workspace(ctx, tmp_path / "out")
    assert secret
    assert not any(secret in file.read_text(encoding="utf-8") for file in (tmp_path / "out").iterdir())


def test_nothing_of_another_workspace_is_there(ctx: Context, stranger: Context, tmp_path: Path) -> None:
    theirs = webhook(stranger, "Their page")
    export_workspace(ctx, tmp_path / "out")
    everything = "".join(file.read_text(encoding="utf-8") for file in (tmp_path / "out").iterdir())
    assert theirs not in everything
    assert stranger.workspace not in everything


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+49 30", "'+49 30"),
        ("-2", "'-2"),
        ("@home", "'@home"),
        ("'=x", "''=x"),
        ("'tis", "'tis"),
        ("a=b", "a=b"),
    ],
)
def test_a_text_that_would_run_in_a_spreadsheet_is_quoted(ctx: Context, tmp_path: Path, name: str, cell: str) -> None:
    webhook(ctx, name)
    export_workspace(ctx, tmp_path / "out")
    assert rows(tmp_path / "out", "channels")[0]["name"] == cell


@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_an_export_never_replaces_anything(ctx: Context, tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(Duplicate, match="Choose another name"):
        export_workspace(ctx, tmp_path / name)
    assert not list((tmp_path / name).iterdir())


def test_a_place_that_is_not_there_is_named(ctx: Context, tmp_path: Path) -> None:
    with pytest.raises(UnwritableFile, match="No such file or directory"):
        export_workspace(ctx, tmp_path / "nowhere" / "out")
