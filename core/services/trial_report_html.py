"""Writes the report of a trial as one HTML file that loads nothing from elsewhere."""

from html import escape

from core.services.trial_report_parts import Chart, Digits, Heading, Paragraph, Part, Report, Table, VerdictBox

_STYLE = """
@page { size: A4; margin: 16mm }
body { font: 15px/1.5 system-ui, sans-serif; color: #1c2629; background: #fff; max-width: 780px; margin: 2rem auto;
  padding: 0 1rem; overflow-wrap: break-word }
h1 { font-size: 1.6rem; margin: 0 } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; break-after: avoid }
h3 { font-size: 1rem; margin: 1.2rem 0 .3rem; break-after: avoid }
table { border-collapse: collapse; width: 100%; font-size: .87rem }
th, td { text-align: left; padding: .35rem .5rem; border-bottom: 1px solid #d3dcde; vertical-align: top }
.number { text-align: right; font-variant-numeric: tabular-nums }
figure { margin: 1rem 0; break-inside: avoid } svg { width: 100%; height: auto }
figcaption { color: #66757a; font-size: .8rem }
.verdict { border-left: 4px solid #0f6b73; padding: .6rem 1rem; background: #f1f5f5; break-inside: avoid }
.verdict.open { border-color: #66757a } .verdict.faulty { border-color: #b3402e; background: #faf1ef }
.quiet { color: #66757a } code { overflow-wrap: anywhere; font-size: .85rem }
.table { overflow-x: auto; margin: .8rem 0 1.2rem } td:not(.number) { overflow-wrap: anywhere }
"""


def as_html(report: Report) -> bytes:
    """Return a report as one HTML file in UTF-8; no text in it is read as markup."""
    heading = escape(report.title)
    body = "".join(map(_written, report.parts))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{heading}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>'
        f'<h1>{heading}</h1><p class="quiet">{escape(report.standing)}</p>{body}</body></html>'
    ).encode()


def _written(part: Part) -> str:
    match part:
        case Heading():
            return f"<h{part.level + 1}>{escape(part.text)}</h{part.level + 1}>"
        case Paragraph():
            return f"<p>{escape(part.text)}</p>"
        case VerdictBox():
            said = f"<strong>{escape(part.word)}.</strong> {escape(part.sentence)}"
            return f'<div class="verdict {part.tone}">{said}</div>'
        case Digits():
            return f"<p>{escape(part.label)}:<br><code>{escape(part.text)}</code></p>"
        case Table():
            return _table(part)
        case Chart():
            return _figure(part)


def _table(table: Table) -> str:
    shares = "".join(f'<col style="width: {100 * width / sum(table.widths):.0f}%"/>' for width in table.widths)
    head = "".join(_cell("th", number, text, table) for number, text in enumerate(table.heads))
    lines = "".join(
        f"<tr>{''.join(_cell('td', number, text, table) for number, text in enumerate(row))}</tr>" for row in table.rows
    )
    return f'<div class="table"><table>{shares}<thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div>'


def _cell(tag: str, number: int, text: str, table: Table) -> str:
    kind = ' class="number"' if number in table.numbers else ""
    return f"<{tag}{kind}>{escape(text)}</{tag}>"


def _figure(chart: Chart) -> str:
    return (
        f'<figure><svg viewBox="0 0 {chart.width} {chart.height}" role="img" aria-label="{escape(chart.said)}">'
        f"{chart.shapes}</svg><figcaption>{escape(chart.caption)}</figcaption></figure>"
    )
