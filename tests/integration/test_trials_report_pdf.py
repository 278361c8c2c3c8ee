"""The report of a trial as a PDF: it says what the HTML says, takes no text for markup, and can be read aloud."""

import io
import re
from dataclasses import replace
from datetime import UTC, datetime, time
from html import unescape

import pytest
from planned_posts import StandingClock
from pypdf import PdfReader
from pypdf.generic import DictionaryObject
from trial_stage import EARLY, ENGAGED, LATE, WORKDAYS, assign_all, earn, go_out, planned, publish_all, running

from core.services.channels import ChannelView
from core.services.context import Context
from core.services.trial_assigning import list_assignments
from core.services.trial_decisions import decide_trial
from core.services.trial_drafts import find_trial
from core.services.trial_moves import stop_trial
from core.services.trial_report import trial_as_pdf, trial_report
from core.services.trial_report_html import as_html
from core.services.trial_report_parts import Chart, Heading, Paragraph, Part, Report, Table, Tone, VerdictBox
from core.services.trial_report_pdf import as_pdf
from core.services.trial_results import trial_results
from core.services.trial_views import ArmDraft, DecisionRequest
from core.settings import ROOT
from core.trials.registration import Window
from core.trials.words import Strategy

A4 = (595, 842)
LONG = 100
NOON = ArmDraft("noon", Strategy.WINDOWS, windows=(Window(WORKDAYS, time(11), time(15)),))
HOSTILE = (
    '#import "@preview/cetz:0.3.0": *',
    '#read("trial_report.py")',
    '"); #panic("in") //',
    "]#text(red)[$x^2$ *bold* _thin_ `raw` <label> @key \\u{41} // no /* end",
    "</text></svg><script>alert(1)</script>&amp;",
    "a\nb\tc\r\nd\x00e\x07f\u2028g\u202eh\u200bi",
    "'quoted' \"twice\" -- --- ... ~ 1/2",
    "x" * 2000,
    "日本語の名前" * 300 + "🎉👩\u200d👩\u200d👧" * 20,
)


def bare(text: str) -> str:
    """Give the letters of a text: neither spaces nor marks of where a line may break."""
    return re.sub(r"[\s\u200b]", "", text)


def read(pdf: bytes) -> PdfReader:
    assert pdf.startswith(b"%PDF-")
    return PdfReader(io.BytesIO(pdf), strict=True)


def letters(pdf: bytes) -> str:
    """Give what a PDF says, without the foot of its pages."""
    reader = read(pdf)
    title = bare(str((reader.metadata or {}).get("/Title")))
    pages = (re.sub(r"Page\d+of\d+\Z", "", bare(page.extract_text())) for page in reader.pages)
    return "".join(page.removesuffix(title) for page in pages)


def report_of(*parts: Part, title: str = "A trial") -> Report:
    return Report(title, "Running", datetime(2026, 3, 2, tzinfo=UTC), parts)


def texts_of(part: Part) -> list[str]:
    """Give all that a part says in words."""
    match part:
        case Table():
            return [*part.heads, *(cell for row in part.rows for cell in row)]
        case Chart():
            return [part.caption]
        case VerdictBox():
            return [f"{part.word}.", part.sentence]
        case _:
            return [each for each in vars(part).values() if isinstance(each, str)]


def told_alts(reader: PdfReader) -> list[str]:
    """Give what pictures are told as to who cannot see them."""
    objects = (reader.get_object(number) for number in range(1, int(reader.trailer["/Size"])))
    return [str(each["/Alt"]) for each in objects if isinstance(each, DictionaryObject) and "/Alt" in each]


@pytest.fixture
def house_url(sqlite_url: str) -> str:
    """Give a SQLite database: what a report is made from is read on both kinds by the tests of its HTML."""
    return sqlite_url


@pytest.fixture
def decided(ctx: Context, linkedin: ChannelView, clock: StandingClock) -> str:
    """Give the id of a trial that was won, stopped and decided."""
    trial = running(ctx, linkedin, hypothesis="Readers come after work.", planned_posts=70, **ENGAGED)
    assign_all(ctx, trial, planned(ctx, linkedin, weeks=7, per_week=10))
    publish_all(ctx, clock, trial, {"early": 5.0, "late": 5.5})
    stop_trial(ctx, trial.id, "Clear enough")
    decide_trial(ctx, trial.id, DecisionRequest("late", "So be it.", applies=True))
    return trial.id


def test_the_pdf_of_a_decided_trial_says_everything(ctx: Context, decided: str) -> None:
    text = letters(trial_as_pdf(ctx, decided))
    for said in (
        "Readers come after work.",
        "Won. late beats early by about",
        "late was taken",
        "So be it.",
        "LinkedIn posts on working days, 16:00 to 22:00 Europe/Berlin.",
        "Stopped on 4 May 2026: Clear enough",
        "Chance to win: over 99 %",
        "early (control) Mon-Fri 07:00-11:00",
        "The draw was recomputed and agrees. All 70 posts have the arm that the registered seed gives.",
        "Seed known",
        str(find_trial(ctx, decided).fingerprint),
    ):
        assert bare(said) in text


def test_the_pdf_is_tagged_named_paged_and_brings_its_fonts(ctx: Context, decided: str) -> None:
    reader = read(trial_as_pdf(ctx, decided))
    root = reader.trailer["/Root"]
    assert reader.metadata is not None
    assert reader.metadata.title == "Late against early"
    assert reader.metadata.creation_date == datetime(2026, 5, 4, 22, tzinfo=UTC)
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == ("en-GB", True)
    assert [alt.partition(".")[0].partition(",")[0].partition(";")[0] for alt in told_alts(reader)] == [
        "Effects with intervals",
        "Lift by week",
        "Posterior of the lift",
    ]
    for number, page in enumerate(reader.pages, 1):
        assert (round(page.mediabox.width), round(page.mediabox.height)) == A4
        assert f"Page {number} of {len(reader.pages)}" in page.extract_text()
        assert "Late against early" in page.extract_text()
        for font in page["/Resources"]["/Font"].values():
            (shape,) = font["/DescendantFonts"]
            assert {"/FontFile2", "/FontFile3"} & set(shape.get_object()["/FontDescriptor"])


def test_both_files_say_all_that_is_to_be_said(ctx: Context, decided: str) -> None:
    found = trial_report(ctx, decided)
    pdf = letters(as_pdf(found))
    page = bare(unescape(re.sub(r"<[^>]*>", "", as_html(found).decode())))
    said = [text for part in found.parts for text in texts_of(part)]
    assert len(said) > 70
    assert [text for text in said if bare(text) not in pdf] == []
    assert [text for text in said if bare(text) not in page] == []


def test_a_report_of_one_moment_is_the_same_file_again(ctx: Context, decided: str) -> None:
    assert trial_as_pdf(ctx, decided) == trial_as_pdf(ctx, decided)


def test_every_health_finding_is_in_the_pdf(ctx: Context, linkedin: ChannelView, clock: StandingClock) -> None:
    trial = running(ctx, linkedin, planned_posts=70, **ENGAGED)
    assign_all(ctx, trial, planned(ctx, linkedin, weeks=7, per_week=10))
    go_out(ctx, clock, trial)
    earn(ctx, trial, {unit.item_id: 90 for unit in list_assignments(ctx, trial.id) if unit.arm == "late"})
    findings = trial_results(ctx, trial.id).findings
    text = letters(trial_as_pdf(ctx, trial.id))
    assert len(findings) >= 2
    assert "Cannotbejudged." in text
    for finding in findings.values():
        assert bare(f"{finding.severity.capitalize()}{finding.sentence}{finding.fix}") in text


def test_a_trial_without_a_post_has_a_pdf_that_says_why_nothing_is_known(ctx: Context, linkedin: ChannelView) -> None:
    trial = running(ctx, linkedin)
    pdf = trial_as_pdf(ctx, trial.id)
    assert letters(pdf).count("Undefined:Therearenopostswithanoutcome.") >= 3
    assert told_alts(read(pdf)) == []
    assert find_trial(ctx, trial.id).looks == 1


def test_three_arms_have_a_section_each(ctx: Context, linkedin: ChannelView, clock: StandingClock) -> None:
    trial = running(ctx, linkedin, arms=(EARLY, NOON, LATE), planned_posts=84, **ENGAGED)
    assign_all(ctx, trial, planned(ctx, linkedin, weeks=9, per_week=10))
    publish_all(ctx, clock, trial, {"early": 5.0, "noon": 5.05, "late": 5.4})
    pdf = trial_as_pdf(ctx, trial.id)
    text = letters(pdf)
    for said in ("noon against early", "late against early", "noonMon-Fri 11:00-15:00", "Early (share 1)".lower()):
        assert bare(said) in text
    assert len(told_alts(read(pdf))) == 6


def test_names_are_never_markup(ctx: Context, linkedin: ChannelView, clock: StandingClock) -> None:
    name, hypothesis = ("#import $x$ *b* ]" * 6)[:100], HOSTILE[0] + "]$" * 900
    arms = (replace(EARLY, name='#panic("a") $*_`<>&"'), replace(LATE, name="]" * 60))
    trial = running(ctx, linkedin, name=name, hypothesis=hypothesis, arms=arms, planned_posts=70, **ENGAGED)
    assign_all(ctx, trial, planned(ctx, linkedin, weeks=7, per_week=10))
    publish_all(ctx, clock, trial, {arms[0].name: 5.0, arms[1].name: 5.5})
    pdf = trial_as_pdf(ctx, trial.id)
    assert read(pdf).metadata == {**(read(pdf).metadata or {}), "/Title": name.strip()}
    for said in (name, hypothesis, f"{arms[1].name} against {arms[0].name}", f"{arms[0].name} (control)"):
        assert bare(said) in letters(pdf)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_any_text_may_stand_anywhere(text: str) -> None:
    table = Table((text, "Value"), ((text, text), ("1", text)), (1, 2), (1,))
    parts = (Heading(text), Heading(text, 2), Paragraph(text), VerdictBox(text, text, Tone.FAULTY), table)
    chart = Chart('<circle cx="9" cy="9" r="5"/>', 720, 90, text, text)
    pdf = as_pdf(report_of(*parts, chart, Paragraph("The end."), title=text))
    assert "Theend." in bare(read(pdf).pages[-1].extract_text())
    if text.isascii() and text.isprintable():
        assert told_alts(read(pdf)) == [text]
        assert len(text) > LONG or letters(pdf).count(bare(text)) == 11  # as often as it is told


def test_a_long_table_shows_its_heads_on_every_page() -> None:
    rows = tuple((f"Finding {number}", "It is so.") for number in range(150))
    pages = read(as_pdf(report_of(Table(("Severity", "What was found"), rows, (1, 3))))).pages
    assert len(pages) >= 3
    assert all("What was found" in page.extract_text() for page in pages)


def test_nothing_loads_typst_before_the_first_pdf() -> None:
    texts = [path.read_text(encoding="utf-8") for folder in ("core", "pages") for path in (ROOT / folder).rglob("*.py")]
    assert sum("import typst" in text for text in texts) == 1
    assert not any(re.search("^(import|from) typst", text, re.MULTILINE) for text in texts)
