"""The report as Markdown with its pictures beside it, and as one HTML file that holds them."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd

from irstd.report.contents import TABLE_TITLES, Picture, Section
from irstd.report.table import cells, markdown_table

_STYLE = """
body { font: 16px/1.5 system-ui, "Segoe UI", Roboto, sans-serif; color: #1d252c; background: #fff; margin: 2rem auto;
  max-width: 74rem; padding: 0 1.25rem; }
h1 { font-size: 1.6rem; margin: 0 0 .5rem; } h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; }
th, td { padding: .3rem .45rem; text-align: right; border-bottom: 1px solid #e3e6e8; white-space: nowrap; }
th { font-weight: 600; color: #56616a; border-bottom-color: #9aa4ab; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
td:first-child { font-weight: 600; } .wide { overflow-x: auto; }
figure { margin: 1.2rem 0; } img { max-width: 100%; height: auto; }
figcaption, .notes { color: #56616a; font-size: .92rem; } ul.notes { padding-left: 1.2rem; }
.small { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(26rem, 100%), 1fr)); gap: 1rem;
  align-items: start; }
.small figure { margin: 0; } .small figcaption { overflow-wrap: anywhere; }
"""


@dataclass(frozen=True)
class Report:
    """Everything a page shows, in this order."""

    title: str
    table: pd.DataFrame
    notes: Sequence[str]
    sections: Sequence[Section]


def markdown(report: Report) -> str:
    """The page in Markdown; its pictures are files beside it."""
    parts = [f"# {report.title}"]
    for split, title in _tables(report):
        parts += [f"## {title}", markdown_table(report.table, split).rstrip()]
    parts.append("\n".join(f"- {note}" for note in report.notes))
    for section in report.sections:
        parts += [f"## {section.title}", section.lead] if section.lead else [f"## {section.title}"]
        for each in section.pictures:
            parts += [f"![{each.caption}](<{each.file}>)", f"*{each.caption}*"]
    return "\n\n".join(parts) + "\n"


def html(report: Report) -> str:
    """The page as one HTML file that needs no other."""
    body = [f"<h1>{escape(report.title)}</h1>"]
    for split, title in _tables(report):
        body += [f"<h2>{escape(title)}</h2>", _table(report.table, split)]
    body.append('<ul class="notes">' + "".join(f"<li>{escape(note)}</li>" for note in report.notes) + "</ul>")
    for section in report.sections:
        figures = "\n".join(_figure(each) for each in section.pictures)
        lead = f'<p class="notes">{escape(section.lead)}</p>' if section.lead else ""
        body += [f"<h2>{escape(section.title)}</h2>{lead}"]
        body += [f'<div class="small">{figures}</div>' if section.small else figures]
    head = f'<meta charset="utf-8"><title>{escape(report.title)}</title><style>{_STYLE}</style>'
    view = '<meta name="viewport" content="width=device-width, initial-scale=1">'
    return (
        f'<!doctype html>\n<html lang="en"><head>{head}{view}</head>\n<body>\n' + "\n".join(body) + "\n</body></html>\n"
    )


def _tables(report: Report) -> list[tuple[str, str]]:
    """The splits there are rows of, with their titles."""
    there = set(report.table["split"])
    return [(split, title) for split, title in TABLE_TITLES.items() if split in there]


def _table(table: pd.DataFrame, split: str) -> str:
    headings, rows = cells(table, split)
    head = "".join(f"<th>{escape(heading)}</th>" for heading in headings)
    body = "\n".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table></div>'


def _figure(each: Picture) -> str:
    data = base64.b64encode(each.content).decode("ascii")
    caption = escape(each.caption)
    image = f'<img alt="{caption}" src="data:image/png;base64,{data}">'
    return f"<figure>{image}<figcaption>{caption}</figcaption></figure>"
