"""The report as Markdown with its pictures beside it, and as one HTML file that holds them."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from irstd.report.contents import TABLE_TITLES, Section
from irstd.report.table import cells, markdown_table


@dataclass(frozen=True)
class Report:
    """Everything a page shows, in this order."""

    title: str
    table: pd.DataFrame
    notes: Sequence[str]
    sections: Sequence[Section]


@dataclass(frozen=True)
class _Split:
    """The table of one split, for both pages."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    markdown: str


def markdown(report: Report) -> str:
    """Return the page in Markdown; its pictures are files beside it."""
    return _rendered("report.md.j2", report)


def html(report: Report) -> str:
    """Return the page as one HTML file that needs no other."""
    return _rendered("report.html.j2", report)


def _rendered(template: str, report: Report) -> str:
    environment = Environment(
        loader=PackageLoader("irstd.report"),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["base64"] = lambda content: base64.b64encode(content).decode("ascii")
    tables = [
        _Split(title, *cells(report.table, split), markdown_table(report.table, split))
        for split, title in TABLE_TITLES.items()
        if split in set(report.table["split"])
    ]
    return environment.get_template(template).render(
        title=report.title, tables=tables, notes=report.notes, sections=report.sections
    )
