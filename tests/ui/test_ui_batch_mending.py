"""Failed rows of a job that has run, mended in a grid and tried again."""

from datetime import timedelta
from typing import Any

import pytest
from batch_steps_at_hand import PAGE, said
from screens import Open
from streamlit.testing.v1 import AppTest

from core.bootstrap import running
from core.bulk.words import BulkState, Operation, RowState
from core.generation.templates import TemplateWriter
from core.services.bulk_jobs import create_job, find_job, page_rows
from core.services.bulk_views import NewJob, RowDraft
from core.services.bulk_work import do_next
from core.services.bulk_worker import BulkWorker
from core.services.channels import ChannelDraft, add_channel
from core.services.context import Context
from core.vocabulary import ChannelKind


@pytest.fixture
def job_id(ctx: Context) -> str:
    """Give a job whose only row failed, because a second channel was connected meanwhile."""
    at = {"linkedin": (ctx.now() + timedelta(days=9)).isoformat()}
    add_channel(ctx, ChannelDraft("linkedin", "News", ChannelKind.OUTBOX, "UTC"))
    made = create_job(ctx, NewJob("Spring", Operation.SCHEDULE_CONTENT, (RowDraft("One", "Hello", ("linkedin",), at),)))
    add_channel(ctx, ChannelDraft("linkedin", "Jobs", ChannelKind.OUTBOX, "UTC"))
    house = running()
    do_next(BulkWorker("one", house.db, house.clock, house.context, TemplateWriter(), most=4, most_of_platform=4))
    assert find_job(ctx, made.id).state is BulkState.FAILED
    return made.id


def opened(page: AppTest, job_id: str) -> AppTest:
    page.query_params["mend"] = job_id
    return page.run()


def typed(page: AppTest, cells: dict[str, Any]) -> AppTest:
    key = next(str(each) for each in page.session_state.filtered_state if str(each).startswith("mend_grid"))
    page.session_state[key] = {"edited_rows": {0: cells}, "added_rows": [], "deleted_rows": []}
    return page.run()


def test_a_failed_row_is_mended_where_it_stands(open_page: Open, ctx: Context, job_id: str) -> None:
    page = opened(open_page(PAGE), job_id)
    assert "1 failed row" in said(page)
    assert page.dataframe[0].value["Why it failed"][0].startswith("LinkedIn, channel: ")
    page.button(key="mend_try").click().run()
    assert "row 1, LinkedIn, channel" in said(page)
    typed(page, {"Channel": "Jobs", "Text": "Better"}).button(key="mend_try").click().run()
    assert not page.exception
    (row,), _ = page_rows(ctx, job_id, 10)
    assert (row.state, row.draft.text) == (RowState.PENDING, "Better")
    assert find_job(ctx, job_id).state is BulkState.QUEUED


def test_a_job_without_failed_rows_says_so(open_page: Open, ctx: Context) -> None:
    at = {"linkedin": (ctx.now() + timedelta(days=9)).isoformat()}
    made = create_job(ctx, NewJob("Spring", Operation.SCHEDULE_CONTENT, (RowDraft("One", "Hello", ("linkedin",), at),)))
    page = opened(open_page(PAGE), made.id)
    assert page.subheader[0].value == "No failed rows"
    page.button(key="mend_leave").click().run()
    assert "A row per post" in said(page)
