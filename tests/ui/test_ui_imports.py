"""The import page: recognition, questions, errors, the import itself, and what stays when it fails."""

import re
from pathlib import Path

import pytest
from screens import Open, words
from streamlit.testing.v1 import AppTest

from core.bootstrap import running
from core.services.channels import ChannelDraft, add_channel, list_channels, list_peers
from core.services.context import Context
from core.services.heartbeat import Pulse, beat
from core.services.import_queue import import_queued
from core.services.imports import JOB
from core.services.job_runs import start_run
from core.services.run_queue import RunTaker
from core.storage.tables import JobRun
from core.vocabulary import ChannelKind

GOOD = b"""id,Published,Title,Likes,Views
1,2026-03-02 09:00,First,10,100
2,2026-03-03 10:00,<b>Second</b>,20,200
3,2026-03-04 11:00,Third,30,300
"""
BAD = GOOD + b"4,not a time,Fourth,1,1\n"
AMBIGUOUS = b"id,Published,Likes\n1,03/04/2026 09:00,10\n2,05/06/2026 10:00,20\n"


@pytest.fixture
def page(open_page: Open, ctx: Context) -> AppTest:
    return open_page("imports.py")


def given(page: AppTest, content: bytes, name: str = "my_linkedin_posts.csv") -> AppTest:
    return page.file_uploader(key="import_file").upload(name, content).run()


def imported(page: AppTest) -> AppTest:
    """Click the button, let an engine do its work, and look again."""
    page.button(key="import_start").click().run()
    work()
    return page.run()


def work() -> None:
    house = running()
    beat(house.db, Pulse("engine", house.now(), house.now()))
    import_queued(
        RunTaker("engine", house.db, house.clock, house.settings.uploads, house.context, is_stopping=lambda: False)
    )


def figures(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


def test_without_a_file_the_page_says_what_it_needs(page: AppTest) -> None:
    assert page.subheader[0].value == "Slotwise learns from what you posted"


def test_a_file_is_recognized_checked_and_imported_with_one_click(page: AppTest, ctx: Context) -> None:
    given(page, GOOD)
    assert not page.exception
    assert figures(page) == {"Rows read": "3", "Posts to import": "3", "Rows with errors": "0", "Repeated posts": "0"}
    imported(page)
    assert "3 new posts, 0 updated, 0 unchanged, in 1 channel." in page.success[0].value
    (channel,) = list_channels(ctx)
    assert (channel.platform, channel.kind) == ("linkedin", ChannelKind.OUTBOX)
    assert [link.label for link in page.page_link] == ["See best times"]
    assert list(page.dataframe[-1].value["Result"]) == ["Completed"]


def test_importing_into_a_channel_that_exists_adds_none(page: AppTest, ctx: Context) -> None:
    channel = add_channel(ctx, ChannelDraft("facebook", "Page", ChannelKind.OUTBOX, "UTC"))
    given(page, GOOD)
    into = next(box for box in page.selectbox if box.label == "Into")
    into.select(channel.id).run()
    imported(page)
    assert "3 new posts" in page.success[0].value
    assert [each.id for each in list_channels(ctx)] == [channel.id]


def test_a_history_of_another_account_makes_a_peer_in_the_zone_of_its_audience(page: AppTest, ctx: Context) -> None:
    given(page, GOOD)
    assert "outboxes" in words(page)
    next(toggle for toggle in page.toggle if "another account" in toggle.label).set_value(True).run()
    assert "outboxes" not in words(page)
    next(box for box in page.selectbox if box.label == "Time zone of its audience").select("Asia/Tokyo").run()
    imported(page)
    assert "3 new posts" in page.success[0].value
    (peer,) = list_peers(ctx)
    assert (peer.platform, peer.timezone, list_channels(ctx)) == ("linkedin", "Asia/Tokyo", ())


def test_more_history_of_a_peer_goes_into_it(page: AppTest, ctx: Context) -> None:
    peer = add_channel(ctx, ChannelDraft("facebook", "Rivals", ChannelKind.OUTBOX, "UTC", is_peer=True))
    given(page, GOOD)
    into = next(box for box in page.selectbox if box.label == "Into")
    assert into.options[1] == "Rivals (Facebook, peer)"
    into.select(peer.id).run()
    assert not page.toggle
    imported(page)
    assert [each.id for each in list_peers(ctx)] == [peer.id]


def test_a_file_whose_platform_is_unknown_waits_for_it(page: AppTest) -> None:
    given(page, GOOD, "history.csv")
    assert page.button(key="import_start").disabled


def test_rows_with_errors_are_listed_and_left_out_only_when_somebody_says_so(page: AppTest, ctx: Context) -> None:
    given(page, BAD)
    assert figures(page)["Rows with errors"] == "1"
    errors = page.dataframe[0].value.to_dict("records")
    assert [(row["Line"], row["Column"], row["Value"]) for row in errors] == [(5, "Published", "not a time")]
    assert page.button(key="import_start").disabled
    next(box for box in page.checkbox if "Leave out" in box.label).check().run()
    imported(page)
    assert "3 new posts, 0 updated, 0 unchanged, 1 row left out" in page.success[0].value


def test_a_date_with_two_readings_is_asked_and_the_answer_holds(page: AppTest) -> None:
    given(page, AMBIGUOUS)
    question = next(radio for radio in page.radio if "means" in radio.label)
    assert question.options == ["3 April 2026", "4 March 2026"]
    assert question.value is None
    question.set_value("month_first").run()
    assert figures(page)["Posts to import"] == "2"
    assert "Wed 4 Mar" in words(page)
    assert page.run().button(key="import_start").label == "Import 2 posts"


def test_a_file_that_is_none_is_explained(page: AppTest) -> None:
    given(page, b"%PDF-1.7 and so on", "report.csv")
    assert "it is a PDF document" in page.error[0].value
    assert not page.exception


def test_a_file_without_anything_to_learn_says_which_column_is_missing(page: AppTest) -> None:
    given(page, b"name,colour\na,red\n")
    assert "date and time of publishing" in page.error[0].value.replace("\\", "")


def test_a_column_can_be_given_another_meaning(page: AppTest) -> None:
    given(page, b"when,hearts\n2026-03-02 09:00,7\n", "tiktok.csv")
    next(box for box in page.selectbox if box.label == "Published at").select("when")
    next(box for box in page.multiselect if box.label == "Likes").select("hearts").run()
    assert figures(page)["Posts to import"] == "1"


def test_a_hostile_title_is_shown_as_text(page: AppTest) -> None:
    given(page, GOOD.replace(b"Title", b"<img src=x onerror=alert(1)>"))
    assert r"\<img src\=x" in words(page)
    assert not re.search(r"(?<!\\)<img", words(page))
    assert not page.exception


def test_an_import_that_fails_stores_nothing_and_says_why(page: AppTest, ctx: Context) -> None:
    given(page, GOOD)
    page.button(key="import_start").click().run()
    (file,) = running().settings.uploads.iterdir()
    file.write_bytes(b"%PDF-1.7 and so on")
    work()
    page.run()
    assert not page.exception
    assert "it is a PDF document" in page.error[0].value
    assert list_channels(ctx) == ()
    assert list(page.dataframe[-1].value["Result"]) == ["Failed, nothing was stored"]


def test_an_import_that_is_left_is_there_when_somebody_comes_back(page: AppTest, open_page: Open) -> None:
    given(page, GOOD)
    page.button(key="import_start").click().run()
    assert not page.exception
    assert "import_start" not in {button.key for button in page.button}
    elsewhere = open_page("imports.py")
    assert "waiting for its turn" in bars(elsewhere)
    assert "The import waits for the engine, which does not run at present" in elsewhere.warning[0].value
    work()
    elsewhere.run()
    assert (bars(elsewhere), len(elsewhere.warning)) == ("", 0)
    assert list(elsewhere.dataframe[0].value["Result"]) == ["Completed"]
    assert [link.label for link in elsewhere.page_link] == ["See best times"]
    page.switch_page("channels.py").run()
    page.switch_page("imports.py").run()
    assert "3 new posts" in page.success[0].value


@pytest.mark.parametrize(("done", "said"), [(40, "checking every row"), (100, "storing…")])
def test_a_running_import_says_how_far_it_is(page: AppTest, ctx: Context, done: int, said: str) -> None:
    run_id = start_run(ctx, JOB, "other.csv")
    with ctx.write() as session:
        session.get_one(JobRun, run_id).sqlmodel_update({"done": done, "total": 100})
    page.run()
    assert said in bars(page)
    assert not page.exception


def test_where_the_engine_is_switched_off_the_page_says_what_the_import_waits_for(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLOTWISE_ENGINE", "0")
    page = given(open_page("imports.py"), GOOD)
    page.button(key="import_start").click().run()
    assert "switched off here" in page.warning[0].value


def bars(page: AppTest) -> str:
    return "\n".join(bar.proto.text for bar in page.get("progress"))


@pytest.mark.parametrize(
    ("file", "posts"),
    [("facebook_page_metrics.csv", "500"), ("youtube_channels.csv", "1,649"), ("brand_tweets.csv", "2,614")],
)
def test_real_exports_are_recognized(page: AppTest, shared_data: Path, file: str, posts: str) -> None:
    given(page, (shared_data / file).read_bytes(), file)
    assert not page.exception
    assert not page.error
    assert figures(page)["Posts to import"] == posts
