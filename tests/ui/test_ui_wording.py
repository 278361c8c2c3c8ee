"""What people typed is shown as they typed it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ui.wording import counted, plain, shortened

JOINER = "\u2060"


@pytest.mark.parametrize(
    ("typed", "markdown"),
    [
        ("<script>alert(1)</script>", r"\<script\>alert\(1\)\<\/script\>"),
        ("[x](javascript:alert(1))", rf"\[x\]\(javascript\:{JOINER}alert\(1\)\)"),
        (":material/home:", rf"\:{JOINER}material\/home\:"),
        (":red[x] :smile:", rf"\:{JOINER}red\[x\] \:{JOINER}smile\:"),
        ("$latex$", r"\$latex\$"),
        ("**b** `c` # d", r"\*\*b\*\* \`c\` \# d"),
        ("a -> b", rf"a \-{JOINER}\> b"),
        ("https://a.example", rf"https\:{JOINER}\/\/a\.example"),
        ("www.a.example, b@c.example", rf"www{JOINER}\.a\.example\, b\@{JOINER}c\.example"),
        ("&lt;b&gt;", r"\&lt\;b\&gt\;"),
        ("two\n\n# lines\tlong", r"two \# lines long"),
        ("Größe 15:00 日本", r"Größe 15\:" + JOINER + "00 日本"),
    ],
)
def test_markdown_that_shows_what_was_typed(typed: str, markdown: str) -> None:
    assert plain(typed) == markdown


@given(st.text())
def test_without_escapes_and_joiners_the_words_are_the_typed_ones(typed: str) -> None:
    shown = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", plain(typed)).replace(JOINER, "")
    assert shown == " ".join(typed.split()).replace(JOINER, "")


@given(st.text(alphabet="<>&[]()!*_`$:#-~|\\/{}=+.@"))
def test_no_punctuation_stays_unescaped(typed: str) -> None:
    assert re.fullmatch(rf"(?:\\[!-/:-@\[-`{{-~]|{JOINER})*", plain(typed))


def test_a_long_title_is_cut_with_an_ellipsis() -> None:
    assert shortened("abcdef", 4) == "abc…"
    assert shortened("abcd", 4) == "abcd"


def test_one_thing_is_not_counted_as_many() -> None:
    assert counted(1, "row") == "1 row"
    assert counted(2000, "row") == "2,000 rows"
    assert counted(0, "row") == "0 rows"
