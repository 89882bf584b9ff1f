"""The report as Markdown with its pictures beside it, and as one HTML file that holds them."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from irstd.report.contents import TABLE_TITLES, Section
from irstd.report.table import cells, markdown_table

MARKDOWN, HTML = "report.md.j2", "report.html.j2"
"""Templates of the page whose pictures are files beside it, and of the one that needs no other file."""


@dataclass(frozen=True)
class Content:
    """The parts of a page of the report, from top to bottom."""

    title: str
    verdict: Sequence[str]
    table: pd.DataFrame
    sections: Sequence[Section]
    notes: Sequence[str]


def page(template: str, content: Content) -> bytes:
    """Return a page of the report, `MARKDOWN` or `HTML`."""
    table = content.table
    tables = [
        {"title": heading, "cells": cells(table, split), "markdown": markdown_table(table, split)}
        for split, heading in TABLE_TITLES.items()
        if split in set(table["split"])
    ]
    return rendered(template, {**vars(content), "tables": tables})


def rendered(template: str, values: Mapping[str, Any]) -> bytes:
    """Return a template of ours filled with `values`; what goes into HTML is escaped."""
    environment = Environment(
        loader=PackageLoader("irstd.report"),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["base64"] = lambda content: base64.b64encode(content).decode("ascii")
    return environment.get_template(template).render(**values).encode()
