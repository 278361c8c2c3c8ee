"""The frame: workspace, engine pill, failing states, plain words."""

import shutil
from pathlib import Path

import pytest
from screens import Open, frame, words

from core.bootstrap import running
from core.errors import DatabaseUnavailable
from core.services.channels import list_channels
from core.services.context import Context
from core.services.workspaces import create_workspace, list_workspaces
from core.settings import ROOT
from core.ui.pages import PAGES

FILES = [entry.file for entry in PAGES]


def test_every_page_file_is_in_the_navigation() -> None:
    assert sorted(FILES) == sorted(path.name for path in (ROOT / "pages").glob("*.py") if path.name != "main.py")


@pytest.mark.parametrize("file", FILES)
def test_a_new_installation_has_every_page(open_page: Open, file: str) -> None:
    page = open_page(file)
    assert not page.exception
    assert not page.error
    assert [title.value for title in page.title] == [next(each.title for each in PAGES if each.file == file)]


@pytest.mark.parametrize("file", FILES)
def test_a_database_that_cannot_be_opened_is_explained_on_every_page(data_dir: Path, file: str) -> None:
    (data_dir / "slotwise.db").write_bytes(b"this is not a database at all, only some text" * 50)
    page = frame().run().switch_page(file).run()
    assert not page.exception
    assert "file is not a database" in page.error[0].value.replace("\\", "")
    assert "What still works" in words(page)
    assert [button.label for button in page.button] == ["Try again"]


def test_trying_again_after_the_cause_is_gone_shows_the_page(data_dir: Path) -> None:
    (data_dir / "slotwise.db").write_bytes(b"broken" * 500)
    page = frame().run().switch_page("channels.py").run()
    shutil.rmtree(data_dir)
    page.button[0].click().run()
    assert not page.error
    assert page.title[0].value == "Channels"


def test_a_mistake_of_ours_shows_a_reference_and_no_stack_trace(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("the innermost secret")

    monkeypatch.setattr("core.ui.channels_cards.show_channels", broken)
    monkeypatch.setattr("core.services.channels.list_channels", broken)
    page = open_page("channels.py")
    assert not page.exception
    assert "recorded in the log under the reference" in page.error[0].value
    assert "secret" not in words(page)


def test_a_database_that_goes_away_later_leaves_the_pill_and_the_page_with_the_reason(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise DatabaseUnavailable("sqlite:///x", "disk I/O error", "Check the disk.")

    page = open_page("channels.py")
    monkeypatch.setattr("core.ui.engine_pill.engine_status", gone)
    monkeypatch.setattr("core.ui.queries.revision", gone)
    page.run()
    assert not page.exception
    assert "Unknown" in page.sidebar.markdown[0].value
    assert "disk I" in page.error[0].value


def test_the_pill_says_that_no_engine_ever_ran(open_page: Open) -> None:
    page = open_page("channels.py")
    assert any("Never started" in each.value and "due in the next hour" in each.value for each in page.sidebar.markdown)


def test_an_address_with_another_workspace_opens_it(ctx: Context) -> None:
    other = create_workspace(ctx.db, "Second <b>client</b>", "Asia/Tokyo", ctx.now())
    page = frame()
    page.query_params["workspace"] = other.id
    page.run()
    assert page.sidebar.selectbox[0].value == other.id
    assert "Asia" in page.sidebar.caption[-1].value
    assert page.switch_page("settings.py").run().sidebar.selectbox[0].value == other.id


def test_an_address_with_an_unknown_workspace_is_told_so(ctx: Context) -> None:
    page = frame()
    page.query_params["workspace"] = "ws_of_somebody_else"
    page.run()
    assert "not in this installation" in page.warning[0].value
    assert page.sidebar.selectbox[0].value == running().home


def test_switching_the_workspace_shows_its_own_data(ctx: Context, open_page: Open) -> None:
    other = create_workspace(ctx.db, "Second", "Asia/Tokyo", ctx.now())
    page = open_page("channels.py")
    page.sidebar.selectbox(key="workspace_choice").select(other.id).run()
    assert page.query_params["workspace"] == other.id
    page.button(key="add_channel").click().run()
    page.text_input(key="channel_name").set_value("Only here")
    page.button(key="channel_save").click().run()
    assert [each.name for each in list_channels(running().context(other.id))] == ["Only here"]
    assert list_channels(ctx) == ()


def test_a_new_workspace_is_made_and_entered(open_page: Open, ctx: Context) -> None:
    page = open_page("channels.py")
    page.button(key="new_workspace").click().run()
    page.text_input(key="new_workspace_name").set_value("Agency client")
    page.selectbox(key="new_workspace_zone").select("Europe/Lisbon")
    page.button(key="new_workspace_save").click().run()
    made = list_workspaces(ctx.db)[-1]
    assert (made.name, made.timezone) == ("Agency client", "Europe/Lisbon")
    assert page.sidebar.selectbox(key="workspace_choice").value == made.id


def test_a_workspace_without_a_name_is_refused_where_it_was_typed(open_page: Open, ctx: Context) -> None:
    page = open_page("channels.py")
    page.button(key="new_workspace").click().run()
    page.button(key="new_workspace_save").click().run()
    assert "use 1 to 100 characters" in page.error[0].value
    assert len(list_workspaces(ctx.db)) == 1
