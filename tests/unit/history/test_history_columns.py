"""Which column holds what: real headers in any order and case, repeated headers, changes by the user."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from core.history.columns import distinct, explain, recognize, refuse_useless
from core.history.fields import Field

YOUTUBE = [
    "", "video_id", "channelTitle", "title", "description", "tags", "publishedAt", "viewCount", "likeCount",
    "favouriteCount", "commentCount", "duration", "definition", "caption",
]  # fmt: skip
FACEBOOK_ES = ["Tipo", "Categoría", "Publicar Mes", "Post Weekday", "Post Hour", "comment", "like", "compartir"]
META = ["Post ID", "Account name", "Description", "Duration (sec)", "Publish time", "Permalink", "Post type", "Reach"]


def test_the_columns_of_a_video_export_are_found() -> None:
    columns = recognize(distinct(YOUTUBE)[0]).columns
    assert columns == {
        Field.PUBLISHED_AT: ("publishedAt",),
        Field.ACCOUNT: ("channelTitle",),
        Field.POST_ID: ("video_id",),
        Field.TITLE: ("title",),
        Field.TEXT: ("description",),
        Field.CONTENT_FORMAT: ("duration",),
        Field.VIEWS: ("viewCount",),
        Field.LIKES: ("likeCount",),
        Field.COMMENTS: ("commentCount",),
    }


def test_a_spanish_page_export_is_found_and_its_missing_date_is_said() -> None:
    mapping = recognize(FACEBOOK_ES)
    assert mapping.columns[Field.SHARES] == ("compartir",)
    assert mapping.columns[Field.WEEKDAY] == ("Post Weekday",)
    assert mapping.unused == ("Categoría",)
    missing, dialect = explain(mapping)
    assert missing.startswith(
        "No date column: 'Publicar Mes', 'Post Weekday', 'Post Hour' can teach hours and weekdays"
    )
    assert "weekday 1 is Sunday" in dialect


def test_several_reactions_add_up_to_likes() -> None:
    mapping = recognize(["created_time", "react_like", "react_love", "shares"])
    assert mapping.columns[Field.LIKES] == ("react_like", "react_love")


def test_a_column_of_likes_wins_over_its_parts() -> None:
    assert recognize(["date", "react_love", "likes"]).columns[Field.LIKES] == ("likes",)


def test_date_and_time_in_two_columns_are_both_found() -> None:
    mapping = recognize(["Fecha", "Hora", "Me gusta"])
    assert mapping.columns == {
        Field.PUBLISHED_AT: ("Fecha",), Field.TIME_OF_DAY: ("Hora",), Field.LIKES: ("Me gusta",)
    }  # fmt: skip


def test_a_header_that_names_utc_says_so() -> None:
    assert recognize(["created_utc", "likes"]).says_utc(Field.PUBLISHED_AT)
    assert not recognize(["created_at", "likes"]).says_utc(Field.PUBLISHED_AT)


@given(
    headers=st.sampled_from([YOUTUBE[1:], FACEBOOK_ES, META]),
    seed=st.integers(0, 2**32),
    mark=st.sampled_from(["_", " ", "-", ": "]),
)
def test_any_order_case_and_punctuation_of_headers_is_recognized_the_same(
    headers: list[str], seed: int, mark: str
) -> None:
    generator = random.Random(seed)
    rewritten = {
        header: generator.choice([str.upper, str.lower, str.title])(header).replace(" ", mark) for header in headers
    }
    shuffled = generator.sample(headers, len(headers))
    found = recognize([rewritten[header] for header in shuffled])
    expected = recognize(headers)
    assert found.columns == {field: tuple(rewritten[each] for each in used) for field, used in expected.columns.items()}


@given(st.lists(st.sampled_from(["likes", "likes (2)", "", "column 2", "x", " x "]), max_size=8))
def test_distinct_headers_all_differ(headers: list[str]) -> None:
    names, _ = distinct(headers)
    assert len(set(names)) == len(names) == len(headers)


def test_a_repeated_header_gets_a_number_and_a_note_with_both_positions() -> None:
    names, notes = distinct(["date", "likes", "likes"])
    assert names == ("date", "likes", "likes (2)")
    assert notes == ("Columns 2 and 3 are both headed 'likes'; the second is called 'likes (2)' here.",)


def test_the_user_may_choose_other_columns() -> None:
    mapping = recognize(["date", "a", "b"]).assign(Field.LIKES, "a", "b")
    assert mapping.columns[Field.LIKES] == ("a", "b")
    assert Field.LIKES not in mapping.assign(Field.LIKES).columns


def test_a_column_the_file_does_not_have_is_refused_by_name() -> None:
    with pytest.raises(Invalid, match=r"the file has no such column; it has date, likes \(got 'loves'\)"):
        recognize(["date", "likes"]).assign(Field.LIKES, "loves")


def test_texts_cannot_be_added_up() -> None:
    with pytest.raises(Invalid, match="only numbers can be added up"):
        recognize(["date", "likes", "a", "b"]).assign(Field.TITLE, "a", "b")


def test_a_file_without_time_and_numbers_is_refused_with_both_reasons() -> None:
    with pytest.raises(Invalid, match=r"published_at: choose the column .*; metrics: choose at least one column"):
        refuse_useless(recognize(["name", "colour"]))
