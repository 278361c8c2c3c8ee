"""What pages read is kept until the workspace's next write, and never mixed up."""

from screens import Open
from streamlit.testing.v1 import AppTest

from core.services.channels import ChannelDraft, add_channel
from core.services.context import Context
from core.services.item_views import ItemFilter
from core.services.workspaces import create_workspace
from core.ui.queries import ask
from core.vocabulary import ChannelKind, ItemState

CALLS: list[tuple[object, ...]] = []


def listed(ctx: Context, *args: object) -> tuple[str, ...]:
    CALLS.append((ctx.workspace, *args))
    return (ctx.workspace,)


def counted(ctx: Context, *args: object) -> int:
    CALLS.append((ctx.workspace, *args))
    return len(args)


def test_an_answer_is_read_once_until_something_is_written(ctx: Context) -> None:
    CALLS.clear()
    assert ask(listed, 1) == ask(listed, 1)
    assert len(CALLS) == 1
    add_channel(ctx, ChannelDraft("linkedin", "Page", ChannelKind.OUTBOX, "UTC"))
    ask(listed, 1)
    assert len(CALLS) == 2


def test_two_questions_with_the_same_arguments_keep_their_own_answers(ctx: Context) -> None:
    assert ask(listed) == (ctx.workspace,)
    assert ask(counted) == 0


def test_filters_that_differ_in_one_field_are_two_questions(ctx: Context) -> None:
    CALLS.clear()
    ask(listed, ItemFilter(states=(ItemState.FAILED,)))
    ask(listed, ItemFilter(states=(ItemState.SKIPPED,)))
    assert len(CALLS) == 2


def test_another_workspace_never_sees_the_answer(ctx: Context) -> None:
    def script() -> None:
        import streamlit as st
        from test_ui_queries import listed

        from core.ui.queries import ask

        st.markdown(ask(listed)[0])

    other = create_workspace(ctx.db, "Second", "UTC", ctx.now())
    assert AppTest.from_function(script).run().markdown[0].value == ctx.workspace
    second = AppTest.from_function(script)
    second.session_state["workspace"] = other.id
    assert second.run().markdown[0].value == other.id


def test_a_page_shows_what_somebody_else_wrote(open_page: Open, ctx: Context) -> None:
    page = open_page("channels.py")
    add_channel(ctx, ChannelDraft("linkedin", "Added elsewhere", ChannelKind.OUTBOX, "UTC"))
    assert "Added elsewhere" in "".join(each.value for each in page.run().markdown)
